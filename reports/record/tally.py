"""The totals of a run, counted from its cells: the writer of a footer and its reader share them."""

from __future__ import annotations

from collections import Counter

from reports.record.kinds import CellRecord
from reports.record.parts import RULES, Totals


class Tally:
    """Adds up cells, one at a time."""

    def __init__(self) -> None:
        self._cells: Counter[str] = Counter()
        self._cases: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self._rules: dict[str, Counter[str]] = {}

    def add(self, cell: CellRecord) -> None:
        """Count `cell`."""
        self._cells[cell.outcome] += 1
        if cell.base is not None:
            return
        self._cases.update(cell.outcomes)
        judged = len(cell.verdicts) - cell.verdicts.count("-")
        self._numbers.update(judged=judged, windows=cell.windows, tied=cell.tied)
        rules = self._rules.setdefault(cell.op, Counter())
        for letter, rule in RULES.items():
            rules[rule] += cell.rules.count(letter)

    def totals(self) -> Totals:
        """Return the totals so far, without the words that count nothing."""
        return Totals(
            cells=dict(+self._cells),
            cases=dict(+self._cases),
            judged=self._numbers["judged"],
            windows=self._numbers["windows"],
            tied=self._numbers["tied"],
            rules={op: dict(+rules) for op, rules in self._rules.items() if +rules},
        )

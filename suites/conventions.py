"""Which rules an operation follows at ties, and the first case of each."""

from __future__ import annotations

from collections.abc import Iterator

from reports.record import RULES, CellRecord
from suites.judgment import Judgment

_NO_TIE = "none"
_NO_RULE = ("outside", "undecided")
"""Verdicts on gradients that follow no rule: they fit no set."""
_NO_RULE_LETTERS = "ou"


class Conventions:
    """Remembers, for each operation and format, the rules seen so far."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], list[str]] = {}

    def changes(self, judgment: Judgment) -> Iterator[tuple[int, str]]:
        """Yield the first case of each rule, and the rules before it, "" where there is none."""
        stack = judgment.cell.group.stack
        seen = self._seen.setdefault((stack.op, stack.format), [_NO_TIE])
        for i in sorted(judgment.judged):
            rule = judgment.verdicts[i].rule
            if rule in seen or judgment.verdicts[i].verdict in _NO_RULE:
                continue
            yield i, ", ".join(seen[1:])
            seen.append(rule)

    def recall(self, cell: CellRecord) -> None:
        """Remember the rules of a cell that an earlier process ran."""
        seen = self._seen.setdefault((cell.op, cell.format), [_NO_TIE])
        for letter, verdict in zip(cell.rules, cell.verdicts, strict=True):
            rule = RULES.get(letter, _NO_TIE)
            if rule not in seen and verdict not in _NO_RULE_LETTERS:
                seen.append(rule)

"""Which rules an operation follows at ties, and the first case of each."""

from __future__ import annotations

from collections.abc import Iterator

from suites.judgment import Judgment

_NO_TIE = "none"


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
            # a gradient that fits no set follows no rule
            if rule in seen or judgment.verdicts[i].verdict in ("outside", "undecided"):
                continue
            yield i, ", ".join(seen[1:])
            seen.append(rule)

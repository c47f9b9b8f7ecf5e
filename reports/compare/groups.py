"""Changes, grouped: one entry for what changed alike in an operation, with its smallest case."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reports.compare import changes as kinds
from reports.compare.changes import Change
from reports.compare.place import Place
from reports.compare.sides import At, Side
from reports.failures import size
from reports.record import Finding

KINDS = (
    *(kinds.NEW, kinds.FIXED, kinds.CHANGED, kinds.VALID, kinds.CONSISTENCY),
    *(kinds.LOST, kinds.GAINED, kinds.ACCURACY),
)
"""In the order of a report."""

Key = tuple[str, str, str, str, str, str]
"""Kind, operation, requirement, what it was, what it is, cause."""


@dataclass(kw_only=True)
class Group:
    """What changed alike.

    Attributes:
        key: What it has in common.
        cases: The ids of its cases.
        cells: The cells that show it, by the later run's ids.
        places: How many cases of cells these are.
        formats: The formats that show it.
        modes: The modes that show it.
        variants: The variants that show it.
        smallest: A finding of the smallest case that has one.
        shows: `new` where the finding is the later run's, else `old`.
    """

    key: Key
    cases: set[str] = field(default_factory=set)
    cells: set[str] = field(default_factory=set)
    places: int = 0
    formats: set[str] = field(default_factory=set)
    modes: set[str] = field(default_factory=set)
    variants: set[str] = field(default_factory=set)
    smallest: Finding | None = None
    shows: str = "new"

    def add(self, place: Place, cases: Sequence[str]) -> None:
        """Count cases of a cell."""
        self.cases.update(cases)
        self.cells.add(place.cell)
        self.places += len(cases)
        self.formats.add(place.format)
        self.modes.add(place.mode)
        self.variants.add(place.variant)

    def offer(self, finding: Finding, shows: str) -> None:
        """Take a finding for the smallest case, if it is."""
        better = self.smallest is None or size(finding) < size(self.smallest)
        if better:
            self.smallest, self.shows = finding, shows


class Grouping:
    """Puts changes together.

    Args:
        old: The earlier run.
        new: The later run.
    """

    def __init__(self, old: Side, new: Side) -> None:
        self._sides = {"old": old, "new": new}
        self._causes = {name: _Causes(side) for name, side in self._sides.items()}
        self._findings = {name: _by_place(side.shown) for name, side in self._sides.items()}
        self.groups: dict[Key, Group] = {}

    def add(self, change: Change) -> None:
        """Take a change."""
        # what shows in the earlier run alone is what no longer does
        shows = "old" if change.now == "conforms" or change.kind == kinds.FIXED else "new"
        place = change.old if shows == "old" else change.new
        by_cause: dict[str, list[str]] = defaultdict(list)
        for pair in change.pairs:
            case = change.new.id_of(pair[1]) or change.old.id_of(pair[0])
            # of two baselines neither may keep its id
            case = case or f"{change.new.base or change.new.cell}, case {pair[1]}"
            cause = self._causes[shows].of(place, change.requirement, case)
            by_cause[cause].append(case)
        for cause, cases in by_cause.items():
            self._group(change, cause).add(change.new, cases)
        for cause, cases in by_cause.items():
            self._offer(self._group(change, cause), place, change, cases, shows)

    def note(self, change: Change, cause: str, case: str) -> None:
        """Take a case that deviates in both runs, differently."""
        group = self._group(change, cause)
        group.add(change.new, [case])
        self._offer(group, change.new, change, [case], "new")

    def _group(self, change: Change, cause: str) -> Group:
        key = (change.kind, change.new.op, change.requirement, change.was, change.now, cause)
        return self.groups.setdefault(key, Group(key=key))

    def _offer(
        self, group: Group, place: Place, change: Change, cases: Iterable[str], shows: str
    ) -> None:
        # of a rule each run keeps its first case, which is in both runs
        rule = change.requirement == "convention"
        for side in ("new", "old") if rule else (shows,):
            findings = self._findings[side]
            for case in cases:
                finding = findings.get(At(place.cell, change.requirement, case))
                if finding is not None:
                    group.offer(finding, side)
            if group.smallest is not None:
                return


class _Causes:
    """The cause of a case that does not conform; where none was kept, that of its like."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._of_cell: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._of_op: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for at, told in side.told.items():
            self._of_cell[at.cell, at.requirement].add(told.cause)
            self._of_op[at.cell.partition("/")[0], at.requirement][told.cause] += 1

    def of(self, place: Place, requirement: str, case: str) -> str:
        """Return the cause, or "" where there is none."""
        if requirement == "convention":
            return ""
        for cell in (place.cell, place.base):
            told = self._side.told.get(At(cell or "", requirement, case))
            if told is not None:
                return told.cause
        of_cell = self._of_cell.get((place.cell, requirement), set())
        if len(of_cell) == 1:
            return next(iter(of_cell))
        of_op = self._of_op.get((place.op, requirement))
        return of_op.most_common(1)[0][0] if of_op and not of_cell else ""


def _by_place(findings: Iterable[Finding]) -> dict[At, Finding]:
    found: dict[At, Finding] = {}
    for finding in findings:
        found.setdefault(At(finding.cell, finding.requirement, finding.case), finding)
    return found

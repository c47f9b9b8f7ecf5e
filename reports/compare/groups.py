"""Changes, grouped: one entry for what changed alike in an operation, with its smallest case."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reports.compare import changes as kinds
from reports.compare.changes import Change
from reports.compare.examples import Examples
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


class _Member(NamedTuple):
    """A case of a group: its id, and its places in the earlier and in the later cell."""

    case: str
    old: int
    new: int


class Grouping:
    """Puts changes together.

    Args:
        old: The earlier run.
        new: The later run.
    """

    def __init__(self, old: Side, new: Side) -> None:
        self._sides = {"old": old, "new": new}
        self._causes = {name: _Causes(side) for name, side in self._sides.items()}
        self._examples = {name: Examples(side) for name, side in self._sides.items()}
        self.groups: dict[Key, Group] = {}

    def add(self, change: Change) -> None:
        """Take a change."""
        shows = "old" if _is_over(change) else "new"
        place = change.old if shows == "old" else change.new
        by_cause: dict[str, list[_Member]] = defaultdict(list)
        for pair in change.pairs:
            case = change.new.id_of(pair[1]) or change.old.id_of(pair[0])
            # of two baselines neither may keep its id
            case = case or f"{change.new.base or change.new.cell}, case {pair[1]}"
            cause = self._causes[shows].of(place, change.requirement, case)
            by_cause[cause].append(_Member(case, *pair))
        for cause, members in by_cause.items():
            group = self._group(change, cause)
            group.add(change.new, [member.case for member in members])
            if change.kind in CHOICES:
                self._offer_choices(group, change, members)
            else:
                self._offer(group, change, members, shows)

    def note(self, change: Change, cause: str, case: str) -> None:
        """Take a case that deviates in both runs, differently."""
        group = self._group(change, cause)
        group.add(change.new, [case])
        finding = self._examples["new"].at(change.new.cell, change.requirement, case)
        if finding is not None:
            group.offer(finding, "new")

    def _group(self, change: Change, cause: str) -> Group:
        key = (change.kind, change.new.op, change.requirement, change.was, change.now, cause)
        return self.groups.setdefault(key, Group(key=key))

    def _offer(self, group: Group, change: Change, members: Iterable[_Member], shows: str) -> None:
        examples, place = self._examples[shows], change.new if shows == "new" else change.old
        for member in members:
            i = member.new if shows == "new" else member.old
            finding = examples.of_miss(place, i, change.requirement, member.case)
            if finding is not None:
                group.offer(finding, shows)

    def _offer_choices(self, group: Group, change: Change, members: Sequence[_Member]) -> None:
        """Offer what either run has of the cases; where the later has some, only these."""
        for shows, place, word in (
            ("new", change.new, change.now),
            ("old", change.old, change.was),
        ):
            words = change.requirement, word
            for member in members:
                i = member.new if shows == "new" else member.old
                finding = self._examples[shows].of_choice(place, i, words, member.case)
                if finding is not None:
                    group.offer(finding, shows)
            if group.smallest is not None:
                return


CHOICES = (kinds.VALID, kinds.ACCURACY)
"""The kinds of change of which any gradient shows one that came back: none is wrong."""


def _is_over(change: Change) -> bool:
    """Return whether a change is that something shows in the earlier run alone."""
    return change.now in ("conforms", kinds.THE_BASES) or change.kind == kinds.FIXED


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

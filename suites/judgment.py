"""A reply, judged case by case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from oracle.check import Verdict
from suites.aggregate import Aggregate, aggregate
from suites.frameworks.protocol import Bits, Reply
from suites.plan import Cell, Group

WORST_FIRST = ("deviates", "conservative", "undecided", "known")
"""What a case can be instead of `conforms`, where the call ran."""

ROUNDED = "windows rounded in the format"
"""Why a case's windows are not those of exact arithmetic."""

Covered = Mapping[str, frozenset[int]]
"""Requirement -> the cases whose miss a known deviation covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A requirement that a case does not meet.

    Attributes:
        word: What the case is instead of `conforms`.
        cause: Short stable text.
        part: The requirement that it would stand under if the case were not special.
    """

    word: str
    cause: str
    part: str


Misses = Mapping[str, Mapping[int, Miss]]
"""Requirement -> case -> why it is not met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A question beside right and wrong, whose answer never fails a run.

    Attributes:
        asked: The cases of which it is asked.
        differs: Case -> short stable text, of those whose answer is no.
    """

    asked: frozenset[int]
    differs: Mapping[int, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Judgment:
    """What a reply that ran is worth.

    Attributes:
        cell: What was run.
        reply: What came back.
        output: Its output, one row a case, NaNs alike.
        gradient: Its gradient, in the same way.
        verdicts: For each case the verdict on its gradient.
        misses: What is not met. Special cases stand under `special` alone.
        reference: The judgment that the bits are compared with; None if this is the first.
        different: The cases whose bits are not those of the reference, or whose indices are not
            those of the first cell that has some.
        judged: The cases whose verdict was made here, not in the reference.
        fresh: These, and the cases whose indices were judged here.
        windows: Case -> the arithmetic other than the format's by whose windows it conforms.
        remarks: Requirement -> what is said of it, beside right and wrong.
        met: The cases with the numbers that a neighbour made of theirs; None without one that does.
    """

    cell: Cell
    reply: Reply
    output: Bits
    gradient: Bits
    verdicts: Sequence[Verdict]
    misses: Misses
    reference: Judgment | None
    different: frozenset[int]
    judged: frozenset[int]
    fresh: frozenset[int]
    windows: Mapping[int, str]
    remarks: Mapping[str, Remark] = field(default_factory=dict)
    met: Group | None = None

    @property
    def group(self) -> Group:
        """The cases, with the numbers that they were judged by."""
        return self.met or self.cell.group

    @cached_property
    def total(self) -> Aggregate:
        """What the verdicts add up to."""
        if self.reference is not None and self.verdicts is self.reference.verdicts:
            return self.reference.total
        return aggregate(self.verdicts)

    def of_cases(self, positions: Sequence[int]) -> Judgment:
        """Return what is compared with of some of the cases: bits and verdicts."""
        return replace(
            self,
            output=self.output[list(positions)],
            gradient=self.gradient[list(positions)],
            verdicts=[self.verdicts[i] for i in positions],
            misses={},
            reference=None,
            different=frozenset(),
            judged=frozenset(),
            fresh=frozenset(),
            windows={k: self.windows[i] for k, i in enumerate(positions) if i in self.windows},
        )

    def inexact_windows(self) -> dict[int, str]:
        """Return case -> why not all arithmetic gives its windows, of those where that is so."""
        windows = self.cell.group.windowed
        rounded = {} if windows is None or windows.is_exact else range(self.cell.cases)
        found = dict.fromkeys(rounded, ROUNDED)
        return found | {i: f"windows of {name} arithmetic" for i, name in self.windows.items()}

    def held_to(self) -> dict[str, int]:
        """Return requirement -> number of cases that were held to it."""
        special = len(self.total.special)
        ordinary = self.cell.cases - special
        names = ["output", self.cell.derivative]
        if self.cell.passes > 1:
            names.append("second-backward")
        if self.cell.variant.indices:
            names.append("indices")
        return dict.fromkeys(names, ordinary) | {"special": special, "safe": self.cell.cases}

    def worst(self, known: Covered) -> dict[int, str]:
        """Return case -> its worst word, of the cases that do not conform."""
        found: dict[int, str] = {}
        for requirement, missed in self.misses.items():
            covered = known.get(requirement, frozenset())
            for i, miss in missed.items():
                word = "known" if i in covered else miss.word
                found[i] = min(found.get(i, word), word, key=WORST_FIRST.index)
        return found

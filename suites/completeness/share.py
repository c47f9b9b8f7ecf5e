"""How many of the nonsmooth operators are covered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

from suites.completeness.classes import Operator

SHARE = Fraction(95, 100)
"""Of the nonsmooth operators that need not wait: so many have to be covered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many of the nonsmooth operators that need not wait are covered.

    Attributes:
        covered: Those that are.
        uncovered: Those that are out of scope.
    """

    covered: tuple[str, ...]
    uncovered: tuple[str, ...]

    @property
    def share(self) -> Fraction:
        """The share of the covered ones; 1 where there is none."""
        number = len(self.covered) + len(self.uncovered)
        return Fraction(len(self.covered), number) if number else Fraction(1)


def coverage(operators: Iterable[Operator]) -> Coverage:
    """Return the coverage of some operators."""
    nonsmooth = [operator for operator in operators if operator.nonsmooth]
    return Coverage(
        covered=tuple(each.name for each in nonsmooth if each.kind == "covered"),
        uncovered=tuple(each.name for each in nonsmooth if each.kind != "covered"),
    )


def missing_entries(operators: Iterable[Operator], catalogue: Collection[str]) -> list[str]:
    """Return `operator: entry` for each entry that covers an operator and is not in a catalogue."""
    return [
        f"{operator.name}: {entry}"
        for operator in operators
        for entry in operator.entries
        if entry not in catalogue
    ]

"""A gradient, and how it is held against the points of a set and against a whole set."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

from oracle.case import Case, CaseError
from oracle.check.bound import Exact, Rounding
from oracle.check.fit import Fit
from oracle.check.verdict import RefusedError
from oracle.windows import Window

BUDGET = 4096
"""Realizable selections enumerated in one component, at most."""
RULES = ("first-index", "last-index", "even-split")

Share: TypeAlias = tuple[int, int, Exact]
"""A window, one of its choices, and the share of the cotangent that the choice gets."""


class Question(abc.ABC):
    """A case with a gradient, prepared for judging; numbers are in units.

    An output is a **window** that has some **choices**; a choice adds the window's cotangent to
    some **coordinates** of the gradient.

    Attributes:
        tied: For every window its choices.
        active: Window -> choices, of the windows with a finite nonzero cotangent.
        free: Coordinates of which nothing is asked: a NaN or infinite cotangent may reach them.
        wild: The other coordinates that are NaN or infinite.
        special: Whether a NaN, an infinite value or an infinite cotangent takes part.
    """

    def __init__(self, case: Case) -> None:
        self.case, self.format = case, case.format
        self._misfits: dict[str, frozenset[int]] = {}
        self._fits: dict[str, Fit | None] = {}
        self.cotangent, self.gradient = self._stored()
        self.active: dict[int, Window] = {}
        self.free: set[int] = set()
        units = self.format.units_of
        self.special = any(units[bits] is None for bits in case.input.bits)
        self.tied = self._prepared()
        infinity = self.format.infinity
        self.wild = [
            i
            for i, v in enumerate(self.gradient)
            if (v is None or abs(v) == infinity) and i not in self.free
        ]

    def _stored(self) -> tuple[list[Any], list[Any]]:
        """Return the cotangents, and the gradient under test."""
        case, units = self.case, self.format.units_of
        if case.gradient is None:
            msg = "gradient is missing, expected what an implementation returned, or a jacobian"
            raise CaseError(msg)
        return [units[bits] for bits in case.cotangent.bits], [
            units[bits] for bits in case.gradient.bits
        ]

    @abc.abstractmethod
    def _prepared(self) -> list[Window]:
        """Return the choices of every window; sort the windows into active and free ones."""

    @property
    @abc.abstractmethod
    def ties(self) -> dict[str, int]:
        """The numbers of windows, and of windows with more than one choice."""

    @property
    @abc.abstractmethod
    def components(self) -> list[list[int]]:
        """The active windows, grouped by what they are decided by together."""

    @property
    @abc.abstractmethod
    def rounding(self) -> Rounding:
        """The rounding bound."""

    @property
    @abc.abstractmethod
    def vacuous(self) -> int:
        """Number of coordinates whose bound leaves no digit."""

    @property
    @abc.abstractmethod
    def _around(self) -> dict[int, list[int]]:
        """Coordinate -> the active windows that may add to it."""

    @abc.abstractmethod
    def inputs_of(self, windows: Iterable[int]) -> set[int]:
        """Return the coordinates that some choice of active windows adds to."""

    @abc.abstractmethod
    def contested(self, w: int) -> Iterable[int]:
        """Return the inputs whose moves decide between an active window's choices."""

    @abc.abstractmethod
    def choice(self, w: int, number: int) -> int:
        """Return the choice that certificates call `number` in a window.

        Raises:
            RefusedError: The window has no such choice.
        """

    @abc.abstractmethod
    def number(self, w: int, choice: int) -> int:
        """Return what certificates call a choice of a window."""

    @abc.abstractmethod
    def realizable(self, windows: Sequence[int], chosen: Sequence[int]) -> bool:
        """Return whether some direction makes this choice in each of these windows."""

    @abc.abstractmethod
    def rule_shares(self, rule: str) -> list[Share]:
        """Return the shares that a rule gives; `none`: every window has one choice."""

    @abc.abstractmethod
    def order_shares(self, order: Sequence[int]) -> list[Share]:
        """Return the shares that a total order of inputs gives, most preferred input first."""

    @abc.abstractmethod
    def direction_shares(self, direction: Mapping[int, Fraction]) -> list[Share]:
        """Return the shares that moving along a direction gives.

        Raises:
            RefusedError: It does not decide between the choices of a window.
        """

    @abc.abstractmethod
    def output_exact(self) -> bool | None:
        """Whether every output is right; None without an output."""

    @abc.abstractmethod
    def _point(self, shares: Sequence[Share]) -> list[Exact]:
        """Return the point that shares give."""

    @abc.abstractmethod
    def _magnitudes(self, shares: Sequence[Share]) -> Mapping[int, Exact]:
        """Return `S_i(z)` of the coordinates that shares touch, units."""

    @abc.abstractmethod
    def worth(
        self, w: int, choice: int, direction: Mapping[int, Fraction], pull: Mapping[int, Exact]
    ) -> Exact:
        """Return what a choice adds to the value that `gap` maximizes."""

    @abc.abstractmethod
    def _best_realizable(self, worth: Mapping[Window, Mapping[int, Exact]]) -> Exact:
        """Return the largest value of a selection that may be realizable.

        Args:
            worth: For each set of choices what each of them is worth.

        Raises:
            RefusedError: There are more than `BUDGET` of them.
        """

    @property
    def inputs(self) -> int:
        """The number of entries of all operands, which directions and orders speak of."""
        return len(self.case.input.bits)

    @cached_property
    def overflow(self) -> list[int]:
        """The wild coordinates whose NaN or infinity overflow may explain."""
        accepted = []
        for i in self.wild:
            up, down = self.rounding.may_overflow(i)
            v = self.gradient[i]
            if (up or down) if v is None else (up if v > 0 else down):
                accepted.append(i)
        return accepted

    def missed_box(self, i: int) -> tuple[Fraction, Fraction] | None:
        """Return the box of a coordinate, real numbers, if the gradient is not in it."""
        if i in self.wild:
            return None if i in self.overflow else self.rounding.box(i)
        # the ends of the box take longer than what the windows alone may bring
        least, most = self.rounding.reach(i)
        if least <= self.gradient[i] <= most:
            return None
        low, high = self.rounding.box(i)
        return None if low <= self.gradient[i] * self.format.eta <= high else (low, high)

    def rule_fit(self, rule: str) -> Fit | None:
        """Return how the gradient compares with a rule's point; None if the rule does not fit."""
        if rule not in self._fits:
            self._fits[rule] = self._rule_fit(rule)
        return self._fits[rule]

    def _rule_fit(self, rule: str) -> Fit | None:
        return self.fit(self.rule_shares(rule))

    def follows(self, rule: str, windows: Sequence[int]) -> bool:
        """Return whether the finite coordinates of a component are within rounding of a rule's."""
        return not self.inputs_of(windows) & self.rule_misfits(rule)

    def fit(self, shares: Sequence[Share]) -> Fit | None:
        """Return how the gradient compares with a point; None if it is not within rounding."""
        if len(self.overflow) < len(self.wild):
            return None
        point = self._point(shares)
        fit = Fit(len(point) - len(self.free) - len(self.wild))
        if point == self.gradient:
            return fit
        for i, error, bound in self._errors(point, shares):
            if error > bound:
                return None
            fit.ratio = max(fit.ratio, error / bound)
            fit.grades["exact"] -= 1
            fit.grades[self.rounding.grade(i, self.gradient[i], Fraction(point[i]))] += 1
        return fit

    def rule_misfits(self, rule: str) -> frozenset[int]:
        """Return the finite coordinates that are not within rounding of a rule's point."""
        if rule not in self._misfits:
            self._misfits[rule] = self.misfits(self.rule_shares(rule))
        return self._misfits[rule]

    def misfits(self, shares: Sequence[Share]) -> frozenset[int]:
        """Return the finite coordinates that are not within rounding of what shares give."""
        errors = self._errors(self._point(shares), shares)
        return frozenset(i for i, error, bound in errors if error > bound)

    def box(self, i: int, shares: Sequence[Share]) -> tuple[Fraction, Fraction]:
        """Return the ends of what is within rounding of what shares give in a coordinate."""
        center = self._point(shares)[i]
        bound = self.rounding.bound(i, self._magnitudes(shares).get(i, 0))
        return center - bound, center + bound

    def _errors(
        self, point: list[Exact], shares: Sequence[Share]
    ) -> Iterator[tuple[int, Exact, Fraction]]:
        """Yield the judged coordinates that differ from the point: index, error and bound.

        Of a bound that the error is beyond it is enough to have one form.
        """
        skipped = self.free.union(self.wild)
        wrong = [
            i
            for i, (v, z) in enumerate(zip(self.gradient, point, strict=True))
            if v != z and i not in skipped
        ]
        magnitude: Mapping[int, Exact] | None = None
        for i in wrong:
            error, bound = abs(self.gradient[i] - point[i]), self.rounding.absolute(i)
            if error <= bound:  # else the second form, which depends on the point, does not matter
                magnitude = self._magnitudes(shares) if magnitude is None else magnitude
                bound = self.rounding.bound(i, magnitude.get(i, 0))
            yield i, error, bound

    def touched(self, direction: Iterable[int]) -> list[int]:
        """Return the active windows that may add to the coordinates of a direction."""
        return sorted({w for i in direction for w in self._around.get(i, ())})

    def gap(
        self, direction: Mapping[int, Fraction], relative: Mapping[int, Fraction], *, clarke: bool
    ) -> Fraction:
        """Return by how much the gradient is beyond the set and its rounding box; a real number.

        For a direction `d` and parts `s_i` in [0, 1] that is `d.v` less the largest value over the
        set of `d.z + sum |d_i| ((1 - s_i) first + s_i second)`, the two forms of the bound. `B_i`
        is the smaller form, so a positive gap separates. The value is linear in the weights, so it
        is largest at a selection: the best of each window (conservative set), or one of those that
        may be realizable (Clarke set).

        Raises:
            RefusedError: More than `BUDGET` selections that may be realizable.
        """
        pull = {i: abs(d) * relative.get(i, 0) for i, d in direction.items()}
        gain = Fraction(0)
        for i, d in direction.items():
            first, slack = self.rounding.absolute(i), self.rounding.slack(i)
            gain += d * self.gradient[i] - first * (abs(d) - pull[i]) - slack * pull[i]
        worth: dict[Window, dict[int, Exact]] = {}
        most: Exact = 0
        for w in self.touched(direction):
            choices = self.active[w]
            values = {c: self.worth(w, c, direction, pull) for c in choices}
            if not clarke:
                most += max(values.values())
                continue
            # along a direction, windows with the same choices choose alike
            summed = worth.setdefault(choices, dict.fromkeys(choices, 0))
            for c, value in values.items():
                summed[c] += value
        if clarke:
            most = self._best_realizable(worth)
        return (gain - most) * self.format.eta

    def _refuse_many(self) -> RefusedError:
        return RefusedError(f"the component has over {BUDGET} realizable selections")

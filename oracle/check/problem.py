"""What a case asks: tied sets, the windows that count, and the points that shares give."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

from oracle.case import Case, CaseError
from oracle.check.bound import GRADES, Exact, Rounding
from oracle.check.ties import components, realizable_selections, tied_set, total_order
from oracle.check.verdict import RefusedError
from oracle.windows import Geometry, Window

BUDGET = 4096
"""Realizable selections enumerated in one component, at most."""
RULES = ("first-index", "last-index", "even-split")

Share: TypeAlias = tuple[int, int, Exact]
"""A window, an input of its tied set, and the share of the cotangent that the input gets."""


class Fit:
    """How a gradient within rounding of a point compares with it.

    Attributes:
        ratio: Largest `|error| / B_i`.
        grades: Coordinates per accuracy grade.
    """

    __slots__ = ("grades", "ratio")

    def __init__(self, coordinates: int) -> None:
        self.ratio: Exact = 0
        self.grades = dict.fromkeys(GRADES, 0) | {"exact": coordinates}


class Problem:
    """A case with a gradient, prepared for judging; numbers are in units.

    Attributes:
        tied: For every window its tied set.
        active: Window -> tied set, of the windows with a finite nonzero cotangent.
        free: Inputs on which nothing is asked: tied where a cotangent is NaN or infinite.
        wild: The other inputs whose gradient is NaN or infinite.
        special: Whether a NaN, an infinite maximum or an infinite cotangent takes part.
    """

    def __init__(self, case: Case) -> None:
        if case.gradient is None:
            msg = "gradient is missing, expected what an implementation returned"
            raise CaseError(msg)
        units, infinity = case.format.units_of, case.format.infinity
        self.case, self.format = case, case.format
        self._misfits: dict[str, frozenset[int]] = {}
        inputs = [units[bits] for bits in case.input.bits]
        self.cotangent: list[Any] = [units[bits] for bits in case.cotangent.bits]
        self.gradient: list[Any] = [units[bits] for bits in case.gradient.bits]
        self.active: dict[int, Window] = {}
        self.free: set[int] = set()
        self.special = None in inputs
        self.tied = self._prepared(inputs)
        self.wild = [
            i
            for i, v in enumerate(self.gradient)
            if (v is None or abs(v) == infinity) and i not in self.free
        ]

    def _prepared(self, inputs: Sequence[Any]) -> list[Window]:
        """Return the tied set of every window; sort the windows into active and free ones."""
        shapes = self.case.geometry
        assert isinstance(shapes, Geometry)
        found = [tied_set(window, inputs) for window in shapes.windows]
        infinity = self.format.infinity
        for w, (tied, g) in enumerate(zip(found, self.cotangent, strict=True)):
            if g is None or abs(g) == infinity:
                self.special = True
                self.free.update(tied)
            elif g and tied:
                self.active[w] = tied
            if tied and abs(inputs[tied[0]] or 0) == infinity:
                self.special = True
        return found

    @cached_property
    def ties(self) -> dict[str, int]:
        """The numbers of windows, and of windows with more than one tied input."""
        return {"windows": len(self.tied), "tied": sum(len(tied) > 1 for tied in self.tied)}

    @cached_property
    def components(self) -> list[list[int]]:
        """The active windows, grouped by tied inputs that they share."""
        return components(self.active)

    @cached_property
    def rounding(self) -> Rounding:
        """The rounding bound."""
        return Rounding(
            self.format,
            self.active,
            self.cotangent,
            len(self.gradient),
            flushes=self.case.flushes,
        )

    @cached_property
    def vacuous(self) -> int:
        """Number of inputs whose bound leaves no digit; at most one rounding a window and one."""
        half = 1 << (self.format.precision - 1)
        return self.rounding.vacuous() if len(self.active) >= half else 0

    @cached_property
    def overflow(self) -> list[int]:
        """The wild inputs whose NaN or infinity overflow may explain."""
        accepted = []
        for i in self.wild:
            up, down = self.rounding.may_overflow(i)
            v = self.gradient[i]
            if (up or down) if v is None else (up if v > 0 else down):
                accepted.append(i)
        return accepted

    def inputs_of(self, windows: Iterable[int]) -> set[int]:
        """Return the inputs that some choice of active windows gives a part of a cotangent."""
        return {i for w in windows for i in self.active[w]}

    def contested(self, w: int) -> Iterable[int]:
        """Return the inputs among which an active window has a choice."""
        return self.active[w] if len(self.active[w]) > 1 else ()

    def choice(self, w: int, number: int) -> int:
        """Return the choice that certificates call `number` in a window: an input is itself.

        Raises:
            RefusedError: The window has no such choice.
        """
        if type(number) is not int or number not in self.active[w]:
            msg = f"{number!r} is no choice of window {w}"
            raise RefusedError(msg)
        return number

    def number(self, w: int, choice: int) -> int:
        """Return what certificates call a choice of a window."""
        del w  # an input has one number everywhere
        return choice

    def realizable(self, windows: Sequence[int], chosen: Sequence[int]) -> bool:
        """Return whether some direction makes this choice in each of these windows."""
        sets = [self.active[w] for w in windows]
        return total_order(zip(chosen, sets, strict=True)) is not None

    def rule_fit(self, rule: str) -> Fit | None:
        """Return how the gradient compares with a rule's point; None if the rule does not fit."""
        return self.fit(self.rule_shares(rule))

    def rule_shares(self, rule: str) -> list[Share]:
        """Return the shares that a rule gives; `none`: every window has one tied input."""
        if rule == "even-split":
            return [
                (w, i, Fraction(1, len(tied)) if len(tied) > 1 else 1)
                for w, tied in self.active.items()
                for i in tied
            ]
        end = {"none": 0, "first-index": 0, "last-index": -1}[rule]
        return [(w, tied[end], 1) for w, tied in self.active.items()]

    def order_shares(self, order: Sequence[int]) -> list[Share]:
        """Return the shares that a total order gives, most preferred input first."""
        rank = {i: place for place, i in enumerate(order)}
        if len(rank) != len(order):
            msg = "the order names an input twice"
            raise RefusedError(msg)
        return [
            (w, tied[0] if len(tied) == 1 else min(tied, key=rank.__getitem__), 1)
            for w, tied in self.active.items()
        ]

    def direction_shares(self, direction: Mapping[int, Fraction]) -> list[Share]:
        """Return the shares that moving along a direction gives.

        Raises:
            RefusedError: Two inputs of a tied set move alike.
        """
        order = sorted(direction, key=direction.__getitem__, reverse=True)
        moves = sorted(direction.values())
        if any(a == b for a, b in itertools.pairwise(moves)):
            msg = "two inputs move alike along the direction"
            raise RefusedError(msg)
        return self.order_shares(order)

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
            shares = self.rule_shares(rule)
            errors = self._errors(self._point(shares), shares)
            self._misfits[rule] = frozenset(i for i, error, bound in errors if error > bound)
        return self._misfits[rule]

    def _point(self, shares: Sequence[Share]) -> list[Exact]:
        point: list[Exact] = [0] * len(self.gradient)
        cotangent = self.cotangent
        for w, i, share in shares:
            point[i] += cotangent[w] * share
        return point

    def _errors(
        self, point: list[Exact], shares: Sequence[Share]
    ) -> Iterator[tuple[int, Exact, Fraction]]:
        """Yield the judged coordinates that differ from the point: index, error and bound."""
        magnitude = self._magnitudes(shares)
        skipped = self.free.union(self.wild)
        for i, (v, z) in enumerate(zip(self.gradient, point, strict=True)):
            if v != z and i not in skipped:
                yield i, abs(v - z), self.rounding.bound(i, magnitude.get(i, 0))

    def _magnitudes(self, shares: Sequence[Share]) -> dict[int, Exact]:
        """Return `S_i(z)` of the inputs that shares touch, units."""
        magnitude: dict[int, Exact] = {}
        for w, i, share in shares:
            magnitude[i] = magnitude.get(i, 0) + abs(self.cotangent[w]) * share
        return magnitude

    @cached_property
    def _around(self) -> dict[int, list[int]]:
        """Input -> the active windows whose tied set holds it."""
        around: dict[int, list[int]] = {}
        for w, tied in self.active.items():
            for i in tied:
                around.setdefault(i, []).append(w)
        return around

    def touched(self, direction: Iterable[int]) -> list[int]:
        """Return the active windows with a tied input among those of a direction."""
        return sorted({w for i in direction for w in self._around.get(i, ())})

    def gap(
        self, direction: Mapping[int, Fraction], relative: Mapping[int, Fraction], *, clarke: bool
    ) -> Fraction:
        """Return by how much the gradient is beyond the set and its rounding box; a real number.

        For a direction `d` and parts `s_i` in [0, 1] that is `d.v` less the largest value over the
        set of `d.z + sum |d_i| ((1 - s_i) first + s_i second)`, the two forms of the bound. `B_i`
        is the smaller form, so a positive gap separates. The value is linear in the weights, so it
        is largest at a selection: the best of each window (conservative set), or one of the
        realizable selections (Clarke set).

        Raises:
            RefusedError: More than `BUDGET` realizable selections.
        """
        pull = {i: abs(d) * relative.get(i, 0) for i, d in direction.items()}
        gain = Fraction(0)
        for i, d in direction.items():
            first, slack = self.rounding.absolute(i), self.rounding.slack(i)
            gain += d * self.gradient[i] - first * (abs(d) - pull[i]) - slack * pull[i]
        worth: dict[Window, dict[int, Exact]] = {}
        most: Exact = 0
        for w in self.touched(direction):
            tied = self.active[w]
            values = {i: self.worth(w, i, direction, pull) for i in tied}
            if not clarke:
                most += max(values.values())
                continue
            # along an order, windows with the same tied set choose the same input
            summed = worth.setdefault(tied, dict.fromkeys(tied, 0))
            for i, value in values.items():
                summed[i] += value
        if clarke:
            most = self._best_realizable(worth)
        return (gain - most) * self.format.eta

    def worth(
        self, w: int, i: int, direction: Mapping[int, Fraction], pull: Mapping[int, Exact]
    ) -> Exact:
        """What choosing input `i` in window `w` adds to the value that `gap` maximizes."""
        g: int = self.cotangent[w]
        gamma = self.rounding.gamma(i) if pull.get(i) else None
        return g * direction.get(i, 0) + (abs(g) * pull[i] * gamma if gamma is not None else 0)

    def output_exact(self) -> bool | None:
        """Whether every output is one of its tied inputs bit for bit; any NaN stands for NaN."""
        case = self.case
        if case.output is None:
            return None
        units, infinity, bits = case.format.units_of, case.format.infinity, case.input.bits
        for tied, stored in zip(self.tied, case.output.bits, strict=True):
            if not tied:
                right = units[stored] == -infinity
            elif units[stored] is None:
                right = units[bits[tied[0]]] is None
            else:
                right = any(bits[i] == stored for i in tied)
            if not right:
                return False
        return True

    def _best_realizable(self, worth: Mapping[Window, Mapping[int, Exact]]) -> Exact:
        selections = realizable_selections(list(worth), BUDGET)
        if selections is None:
            msg = f"the component has over {BUDGET} realizable selections"
            raise RefusedError(msg)
        tables = list(worth.values())
        return max(
            sum(table[i] for table, i in zip(tables, chosen, strict=True)) for chosen in selections
        )

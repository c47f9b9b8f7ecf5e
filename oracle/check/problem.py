"""What a case of pooling asks: tied sets, the windows that count, and the points of shares."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from oracle.check.bound import Exact, WindowRounding, unscaled
from oracle.check.question import BUDGET, Question, Share
from oracle.check.ties import components, realizable_selections, tied_set, total_order
from oracle.check.verdict import RefusedError
from oracle.windows import Geometry, Window


class Problem(Question):
    """A case of pooling. A window's choices are the inputs of its tied set."""

    def _prepared(self) -> list[Window]:
        shapes = self.case.geometry
        assert isinstance(shapes, Geometry)
        inputs: list[Any] = [self.format.units_of[bits] for bits in self.case.input.bits]
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
    def rounding(self) -> WindowRounding:
        """The rounding bound."""
        return WindowRounding(
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

    def inputs_of(self, windows: Iterable[int]) -> set[int]:
        """Return the inputs of the tied sets of active windows."""
        return {i for w in windows for i in self.active[w]}

    def contested(self, w: int) -> Iterable[int]:
        """Return the inputs among which an active window has a choice."""
        return self.active[w] if len(self.active[w]) > 1 else ()

    def choice(self, w: int, number: int) -> int:
        """Return the choice that certificates call `number`: an input is itself.

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
            RefusedError: Two inputs move alike.
        """
        order = sorted(direction, key=direction.__getitem__, reverse=True)
        moves = sorted(direction.values())
        if any(a == b for a, b in itertools.pairwise(moves)):
            msg = "two inputs move alike along the direction"
            raise RefusedError(msg)
        return self.order_shares(order)

    def _point(self, shares: Sequence[Share]) -> list[Exact]:
        # integers over one denominator are added far faster than fractions
        scale = math.lcm(*{share.denominator for *_, share in shares})
        scaled, cotangent = [0] * len(self.gradient), self.cotangent
        for w, i, share in shares:
            scaled[i] += cotangent[w] * share.numerator * (scale // share.denominator)
        return [unscaled(number, scale) for number in scaled]

    def _magnitudes(self, shares: Sequence[Share]) -> dict[int, Exact]:
        magnitude: dict[int, Exact] = {}
        for w, i, share in shares:
            magnitude[i] = magnitude.get(i, 0) + abs(self.cotangent[w]) * share
        return magnitude

    @cached_property
    def _around(self) -> dict[int, list[int]]:
        around: dict[int, list[int]] = {}
        for w, tied in self.active.items():
            for i in tied:
                around.setdefault(i, []).append(w)
        return around

    def worth(
        self, w: int, choice: int, direction: Mapping[int, Fraction], pull: Mapping[int, Exact]
    ) -> Exact:
        """Return what choosing an input in window `w` adds to the value that `gap` maximizes."""
        g: int = self.cotangent[w]
        gamma = self.rounding.gamma(choice) if pull.get(choice) else None
        moved = g * direction.get(choice, 0)
        return moved + (abs(g) * pull[choice] * gamma if gamma is not None else 0)

    def _best_realizable(self, worth: Mapping[Window, Mapping[int, Exact]]) -> Exact:
        selections = realizable_selections(list(worth), BUDGET)
        if selections is None:
            raise self._refuse_many()
        tables = list(worth.values())
        return max(
            sum(table[i] for table, i in zip(tables, chosen, strict=True)) for chosen in selections
        )

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

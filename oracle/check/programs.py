"""What a case of a piecewise program asks: its outputs' branches in the place of tied inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from oracle.case import Case
from oracle.check.bound import Exact
from oracle.check.choosing import Choosing
from oracle.check.elimination import BudgetError
from oracle.check.fit import Fit
from oracle.check.program_bound import ProgramRounding, finite
from oracle.check.question import BUDGET, Share
from oracle.check.realizing import Conditions, Realizing
from oracle.check.splitting import made_along, splits_evenly
from oracle.check.values import is_value
from oracle.check.verdict import RefusedError
from oracle.windows import Window

_UNBOUNDED = "whether some direction makes a selection is beyond the budget"


class ProgramProblem(Choosing):
    """A case of a program, held against the points and sets that its branches make.

    Attributes:
        realizing: Decides which selections some direction makes.
    """

    def __init__(self, case: Case) -> None:
        self.realizing = Realizing(BUDGET)
        super().__init__(case)

    @cached_property
    def rounding(self) -> ProgramRounding:
        """The rounding bound."""
        rows = {w: [self.branches[c].row for c in choices] for w, choices in self.active.items()}
        return ProgramRounding(
            self.format,
            rows,
            self.cotangent,
            self._around,
            len(self.gradient),
            flushes=self.case.flushes,
        )

    @cached_property
    def vacuous(self) -> int:
        """Number of coordinates whose bound leaves no digit."""
        half = 1 << (self.format.precision - 1)
        products = max(
            (term.roundings for branch in self.branches for term in branch.row.values()), default=0
        )
        few = len(self.active) + products < half  # at most one addition less, and one share
        return 0 if few else self.rounding.vacuous()

    def realizable(self, windows: Sequence[int], chosen: Sequence[int]) -> bool:
        """Return whether some direction makes this choice in each of these outputs.

        Raises:
            RefusedError: The question is beyond the budget.
        """
        del windows  # the choices say of what they are
        try:
            return self.realizing.is_realizable(self._together(chosen))
        except BudgetError as error:
            raise RefusedError(_UNBOUNDED) from error

    def _together(self, chosen: Iterable[int]) -> Conditions:
        """Return what some choices ask of a direction."""
        return frozenset(
            condition for choice in chosen for condition in self.branches[choice].conditions
        )

    def direction(self, chosen: Iterable[int]) -> Mapping[int, Fraction] | None:
        """Return a direction that makes these choices; None if none does.

        Raises:
            RefusedError: The question is beyond the budget.
        """
        try:
            return self.realizing.direction(self._together(chosen))
        except BudgetError as error:
            raise RefusedError(_UNBOUNDED) from error

    def rule_shares(self, rule: str) -> list[Share]:
        """Return the shares that a rule gives: the first branch, the last, or all alike.

        The branches of a selection stand in the order of the inputs, those of a threshold from left
        to right.
        """
        if rule == "even-split":
            return [
                (w, c, Fraction(1, len(choices)) if len(choices) > 1 else 1)
                for w, choices in self.active.items()
                for c in choices
            ]
        return [(w, self.end(w, rule), 1) for w in self.active]

    def end(self, w: int, rule: str) -> int:
        """Return the choice of the rule first-index (or `none`) or last-index in an output."""
        return self.active[w][self.outputs[w].ends[rule == "last-index"]]

    def follows(self, rule: str, windows: Sequence[int]) -> bool:
        """Return whether a component is within rounding of a rule's point, a Clarke point."""
        return super().follows(rule, windows) and self._holds(rule, windows)

    def _rule_fit(self, rule: str) -> Fit | None:
        """Return how the gradient compares with a rule's point, if that is a Clarke point."""
        fit = super()._rule_fit(rule)
        clarke = fit is not None and all(self._holds(rule, part) for part in self.components)
        return fit if clarke else None

    def _holds(self, rule: str, windows: Sequence[int]) -> bool:
        """Return whether a rule's point is shown to be a Clarke point of a component."""
        if rule == "even-split":
            return all(splits_evenly([self.asked(c) for c in self.active[w]]) for w in windows)
        try:
            return self.realizable(windows, [self.end(w, rule) for w in windows])
        except RefusedError:
            return False

    def order_shares(self, order: Sequence[int]) -> list[Share]:
        """Return the shares that a total order gives: the most preferred input moves most."""
        if len(set(order)) < len(order):
            msg = "the order names an input twice"
            raise RefusedError(msg)
        return self.direction_shares({i: Fraction(-k) for k, i in enumerate(order)})

    def direction_shares(self, direction: Mapping[int, Fraction]) -> list[Share]:
        """Return the shares that moving along a direction gives.

        Raises:
            RefusedError: The direction does not decide between branches of an output.
        """
        shares: list[Share] = []
        for w, choices in self.active.items():
            made = made_along(direction, [self.branches[c] for c in choices])
            if made is None:
                msg = f"the direction does not decide between the branches of window {w}"
                raise RefusedError(msg)
            shares.append((w, choices[made], 1))
        return shares

    def _point(self, shares: Sequence[Share]) -> list[Exact]:
        point: list[Exact] = [0] * len(self.gradient)
        for w, c, share in shares:
            part = self.cotangent[w] * share
            for i, term in self.branches[c].row.items():
                point[i] += part * finite(term.coefficient)
        return point

    def _magnitudes(self, shares: Sequence[Share]) -> dict[int, Exact]:
        magnitude: dict[int, Exact] = {}
        for w, c, share in shares:
            part = abs(self.cotangent[w]) * share
            for i, term in self.branches[c].row.items():
                magnitude[i] = magnitude.get(i, 0) + part * finite(term.magnitude)
        return magnitude

    def worth(
        self, w: int, choice: int, direction: Mapping[int, Fraction], pull: Mapping[int, Exact]
    ) -> Exact:
        """Return what a branch adds to the value that `gap` maximizes."""
        g: int = self.cotangent[w]
        worth: Exact = 0
        for k, term in self.branches[choice].row.items():
            worth += g * finite(term.coefficient) * direction.get(k, 0)
            gamma = self.rounding.gamma(k) if pull.get(k) else None
            if gamma is not None:
                worth += abs(g) * finite(term.magnitude) * pull[k] * gamma
        return worth

    def _best_realizable(self, worth: Mapping[Window, Mapping[int, Exact]]) -> Exact:
        found = self.realizing.selections([list(map(self.asked, choices)) for choices in worth])
        if found is None:
            raise self._refuse_many()
        tables = [list(table.values()) for table in worth.values()]
        return max(
            sum(table[n] for table, n in zip(tables, chosen, strict=True))
            for chosen in (*found[0], *found[1])
        )

    def output_exact(self) -> bool | None:
        """Whether every output is the value, or within rounding of it where it is computed."""
        if self.case.output is None:
            return None
        return all(
            is_value(y, bits, self.format, flushes=self.case.flushes)
            for y, bits in zip(self.outputs, self.case.output.bits, strict=True)
        )

"""What a case of a piecewise program asks: its outputs' branches in the place of tied inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from oracle.case import Case, CaseError
from oracle.check.bound import Exact, Rounding
from oracle.check.directions import BudgetError
from oracle.check.problem import BUDGET, Fit, Problem, Share
from oracle.check.program_bound import ProgramRounding, finite
from oracle.check.realizing import Realizing
from oracle.check.ties import components
from oracle.check.values import is_value
from oracle.check.verdict import RefusedError
from oracle.programs import Branch, Ranked, Scalar, Signature
from oracle.programs.conditions import Ahead, Condition
from oracle.programs.definition import ProgramError
from oracle.programs.extended import is_finite, is_nan
from oracle.windows import Window


def problem_of(case: Case) -> Problem:
    """Return what a case asks, whichever kind of operation it is of.

    Raises:
        CaseError: It has no gradient, or an output that no bound is known for.
    """
    return ProgramProblem(case) if isinstance(case.geometry, Signature) else Problem(case)


class ProgramProblem(Problem):
    """A case of a program. A **choice** is a branch of an output; choices are numbered on.

    Attributes:
        outputs: The outputs at the case's inputs.
        branches: Choice -> branch.
        first: Output -> its first choice.
        jumps: Outputs that jump here: they have no Clarke set, so nothing is asked of their inputs.
    """

    def __init__(self, case: Case) -> None:
        self.outputs: Sequence[Scalar] = ()
        self.branches: list[Branch] = []
        self.first: list[int] = []
        self.jumps: list[int] = []
        self.realizing = Realizing(BUDGET)
        self._valid: dict[str, bool] = {}
        super().__init__(case)

    def _prepared(self, inputs: Sequence[Any]) -> list[Window]:
        del inputs  # the signature decodes them itself
        shapes = self.case.geometry
        assert isinstance(shapes, Signature)
        try:
            self.outputs = shapes.outputs(self.case.input.bits, self.format)
        except ProgramError as error:
            raise CaseError(str(error)) from error
        return [self._window(w, y, selects=shapes.selects) for w, y in enumerate(self.outputs)]

    def _window(self, w: int, y: Scalar, *, selects: bool) -> Window:
        """Return the choices of an output; sort it among the active ones, or free its inputs."""
        first, g = len(self.branches), self.cotangent[w]
        self.branches += y.branches
        self.first.append(first)
        touched = {i for branch in y.branches for i in branch.row}
        judged = self._is_judged(w, y, selects=selects)
        self.special = self.special or not is_finite(y.value)
        if g is None or abs(g) == self.format.infinity:
            self.special = True
            self.free.update(touched)
        elif g and not judged:
            self.free.update(touched)
        choices = tuple(range(first, len(self.branches))) if judged else ()
        if g and touched and judged and abs(g) != self.format.infinity:
            self.active[w] = choices
        return choices

    def _is_judged(self, w: int, y: Scalar, *, selects: bool) -> bool:
        """Return whether an output has a Clarke set here, and finite branches."""
        if y.jump:
            self.jumps.append(w)
            return False
        if is_nan(y.value) and not selects:
            return False
        return all(
            is_finite(term.coefficient) and is_finite(term.magnitude)
            for branch in y.branches
            for term in branch.row.values()
        )

    @cached_property
    def rounding(self) -> Rounding:
        """The rounding bound."""
        return ProgramRounding(
            self.format,
            self.active,
            self.cotangent,
            len(self.gradient),
            self.branches,
            flushes=self.case.flushes,
        )

    @cached_property
    def components(self) -> list[list[int]]:
        """The active outputs, grouped by inputs that they share, in one or more steps."""
        touched = {w: tuple(self.inputs_of([w]).union(self.contested(w))) for w in self.active}
        return components(touched)

    def inputs_of(self, windows: Iterable[int]) -> set[int]:
        """Return the inputs that some branch of active outputs depends on."""
        return {i for w in windows for c in self.active[w] for i in self.branches[c].row}

    def contested(self, w: int) -> set[int]:
        """Return the inputs that the choice between an output's branches depends on."""
        return {
            i for c in self.active[w] for condition in self.asked(c) for i in _inputs(condition)
        }

    def asked(self, choice: int) -> frozenset[Condition]:
        """Return what a choice asks of a direction."""
        return self.branches[choice].conditions

    def choice(self, w: int, number: int) -> int:
        """Return the choice that certificates call `number`: an output's branches count from 0.

        Raises:
            RefusedError: The output has no such branch.
        """
        if type(number) is not int or not 0 <= number < len(self.active[w]):
            msg = f"{number!r} is no branch of window {w}, which has {len(self.active[w])}"
            raise RefusedError(msg)
        return self.first[w] + number

    def number(self, w: int, choice: int) -> int:
        """Return what certificates call a choice of an output."""
        return choice - self.first[w]

    def realizable(self, windows: Sequence[int], chosen: Sequence[int]) -> bool:
        """Return whether some direction makes this choice in each of these outputs."""
        del windows  # the choices say of what they are
        return self.direction(chosen) is not None

    def direction(self, chosen: Iterable[int]) -> Mapping[int, Fraction] | None:
        """Return a direction that makes these choices; None if none does.

        Raises:
            RefusedError: The question is beyond the budget.
        """
        try:
            return self.realizing.direction(frozenset().union(*map(self.asked, chosen)))
        except BudgetError as error:
            msg = "whether some direction makes a selection is beyond the budget"
            raise RefusedError(msg) from error

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
        end = {"none": 0, "first-index": 0, "last-index": 1}[rule]
        return [(w, self.end(w, end), 1) for w in self.active]

    def end(self, w: int, end: int) -> int:
        """Return the choice of the rule first-index (`end` 0) or last-index (1) in an output."""
        return self.active[w][self.outputs[w].ends[end]]

    def rule_fit(self, rule: str) -> Fit | None:
        """Return how the gradient compares with a rule's point, if that is a Clarke point."""
        fit = self.fit(self.rule_shares(rule))
        return fit if fit is not None and self._is_clarke(rule) else None

    def _is_clarke(self, rule: str) -> bool:
        """Return whether the point of a rule is in the Clarke set whatever the cotangent is."""
        if rule not in self._valid:
            self._valid[rule] = all(self._holds(rule, part) for part in self.components)
        return self._valid[rule]

    def _holds(self, rule: str, windows: Sequence[int]) -> bool:
        if rule == "even-split":
            return self.splits_evenly(windows)
        end = int(rule == "last-index")
        return self.direction(self.end(w, end) for w in windows) is not None

    def splits_evenly(self, windows: Sequence[int]) -> bool:
        """Return whether equal shares of all branches are a mean over directions.

        Over independent moves of all inputs, each as likely up as down, equal inputs have all
        orders with one probability, and of two opposite sides each has one half.
        """
        return all(self._is_symmetric(w) for w in windows)

    def _is_symmetric(self, w: int) -> bool:
        choices = self.active[w]
        conditions = [self.asked(c) for c in choices]
        if len(choices) == 1:
            return True
        if any(len(asked) != 1 for asked in conditions):
            return False
        alone = [next(iter(asked)) for asked in conditions]
        if all(isinstance(c, Ranked) and len(c.tied) == len(choices) for c in alone):
            return True
        forms = [c.form for c in alone if isinstance(c, Ahead)]
        return len(forms) == 2 == len(choices) and forms[0] == tuple((i, -c) for i, c in forms[1])

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
        return [(w, self._along(w, direction), 1) for w in self.active]

    def _along(self, w: int, direction: Mapping[int, Fraction]) -> int:
        choices = self.active[w]
        made = [c for c in choices if all(a.holds(direction) for a in self.asked(c))]
        if not made or any(self.branches[c].row != self.branches[made[0]].row for c in made[1:]):
            msg = f"the direction makes {len(made)} of the {len(choices)} branches of window {w}"
            raise RefusedError(msg)
        return made[0]

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

    @cached_property
    def _around(self) -> dict[int, list[int]]:
        around: dict[int, list[int]] = {}
        for w in self.active:
            for i in self.inputs_of([w]):
                around.setdefault(i, []).append(w)
        return around

    def worth(
        self, w: int, i: int, direction: Mapping[int, Fraction], pull: Mapping[int, Exact]
    ) -> Exact:
        """What a choice adds to the value that `gap` maximizes."""
        g: int = self.cotangent[w]
        worth: Exact = 0
        for k, term in self.branches[i].row.items():
            worth += g * finite(term.coefficient) * direction.get(k, 0)
            gamma = self.rounding.gamma(k) if pull.get(k) else None
            if gamma is not None:
                worth += abs(g) * finite(term.magnitude) * pull[k] * gamma
        return worth

    def _best_realizable(self, worth: Mapping[Window, Mapping[int, Exact]]) -> Exact:
        options = [[self.asked(c) for c in choices] for choices in worth]
        found = self.realizing.selections(options)
        if found is None:
            msg = f"the component has over {BUDGET} realizable selections"
            raise RefusedError(msg)
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
            is_value(y, bits, self.format)
            for y, bits in zip(self.outputs, self.case.output.bits, strict=True)
        )


def _inputs(condition: Condition) -> tuple[int, ...]:
    return tuple(i for i, _ in condition.form) if isinstance(condition, Ahead) else condition.tied

"""Components of a program: outputs that share inputs, and the branches to choose from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from oracle.check import BUDGET, ProgramProblem, Share
from oracle.check.bound import Exact
from oracle.check.program_bound import finite
from oracle.programs import Ahead, Ranked
from oracle.programs.scalar import AFFINE, CONCAVE, CONVEX
from oracle.search.component import Blocks, Component, Separation
from oracle.search.linear import Column
from oracle.windows import Window


class ProgramComponent(Component):
    """A component of a program. Each output is a bundle of its own, its choices are branches."""

    problem: ProgramProblem

    def __init__(self, problem: ProgramProblem, windows: Sequence[int]) -> None:
        self.problem = problem
        self.windows = sorted(windows)
        self.bundles = {problem.active[w]: [w] for w in self.windows}
        self.inputs = sorted(problem.inputs_of(self.windows))
        self._listed: dict[int, tuple[list[Window], list[Window]] | None] = {}

    @property
    def sets_agree(self) -> bool:
        """Whether the Clarke set is the whole conservative set, for one of two reasons.

        A single output's sets differ only by branches that no direction makes. A sum of convex
        functions of equal sign has the sum of their sets [Clarke 1983, 2.3.3]; here selections of
        inputs alone are trusted with that, whose best choices follow an order.
        """
        if len(self.windows) == 1:
            return all(self.problem.realizable(self.windows, [c]) for c in next(iter(self.bundles)))
        return self._is_convex() and all(map(self._selects_inputs, self.windows))

    def _is_convex(self) -> bool:
        signs = set()
        for w in self.windows:
            curvature = self.problem.outputs[w].curvature
            if curvature not in (AFFINE, CONVEX, CONCAVE):
                return False
            if curvature != AFFINE:
                signs.add((self.problem.cotangent[w] > 0) is (curvature == CONVEX))
        return len(signs) < 2

    def _selects_inputs(self, w: int) -> bool:
        asked = [self.problem.asked(c) for c in self.problem.active[w]]
        return len(asked) == 1 or all(
            len(one) == 1 and isinstance(next(iter(one)), Ranked) for one in asked
        )

    def column(self, chosen: Window) -> Column:
        """Return what a selection (a branch for each output) adds to the gradient."""
        column: dict[int, tuple[Exact, Exact]] = {}
        for w, c in zip(self.windows, chosen, strict=True):
            for i, (value, magnitude) in self.choice_column(w, c).items():
                before = column.get(i, (0, 0))
                column[i] = (before[0] + value, before[1] + magnitude)
        return column

    def choice_column(self, w: int, choice: int) -> Column:
        """Return what one branch of an output adds to the gradient."""
        g = self.problem.cotangent[w]
        return {
            i: (g * finite(term.coefficient), abs(g) * finite(term.magnitude))
            for i, term in self.problem.branches[choice].row.items()
        }

    def misfits(self, shares: Sequence[Share]) -> set[int]:
        """Return the component's judged inputs that are not within rounding of a point."""
        total: dict[int, list[Exact]] = {i: [0, 0] for i in self.program.gradient}
        for w, c, share in shares:
            for i, (value, magnitude) in self.choice_column(w, c).items():
                if i in total:
                    total[i][0] += value * share
                    total[i][1] += magnitude * share
        return {i for i, (z, size) in total.items() if not self._is_near(i, z, size)}

    def _is_near(self, i: int, value: Exact, magnitude: Exact) -> bool:
        v = self.program.gradient[i]
        return bool(v == value) or abs(v - value) <= self.problem.rounding.bound(i, magnitude)

    def fits(self, chosen: Window) -> bool:
        """Return whether the gradient is within rounding of a selection."""
        column = self.column(chosen)
        return all(self._is_near(i, *column.get(i, (0, 0))) for i in self.program.gradient)

    def realizable(self, budget: int) -> tuple[list[Window], list[Window]] | None:
        """Return the realizable and the possible selections; None for more than the budget."""
        if budget not in self._listed:
            options = [[self.problem.asked(c) for c in choices] for choices in self.bundles]
            found = self.problem.realizing.selections(options)
            self._listed[budget] = (
                None if found is None else (self._named(found[0]), self._named(found[1]))
            )
        return self._listed[budget]

    def _named(self, selections: Sequence[Sequence[int]]) -> list[Window]:
        tables = list(self.bundles)
        return [
            tuple(table[n] for table, n in zip(tables, chosen, strict=True))
            for chosen in selections
        ]

    def rule_selection(self, rule: str) -> Window | None:
        """Return the selection of first-index or last-index, if it is realizable and fits."""
        if self.problem.inputs_of(self.windows) & self.problem.rule_misfits(rule):
            return None
        chosen = tuple(self.problem.end(w, int(rule == "last-index")) for w in self.windows)
        return chosen if self.problem.realizable(self.windows, chosen) else None

    def starts(self) -> list[Window]:
        """Return first selections: those of the rules."""
        return [tuple(self.problem.end(w, end) for w in self.windows) for end in (0, 1)]

    def worths(self, separation: Separation) -> list[dict[int, Exact]]:
        """Return, for each output, what each of its branches is worth along a direction."""
        direction, relative = separation
        pull: dict[int, Exact] = {
            i: abs(d) * part for i, d in direction.items() if (part := relative.get(i))
        }
        return [
            {c: self.problem.worth(w, c, direction, pull) for c in self.problem.active[w]}
            for w in self.windows
        ]

    def best_choices(self, separation: Separation) -> Window:
        """Return the best branch of each output; of equals the one of the smallest input."""
        return tuple(
            max(row, key=lambda c: (row[c], -self._input(c), -c)) for row in self.worths(separation)
        )

    def _input(self, choice: int) -> int:
        """Return the input that a choice selects; 0 where it selects none."""
        return next((a.chosen for a in self.problem.asked(choice) if isinstance(a, Ranked)), 0)

    def promising(self, separation: Separation) -> list[Window]:
        """Return a realizable selection of large value: the best where most is at stake."""
        table = self.worths(separation)
        stakes = sorted(
            range(len(table)), key=lambda k: min(table[k].values()) - max(table[k].values())
        )
        chosen: dict[int, int] = {}
        for k in stakes:
            for c in sorted(table[k], key=table[k].__getitem__, reverse=True):
                if self.problem.direction([*chosen.values(), c]) is not None:
                    chosen[k] = c
                    break
            else:
                return []
        return [tuple(chosen[k] for k in range(len(table)))]

    def blocks(self) -> Blocks:
        """Return a block of columns for each output."""
        blocks = [
            [self.choice_column(w, c) for c in choices] for choices, (w,) in self.bundles.items()
        ]
        return blocks, [(choices, windows) for choices, windows in self.bundles.items()]


def single_selection(component: ProgramComponent) -> Window | None:
    """Return one realizable selection that explains the gradient, if it is found.

    A permutation gives itself away: each output's cotangent stands at the input that it chose.
    """
    matched = _matched(component)
    if matched is not None:
        return matched
    found = component.realizable(BUDGET)
    if found is None:
        return None
    return next((chosen for chosen in found[0] if component.fits(chosen)), None)


def _matched(component: ProgramComponent) -> Window | None:
    """Return the selection that gives each output an input of its own with its cotangent."""
    problem, taken = component.problem, set[int]()
    chosen = []
    for w in component.windows:
        choice = next(_candidates(component, w, taken), None)
        if choice is None:
            return None
        taken.update(problem.branches[choice].row)
        chosen.append(choice)
    selection = tuple(chosen)
    fits = component.fits(selection) and problem.realizable(component.windows, selection)
    return selection if fits else None


def _candidates(component: ProgramComponent, w: int, taken: set[int]) -> Iterator[int]:
    for c in component.problem.active[w]:
        column = component.choice_column(w, c)
        free = taken.isdisjoint(column)
        if free and all(component.program.gradient.get(i) == z for i, (z, _) in column.items()):
            yield c


def followed(problem: ProgramProblem, selections: Sequence[Window]) -> dict[str, Any]:
    """Return the certificate of one selection in each component: an order, or a direction."""
    direction: dict[int, Fraction] = {}
    orders: list[list[int]] = []
    for chosen in selections:
        found = problem.direction(chosen)
        if found is None:
            msg = "a selection that was found realizable follows no direction"
            raise AssertionError(msg)
        direction |= found
        orders.append(sorted(found, key=found.__getitem__, reverse=True))
    asked = itertools.chain.from_iterable(map(problem.asked, itertools.chain(*selections)))
    if all(not isinstance(a, Ahead) or not sum(c for _, c in a.form) for a in asked) and all(
        len(set(found.values())) == len(found)
        for found in (_restricted(direction, order) for order in orders)
    ):
        return {"kind": "order", "order": [i for order in orders for i in order]}
    moves = {str(i): f"{d.numerator}/{d.denominator}" for i, d in sorted(direction.items())}
    return {"kind": "direction", "direction": moves}


def _restricted(direction: Mapping[int, Fraction], inputs: Sequence[int]) -> dict[int, Fraction]:
    return {i: direction[i] for i in inputs}

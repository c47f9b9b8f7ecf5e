"""Components of a program: outputs that share inputs, and the branches to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from oracle.check import ProgramProblem, RefusedError, Share
from oracle.check.bound import Exact
from oracle.check.program_bound import finite
from oracle.search.component import Blocks, Component, Separation
from oracle.search.extremes import chosen_input, extreme, is_forest
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

    @cached_property
    def sets_agree(self) -> bool:
        """Whether the Clarke set is the whole conservative set, and the best choices realizable.

        It is where every selection is realizable. It is, too, where all outputs are largest ones of
        inputs, or all smallest ones, and all cotangents have one sign: the sum rule is exact for
        convex functions, and the best choices follow an order. (Where largest and smallest ones
        come together with the signs that make all convex, the sets are equal, but the magnitudes of
        a point depend on how it is combined.)
        """
        if len(self.windows) == 1:
            return all(self.is_realizable([c]) for c in next(iter(self.bundles)))
        if is_forest(self.problem, self.windows):
            return True
        signs = {self.problem.cotangent[w] > 0 for w in self.windows}
        return len(signs) == 1 and bool(extreme(self.problem, self.windows))

    def is_realizable(self, chosen: Sequence[int]) -> bool:
        """Return whether some direction makes these choices; False also beyond the budget."""
        try:
            return self.problem.realizable(self.windows, chosen)
        except RefusedError:
            return False

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
        """Return the component's judged coordinates that are not within rounding of a point."""
        total: dict[int, list[Exact]] = {i: [0, 0] for i in self.program.gradient}
        for w, c, share in shares:
            for i, (value, magnitude) in self.choice_column(w, c).items():
                if i in total:
                    total[i][0] += value * share
                    total[i][1] += magnitude * share
        return {i for i, (z, size) in total.items() if not self.is_near(i, z, size)}

    def is_near(self, i: int, value: Exact, magnitude: Exact) -> bool:
        """Return whether coordinate `i` is within rounding of a value of this magnitude."""
        v = self.program.gradient[i]
        return bool(v == value) or abs(v - value) <= self.problem.rounding.bound(i, magnitude)

    def fits(self, chosen: Window) -> bool:
        """Return whether the gradient is within rounding of a selection."""
        column = self.column(chosen)
        return all(self.is_near(i, *column.get(i, (0, 0))) for i in self.program.gradient)

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
        return self._ends(rule) if self.problem.follows(rule, self.windows) else None

    def _ends(self, rule: str) -> Window:
        return tuple(self.problem.end(w, rule) for w in self.windows)

    def starts(self) -> list[Window]:
        """Return first selections: those of the rules, where they are realizable."""
        ends = [self._ends(rule) for rule in ("first-index", "last-index")]
        return [chosen for chosen in ends if self.is_realizable(chosen)]

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
            max(row, key=lambda c: (row[c], -chosen_input(self.problem, c), -c))
            for row in self.worths(separation)
        )

    def promising(self, separation: Separation) -> list[Window]:
        """Return a realizable selection of large value: the best where most is at stake."""
        table = self.worths(separation)
        stakes = sorted(
            range(len(table)), key=lambda k: min(table[k].values()) - max(table[k].values())
        )
        chosen: dict[int, int] = {}
        for k in stakes:
            best = sorted(table[k], key=table[k].__getitem__, reverse=True)
            choice = next((c for c in best if self.is_realizable([*chosen.values(), c])), None)
            if choice is None:
                return []
            chosen[k] = choice
        return [tuple(chosen[k] for k in range(len(table)))]

    def blocks(self) -> Blocks:
        """Return a block of columns for each output."""
        blocks = [
            [self.choice_column(w, c) for c in choices] for choices, (w,) in self.bundles.items()
        ]
        return blocks, [(choices, windows) for choices, windows in self.bundles.items()]

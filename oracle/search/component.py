"""A component: windows that share tied inputs, bundled by tied set."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

from oracle.check import Problem, Share
from oracle.check.bound import Exact
from oracle.search.linear import Column, Program
from oracle.windows import Window


class Component:
    """A component of a case's active windows.

    Along an order, windows with one tied set choose one input, so a realizable selection is a
    choice for each **bundle**: a tied set with all its windows.

    Attributes:
        windows: The window numbers.
        bundles: Tied set -> its windows.
        inputs: The tied inputs, ascending.
    """

    def __init__(self, problem: Problem, windows: Sequence[int]) -> None:
        self.problem = problem
        self.windows = sorted(windows)
        self.bundles: dict[Window, list[int]] = {}
        for w in self.windows:
            self.bundles.setdefault(problem.active[w], []).append(w)
        self.inputs = sorted({i for tied in self.bundles for i in tied})

    @cached_property
    def program(self) -> Program:
        """The inequalities on the component's coordinates."""
        return Program(self.problem, self.inputs)

    @cached_property
    def sets_agree(self) -> bool:
        """Whether the Clarke set is the whole conservative set.

        It is where all cotangents have one sign (the sum rule is exact for convex functions), and
        where the graph that joins each window of several tied inputs to these inputs has no cycle.
        """
        if len({self.problem.cotangent[w] > 0 for w in self.windows}) == 1:
            return True
        edges = windows = 0
        joined: set[int] = set()
        for tied, members in self.bundles.items():
            if len(tied) > 1:
                edges += len(tied) * len(members)
                windows += len(members)
                joined.update(tied)
        # the graph is connected but for the inputs of untied windows, which are not in it
        return edges == windows + len(joined) - 1 if windows else True

    def weight(self, tied: Window) -> tuple[int, int]:
        """Return the sum of a bundle's cotangents, and of their absolute values, units."""
        values = [self.problem.cotangent[w] for w in self.bundles[tied]]
        return sum(values), sum(map(abs, values))

    def column(self, chosen: Window) -> Column:
        """Return what a selection (an input for each bundle) adds to the gradient."""
        column: dict[int, tuple[Exact, Exact]] = {}
        for tied, i in zip(self.bundles, chosen, strict=True):
            value, magnitude = self.weight(tied)
            before = column.get(i, (0, 0))
            column[i] = (before[0] + value, before[1] + magnitude)
        return column

    def selection(self, chosen: Window) -> list[int]:
        """Return the chosen input of each window, in the order of `windows`."""
        by_window = {
            w: i for members, i in zip(self.bundles.values(), chosen, strict=True) for w in members
        }
        return [by_window[w] for w in self.windows]

    def shares(self, weighted: Sequence[tuple[Fraction, Window]]) -> list[Share]:
        """Return the shares of a convex combination of selections."""
        total: dict[tuple[int, int], Fraction] = {}
        for weight, chosen in weighted:
            for w, i in zip(self.windows, self.selection(chosen), strict=True):
                total[w, i] = total.get((w, i), Fraction(0)) + weight
        return [(w, i, share) for (w, i), share in total.items()]

    def misfits(self, shares: Sequence[Share]) -> set[int]:
        """Return the component's judged inputs that are not within rounding of a point."""
        value: dict[int, Exact] = dict.fromkeys(self.program.gradient, 0)
        magnitude: dict[int, Exact] = dict.fromkeys(self.program.gradient, 0)
        for w, i, share in shares:
            if i in value:
                value[i] += self.problem.cotangent[w] * share
                magnitude[i] += abs(self.problem.cotangent[w]) * share
        return {
            i
            for i, v in self.program.gradient.items()
            if v != value[i] and abs(v - value[i]) > self.problem.rounding.bound(i, magnitude[i])
        }

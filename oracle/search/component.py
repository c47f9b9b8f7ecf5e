"""A component: windows that share tied inputs, bundled by tied set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from oracle.check import Question, Share
from oracle.check.bound import Exact, unscaled
from oracle.check.ties import realizable_selections
from oracle.search.bounding import best_found
from oracle.search.linear import Column, Program
from oracle.windows import Window

Separation: TypeAlias = tuple[dict[int, Fraction], dict[int, Fraction]]
"""A direction, and the parts of its inputs that are measured by the bound's second form."""
Blocks: TypeAlias = tuple[list[list[Column]], list[tuple[Window, list[int]]]]
"""Columns of choices that share one weight's worth; and of what they are the choices."""


class Component:
    """A component of a case's active windows.

    Along an order, windows with one tied set choose one input, so a realizable selection is a
    choice for each **bundle**: a tied set with all its windows.

    Attributes:
        windows: The window numbers.
        bundles: Tied set -> its windows.
        inputs: The tied inputs, ascending.
    """

    def __init__(self, problem: Question, windows: Sequence[int]) -> None:
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

    def realizable(self, budget: int) -> tuple[list[Window], list[Window]] | None:
        """Return the selections (a choice for each bundle) that are realizable, and possible ones.

        None stands for more than the budget.
        """
        found = realizable_selections(list(self.bundles), budget)
        return None if found is None else (found, [])

    def rule_selection(self, rule: str) -> Window | None:
        """Return the selection of first-index or last-index, if the gradient may be its."""
        if not self.problem.follows(rule, self.windows):
            return None
        end = 0 if rule == "first-index" else -1
        return tuple(tied[end] for tied in self.bundles)

    def starts(self) -> list[Window]:
        """Return first selections: first-index, last-index, by the gradient and by its reverse."""
        v = self.problem.gradient
        rank = {i: (v[i] is not None, v[i] or 0, i) for i in self.inputs}
        return [
            tuple(tied[0] for tied in self.bundles),
            tuple(tied[-1] for tied in self.bundles),
            tuple(max(tied, key=rank.__getitem__) for tied in self.bundles),
            tuple(min(tied, key=rank.__getitem__) for tied in self.bundles),
        ]

    def worths(self, separation: Separation) -> list[dict[int, Exact]]:
        """Return, for each bundle, what each of its choices is worth along a direction."""
        direction, relative = separation
        gamma = self.program.gamma
        pull = {
            i: abs(d) * part * (gamma[i] or 0)
            for i, d in direction.items()
            if (part := relative.get(i))
        }
        table = []
        for tied in self.bundles:
            value, magnitude = self.weight(tied)
            table.append(
                {i: value * direction.get(i, 0) + magnitude * pull.get(i, 0) for i in tied}
            )
        return table

    def best_choices(self, separation: Separation) -> Window:
        """Return the best choice of each bundle by itself; of equals the smallest input."""
        return tuple(max(row, key=lambda i: (row[i], -i)) for row in self.worths(separation))

    def promising(self, separation: Separation) -> list[Window]:
        """Return realizable selections that follow a direction, or oppose it, or are worth much."""
        direction = separation[0]
        rank = {i: (direction.get(i, Fraction(0)), -i) for i in self.inputs}
        return [
            tuple(max(tied, key=rank.__getitem__) for tied in self.bundles),
            tuple(min(tied, key=rank.__getitem__) for tied in self.bundles),
            best_found(list(self.bundles), self.worths(separation)),
        ]

    def blocks(self) -> Blocks:
        """Return a block for the windows of one tied set and one sign: they may share alike."""
        blocks: list[list[Column]] = []
        members: list[tuple[Window, list[int]]] = []
        cotangent = self.problem.cotangent
        for tied, bundle in self.bundles.items():
            for positive in (True, False):
                windows = [w for w in bundle if (cotangent[w] > 0) is positive]
                if windows:
                    value = sum(cotangent[w] for w in windows)
                    blocks.append([{i: (value, abs(value))} for i in tied])
                    members.append((tied, windows))
        return blocks, members

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

    def numbered(self, chosen: Window) -> list[int]:
        """Return what certificates call the choice of each window, in the order of `windows`."""
        selection = self.selection(chosen)
        return [self.problem.number(w, c) for w, c in zip(self.windows, selection, strict=True)]

    def shares(self, weighted: Sequence[tuple[Fraction, Window]]) -> list[Share]:
        """Return the shares of a convex combination of selections."""
        scale = math.lcm(*(weight.denominator for weight, _ in weighted))
        total: dict[tuple[int, int], int] = {}
        for weight, chosen in weighted:
            scaled = weight.numerator * (scale // weight.denominator)
            for w, i in zip(self.windows, self.selection(chosen), strict=True):
                total[w, i] = total.get((w, i), 0) + scaled
        return [(w, i, unscaled(share, scale)) for (w, i), share in total.items()]

    def misfits(self, shares: Sequence[Share]) -> set[int]:
        """Return the component's judged inputs that are not within rounding of a point."""
        scale = math.lcm(*{share.denominator for *_, share in shares})
        value = dict.fromkeys(self.program.gradient, 0)
        magnitude = dict.fromkeys(self.program.gradient, 0)
        for w, i, share in shares:
            if i in value:
                brought = self.problem.cotangent[w] * share.numerator * (scale // share.denominator)
                value[i] += brought
                magnitude[i] += abs(brought)
        return {
            i
            for i, v in self.program.gradient.items()
            if v * scale != value[i]
            and abs(v - Fraction(value[i], scale))
            > self.problem.rounding.bound(i, Fraction(magnitude[i], scale))
        }

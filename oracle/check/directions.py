"""Is there a direction that meets strict conditions? Exact, and small enough to be trusted.

Nearly all conditions compare the moves of two inputs, or of one with 0: they are edges of a graph,
and a direction exists if and only if it has no cycle. The few others are decided by elimination.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from oracle.check.elimination import BudgetError, Direction, Row, eliminated
from oracle.check.ties import total_order
from oracle.programs.conditions import Ahead, Condition, Ranked

Edge: TypeAlias = tuple[int, int]
"""The first input moves more than the second; `STILL` stands for what does not move."""

STILL = -1
MOST_WAYS = 4096
"""Ways to give ranks that are tried."""


def direction(conditions: Iterable[Condition]) -> Direction | None:
    """Return a direction that meets all conditions strictly; None if there is none.

    Raises:
        BudgetError: It is beyond the budget.
    """
    distinct = set(conditions)
    ahead = [condition for condition in distinct if isinstance(condition, Ahead)]
    ranked = sorted(condition for condition in distinct if isinstance(condition, Ranked))
    edges = [edge for condition in ahead if (edge := edge_of(condition)) is not None]
    others = [condition for condition in ahead if edge_of(condition) is None]
    alone, entangled = _apart(ranked, ahead)
    for together in alone:
        chain = _chain(together)
        if chain is None:
            return None
        edges += chain
    for ways in _expansions(entangled):
        found = _met(edges + ways, others)
        if found is not None:
            return found
    return None


def _apart(
    ranked: Sequence[Ranked], ahead: Sequence[Ahead]
) -> tuple[list[list[Ranked]], list[Ranked]]:
    """Return the ranks within sets that nothing else speaks of, by set; and the others."""
    groups: dict[tuple[int, ...], list[Ranked]] = {}
    speaking: dict[int, set[tuple[int, ...]]] = {}
    for condition in ranked:
        groups.setdefault(condition.tied, []).append(condition)
        for i in condition.tied:
            speaking.setdefault(i, set()).add(condition.tied)
    for i in {i for condition in ahead for i in condition.inputs}:
        speaking.setdefault(i, set()).add(())
    alone: list[list[Ranked]] = []
    entangled: list[Ranked] = []
    for tied, members in groups.items():
        if all(speaking[i] == {tied} for i in tied):
            alone.append(members)
        else:
            entangled += members
    return alone, entangled


def _chain(together: Sequence[Ranked]) -> list[Edge] | None:
    """Return the edges of one order of a set that gives the chosen inputs their ranks, or None."""
    chosen = {condition.below: condition.chosen for condition in together}
    if len(chosen) < len(together) or len(set(chosen.values())) < len(chosen):
        return None
    free = iter([i for i in together[0].tied if i not in chosen.values()])
    order = [chosen[k] if k in chosen else next(free) for k in range(len(together[0].tied))]
    return [(more, less) for less, more in itertools.pairwise(order)]


def _met(edges: Sequence[Edge], others: Sequence[Ahead]) -> Direction | None:
    if not others:
        return _along_order(edges)
    rows = [_row(edge) for edge in edges]
    rows += [{i: Fraction(c) for i, c in condition.form} for condition in others]
    return eliminated(rows)


def edge_of(condition: Ahead) -> Edge | None:
    """Return the condition as an edge; None if it compares more than two moves as they are."""
    form = condition.form
    if len(form) == 1:
        return (form[0][0], STILL) if form[0][1] > 0 else (STILL, form[0][0])
    if len(form) == 2 and form[0][1] == -form[1][1]:
        (first, c), (second, _) = form
        return (first, second) if c > 0 else (second, first)
    return None


def _expansions(entangled: Sequence[Ranked]) -> Iterator[list[Edge]]:
    """Yield edges for each way to say which inputs are below those that have a rank.

    Raises:
        BudgetError: There are too many.
    """
    ways = math.prod(math.comb(len(one.tied) - 1, one.below) for one in entangled)
    if ways > MOST_WAYS:
        raise BudgetError
    for chosen in itertools.product(*map(_below, entangled)):
        yield [
            (condition.chosen, i) if i in lower else (i, condition.chosen)
            for condition, lower in zip(entangled, chosen, strict=True)
            for i in condition.tied
            if i != condition.chosen
        ]


def _below(condition: Ranked) -> Iterator[tuple[int, ...]]:
    others = [i for i in condition.tied if i != condition.chosen]
    return itertools.combinations(others, condition.below)


def _along_order(edges: Sequence[Edge]) -> Direction | None:
    """Return the direction of a topological order of the edges; None for a cycle."""
    rivals: dict[int, list[int]] = {}
    for first, second in edges:
        rivals.setdefault(first, []).append(second)
    order = total_order((first, tuple(others)) for first, others in rivals.items())
    if order is None:
        return None
    place = {i: Fraction(len(order) - k) for k, i in enumerate(order)}
    still = place.pop(STILL, Fraction(0))
    return {i: move - still for i, move in place.items()}


def _row(edge: Edge) -> Row:
    first, second = edge
    return {i: Fraction(c) for i, c in ((first, 1), (second, -1)) if i != STILL}

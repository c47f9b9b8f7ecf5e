"""Is there a direction that meets strict conditions? Exact, and small enough to be trusted.

Nearly all conditions compare the moves of two inputs, or of one with 0: they are edges of a graph,
and a direction exists if and only if it has no cycle. The few others are decided by eliminating one
variable after the other [Fourier 1826; Schrijver, Theory of Linear and Integer Programming, 12.2].
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from oracle.check.ties import total_order
from oracle.programs.conditions import Ahead, Condition, Number, Ranked

Direction: TypeAlias = dict[int, Fraction]
Row: TypeAlias = dict[int, Fraction]
Edge: TypeAlias = tuple[int, int]
"""The first input moves more than the second; `STILL` stands for what does not move."""

STILL = -1
_MOST_ROWS = 4096
"""Inequalities that an elimination may come to."""


class BudgetError(Exception):
    """More work than the budget allows; the question stays open."""


def direction(conditions: Iterable[Condition]) -> Direction | None:
    """Return a direction that meets all conditions strictly; None if there is none.

    Raises:
        BudgetError: It is beyond the budget.
    """
    ranked, ahead = _parted(conditions)
    edges: list[Edge] = []
    others: list[Ahead] = []
    for condition in ahead:
        edge = edge_of(condition)
        if edge is None:
            others.append(condition)
        else:
            edges.append(edge)
    middle: list[Ranked] = []
    for together in _of_one_set(ranked, ahead):
        chain = _chain(together)
        if chain is None:
            return None
        edges += chain
        middle += [] if chain else together
    for ways in _expansions(middle):
        found = _met(edges + ways, others)
        if found is not None:
            return found
    return None


def _parted(conditions: Iterable[Condition]) -> tuple[list[Ranked], list[Ahead]]:
    distinct = set(conditions)
    return (
        [condition for condition in distinct if isinstance(condition, Ranked)],
        [condition for condition in distinct if isinstance(condition, Ahead)],
    )


def _of_one_set(ranked: Sequence[Ranked], ahead: Sequence[Ahead]) -> Iterator[list[Ranked]]:
    """Yield the ranks: those within a set of inputs that nothing else speaks of together."""
    groups: dict[tuple[int, ...], list[Ranked]] = {}
    speaking: dict[int, set[tuple[int, ...]]] = {}
    for condition in ranked:
        groups.setdefault(condition.tied, []).append(condition)
        for i in condition.tied:
            speaking.setdefault(i, set()).add(condition.tied)
    for i in {i for condition in ahead for i, _ in condition.form}:
        speaking.setdefault(i, set()).add(())
    for tied, members in groups.items():
        if all(speaking[i] == {tied} for i in tied):
            yield members
        else:
            yield from ([member] for member in members)


def _chain(together: Sequence[Ranked]) -> list[Edge] | None:
    """Return edges that give all chosen inputs their ranks in one set; None if none do.

    A single one in the middle has many ways, and the list is empty.
    """
    if len(together) == 1:
        return _extreme(together[0])
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
    return _eliminated(rows)


def _extreme(condition: Ranked) -> list[Edge]:
    """Return the edges of being the largest, or the smallest, of equal inputs."""
    rivals = [i for i in condition.tied if i != condition.chosen]
    if condition.below == len(rivals):
        return [(condition.chosen, i) for i in rivals]
    return [(i, condition.chosen) for i in rivals] if condition.below == 0 else []


def edge_of(condition: Ahead) -> Edge | None:
    """Return the condition as an edge; None if it compares more than two moves as they are."""
    form = condition.form
    if len(form) == 1:
        return (form[0][0], STILL) if form[0][1] > 0 else (STILL, form[0][0])
    if len(form) == 2 and form[0][1] == -form[1][1]:
        (first, c), (second, _) = form
        return (first, second) if c > 0 else (second, first)
    return None


def _expansions(middle: Sequence[Ranked]) -> Iterator[list[Edge]]:
    """Yield edges for each way in which inputs between others can have their ranks.

    Ranks within one set of equal inputs give an order of the chosen ones; the others fill the gaps
    in any way, so that it is enough to place as many as needed on either side, of each such set.

    Raises:
        BudgetError: There are too many.
    """
    for ways, chosen in enumerate(itertools.product(*map(_below, middle))):
        if ways == _MOST_ROWS:
            raise BudgetError
        yield [
            (condition.chosen, i) if i in lower else (i, condition.chosen)
            for condition, lower in zip(middle, chosen, strict=True)
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


def _eliminated(rows: list[Row]) -> Direction | None:
    """Return a direction with `row . d > 0` for every row, by Fourier-Motzkin elimination."""
    levels: list[tuple[int, list[Row]]] = []
    while rows := _distinct(rows):
        if any(not row for row in rows):
            return None
        variable = _cheapest(rows)
        levels.append((variable, [row for row in rows if variable in row]))
        rows = [row for row in rows if variable not in row] + _combined(levels[-1][1], variable)
        if len(rows) > _MOST_ROWS:
            raise BudgetError
    found: Direction = {}
    for variable, bounds in reversed(levels):
        found[variable] = _between(variable, bounds, found)
    return found


def _distinct(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, scaled, without repetitions."""
    kept: dict[tuple[tuple[int, Fraction], ...], Row] = {}
    for row in rows:
        scale = max(map(abs, row.values()), default=Fraction(1))
        scaled = {i: c / scale for i, c in sorted(row.items())}
        kept[tuple(scaled.items())] = scaled
    return list(kept.values())


def _cheapest(rows: Sequence[Row]) -> int:
    """Return the variable whose elimination leaves the fewest rows; of equals the smallest."""
    signs: dict[int, list[bool]] = {}
    for row in rows:
        for i, c in row.items():
            signs.setdefault(i, []).append(c > 0)
    return min(signs, key=lambda i: (sum(signs[i]) * (len(signs[i]) - sum(signs[i])), i))


def _combined(rows: Sequence[Row], variable: int) -> list[Row]:
    above = [row for row in rows if row[variable] > 0]
    below = [row for row in rows if row[variable] < 0]
    found = []
    for up, down in itertools.product(above, below):
        row = {i: c / up[variable] for i, c in up.items()}
        for i, c in down.items():
            row[i] = row.get(i, Fraction(0)) - c / down[variable]
        found.append({i: c for i, c in row.items() if c})
    return found


def _between(variable: int, bounds: Sequence[Row], found: Mapping[int, Number]) -> Fraction:
    """Return a value of the variable that all its rows allow, the others being given."""
    lows: list[Fraction] = []
    highs: list[Fraction] = []
    for row in bounds:
        rest = sum((c * found.get(i, 0) for i, c in row.items() if i != variable), Fraction(0))
        limit = -rest / row[variable]
        (lows if row[variable] > 0 else highs).append(limit)
    if lows and highs:
        return (max(lows) + min(highs)) / 2
    if lows:
        return max(lows) + 1
    return min(highs) - 1 if highs else Fraction(0)

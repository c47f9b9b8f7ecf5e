"""Search a component's Clarke set: convex weights of realizable selections, or a separation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from oracle.check import BUDGET
from oracle.check.bound import Exact
from oracle.search.component import Component
from oracle.windows import Window, realizable_selections

_BATCH = 24  # selections that a step adds at most

Weighted: TypeAlias = list[tuple[Fraction, Window]]
Separation: TypeAlias = tuple[dict[int, Fraction], dict[int, Fraction]]
Pricing: TypeAlias = Callable[[Separation], list[Window]]
"""From a direction that separates the selections known so far, selections that it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HullResult:
    """Weights (the gradient is in the Clarke set), or a separation, or neither: undecided."""

    weights: Weighted | None = None
    separation: Separation | None = None


def search_hull(component: Component) -> HullResult:
    """Return weights of realizable selections within rounding of the gradient, or a separation.

    Selections are generated as they are needed: a direction that separates the gradient from those
    known so far is priced against the others, and the worst offenders join. Where the Clarke and
    the conservative set agree the best choice of each window by itself is realizable and nothing is
    enumerated; elsewhere all realizable selections are, up to the budget; beyond it only orders
    along the direction are tried, and their failing leaves the component undecided.
    """
    bundles = list(component.bundles)
    if component.sets_agree:
        return _generate(component, lambda found: _best_choices(component, found), exhaustive=True)
    selections = realizable_selections(bundles, BUDGET)
    if selections is None:
        return _generate(component, lambda found: _along(component, found), exhaustive=False)
    distinct = {_column_key(component, chosen): chosen for chosen in reversed(selections)}
    pool = list(distinct.values())
    return _generate(component, lambda found: _offenders(component, pool, found), exhaustive=True)


def _generate(component: Component, price: Pricing, *, exhaustive: bool) -> HullResult:
    known = list(dict.fromkeys(_starts(component)))
    while True:
        block = [component.column(chosen) for chosen in known]
        weights = component.program.weights([block])
        if weights is not None:
            pairs = zip(weights[0], known, strict=True)
            return HullResult(weights=[(weight, chosen) for weight, chosen in pairs if weight])
        separation = component.program.separation([block])
        new = [chosen for chosen in price(separation) if chosen not in known]
        if not new:
            return HullResult(separation=separation if exhaustive else None)
        known += new


def _starts(component: Component) -> list[Window]:
    """First-index, last-index, and the order of the gradient itself and its reverse."""
    v = component.problem.gradient
    rank = {i: (v[i] is not None, v[i] or 0, i) for i in component.inputs}
    return [
        tuple(tied[0] for tied in component.bundles),
        tuple(tied[-1] for tied in component.bundles),
        tuple(max(tied, key=rank.__getitem__) for tied in component.bundles),
        tuple(min(tied, key=rank.__getitem__) for tied in component.bundles),
    ]


def _offenders(
    component: Component, pool: Sequence[Window], separation: Separation
) -> list[Window]:
    """Return the selections of `pool` beyond the separation, the furthest first."""
    table = _worths(component, separation)
    limit = _gain(component, separation)
    scored = [
        (sum(row[i] for row, i in zip(table, chosen, strict=True)), chosen) for chosen in pool
    ]
    beyond = [pair for pair in scored if pair[0] >= limit]
    beyond.sort(key=lambda pair: (-pair[0], pair[1]))
    return [chosen for _, chosen in beyond[:_BATCH]]


def _best_choices(component: Component, separation: Separation) -> list[Window]:
    """Return the best choice of each window by itself; of equals the smallest index."""
    table = _worths(component, separation)
    best = tuple(max(row, key=lambda i: (row[i], -i)) for row in table)
    value = sum(row[i] for row, i in zip(table, best, strict=True))
    return [best] if value >= _gain(component, separation) else []


def _along(component: Component, separation: Separation) -> list[Window]:
    """Return selections that follow the direction, or oppose it, as a total order."""
    direction = separation[0]
    rank = {i: (direction.get(i, Fraction(0)), -i) for i in component.inputs}
    orders = [
        tuple(max(tied, key=rank.__getitem__) for tied in component.bundles),
        tuple(min(tied, key=rank.__getitem__) for tied in component.bundles),
    ]
    return _offenders(component, orders, separation)


def _worths(component: Component, separation: Separation) -> list[dict[int, Exact]]:
    """Return, for each bundle, what choosing each of its inputs is worth along the direction."""
    direction, relative = separation
    gamma = component.program.gamma
    pull = {i: abs(d) * part * (gamma[i] or 0) for i, d in direction.items() if (part := relative.get(i))}
    table = []
    for tied in component.bundles:
        value, magnitude = component.weight(tied)
        table.append({i: value * direction.get(i, 0) + magnitude * pull.get(i, 0) for i in tied})
    return table


def _gain(component: Component, separation: Separation) -> Exact:
    """Return what the gradient itself is worth along the direction, the rounding box taken off."""
    direction, relative = separation
    rounding, v = component.problem.rounding, component.problem.gradient
    total: Exact = 0
    for i, d in direction.items():
        part = relative.get(i, 0)
        total += d * v[i] - abs(d) * ((1 - part) * rounding.absolute(i) + part * rounding.slack(i))
    return total


def _column_key(component: Component, chosen: Window) -> tuple[tuple[int, Exact, Exact], ...]:
    column: Mapping[int, tuple[Exact, Exact]] = component.column(chosen)
    return tuple(sorted((i, *pair) for i, pair in column.items()))

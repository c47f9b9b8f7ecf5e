"""Search a component's Clarke set: convex weights of realizable selections, or a separation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from oracle.check import BUDGET
from oracle.check.bound import Exact
from oracle.check.ties import Preferences, prefer, realizable_selections
from oracle.search import smt
from oracle.search.component import Component
from oracle.search.direction import Separation, box_gain, gain, worths
from oracle.search.linear import Within
from oracle.windows import Window

_BATCH = 24  # selections that a step adds at most
_MOST_KNOWN = 512  # selections in use at once
_NODES = 512  # of branch and bound
_RESOURCES = 20_000_000  # what z3 may spend on one linear program, in its own steps

Weighted: TypeAlias = list[tuple[Fraction, Window]]
Pricing: TypeAlias = Callable[[Separation, Exact], list[Window]]
"""From a direction and a value along it, selections that reach the value, the furthest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HullResult:
    """Weights (the gradient is in the Clarke set), or a separation, or neither: undecided."""

    weights: Weighted | None = None
    separation: Separation | None = None


def search_hull(component: Component) -> HullResult:
    """Return weights of realizable selections within rounding of the gradient, or a separation.

    Where the Clarke and the conservative set agree, the best choice of each window by itself is
    realizable and nothing is enumerated; elsewhere all realizable selections are, up to the budget.
    Beyond it only promising ones are tried, and their failing decides nothing; nor does it when z3
    or the number of selections in use goes beyond its budget.
    """
    try:
        return _generation(component).run()
    except smt.OutOfResourcesError:
        return HullResult()


def _generation(component: Component) -> _Generation:
    if component.sets_agree:
        return _Generation(component, lambda *found: _best_choices(component, *found))
    selections = realizable_selections(list(component.bundles), BUDGET)
    if selections is None:
        return _Generation(component, lambda *found: _along(component, *found), complete=False)
    distinct = {_column_key(component, chosen): chosen for chosen in reversed(selections)}
    pool = list(distinct.values())
    return _Generation(component, lambda *found: _reaching(component, pool, *found))


def simplex_weights(component: Component) -> Weighted | None:
    """Return the weights where one tied set alone leaves a choice, if its shares give them away.

    What is left of the gradient without the windows that have no choice is, up to rounding, the
    tied set's cotangent times a probability vector.
    """
    shared = [tied for tied in component.bundles if len(tied) > 1]
    if len(shared) != 1 or not component.program.gradient.keys() >= set(shared[0]):
        return None
    rest = dict(component.program.gradient)
    for tied in component.bundles:
        if len(tied) == 1 and tied[0] in rest:
            rest[tied[0]] -= component.weight(tied)[0]
    total = sum(rest[i] for i in shared[0])
    if not total:
        return None
    weights = [
        (
            Fraction(rest[i], total),
            tuple(i if len(tied) > 1 else tied[0] for tied in component.bundles),
        )
        for i in shared[0]
        if rest[i]
    ]
    if any(weight < 0 for weight, _ in weights):
        return None
    return None if component.misfits(component.shares(weights)) else weights


class _Generation:
    """Column generation: selections join as directions are found that do not separate them."""

    def __init__(self, component: Component, price: Pricing, *, complete: bool = True) -> None:
        self.component = component
        self.price = price
        self.complete = complete
        self.known = list(dict.fromkeys(_starts(component)))

    def run(self) -> HullResult:
        """First for the gradient itself, which gives small numbers; then with its rounding box."""
        for within in Within:
            weights, separation = self._generate(within)
            if weights is not None:
                if within is Within.FIRST_FORM:
                    continue
                return HullResult(weights=weights)
            if not self.price(separation, box_gain(self.component, separation)):
                return HullResult(separation=separation if self.complete else None)
            # the direction separates the gradient, but not all of its rounding box
            self.known += self._unknown(separation, box_gain)
        msg = "neither weights nor a separation within rounding"
        raise AssertionError(msg)

    def _generate(self, within: Within) -> tuple[Weighted | None, Separation]:
        program, value = self.component.program, gain if within is Within.NOTHING else box_gain
        while len(self.known) <= _MOST_KNOWN:
            block = [self.component.column(chosen) for chosen in self.known]
            weights = program.weights([block], within, resources=_RESOURCES)
            if weights is not None:
                pairs = zip(weights[0], self.known, strict=True)
                return [(weight, chosen) for weight, chosen in pairs if weight], ({}, {})
            separation = program.separation([block], within, resources=_RESOURCES)
            reaching = self._unknown(separation, value)
            if not reaching:
                return None, separation
            self.known += reaching
        msg = f"over {_MOST_KNOWN} selections are in use"
        raise smt.OutOfResourcesError(msg)

    def _unknown(
        self, separation: Separation, value: Callable[[Component, Separation], Exact]
    ) -> list[Window]:
        """Return selections, not known so far, that the direction does not separate."""
        reaching = self.price(separation, value(self.component, separation))
        return [chosen for chosen in reaching if chosen not in self.known][:_BATCH]


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


def _reaching(
    component: Component, pool: Sequence[Window], separation: Separation, level: Exact
) -> list[Window]:
    """Return the selections of `pool` that reach `level` along the direction."""
    table = worths(component, separation)
    scored = [
        (sum(row[i] for row, i in zip(table, chosen, strict=True)), chosen) for chosen in pool
    ]
    reaching = [pair for pair in scored if pair[0] >= level]
    reaching.sort(key=lambda pair: (-pair[0], pair[1]))
    return [chosen for _, chosen in reaching]


def _best_choices(component: Component, separation: Separation, level: Exact) -> list[Window]:
    """Return the best choice of each window by itself; of equals the smallest index."""
    table = worths(component, separation)
    best = tuple(max(row, key=lambda i: (row[i], -i)) for row in table)
    return _reaching(component, [best], separation, level)


def _along(component: Component, separation: Separation, level: Exact) -> list[Window]:
    """Return selections that follow the direction, or oppose it, or are worth much along it."""
    direction = separation[0]
    rank = {i: (direction.get(i, Fraction(0)), -i) for i in component.inputs}
    selections = [
        tuple(max(tied, key=rank.__getitem__) for tied in component.bundles),
        tuple(min(tied, key=rank.__getitem__) for tied in component.bundles),
        _best_found(component, worths(component, separation)),
    ]
    return _reaching(component, selections, separation, level)


def _best_found(component: Component, table: Sequence[Mapping[int, Exact]]) -> Window:
    """Return a realizable selection of large value: branch and bound, the budget in nodes.

    The bundles with most at stake come first, the best choices first, so that the first selection
    is the greedy one; what cannot beat the best so far is left out.
    """
    bundles = list(component.bundles)
    order = sorted(
        range(len(bundles)), key=lambda b: min(table[b].values()) - max(table[b].values())
    )
    rest = [sum(max(table[b].values()) for b in order[depth:]) for depth in range(len(order) + 1)]
    best: tuple[Exact, dict[int, int]] | None = None
    stack: list[tuple[Exact, dict[int, int], Preferences]] = [(0, {}, {})]
    for _ in range(_NODES + len(bundles)):
        if not stack:
            break
        value, chosen, below = stack.pop()
        if best is not None and value + rest[len(chosen)] <= best[0]:
            continue
        if len(chosen) == len(order):
            best = value, chosen
            continue
        b = order[len(chosen)]
        for i in sorted(bundles[b], key=lambda i: (table[b][i], i)):
            raised = prefer(below, i, bundles[b])
            if raised is not None:
                stack.append((value + table[b][i], chosen | {b: i}, raised))
    if best is None:
        msg = "the greedy selection is never cut off"
        raise AssertionError(msg)
    return tuple(best[1][b] for b in range(len(bundles)))


def _column_key(component: Component, chosen: Window) -> tuple[tuple[int, Exact, Exact], ...]:
    column: Mapping[int, tuple[Exact, Exact]] = component.column(chosen)
    return tuple(sorted((i, *pair) for i, pair in column.items()))

"""Search a component's Clarke set: convex weights of realizable selections, or a separation."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from oracle.check import BUDGET
from oracle.check.bound import Exact
from oracle.search import smt
from oracle.search.component import Component, Separation
from oracle.search.direction import box_gain, gain
from oracle.search.linear import Within
from oracle.windows import Window

_BATCH = 24  # selections that a step adds at most
_MOST_KNOWN = 512  # selections in use at once
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
        return _search(component)
    except smt.OutOfResourcesError:
        return HullResult()


def _search(component: Component) -> HullResult:
    if component.sets_agree:
        price = functools.partial(_best_choices, component)
        return _Generation(component, price, starts=component.starts()).run()
    selections = component.realizable(BUDGET)
    if selections is None:
        price, starts = functools.partial(_along, component), component.starts()
        if not starts:
            return HullResult()
        return _Generation(component, price, starts=starts, complete=False).run()
    realizable, possible = selections
    result = _among(component, realizable)
    if result.weights is not None or not possible:
        return result
    # what may be realizable does not prove membership, but must be separated from as well
    wider = _among(component, [*realizable, *possible])
    return HullResult(separation=wider.separation)


def _among(component: Component, selections: Sequence[Window]) -> HullResult:
    distinct = {_column_key(component, chosen): chosen for chosen in reversed(selections)}
    pool = list(distinct.values())
    starts = [chosen for chosen in component.starts() if chosen in selections]
    price = functools.partial(_reaching, component, pool)
    return _Generation(component, price, starts=starts or pool[:1]).run()


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

    def __init__(
        self,
        component: Component,
        price: Pricing,
        *,
        complete: bool = True,
        starts: Sequence[Window],
    ) -> None:
        self.component = component
        self.price = price
        self.complete = complete
        self.known = list(dict.fromkeys(starts))

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


def _reaching(
    component: Component, pool: Sequence[Window], separation: Separation, level: Exact
) -> list[Window]:
    """Return the selections of `pool` that reach `level` along the direction."""
    table = component.worths(separation)
    scored = [
        (sum(row[i] for row, i in zip(table, chosen, strict=True)), chosen) for chosen in pool
    ]
    reaching = [pair for pair in scored if pair[0] >= level]
    reaching.sort(key=lambda pair: (-pair[0], pair[1]))
    return [chosen for _, chosen in reaching]


def _best_choices(component: Component, separation: Separation, level: Exact) -> list[Window]:
    return _reaching(component, [component.best_choices(separation)], separation, level)


def _along(component: Component, separation: Separation, level: Exact) -> list[Window]:
    """Return selections that are worth much along the direction: no enumeration finds the best."""
    return _reaching(component, component.promising(separation), separation, level)


def _column_key(component: Component, chosen: Window) -> tuple[tuple[int, Exact, Exact], ...]:
    column: Mapping[int, tuple[Exact, Exact]] = component.column(chosen)
    return tuple(sorted((i, *pair) for i, pair in column.items()))

"""What choices, and the gradient, are worth along a direction that may separate them."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from oracle.check.bound import Exact
from oracle.search.component import Component

Separation: TypeAlias = tuple[dict[int, Fraction], dict[int, Fraction]]
"""A direction, and the parts of its inputs that are measured by the bound's second form."""


def worths(component: Component, separation: Separation) -> list[dict[int, Exact]]:
    """Return, for each bundle, what choosing each of its inputs is worth along the direction."""
    direction, relative = separation
    gamma = component.program.gamma
    pull = {
        i: abs(d) * part * (gamma[i] or 0)
        for i, d in direction.items()
        if (part := relative.get(i))
    }
    table = []
    for tied in component.bundles:
        value, magnitude = component.weight(tied)
        table.append({i: value * direction.get(i, 0) + magnitude * pull.get(i, 0) for i in tied})
    return table


def gain(component: Component, separation: Separation) -> Exact:
    """Return the value of the gradient itself along the direction."""
    gradient = component.problem.gradient
    return sum((d * gradient[i] for i, d in separation[0].items()), Fraction(0))


def box_gain(component: Component, separation: Separation) -> Exact:
    """Return the value of the gradient along the direction, its rounding box taken off."""
    direction, relative = separation
    rounding, total = component.problem.rounding, gain(component, separation)
    for i, d in direction.items():
        part = relative.get(i, 0)
        total -= abs(d) * ((1 - part) * rounding.absolute(i) + part * rounding.slack(i))
    return total

"""What the gradient is worth along a direction that may separate it from a set."""

from __future__ import annotations

from fractions import Fraction

from oracle.check.bound import Exact
from oracle.search.component import Component, Separation


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

"""Which rule a gradient at ties follows, by comparing with the inputs that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

from oracle.limits.components import Component
from oracle.limits.membership import Point, admitted
from oracle.limits.nearby import Row
from oracle.limits.problem import Problem
from oracle.limits.rounding import Coordinate

Rule: TypeAlias = Literal["none", "first-index", "last-index", "even-split", "order", "other"]

_RULES: tuple[Rule, ...] = ("first-index", "last-index", "even-split", "order")


def rule_of(problem: Problem, gradient: Sequence[Coordinate]) -> Rule:
    """Return the first rule that explains the varying inputs of every component."""
    common = set(_RULES)
    for component in problem.components:
        under_test = [gradient[i] for i in component.inputs]
        limits = problem.limits(component)
        stands_for = _stands_for(problem, component, limits) | {"order": limits}
        common &= {
            rule
            for rule, points in stands_for.items()
            if any(admitted(under_test, point) for point in points)
        }
    return next((rule for rule in _RULES if rule in common), "other")


def _stands_for(
    problem: Problem, component: Component, limits: Sequence[Point]
) -> dict[Rule, Sequence[Point]]:
    """Return the points of the rules that name inputs, which only selections have.

    One that is no limit itself is none of these.
    """
    if not all(near.selects for near in component.members):
        return {}
    first, last = (
        problem.point(component, _ends(component, from_the_end=end)) for end in (False, True)
    )
    possible = set(limits)
    return {
        "first-index": [first] if first in possible else [],
        "last-index": [last] if last in possible else [],
        "even-split": [_mean(limits)],
    }


def _ends(component: Component, *, from_the_end: bool) -> list[Row]:
    """Return which input each member follows by the rule: the first tied one, or the last.

    Of equal inputs in a sorted row each has its turn, in their order.
    """
    rows = []
    for near in component.members:
        chosen = near.varying[-1 - near.turn if from_the_end else near.turn]
        rows.append(tuple((i, Fraction(i == chosen)) for i in near.varying))
    return rows


def _mean(points: Sequence[Point]) -> Point:
    return tuple(
        (sum(z for z, _ in at) / len(points), sum(magnitude for _, magnitude in at) / len(points))
        for at in zip(*points, strict=True)
    )

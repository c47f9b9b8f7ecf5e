"""The verdict on a case by the limits of gradients near its input."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

from oracle.case import Case
from oracle.limits.membership import Point, admitted, reachable
from oracle.limits.problem import Problem, problem_of
from oracle.limits.quotients import Component, LimitsError
from oracle.limits.rounding import Coordinate, Route, coordinate

Word: TypeAlias = Literal["smooth", "clarke", "conservative", "outside"]
Rule: TypeAlias = Literal["none", "first-index", "last-index", "even-split", "order", "other"]

_WORST_FIRST: tuple[Word, ...] = ("outside", "conservative", "clarke", "smooth")
_RULES: tuple[Rule, ...] = ("first-index", "last-index", "even-split", "order")
_MOST_GRADIENTS = 100_000


def judge_by_limits(case: Case) -> Word:
    """Return the word of the verdict on a case's gradient; it is never undecided.

    Raises:
        LimitsError: The case has no gradient, is not finite, or ties too many inputs.
    """
    problem = problem_of(case)
    return _word(problem, _coordinates(case, problem))


def limits_verdict(case: Case) -> dict[str, object]:
    """Return the verdict as an object `verdict/1`.

    Null is what this oracle doesn't compute: `certificate`, what is said of its point
    (`worst_ratio`, `grades`), and the way to it (`components`). The `rule` is found by comparing
    with the limits for the orders that it stands for; even-split is the mean over all of them.

    Raises:
        LimitsError: As `judge_by_limits`.
    """
    problem = problem_of(case)
    gradient = _coordinates(case, problem)
    return {
        "schema": "verdict/1",
        "name": case.name,
        "verdict": _word(problem, gradient),
        "rule": _rule(problem, gradient),
        "output_exact": _output_exact(case, problem),
        "special": False,
        "worst_ratio": None,
        "grades": None,
        "overflow": sum(v.overflowed for v in gradient),
        "vacuous": sum(v.vacuous for v in gradient),
        "ties": {"windows": len(problem.tied), "tied": sum(len(t) > 1 for t in problem.tied)},
        "components": None,
        "certificate": None,
    }


def limiting_gradients(case: Case) -> list[tuple[Fraction, ...]]:
    """Return the distinct limits of gradients near the input: `v_c`, `c` any realizable selection.

    Their hull is the Clarke set. Components don't depend on each other, so there are as many as the
    product of theirs.

    Raises:
        LimitsError: The case is not finite, ties too many inputs, or has too many limits to list.
    """
    problem = problem_of(case)
    choices = [
        dict.fromkeys(tuple(z for z, _ in point) for point in problem.limits(component))
        for component in problem.components
    ]
    if math.prod(map(len, choices)) > _MOST_GRADIENTS:
        msg = f"the case has more than {_MOST_GRADIENTS} limiting gradients, too many to list"
        raise LimitsError(msg)
    return [_assembled(case, problem, chosen) for chosen in itertools.product(*choices)]


def _assembled(
    case: Case, problem: Problem, parts: Sequence[Sequence[Fraction]]
) -> tuple[Fraction, ...]:
    gradient = [Fraction(0)] * len(case.input.bits)
    for component, zs in zip(problem.components, parts, strict=True):
        for i, z in zip(component.inputs, zs, strict=True):
            gradient[i] = z
    return tuple(gradient)


def _coordinates(case: Case, problem: Problem) -> list[Coordinate]:
    if case.gradient is None:
        msg = "gradient is missing, expected what an implementation returned"
        raise LimitsError(msg)
    routes: list[list[Route]] = [[] for _ in case.gradient.bits]
    for g, tied in zip(problem.cotangent, problem.tied, strict=True):
        for i in tied if g else ():
            routes[i].append(Route(cotangent=g, shared=len(tied) > 1))
    return [
        coordinate(case.format, bits, brought, flushes=case.flushes)
        for bits, brought in zip(case.gradient.bits, routes, strict=True)
    ]


def _word(problem: Problem, gradient: Sequence[Coordinate]) -> Word:
    """Return the worst of the components' words; an input in no component gets 0."""
    words: list[Word] = ["clarke" if any(len(t) > 1 for t in problem.tied) else "smooth"]
    words += [_component_word(problem, component, gradient) for component in problem.components]
    if not _rest_is_zero(problem, gradient):
        words.append("outside")
    return min(words, key=_WORST_FIRST.index)


def _rest_is_zero(problem: Problem, gradient: Sequence[Coordinate]) -> bool:
    reached = {i for component in problem.components for i in component.inputs}
    zero = Fraction(0)
    return all(v.admits(zero, zero) for i, v in enumerate(gradient) if i not in reached)


def _component_word(problem: Problem, component: Component, gradient: Sequence[Coordinate]) -> Word:
    under_test = [gradient[i] for i in component.inputs]
    limits = list(dict.fromkeys(problem.limits(component)))
    if any(admitted(under_test, limit) for limit in limits):
        return "clarke" if len(component.inputs) > 1 else "smooth"
    if len(component.inputs) > 1:
        if reachable(under_test, [limits]):
            return "clarke"
        if reachable(under_test, list(problem.single_limits(component))):
            return "conservative"
    return "outside"


def _rule(problem: Problem, gradient: Sequence[Coordinate]) -> Rule:
    """Return the first rule that explains the gradient; an order may differ by component."""
    if not any(len(tied) > 1 for tied in problem.tied):
        return "none"
    common = set(_RULES)
    for component in problem.components:
        under_test = [gradient[i] for i in component.inputs]
        common &= _component_rules(under_test, problem.limits(component))
    explained = _rest_is_zero(problem, gradient)
    return next((rule for rule in _RULES if explained and rule in common), "other")


def _component_rules(under_test: Sequence[Coordinate], limits: Sequence[Point]) -> set[Rule]:
    stands_for: dict[Rule, Sequence[Point]] = {
        "first-index": limits[:1],
        "last-index": limits[-1:],
        "even-split": [_mean(limits)],
        "order": limits,
    }
    return {
        rule
        for rule, points in stands_for.items()
        if any(admitted(under_test, point) for point in points)
    }


def _mean(points: Sequence[Point]) -> Point:
    return tuple(
        (sum(z for z, _ in at) / len(points), sum(magnitude for _, magnitude in at) / len(points))
        for at in zip(*points, strict=True)
    )


def _output_exact(case: Case, problem: Problem) -> bool | None:
    """Return whether each output has the very bits of a tied input; -infinity if none is read."""
    if case.output is None:
        return None
    empty = case.format.infinity_bits | case.format.sign_bit
    return all(
        bits in ([case.input.bits[i] for i in tied] or [empty])
        for bits, tied in zip(case.output.bits, problem.tied, strict=True)
    )

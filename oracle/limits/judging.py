"""The verdict on a case by the limits of gradients near its input."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

from oracle.case import Case
from oracle.limits.components import Component
from oracle.limits.membership import admitted, reachable
from oracle.limits.outputting import output_exact
from oracle.limits.problem import Problem, problem_of
from oracle.limits.quotients import LimitsError
from oracle.limits.rounding import Coordinate, Route, coordinate
from oracle.limits.rules import Rule, rule_of

Word: TypeAlias = Literal["smooth", "clarke", "conservative", "outside"]

_WORST_FIRST: tuple[Word, ...] = ("outside", "conservative", "clarke", "smooth")
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
    (`worst_ratio`, `grades`), the way to it (`components`), and whether outputs are exact that had
    to be computed. Where every output selects an input, the `rule` is found by comparing with the
    inputs that it stands for; elsewhere with the limits for all orders.

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
        "output_exact": output_exact(case, problem),
        "special": False,
        "worst_ratio": None,
        "grades": None,
        "overflow": sum(v.overflowed for v in gradient),
        "vacuous": sum(v.vacuous for v in gradient),
        "ties": _ties(problem),
        "components": None,
        "certificate": None,
    }


def _ties(problem: Problem) -> dict[str, int]:
    """Return how many outputs there are, have a kink, and jump; windows of max pooling never do."""
    counts = {"windows": len(problem.tied), "tied": sum(map(bool, problem.tied))}
    if problem.site.operation.is_pooling:
        return counts
    return counts | {"jumps": len({near.output for near in problem.summands if near.jumps})}


def limiting_gradients(case: Case) -> list[tuple[Fraction, ...]]:
    """Return the distinct limits of gradients near the input: one for each realizable selection.

    Their hull is the Clarke set; outputs that jump take no part. Components don't depend on each
    other, so there are as many as the product of theirs.

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
    return [_assembled(problem, chosen) for chosen in itertools.product(*choices)]


def _assembled(problem: Problem, parts: Sequence[Sequence[Fraction]]) -> tuple[Fraction, ...]:
    gradient = {i: z for i, (z, _) in problem.fixed.items()}
    for component, zs in zip(problem.components, parts, strict=True):
        gradient |= dict(zip(component.inputs, zs, strict=True))
    return tuple(gradient.get(i, Fraction(0)) for i in range(len(problem.site.inputs)))


def _coordinates(case: Case, problem: Problem) -> list[Coordinate]:
    if case.gradient is None:
        msg = "gradient is missing, expected what an implementation returned"
        raise LimitsError(msg)
    routes = _routes(problem)
    return [
        coordinate(
            case.format, bits, routes.get(i, ()), flushes=case.flushes, free=i in problem.free
        )
        for i, bits in enumerate(case.gradient.bits)
    ]


def _routes(problem: Problem) -> dict[int, list[Route]]:
    """Return what each input may be brought."""
    routes: dict[int, list[Route]] = {}
    for near in problem.live:
        derivatives: dict[int, list[Fraction]] = {}
        for i, c in itertools.chain(near.fixed, *near.rows):
            derivatives.setdefault(i, []).append(near.summand.weight * c)
        for i, coefficients in derivatives.items():
            route = Route(
                cotangent=problem.cotangent[near.output],
                coefficients=coefficients,
                shared=i in near.varying,
                roundings=near.summand.roundings,
                magnitude=near.summand.magnitude,
            )
            routes.setdefault(i, []).append(route)
    return routes


def _word(problem: Problem, gradient: Sequence[Coordinate]) -> Word:
    """Return the worst of the components' words; an input in no component has one limit."""
    words: list[Word] = ["clarke" if any(problem.tied) else "smooth"]
    words += [_component_word(problem, component, gradient) for component in problem.components]
    if not _rest_is_right(problem, gradient):
        words.append("outside")
    return min(words, key=_WORST_FIRST.index)


def _rest_is_right(problem: Problem, gradient: Sequence[Coordinate]) -> bool:
    varying = {i for component in problem.components for i in component.inputs}
    nothing = (Fraction(0), Fraction(0))
    return all(
        v.admits(*problem.fixed.get(i, nothing)) for i, v in enumerate(gradient) if i not in varying
    )


def _component_word(problem: Problem, component: Component, gradient: Sequence[Coordinate]) -> Word:
    under_test = [gradient[i] for i in component.inputs]
    limits = list(dict.fromkeys(problem.limits(component)))
    if any(admitted(under_test, limit) for limit in limits) or reachable(under_test, [limits]):
        return "clarke"
    everything = list(problem.single_limits(component))
    return "conservative" if reachable(under_test, everything) else "outside"


def _rule(problem: Problem, gradient: Sequence[Coordinate]) -> Rule:
    """Return the first rule that explains the gradient; an order may differ by component."""
    if not any(problem.tied):
        return "none"
    return rule_of(problem, gradient) if _rest_is_right(problem, gradient) else "other"

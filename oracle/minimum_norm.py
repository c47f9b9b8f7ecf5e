"""The subgradient of least Euclidean norm, which is a convention: is it what was returned?

The subdifferential of a convex or concave output is its Clarke set, the hull of its realizable
branches' gradients, over all operands that it is differentiated with respect to [Clarke 1983,
2.2.7 and 2.5.1].
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from oracle.case import Case
from oracle.check import ProgramProblem, Question, Share, problem_of
from oracle.check.elimination import BudgetError
from oracle.check.realizing import Realizing
from oracle.nearest import Vector, nearest_weights
from oracle.programs import Branch, Scalar
from oracle.programs.branches import UNIT
from oracle.programs.curvature import NEITHER
from oracle.programs.extended import is_finite


class Followed(NamedTuple):
    """Of how many tied outputs the gradient is that of minimum norm, and of how many it is not."""

    minimum_norm: int
    other: int


def minimum_norm(y: Scalar) -> dict[int, Fraction] | None:
    """Return the element of minimum norm of an output's own subdifferential.

    Returns:
        Input -> coefficient, those of 0 left out, exact; None where the output is neither convex
        nor concave near the inputs, jumps, is not finite, or first order does not tell its
        branches within the budget.
    """
    weights = _weights(y)
    if weights is None:
        return None
    point: dict[int, Fraction] = {}
    for weight, branch in zip(weights, y.branches, strict=True):
        for i, c in _vector(branch).items():
            point[i] = point.get(i, Fraction(0)) + weight * c
    return {i: c for i, c in sorted(point.items()) if c}


def follows_minimum_norm(case: Case) -> Followed:
    """Return for how many outputs the gradient is, within rounding, the one of minimum norm.

    Asked are the tied outputs with a finite nonzero cotangent that share no input with another:
    the gradient of the others does not tell what each of them got.

    Raises:
        CaseError: The case has no gradient.
    """
    problem = problem_of(case)
    shares = _shares(problem)
    asked = {w for w, _, _ in shares}
    missed = _missed(problem, shares)
    other = sum(bool(problem.inputs_of([w]) & missed) for w in asked)
    return Followed(len(asked) - other, other)


def first_box(case: Case) -> tuple[int, Fraction, Fraction] | None:
    """Return what minimum norm allows of the first coordinate that is not of it; None if all are.

    Returns:
        The coordinate and the two ends of its box, rounding included, real numbers.

    Raises:
        CaseError: The case has no gradient.
    """
    problem = problem_of(case)
    shares = _shares(problem)
    missed = _missed(problem, shares)
    if not missed:
        return None
    i, eta = min(missed), case.format.eta
    low, high = problem.box(i, shares)
    return i, low * eta, high * eta


def _shares(problem: Question) -> list[Share]:
    """Return the shares that make minimum norm of the outputs that are asked."""
    return [
        (part[0], choice, weight)
        for part in problem.components
        if len(part) == 1 and (found := _asked(problem, part[0])) is not None
        for choice, weight in zip(problem.active[part[0]], found, strict=True)
    ]


def _missed(problem: Question, shares: Sequence[Share]) -> frozenset[int]:
    """Return the coordinates of the outputs in `shares` that are not within rounding of these."""
    asked = {w for w, _, _ in shares}
    return problem.misfits(shares) & problem.inputs_of(asked) if asked else frozenset()


def _asked(problem: Question, w: int) -> Sequence[Fraction] | None:
    """Return the weights that make minimum norm of an output; None if it is not asked."""
    unasked = problem.free.union(problem.wild)
    if len(problem.active[w]) == 1 or problem.inputs_of([w]) & unasked:
        return None
    return _weights_of(problem, w)


def _weights_of(problem: Question, w: int) -> Sequence[Fraction] | None:
    if isinstance(problem, ProgramProblem):
        return _weights(problem.outputs[w])
    # of the unit vectors of a tied set
    return [Fraction(1, len(problem.active[w]))] * len(problem.active[w])


def _weights(y: Scalar) -> Sequence[Fraction] | None:
    """Return convex weights of the branches that give the element of minimum norm."""
    if y.curvature == NEITHER or y.jump or not _is_finite(y):
        return None
    count = len(y.branches)
    alone = [branch.row.items() for branch in y.branches]
    units = {i for row in alone for i, term in row if len(row) == 1 and term == UNIT}
    if len(units) == count:
        return [Fraction(1, count)] * count
    kept = _realizable(y)
    if kept is None:
        return None
    found = nearest_weights([_vector(y.branches[k]) for k in kept])
    weights = [Fraction(0)] * count
    for k, weight in zip(kept, found, strict=True):
        weights[k] = weight
    return weights


def _realizable(y: Scalar) -> list[int] | None:
    """Return the places of the realizable branches; None where first order does not decide."""
    realizing = Realizing(len(y.branches))
    try:
        words = [realizing.word(branch.conditions) for branch in y.branches]
    except BudgetError:
        return None
    if "possible" in words:
        return None
    return [k for k, word in enumerate(words) if word == "realizable"]


def _is_finite(y: Scalar) -> bool:
    return is_finite(y.value) and all(
        is_finite(term.coefficient) for branch in y.branches for term in branch.row.values()
    )


def _vector(branch: Branch) -> Vector:
    return {i: Fraction(term.coefficient) for i, term in branch.row.items() if term.coefficient}

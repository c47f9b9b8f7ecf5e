"""The point of a polytope that is nearest to the origin, in exact rationals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

Vector: TypeAlias = Mapping[int, Fraction]
"""Coordinate -> value; those of 0 may be left out."""


def nearest_weights(points: Sequence[Vector]) -> list[Fraction]:
    """Return convex weights of the points whose combination has the least Euclidean norm.

    Wolfe's algorithm [Wolfe 1976]: keep affinely independent points whose combination is nearest
    in their hull; add the point that lies furthest in the direction of the origin; drop those that
    the new combination does not need. In exact arithmetic each combination is nearer than the one
    before, and there are finitely many sets of points, so that it ends.

    Args:
        points: At least one.

    Returns:
        A weight for each point, in their order. Exact.
    """
    gram = [[_inner(p, q) for q in points] for p in points]
    first = min(range(len(points)), key=lambda k: gram[k][k])
    weights = {first: Fraction(1)}
    while True:
        along = [sum(weights[j] * gram[j][k] for j in weights) for k in range(len(points))]
        norm = sum(weights[j] * along[j] for j in weights)
        furthest = min(range(len(points)), key=lambda k: along[k])
        if along[furthest] >= norm:
            return [weights.get(k, Fraction(0)) for k in range(len(points))]
        weights = _nearest_in_hull(gram, weights | {furthest: Fraction(0)})


def _inner(p: Vector, q: Vector) -> Fraction:
    return sum((c * q[i] for i, c in p.items() if i in q), Fraction(0))


def _nearest_in_hull(
    gram: Sequence[Sequence[Fraction]], weights: dict[int, Fraction]
) -> dict[int, Fraction]:
    """Return positive weights of the nearest point in the hull of some of these points."""
    while True:
        aim = _nearest_in_plane(gram, list(weights))
        if all(weight > 0 for weight in aim.values()):
            return aim
        step = min(weights[k] / (weights[k] - aim[k]) for k in weights if aim[k] <= 0)
        moved = {k: weights[k] + step * (aim[k] - weights[k]) for k in weights}
        weights = {k: weight for k, weight in moved.items() if weight > 0}


def _nearest_in_plane(
    gram: Sequence[Sequence[Fraction]], members: Sequence[int]
) -> dict[int, Fraction]:
    """Return the weights, of sum 1, of the nearest point in the affine hull of the members.

    They solve `(G + 1) u = 1` up to a factor, `1` being all ones: `G v` is the same in all places
    at the nearest point, and for affinely independent members the matrix is positive definite.
    """
    rows = [[gram[a][b] + 1 for b in members] + [Fraction(1)] for a in members]
    for k in range(len(rows)):
        pivot = rows[k][k]
        rows[k] = [entry / pivot for entry in rows[k]]
        for other in range(len(rows)):
            factor = rows[other][k]
            if other != k and factor:
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[k], strict=True)]
    total = sum((row[-1] for row in rows), Fraction(0))
    return {member: row[-1] / total for member, row in zip(members, rows, strict=True)}

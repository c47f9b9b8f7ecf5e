"""Whether a gradient is within rounding of a sum of points of hulls, decided by z3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import z3

from oracle.limits.rounding import Coordinate

Point: TypeAlias = tuple[tuple[Fraction, Fraction], ...]
"""For each input `z_i` and the point's own magnitude `S_i(z)`."""


def admitted(under_test: Sequence[Coordinate], point: Point) -> bool:
    """Return whether every coordinate is within rounding of the point."""
    return all(v.admits(*at) for v, at in zip(under_test, point, strict=True))


def reachable(under_test: Sequence[Coordinate], hulls: Sequence[Sequence[Point]]) -> bool:
    """Return whether some sum, of one point of each hull, has every coordinate within rounding.

    A hull is given by points that span it. Magnitudes are convex combinations with the same weights
    as the point, so all is linear: z3 decides rational linear arithmetic completely.
    """
    solver = z3.SolverFor("QF_LRA")
    spanning: list[tuple[Any, Point]] = []
    for number, hull in enumerate(hulls):
        weights = [z3.Real(f"w{number}.{place}") for place in range(len(hull))]
        solver.add(*[weight >= 0 for weight in weights], z3.Sum(weights) == 1)
        spanning += zip(weights, hull, strict=True)
    for place, coordinate in enumerate(under_test):
        if coordinate.judged:
            z = _combined([(weight, point[place][0]) for weight, point in spanning])
            magnitude = _combined([(weight, point[place][1]) for weight, point in spanning])
            solver.add(*_within(coordinate, z, magnitude))
    return _satisfiable(solver)


def _combined(parts: Sequence[tuple[Any, Fraction]]) -> Any:
    return z3.Sum([weight * _exact(number) for weight, number in parts if number])


def _within(coordinate: Coordinate, z: Any, magnitude: Any) -> Iterator[Any]:
    """Yield `+-(v_i - z_i) <= constant + factor S_i(z)` for each of the bounds."""
    error = _exact(coordinate.value) - z
    for constant, factor in coordinate.bounds:
        bound = _exact(constant) + _exact(factor) * magnitude
        yield from (error <= bound, -error <= bound)


def _exact(number: Fraction) -> Any:
    return z3.RealVal(str(number))


def _satisfiable(solver: Any) -> bool:
    answer = solver.check()
    if answer == z3.unknown:
        msg = f"z3 gave up on linear constraints ({solver.reason_unknown()}), expected sat or unsat"
        raise ArithmeticError(msg)
    return bool(answer == z3.sat)

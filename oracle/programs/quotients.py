"""Quotients of expressions, which are smooth where the divisor is not 0."""

from __future__ import annotations

import math
from fractions import Fraction

from oracle.programs.branches import Term, scaled
from oracle.programs.curvature import AFFINE, NEITHER
from oracle.programs.errors import ProgramError
from oracle.programs.extended import Extended, larger, multiply
from oracle.programs.scalar import Scalar

_MOST_ROUNDINGS = 1000
"""Of a divisor: where cancellation leaves so little of it, no bound is of use."""


def quotient(x: Scalar, y: Scalar) -> Scalar:
    """Return `x / y`, which may be had as a product with the reciprocal.

    Raises:
        ProgramError: As `reciprocal`.
    """
    return x * reciprocal(y)


def reciprocal(y: Scalar) -> Scalar:
    """Return `1 / y`, whose derivative is `-1 / y^2`.

    A divisor of value `v`, magnitude `m` and `r` roundings is computed as `v + e` with `|e|` at
    most `gamma_r m`. Its reciprocal is off by `|e| / (|v| |v + e|)`. Without cancellation (`m` is
    `|v|`) these are `r` factors `1 / (1 + d)`, so `r` roundings of `1 / |v|` [Higham 2002, 3.1].
    Elsewhere let `k = m / |v|`: `|e|` is at most `gamma_(k r) |v|`, and the reciprocal off by
    `gamma_(k r) / (1 - gamma_(k r)) / |v|`, which is at most `gamma_(2 k r) / |v|`. One more is for
    the division. What the divisor loses by underflow is multiplied by `1 / v^2`.

    Raises:
        ProgramError: The divisor is 0, infinite or NaN, or hardly anything is left of it.
    """
    if isinstance(y.value, float) or not y.value:
        msg = f"a divisor is {y.value}, expected a finite number other than 0"
        raise ProgramError(msg)
    inverse = 1 / Fraction(y.value)
    size, steps = abs(inverse), 1 + _roundings(y)
    reach = multiply(larger(1, size * size), larger(1, y.reach))
    slope = Term(-inverse * inverse, size * size, 2 * steps, reach)
    return Scalar(
        value=inverse,
        branches=tuple(
            branch._replace(row=scaled(branch.row, slope) if branch.row else branch.row)
            for branch in y.branches
        ),
        key=("1/", y.key),
        affine=y.is_constant,
        curvature=AFFINE if y.is_constant else NEITHER,
        magnitude=size,
        reach=reach,
        roundings=steps,
        jump=y.jump,
        ends=y.ends,
    )


def _roundings(y: Scalar) -> int:
    """Return how many roundings of the reciprocal's own size those of a divisor come to."""
    excess: Extended = _ratio(y.magnitude, y.value)
    if not y.roundings or excess == 1:
        return y.roundings
    found = math.ceil(2 * excess * y.roundings)
    if found > _MOST_ROUNDINGS:
        msg = f"a divisor is {y.value}, what cancellation left, expected more than its rounding"
        raise ProgramError(msg)
    return found


def _ratio(magnitude: Extended, value: Extended) -> Fraction:
    assert not isinstance(magnitude, float)
    assert not isinstance(value, float)
    return abs(Fraction(magnitude) / Fraction(value))

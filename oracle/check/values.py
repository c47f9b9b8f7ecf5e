"""Is a stored number the value of an output, as far as rounding allows?"""

from __future__ import annotations

from fractions import Fraction

from oracle.formats import Format
from oracle.programs.extended import INFINITY, is_finite, is_nan
from oracle.programs.scalar import Scalar


def is_value(y: Scalar, bits: int, fmt: Format) -> bool:
    """Return whether a stored number is an output's value.

    A selection copies: bit for bit, but for the sign of a zero where both are tied. A computed
    value may be off by `gamma_r` of its magnitude and half a subnormal a rounding; a constant that
    the format does not have is rounded to one of its neighbours.
    """
    units = fmt.units_of[bits]
    if units is None or is_nan(y.value):
        return units is None and (is_nan(y.value) or _may_overflow(y, fmt))
    if not is_finite(y.value):
        return units == (fmt.infinity if y.value > 0 else -fmt.infinity)
    assert not isinstance(y.value, float)
    exact = Fraction(y.value) / fmt.eta
    if units == exact:
        return bool(units) or (bits == fmt.sign_bit) in y.zeros
    if abs(units) == fmt.infinity:
        return _may_overflow(y, fmt) and (units > 0) == (y.value > 0)
    if not y.roundings:
        return exact.denominator != 1 and units in (fmt.floor(exact), fmt.ceil(exact))
    return abs(units - exact) <= _allowed(y, fmt)


def _allowed(y: Scalar, fmt: Format) -> Fraction:
    """Return the rounding bound of a computed value, units."""
    growth = (1 + fmt.unit_roundoff / (1 - fmt.unit_roundoff)) ** y.roundings - 1
    assert not isinstance(y.magnitude, float)
    size = Fraction(y.magnitude)
    return growth * size / fmt.eta + Fraction(y.roundings, 2) * max(Fraction(1), size)


def _may_overflow(y: Scalar, fmt: Format) -> bool:
    """Return whether a number on the way to the value may be beyond the largest finite one."""
    if not y.roundings:
        return False
    if y.magnitude == INFINITY or is_nan(y.magnitude):
        return True
    assert not isinstance(y.magnitude, float)
    return Fraction(y.magnitude) / fmt.eta + _allowed(y, fmt) > fmt.largest

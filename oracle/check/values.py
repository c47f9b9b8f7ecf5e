"""Is a stored number the value of an output, as far as rounding allows?"""

from __future__ import annotations

from fractions import Fraction

from oracle.check.bound import growth
from oracle.check.program_bound import finite
from oracle.formats import Format
from oracle.programs.extended import is_finite, is_nan, size
from oracle.programs.scalar import Scalar


def is_value(y: Scalar, bits: int, fmt: Format, *, flushes: bool) -> bool:
    """Return whether a stored number is an output's value.

    A selection copies: bit for bit, but for the sign of a zero where both are tied. A computed
    value may be off by `gamma_r` of its magnitude for `r` roundings, and by what underflows; a
    constant that the format does not have is rounded to one of its neighbours. An integer part may
    be that of the rounded number.

    Args:
        y: The output.
        bits: The stored number.
        fmt: Its format.
        flushes: Whether subnormal numbers may be flushed to zero on the way.
    """
    units = fmt.units_of[bits]
    if units is None or is_nan(y.value):
        return units is None and (is_nan(y.value) or _may_overflow(y, fmt))
    if isinstance(y.value, float):
        return units == (fmt.infinity if y.value > 0 else -fmt.infinity)
    exact = Fraction(fmt.in_units(y.value))
    if units == exact:
        return bool(units) or (bits == fmt.sign_bit) in y.zeros
    if abs(units) == fmt.infinity:
        # where no term cancels another, infinity has the value's sign
        return _may_overflow(y, fmt) and ((units > 0) == (y.value > 0) or _cancels(y))
    if not y.roundings:
        return units in (fmt.floor(exact), fmt.ceil(exact), _truncated(y, fmt))
    lost = fmt.smallest_normal if flushes else Fraction(1, 2)
    return abs(units - exact) <= _relative(y, fmt) + y.roundings * finite(y.reach) * lost


def _truncated(y: Scalar, fmt: Format) -> int | None:
    """Return the integer part of the number that is truncated, rounded first, units."""
    if y.truncated is None:
        return None
    rounded, one = fmt.round(y.truncated / fmt.eta), 1 << -fmt.eta_exponent
    whole = abs(rounded) // one * one
    return -whole if rounded < 0 else whole


def _relative(y: Scalar, fmt: Format) -> Fraction:
    """Return the part of the bound that roundings make, units [Higham 2002, 3.1]."""
    return growth(y.roundings, fmt) * finite(y.magnitude) / fmt.eta


def _may_overflow(y: Scalar, fmt: Format) -> bool:
    """Return whether a computed value may be beyond the largest finite number, rounding included.

    An infinite magnitude stands for infinities of both signs that meet.
    """
    if not y.roundings:
        return False
    if isinstance(y.magnitude, float) or _overflows(y, fmt):
        return True
    return Fraction(y.magnitude) / fmt.eta + _relative(y, fmt) > fmt.largest


def _cancels(y: Scalar) -> bool:
    return y.magnitude != size(y.value)


def _overflows(y: Scalar, fmt: Format) -> bool:
    """Return whether a product on the way to the value may overflow."""
    return isinstance(y.reach, float) or y.reach > fmt.largest * fmt.eta


def value_text(y: Scalar, fmt: Format) -> str:
    """Return an output's value as text; the number of the format below where it has none."""
    if is_nan(y.value):
        return "nan"
    if not is_finite(y.value):
        return "inf" if y.value > 0 else "-inf"
    assert not isinstance(y.value, float)
    units = fmt.floor(Fraction(y.value) / fmt.eta)
    return fmt.text_of[fmt.encode(units, negative_zero=y.zeros == {True})]

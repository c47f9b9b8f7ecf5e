"""Where fractional windows start, by mpmath in the precision of each operation.

Written apart from `oracle.windows`: both must come to the same steps.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mpmath import MPContext

from oracle.formats import BINARY32, BINARY64, Format, format_named


def steps(text: str, sizes: tuple[int, int], fmt: Format, arithmetic: str) -> list[int]:
    """Return the start of each window along a dimension.

    Args:
        text: The sample, as a number of the format.
        sizes: The largest start that leaves a window inside of the input, and the number of them.
        fmt: The format of the sample.
        arithmetic: How it is computed; the exact steps stand in for some outside of the input.
    """
    last, count = sizes
    sample = (fmt.units_of[fmt.bits_of[text]] or 0) * fmt.eta
    if count < 2:
        return [last] * count
    if arithmetic != "exact":
        found = [*_rounded(sample, last, count, *_formats(fmt, arithmetic)), last]
        if max(found) <= last:
            return found
    width = Fraction(last, count - 1)
    return [int((w + sample) * width) - int(sample * width) for w in range(count - 1)] + [last]


def share(size: int, ratio: str) -> int:
    """Return how many windows a ratio asks for, as Python's product in binary64 is truncated."""
    context, units = _context(BINARY64), BINARY64.units_of[BINARY64.bits_of[ratio]]
    return int(context.fmul(size, context.ldexp(units, BINARY64.eta_exponent)))


def _formats(fmt: Format, arithmetic: str) -> tuple[Format, Format]:
    """Return the formats of sums, and of products and quotients."""
    if arithmetic == "format":
        return fmt, fmt
    if arithmetic == "mixed":
        return BINARY32, BINARY64
    return format_named(arithmetic), format_named(arithmetic)


def _rounded(sample: Fraction, last: int, count: int, sums: Format, products: Format) -> list[int]:
    """Return all steps but the last one; beyond the format they are beyond any input."""
    adding, multiplying = _context(sums), _context(products)
    *places, reach, parts = (
        _converted(adding, n, sums) for n in (*range(count - 1), last, count - 1)
    )
    width = multiplying.fdiv(reach, parts)
    shift = adding.mpf(sample.numerator) / sample.denominator
    ends = [multiplying.fmul(adding.fadd(place, shift), width) for place in places]
    if max(reach, *ends) > int(sums.largest * sums.eta):
        return [last + 1]
    first = int(multiplying.fmul(shift, width))
    return [int(end) - first for end in ends]


def _context(fmt: Format) -> Any:
    context = MPContext()  # its own: mpmath.mp is global, and anybody may change its precision
    context.prec = fmt.precision
    return context


def _converted(context: Any, number: int, fmt: Format) -> Any:
    """Return an integer as PyTorch converts it: to the 16-bit formats by way of binary32."""
    by_way = _context(BINARY32).mpf(number) if fmt.width == 16 else number
    return context.mpf(by_way)

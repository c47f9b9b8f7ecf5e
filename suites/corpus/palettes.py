"""The numbers that cases are made of, by name, the same choice in each format.

A palette is a table of bit patterns. A family draws positions in it and never sees a number, so
one drawing serves all four formats: only the palettes know what one ulp or the largest number is.
Where a palette has rows, a case takes all its numbers from one row.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.formats import Format, Units, format_named

Rows: TypeAlias = list[list[int]]

DTYPES = {16: np.uint16, 32: np.uint32, 64: np.uint64}

ZERO = 128
"""Position of the number 0 in the palette of integers, which holds -128 to 127."""

SPECIAL_ZERO, POSITIVE_INFINITY, NEGATIVE_INFINITY, NAN = 8, 16, 17, 18
"""Positions in the palette `special`: the integers -8 to 7, then these."""

AT, PER_THRESHOLD = 0, 6
"""A palette of thresholds has for each six numbers in turn: itself, itself or the other zero, its
neighbours below and above, and the numbers one below and one above."""

_THRESHOLDS = "thresholds"
_BESIDE = " beside "
_STEPS = {"<": -1, ">": 1}


@functools.lru_cache(maxsize=128)
def palette(name: str, format_name: str) -> NDArray[np.unsignedinteger]:
    """Return the bit patterns of a palette, a row of numbers to each row of the table."""
    fmt = format_named(format_name)
    name, _, others = name.partition(_BESIDE)
    kind, _, cuts = name.partition(" ")
    rows = _thresholds(fmt, cuts.split()) if kind == _THRESHOLDS else PALETTES[name](fmt)
    more = [_spelled(fmt, text) for text in others.split()]
    return np.array([[*row, *more] for row in rows], dtype=DTYPES[fmt.width])


def thresholds_named(cuts: Sequence[float]) -> str:
    """Return the name of the palette of these thresholds, which must be exact in each format."""
    return " ".join((_THRESHOLDS, *(cut.hex() for cut in cuts)))


def beside(name: str, numbers: Sequence[str]) -> str:
    """Return the name of a palette with further numbers behind each of its rows.

    Args:
        name: The palette's name.
        numbers: As case files have them, exact in each format. `<` or `>` after one stands for a
            number eight ulps of 1 below or above: sums and products with small integers are exact.
    """
    return name + _BESIDE + " ".join(numbers)


def _spelled(fmt: Format, text: str) -> int:
    bits = fmt.bits_of[text.rstrip("<>")]
    if text[-1] not in _STEPS:
        return bits
    units = fmt.units_of[bits]
    assert units is not None
    return fmt.encode(units + _STEPS[text[-1]] * (_one(fmt) >> (fmt.precision - 4)))


def _one(fmt: Format) -> int:
    return 1 << -fmt.eta_exponent


def _encoded(fmt: Format, rows: Sequence[Sequence[Units]]) -> Rows:
    return [[fmt.encode(units) for units in row] for row in rows]


def _integers(fmt: Format) -> Rows:
    return _encoded(fmt, [[value * _one(fmt) for value in range(-ZERO, ZERO)]])


def _neighbours(fmt: Format) -> Rows:
    """Rows of three numbers, ascending, one ulp apart: around powers of two, at both ends."""
    one, smallest, top = _one(fmt), fmt.smallest_normal, fmt.largest
    bases = [one, one * 3 // 2, one * 7, one // 16, smallest, smallest * 2, smallest // 2]
    bases += [2, (top + fmt.ulp(top)) // 2, top - fmt.ulp(top)]
    rows = [[fmt.encode(base) + step for step in (-1, 0, 1)] for base in bases]
    return rows + [[bits | fmt.sign_bit for bits in reversed(row)] for row in rows]


def _zeros(fmt: Format) -> Rows:
    """Rows of something below zero, -0 and +0."""
    below = (-1, -_one(fmt), -fmt.largest)
    return [[fmt.encode(units), fmt.sign_bit, 0] for units in below]


def _tiny(fmt: Format) -> Rows:
    """Rows of four subnormal numbers, or such and their normal neighbours, ascending."""
    normal = fmt.smallest_normal
    rows = [
        [1, 2, 3, normal - 1],
        [-3, -2, -1, 0],
        [normal - 2, normal - 1, normal, normal + 1],
        [-normal, 1 - normal, -1, 1],
    ]
    return _encoded(fmt, rows)


def _huge(fmt: Format) -> Rows:
    """Rows of four numbers, ascending, with the largest finite ones among them."""
    top, one = fmt.largest, _one(fmt)
    under = top - fmt.ulp(top)
    rows = [[-top, one, under, top], [-top, -under, -one, 0], [-top, -under, under, top]]
    return _encoded(fmt, rows)


def _special(fmt: Format) -> Rows:
    finite = [value * _one(fmt) for value in range(-SPECIAL_ZERO, SPECIAL_ZERO)]
    return _encoded(fmt, [[*finite, fmt.infinity, -fmt.infinity, None]])


def _tiny_cotangents(fmt: Format) -> Rows:
    """Subnormal cotangents, and normal ones that their sums reach or leave."""
    normal = fmt.smallest_normal
    return _encoded(fmt, [_both_signs([1, 2, 3, 5, normal // 2, normal - 1, normal, normal + 1])])


def _huge_cotangents(fmt: Format) -> Rows:
    """Cotangents of which two overflow, or come back from beyond the largest number."""
    top = fmt.largest
    half = (top + fmt.ulp(top)) // 2
    return _encoded(fmt, [_both_signs([top, top - fmt.ulp(top), half, half // 2, _one(fmt)])])


def _cancelling(fmt: Format) -> Rows:
    """Rows in which the large ones cancel and only the small ones should be left."""
    one = _one(fmt)
    small, big = one >> (fmt.precision + 2), one << (fmt.precision + 2)
    rows = [
        [one, -one, small, -3 * small],
        [big, -big, one, -3 * one],
        [big, -big, small, 1],
        [fmt.largest, -fmt.largest, one, -one],
    ]
    return _encoded(fmt, rows)


def _inexact(fmt: Format) -> Rows:
    """Cotangents whose significands are full, so that hardly any sum of them is exact."""
    primes = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    scaled = [Fraction(2 * _one(fmt), prime) for prime in primes]
    return _encoded(fmt, [_both_signs([fmt.round(number) for number in scaled])])


def _thresholds(fmt: Format, cuts: Sequence[str]) -> Rows:
    one, row = _one(fmt), list[int]()
    for cut in cuts:
        units = int(Fraction(float.fromhex(cut)) / fmt.eta)
        below, above = (_next(fmt, units, up=up) for up in (False, True))
        other = fmt.encode(units, negative_zero=True)
        near = [fmt.encode(number) for number in (below, above, units - one, units + one)]
        row += [fmt.encode(units), other, *near]
    return [row]


def _next(fmt: Format, units: int, *, up: bool) -> int:
    """Return the number of the format that follows `units`, or comes before it."""
    step = Fraction(1 if up else -1, 2)
    return fmt.ceil(units + step) if up else fmt.floor(units + step)


def _both_signs(units: list[int]) -> list[int]:
    return [signed for magnitude in units for signed in (magnitude, -magnitude)]


PALETTES: dict[str, Callable[[Format], Rows]] = {
    "integers": _integers,
    "neighbours": _neighbours,
    "zeros": _zeros,
    "tiny": _tiny,
    "huge": _huge,
    "special": _special,
    "tiny cotangents": _tiny_cotangents,
    "huge cotangents": _huge_cotangents,
    "cancelling": _cancelling,
    "inexact": _inexact,
}

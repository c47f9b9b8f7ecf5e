"""The numbers that examples are made of: short scales, each from its simplest number on.

A scale is a row of one of the corpus' palettes in another order. An example takes all its inputs
from one scale and all its cotangents from another, so that equal numbers abound.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suites.corpus.palettes import (
    NAN,
    NEGATIVE_INFINITY,
    POSITIVE_INFINITY,
    SPECIAL_ZERO,
    ZERO,
    palette,
)

Numbers = NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A few numbers, the simplest first.

    Attributes:
        palette: The palette that they are from.
        codes: Their positions in a row of it.
        row: The row.
    """

    palette: str
    codes: tuple[int, ...]
    row: int = 0

    def numbers(self, draws: bytes, format_name: str) -> Numbers:
        """Return a number for each byte, from the last byte on; 0 stands for the simplest.

        Shrinking sorts the bytes, so that what matters comes last among them, and first here: the
        inputs behind it can then be left out.
        """
        found = _bits(self, format_name)
        return found[np.frombuffer(draws, dtype=np.uint8)[::-1] % len(found)]


@functools.lru_cache(maxsize=1024)
def _bits(scale: Scale, format_name: str) -> Numbers:
    numbers: Numbers = palette(scale.palette, format_name)[scale.row, list(scale.codes)]
    return numbers


def _integers(*values: int) -> Scale:
    return Scale(palette="integers", codes=tuple(ZERO + value for value in values))


def _special(*codes: int) -> Scale:
    return Scale(palette="special", codes=codes)


def _rows(name: str, rows: int, *codes: int) -> Iterator[Scale]:
    return (Scale(palette=name, codes=codes, row=row) for row in range(rows))


def _alternating(last: int) -> Iterator[int]:
    """Yield 0, 1, -1, 2, -2 and so on up to `last` and its negative."""
    yield 0
    for value in range(1, last + 1):
        yield from (value, -value)


_FEW = (
    _integers(0, 1),
    _integers(0, 1, -1),
    _integers(0, 1, 2, 3),
    _integers(-1, -2, -3),
    _integers(*_alternating(3)),
    _integers(*_alternating(9)),
)

_ONE, _TWO = SPECIAL_ZERO + 1, SPECIAL_ZERO + 2

_SPECIAL_INPUTS = (
    _special(SPECIAL_ZERO, _ONE, NAN),
    _special(SPECIAL_ZERO, _ONE, POSITIVE_INFINITY),
    _special(NEGATIVE_INFINITY, SPECIAL_ZERO),
    _special(NEGATIVE_INFINITY, NEGATIVE_INFINITY, NEGATIVE_INFINITY, SPECIAL_ZERO),
    _special(SPECIAL_ZERO, _ONE, POSITIVE_INFINITY, NEGATIVE_INFINITY, NAN),
)

INPUTS = (
    *(8 * _FEW),
    *_rows("neighbours", 20, 1, 2, 0),
    *(3 * tuple(_rows("zeros", 3, 2, 1, 0))),
    *(2 * tuple(_rows("tiny", 4, 0, 1, 2, 3))),
    *(2 * tuple(_rows("huge", 3, 1, 2, 3, 0))),
    *(2 * _SPECIAL_INPUTS),
)
"""Scales of inputs, each as often as it is drawn: integers in half of the examples."""

_SMALL = (
    _integers(1),
    _integers(1, -1),
    _integers(1, -1, 0, 2, -2, 3, -3),
    _integers(1, 2, 4, 8, 16, 32, -1, -2, -4, -8, -16, -32),
    _integers(1, *range(2, 10), *range(-9, 0)),
)

COTANGENTS = (
    *(6 * _SMALL),
    *(4 * tuple(_rows("inexact", 1, *range(24)))),
    *_rows("cancelling", 4, 0, 1, 2, 3),
    *(2 * tuple(_rows("tiny cotangents", 1, *range(16)))),
    *(2 * tuple(_rows("huge cotangents", 1, *reversed(range(10))))),
    _special(_ONE, _TWO, NAN),
    _special(_ONE, -1 + SPECIAL_ZERO, POSITIVE_INFINITY, NEGATIVE_INFINITY),
)
"""Scales of cotangents: small integers of both signs in seven of ten examples."""

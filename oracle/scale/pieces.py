"""Functions of one number that are straight lines between cuts: slopes and values of each piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.formats import Format
from oracle.programs.parameters import exact

CONSTANT, SAME, NEGATIVE, PRODUCT = range(4)
"""What a piece is: a number, the argument, its negative, its product with a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece.

    Attributes:
        kind: As named above.
        number: The number of a constant, or of a product.
        negative: Whether a constant 0 is -0.
    """

    kind: int
    number: Fraction = Fraction(0)
    negative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Pieces from left to right, and the cuts between them, ascending; all of them kinks."""

    cuts: tuple[Fraction, ...]
    pieces: tuple[Piece, ...]


class PieceTables(NamedTuple):
    """The same for compiled code.

    Attributes:
        below: Cut -> the key of the largest number that is not above it.
        kinks: Cut -> 1 if that number is the cut.
        kinds: Piece -> its kind.
        slopes: Piece -> its slope, rounded to binary64.
        rests: Piece -> what that lost, rounded.
        lower: Piece -> the bits of a constant, rounded down.
        upper: Piece -> rounded up.
    """

    below: NDArray[np.int64]
    kinks: NDArray[np.int64]
    kinds: NDArray[np.int64]
    slopes: NDArray[np.float64]
    rests: NDArray[np.float64]
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]


def tables_of_pieces(pieces: Pieces, fmt: Format) -> PieceTables:
    """Return the tables in a format."""
    floors = [fmt.floor(cut / fmt.eta) for cut in pieces.cuts]
    slopes = [_slope(piece) for piece in pieces.pieces]
    rounded = [float(slope) for slope in slopes]
    return PieceTables(
        below=np.array([_key(units, fmt) for units in floors], np.int64),
        kinks=np.array(
            [units == cut / fmt.eta for units, cut in zip(floors, pieces.cuts, strict=True)],
            np.int64,
        ),
        kinds=np.array([piece.kind for piece in pieces.pieces], np.int64),
        slopes=np.array(rounded),
        rests=np.array([float(a - Fraction(b)) for a, b in zip(slopes, rounded, strict=True)]),
        lower=np.array([_bits(piece, fmt, fmt.floor) for piece in pieces.pieces], np.int64),
        upper=np.array([_bits(piece, fmt, fmt.ceil) for piece in pieces.pieces], np.int64),
    )


def _slope(piece: Piece) -> Fraction:
    fixed = {CONSTANT: Fraction(0), SAME: Fraction(1), NEGATIVE: Fraction(-1)}
    return fixed.get(piece.kind, piece.number)


def _key(units: int, fmt: Format) -> int:
    bits = fmt.encode(abs(units))
    return -bits if units < 0 else bits


def _bits(piece: Piece, fmt: Format, rounded: Callable[[Fraction], int]) -> int:
    """Return a constant as a signed bit pattern."""
    if piece.kind != CONSTANT:
        return 0
    bits = fmt.encode(rounded(piece.number / fmt.eta), negative_zero=piece.negative)
    return bits - 2 * fmt.sign_bit if bits >= fmt.sign_bit else bits


_ZERO, _LINE = Piece(kind=CONSTANT), Piece(kind=SAME)


def _stored(text: str) -> Piece:
    return Piece(kind=CONSTANT, number=exact(text), negative=text.startswith("-"))


def _clamp(lower: str | None, upper: str | None) -> Pieces | None:
    cuts, pieces = [], [_LINE]
    if lower is not None:
        cuts, pieces = [exact(lower)], [_stored(lower), _LINE]
    if upper is not None:
        cuts.append(exact(upper))
        pieces.append(_stored(upper))
    ascending = len(cuts) < 2 or cuts[0] < cuts[1]
    return Pieces(cuts=tuple(cuts), pieces=tuple(pieces)) if ascending else None


def _leaky(params: Mapping[str, Any]) -> Pieces | None:
    slope = exact(params["negative_slope"])
    if slope in (0, 1, -1):
        return None
    product = Piece(kind=PRODUCT, number=slope)
    return Pieces(cuts=(Fraction(0),), pieces=(product, _LINE))


_FUNCTIONS: Mapping[str, Callable[[Mapping[str, Any]], Pieces | None]] = {
    "relu": lambda _: Pieces(cuts=(Fraction(0),), pieces=(_ZERO, _LINE)),
    "relu6": lambda _: Pieces(
        cuts=(Fraction(0), Fraction(6)),
        pieces=(_ZERO, _LINE, Piece(kind=CONSTANT, number=Fraction(6))),
    ),
    "abs": lambda _: Pieces(cuts=(Fraction(0),), pieces=(Piece(kind=NEGATIVE), _LINE)),
    "leaky_relu": _leaky,
    "hardtanh": lambda params: _clamp(params["min_val"], params["max_val"]),
    "clamp": lambda params: _clamp(params["min"], params["max"]),
    "clamp_min": lambda params: _clamp(params["min"], None),
    "clamp_max": lambda params: _clamp(None, params["max"]),
}


def pieces_of(op: str, params: Mapping[str, Any], operands: Sequence[str]) -> Pieces | None:
    """Return the pieces of an operation on one operand; None where the filter knows none."""
    if op not in _FUNCTIONS or len(operands) > 1:
        return None
    return _FUNCTIONS[op](params)

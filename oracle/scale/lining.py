"""One pass over a function of one number that is a straight line between cuts.

Each entry is a component of its own. Inside a piece of slope 0, 1 or -1 nothing may be rounded: the
gradient is 0, the cotangent or its negative, bit for bit but for the sign of a zero. At a kink the
Clarke set is all that lies between the products of the cotangent with the two slopes, so a gradient
between them is a point of it. A product may be off by two roundings, that of the slope and its own:
the theory's bound is `gamma_2 |g s|` and what underflows, which is not below
`2 u |g s| + eta`; the product itself is had with an error below `2^-100 |g s|`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Numbers, fused, key_of, value_of
from oracle.scale.bounding import EXACT, UNPROVED, distance, judged
from oracle.scale.compiling import compiled, inlined
from oracle.scale.giving import (
    CLARKE,
    FREED,
    GRADE,
    INFINITE,
    NANS,
    OUTSIDE,
    TIED,
    UNPROVEN,
    WILD_COTANGENTS,
    WILD_GRADIENTS,
)
from oracle.scale.passing import Layer, is_plain
from oracle.scale.pieces import CONSTANT, NEGATIVE, PRODUCT, SAME, PieceTables
from oracle.scale.refusing import SHOWN, is_beyond


@inlined
def product(
    bits: int,
    number: float,
    slope: float,
    rest: float,
    numbers: Numbers,
    values: NDArray[np.float64],
    roundings: int = 2,
) -> tuple[int, float]:
    """Return the grade of a stored number as a product with a slope, and its ratio."""
    v = value_of(bits, values)
    high = number * slope
    low = fused(number, slope, -high) + number * rest
    size = abs(high)
    known = number == 0.0 or (slope == 0.0 and rest == 0.0)
    far = distance(v, high, low, 0 if known else 1, 2.0**-100 * size)
    bound = roundings * (numbers.unit * size + numbers.eta / 2) * (1 - 2.0**-45)
    error = roundings * numbers.wide_unit * size
    return judged(bits, v, far, size, bound, error, roundings, numbers, values)


@inlined
def is_piece(kind: int, x: int, y: int, lower: int, upper: int, sign_bit: int) -> bool:
    """Return whether an output is a piece's value, bit for bit; for a product never."""
    if kind == CONSTANT:
        return y in (lower, upper)
    return (kind == SAME and y == x) or (kind == NEGATIVE and y == x ^ sign_bit)


@inlined
def is_output(
    x: int,
    y: int,
    piece: int,
    kink: bool,
    tables: PieceTables,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> bool:
    """Return whether an output is proved to be the function's value."""
    for k in range(piece, piece + (2 if kink else 1)):
        if is_piece(tables.kinds[k], x, y, tables.lower[k], tables.upper[k], numbers.lowest):
            return True
    if tables.kinds[piece] == PRODUCT and not kink:
        slope, rest = tables.slopes[piece], tables.rests[piece]
        return product(y, value_of(x, values), slope, rest, numbers, values)[0] != UNPROVED
    return False


@inlined
def judge_line(
    v: int,
    g: int,
    kind: int,
    slope: float,
    rest: float,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> tuple[int, float]:
    """Return the grade of a gradient inside a piece, and its ratio; -1: nothing is asked."""
    size = g & numbers.mask
    if kind == CONSTANT:
        return (EXACT if (v & numbers.mask) == 0 else UNPROVED), 0.0
    if size >= numbers.infinity:
        return -1, 0.0
    if kind == PRODUCT and size:
        return product(v, value_of(g, values), slope, rest, numbers, values)
    expected = g ^ numbers.lowest if kind == NEGATIVE else g
    return (EXACT if is_plain(v, expected, 1, numbers.mask) else UNPROVED), 0.0


@inlined
def judge_kink(
    v: int, g: int, left: float, right: float, numbers: Numbers, values: NDArray[np.float64]
) -> int:
    """Return the grade of a gradient at a kink; -1: nothing is asked.

    The product of a slope that is no number of binary64 is rounded; taken a little smaller it is
    still between 0 and the true one.
    """
    if (g & numbers.mask) >= numbers.infinity:
        return -1
    number, w = value_of(g, values), value_of(v, values)
    first = number * left if left in (0.0, 1.0, -1.0) else number * left * (1 - 2.0**-50)
    second = number * right
    return EXACT if min(first, second) <= w <= max(first, second) else UNPROVED


@inlined
def rules_at(v: int, g: int, left: float, right: float, numbers: Numbers) -> int:
    """Return the rules that a gradient at a kink of slopes 0, 1 or -1 follows, as bits."""
    found = 0
    for bit, slope in ((1, left), (2, right)):
        if slope == 0.0:
            same = (v & numbers.mask) == 0
        else:
            same = is_plain(v, g if slope == 1.0 else g ^ numbers.lowest, 1, numbers.mask)
        found |= bit if same else 0
    return found


@inlined
def is_outside(
    v: int,
    g: int,
    kind: int,
    left: float,
    right: float,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> bool:
    """Return whether a gradient between two slopes, or inside one piece, is certainly outside."""
    if (g & numbers.mask) >= numbers.infinity:
        return False
    if left == right and kind != PRODUCT:
        return True
    number = value_of(g, values)
    first, second = number * left, number * right
    reach = max(1.0, abs(number)) * max(1.0, abs(left), abs(right))
    return is_beyond(value_of(v, values), min(first, second), max(first, second), reach, numbers)


@compiled
def pass_line(
    layer: Layer,
    tables: PieceTables,
    numbers: Numbers,
    values: NDArray[np.float64],
    counts: NDArray[np.int64],
    ratio: NDArray[np.float64],
    open_: NDArray[np.int64],
) -> int:
    """Hold all entries against the function; write the first open ones into `open_`.

    Open are the first that are certainly outside, too.

    Returns:
        The rules that all kinks follow, as bits: 1 the left slope, 2 the right one.
    """
    x, g, v, y = layer.input, layer.cotangent, layer.gradient, layer.output
    rules, filled, refused = 3, 0, 0
    for i in range(x.size):
        key = key_of(x[i], numbers.infinity)
        size = g[i] & numbers.mask
        counts[WILD_COTANGENTS] += size >= numbers.infinity
        if key > numbers.infinity:
            counts[NANS] += 1
            right = y.size == 0 or (y[i] & numbers.mask) > numbers.infinity
            grade, part, active, outside = -1, 0.0, False, False
        else:
            piece, kink = locate(key, tables)
            kind = tables.kinds[piece]
            infinite = abs(key) == numbers.infinity
            counts[INFINITE] += infinite and kind != CONSTANT
            counts[TIED] += kink
            right = y.size == 0 or is_output(x[i], y[i], piece, kink, tables, numbers, values)
            slope, second, part = tables.slopes[piece], tables.slopes[piece + kink], 0.0
            active = kink and size != 0 and size < numbers.infinity
            if kink:
                grade = judge_kink(v[i], g[i], slope, second, numbers, values)
                rules &= rules_at(v[i], g[i], slope, second, numbers) if active else 3
            else:
                rest = tables.rests[piece]
                grade, part = judge_line(v[i], g[i], kind, slope, rest, numbers, values)
            outside = grade == UNPROVED and right
            outside = outside and is_outside(v[i], g[i], kind, slope, second, numbers, values)
            refused += outside
        ratio[0] = max(ratio[0], part)
        counts[WILD_GRADIENTS] += grade >= 0 and (v[i] & numbers.mask) >= numbers.infinity
        if outside and refused > SHOWN:
            counts[OUTSIDE] += 1
        elif grade == UNPROVED or not right:
            counts[UNPROVEN] += 1
            if filled < open_.size:
                open_[filled] = i
                filled += 1
        elif grade < 0:
            counts[FREED] += 1
        else:
            counts[GRADE + grade] += 1
            counts[CLARKE] += active
    return rules


@inlined
def locate(key: int, tables: PieceTables) -> tuple[int, bool]:
    """Return a number's piece and False, or the piece left of its kink and True."""
    piece = 0
    for k in range(tables.below.size):
        if key == tables.below[k] and tables.kinks[k]:
            return k, True
        piece += key > tables.below[k]
    return piece, False

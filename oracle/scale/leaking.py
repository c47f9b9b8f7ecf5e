"""One pass over a rectifier whose slope below 0 is an operand: one number for each channel.

Above 0 the gradient is the cotangent, bit for bit; below it is its product with the slope, which
costs one rounding. At 0 everything between the two is right, entry by entry, for each entry moves
by itself. To the gradient of a slope every entry below 0 adds its product with the cotangent, which
is had exactly, as a number and its rest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.scale.averaging import Open, put
from oracle.scale.bits import Keys, Numbers, fused, key_of, value_of
from oracle.scale.bounding import EXACT, UNPROVED
from oracle.scale.compiling import compiled, inlined
from oracle.scale.giving import (
    CLARKE,
    FIRST,
    FREED,
    GRADE,
    INFINITE,
    LAST,
    NANS,
    TIED,
    UNPROVEN,
    WILD_COTANGENTS,
    WILD_GRADIENTS,
)
from oracle.scale.lining import judge_kink, product
from oracle.scale.passing import Layer, is_plain
from oracle.scale.picking import Sums, Tally
from oracle.scale.rows import FREE, LOOSE, LOW, add


class Slopes(NamedTuple):
    """The slopes below 0.

    Attributes:
        numbers: Channel -> its slope.
        moving: Whether they are differentiated.
        inner: Entries of a channel side by side.
    """

    numbers: Keys
    moving: int
    inner: int


@inlined
def is_exact(slopes: Slopes, w: float) -> bool:
    """Return whether a product with a slope costs no rounding: a constant 1 or -1."""
    return not slopes.moving and abs(w) == 1.0


@inlined
def hold_entry(
    slopes: Slopes,
    key: int,
    v: int,
    g: int,
    w: float,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> tuple[int, float]:
    """Return the grade of a gradient of an entry with a finite cotangent, and its ratio."""
    if g & numbers.mask == 0:
        return (EXACT if (v & numbers.mask) == 0 else UNPROVED), 0.0
    if key > 0 or (w == 1.0 and not slopes.moving):
        return (EXACT if is_plain(v, g, 1, numbers.mask) else UNPROVED), 0.0
    if key == 0 and w != 1.0:
        grade = judge_kink(v, g, w, 1.0, numbers, values)
        if grade != UNPROVED:
            return grade, 0.0
    if is_exact(slopes, w):
        return (EXACT if is_plain(v, g ^ numbers.lowest, 1, numbers.mask) else UNPROVED), 0.0
    return product(v, value_of(g, values), w, 0.0, numbers, values, 1)


@inlined
def is_leaked(
    slopes: Slopes, x: int, y: int, w: float, numbers: Numbers, values: NDArray[np.float64]
) -> bool:
    """Return whether an output is proved."""
    if x & numbers.mask == 0:
        return (y & numbers.mask) == 0 and not is_exact(slopes, w)
    if x > 0:
        return y == x
    if is_exact(slopes, w):
        return y == (x if w == 1.0 else x ^ numbers.lowest)
    return product(y, value_of(x, values), w, 0.0, numbers, values, 1)[0] != UNPROVED


@inlined
def give_slope(sums: Sums, c: int, x: float, g: float) -> None:
    """Add a product with a cotangent, such as of an entry below 0, to the gradient of a slope.

    What is lost of a product is a number of binary64 unless it underflows.
    """
    high = x * g
    rest = fused(x, g, -high)
    add(sums.terms, sums.sums, sums.tally, c, high, abs(high))
    if rest != 0.0 or abs(high) < 2.0**-960:
        sums.sums[c, LOW] += rest
        sums.tally[c, LOOSE] = 1


@inlined
def is_lost(slopes: Slopes, key: int, w: float, infinity: int) -> bool:
    """Return whether an output is NaN, or its slope in one of the operands infinite."""
    if key > infinity or (key <= 0 and not abs(w) < np.inf):
        return True
    return key == -infinity and (slopes.moving != 0 or w == 0.0)


@inlined
def note_rules(
    v: int, g: int, w: float, numbers: Numbers, values: NDArray[np.float64], tally: Tally
) -> None:
    """Note the rules that a gradient at 0 follows: the slope below, or that above."""
    left = product(v, value_of(g, values), w, 0.0, numbers, values, 1)[0] != UNPROVED
    right = is_plain(v, g, 1, numbers.mask)
    tally.rules[0] &= left << FIRST | right << LAST


@inlined
def count_entry(grade: int, part: float, wild: bool, tied: bool, tally: Tally) -> None:
    """Count an entry; grade -1: nothing is asked of it."""
    counts = tally.counts
    tally.ratio[0] = max(tally.ratio[0], part)
    counts[WILD_GRADIENTS] += grade >= 0 and wild
    counts[FREED if grade < 0 else UNPROVEN if grade == UNPROVED else GRADE + grade] += 1
    counts[CLARKE] += tied and grade >= 0 and grade != UNPROVED


@inlined
def take_entry(
    layer: Layer,
    slopes: Slopes,
    sums: Sums,
    numbers: Numbers,
    values: NDArray[np.float64],
    at: tuple[int, int, int],
    w: float,
    lost: bool,
    tally: Tally,
    open_: Open,
) -> None:
    """Look at an entry, its channel and its key; give its slope what is due to it."""
    i, c, key = at
    x, g, counts = layer.input[i], layer.cotangent[i], tally.counts
    size, nan = g & numbers.mask, key > numbers.infinity
    wild = size >= numbers.infinity
    counts[NANS] += nan
    counts[WILD_COTANGENTS] += wild
    counts[INFINITE] += not nan and (lost or abs(key) == numbers.infinity)
    if layer.output.size and (
        lost or not is_leaked(slopes, x, layer.output[i], w, numbers, values)
    ):
        put(open_.outputs, open_.left, 1, i)
    if slopes.moving and (key <= 0 or nan):
        if lost or wild:
            sums.tally[c, FREE] = 1
        elif key < 0 and size:
            give_slope(sums, c, value_of(x, values), value_of(g, values))


@inlined
def hold_gradient(
    layer: Layer,
    slopes: Slopes,
    numbers: Numbers,
    values: NDArray[np.float64],
    at: tuple[int, int, int],
    w: float,
    lost: bool,
    tally: Tally,
    open_: Open,
) -> None:
    """Hold the gradient of an entry."""
    i, _, key = at
    v, g = layer.gradient[i], layer.cotangent[i]
    size = g & numbers.mask
    kink = key == 0 and w != 1.0 and not lost
    active = kink and size != 0 and size < numbers.infinity
    tally.counts[TIED] += kink
    grade, part = -1, 0.0
    if not (lost or size >= numbers.infinity):
        grade, part = hold_entry(slopes, key, v, g, w, numbers, values)
    if active:
        note_rules(v, g, w, numbers, values, tally)
    count_entry(grade, part, (v & numbers.mask) >= numbers.infinity, active, tally)
    if grade == UNPROVED:
        put(open_.inputs, open_.left, 0, i)


@compiled
def pass_leaking(
    layer: Layer,
    slopes: Slopes,
    sums: Sums,
    numbers: Numbers,
    values: NDArray[np.float64],
    tally: Tally,
    open_: Open,
) -> None:
    """Hold all entries, and sum what their slopes are given."""
    for i in range(layer.input.size):
        c = i // slopes.inner % slopes.numbers.size
        w = value_of(slopes.numbers[c], values)
        key = key_of(layer.input[i], numbers.infinity)
        lost = is_lost(slopes, key, w, numbers.infinity)
        take_entry(layer, slopes, sums, numbers, values, (i, c, key), w, lost, tally, open_)
        if layer.gradient.size:
            hold_gradient(layer, slopes, numbers, values, (i, c, key), w, lost, tally, open_)

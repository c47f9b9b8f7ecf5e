"""One pass over a layer of average pooling, which is linear: the linear control.

The gradient has one point, the sum of `g / d` over the windows that hold an input, `d` being what
a window's sum is divided by. Each term is rounded twice beside the additions, for the reciprocal
and its product, unless `d` is 1. With `n` terms the theory's bound is `gamma_{n+1} S`,
`S = sum |g| / d`, and `eta` or more for each term; where no `d` is another number than 1 it is
`(n - 1) u S`. The quotients are had with their remainders, the sum with what its additions lose: it
is off by less than `(n + 4)^2 2^-104 S` (see `bounding`).

An output is held against the mean: `|y d - sum x|` is at most `gamma_{n+1} sum |x|` and what
underflows. `y d` is had exactly, as a number and its rest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Numbers, fused, key_of, value_of
from oracle.scale.bounding import UNPROVED, distance, judged
from oracle.scale.compiling import compiled, inlined
from oracle.scale.giving import (
    FREED,
    GRADE,
    INFINITE,
    NANS,
    UNPROVEN,
    WILD_COTANGENTS,
    WILD_GRADIENTS,
)
from oracle.scale.passing import Layer
from oracle.scale.rows import two_sum


class Along(NamedTuple):
    """The windows along a dimension; all that one reads lie side by side.

    Attributes:
        start: Window -> the first position that it reads.
        stop: Window -> the position behind the last.
        part: Window -> its part of what the sum is divided by.
        low: Position -> the first window that reads it.
        high: Position -> the window behind the last.
    """

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    part: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]


class Averages(NamedTuple):
    """The windows of a plane: along three dimensions, and a number that all are divided by."""

    a: Along
    b: Along
    c: Along
    factor: int


class Open(NamedTuple):
    """What is open.

    Attributes:
        inputs: The first open inputs.
        outputs: The first open outputs.
        left: How many inputs, and how many outputs, there are.
    """

    inputs: NDArray[np.int64]
    outputs: NDArray[np.int64]
    left: NDArray[np.int64]


@inlined
def put(places: NDArray[np.int64], left: NDArray[np.int64], which: int, place: int) -> None:
    """Note an open place."""
    if left[which] < places.size:
        places[left[which]] = place
    left[which] += 1


@inlined
def growth(roundings: int, numbers: Numbers) -> float:
    """Return `gamma_k`, or less where that does not hold."""
    grown = roundings * numbers.unit
    return grown / (1 - grown) if grown < 1 else grown


@inlined
def is_mean(
    y: int,
    high: float,
    low: float,
    size: float,
    n: int,
    d: int,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> bool:
    """Return whether an output is proved to be `high + low` over `d`; `size` is `sum |x|`."""
    if size == 0.0 or (y & numbers.mask) >= numbers.infinity:
        return size == 0.0 and (y & numbers.mask) == 0
    number = value_of(y, values)
    product = number * d
    rest = fused(number, float(d), -product)
    if n == 1 and d == 1:
        return number == high
    off, lost = two_sum(product, -high)
    slack = (n + 4.0) * (n + 4.0) * 2.0**-100 * (size + abs(product))
    most = abs(off + ((lost + rest) - low)) * (1 + 2.0**-50) + slack
    roundings = n + 1 if d != 1 else n - 1
    bound = growth(roundings, numbers) * size + roundings * numbers.eta / 2 * d
    bound *= 1 - (n + 16.0) * 2.0**-51
    return numbers.floor < size < numbers.ceiling and most <= bound


@inlined
def take_window(
    layer: Layer,
    averages: Averages,
    numbers: Numbers,
    values: NDArray[np.float64],
    plane: int,
    at: tuple[int, int, int],
    number: int,
    free: NDArray[np.uint8],
    counts: NDArray[np.int64],
    open_: Open,
) -> None:
    """Look at a window, whose number in all planes is `number`: is it free, is its output right?"""
    a, b, c = averages.a, averages.b, averages.c
    wa, wb, wc = at
    high, low, size, n, up, down = 0.0, 0.0, 0.0, 0, False, False
    for i in range(a.start[wa], a.stop[wa]):
        for j in range(b.start[wb], b.stop[wb]):
            row = ((plane * a.low.size + i) * b.low.size + j) * c.low.size
            for k in range(c.start[wc], c.stop[wc]):
                key = key_of(layer.input[row + k], numbers.infinity)
                up |= key >= numbers.infinity
                down |= key <= -numbers.infinity or key > numbers.infinity
                x = value_of(layer.input[row + k], values)
                high, lost = two_sum(high, x)
                low += lost
                size += abs(x)
                n += 1
    counts[INFINITE] += up != down
    local = number - plane * (a.start.size * b.start.size * c.start.size)
    free[local] |= up and down
    if layer.output.size:
        d = averages.factor * a.part[wa] * b.part[wb] * c.part[wc]
        y = layer.output[number]
        if up or down or not is_mean(y, high, low, size, n, d, numbers, values):
            put(open_.outputs, open_.left, 1, number)


@inlined
def take_input(
    layer: Layer,
    averages: Averages,
    numbers: Numbers,
    values: NDArray[np.float64],
    plane: int,
    at: tuple[int, int, int],
    bits: int,
    free: NDArray[np.uint8],
) -> tuple[int, float]:
    """Return the grade of an input's gradient, and its ratio; -1: nothing is asked."""
    a, b, c = averages.a, averages.b, averages.c
    i, j, k = at
    high, low, size, n, products, freed, loose = 0.0, 0.0, 0.0, 0, 0, 0, 0
    for wa in range(a.low[i], a.high[i]):
        for wb in range(b.low[j], b.high[j]):
            local = (wa * b.start.size + wb) * c.start.size
            row = plane * (a.start.size * b.start.size * c.start.size) + local
            for wc in range(c.low[k], c.high[k]):
                freed |= free[local + wc]
                g = layer.cotangent[row + wc]
                if g & numbers.mask == 0 or freed:
                    continue
                number = value_of(g, values)
                d = averages.factor * a.part[wa] * b.part[wb] * c.part[wc]
                part, rest = number, 0.0
                if d != 1:
                    part = number / d
                    rest = fused(-part, float(d), number)
                    products = 2
                high, lost = two_sum(high, part)
                low += lost + rest / d
                loose |= lost != 0.0 or rest != 0.0
                size += abs(part)
                n += 1
    if freed:
        return -1, 0.0
    if (bits & numbers.mask) >= numbers.infinity:
        return UNPROVED, 0.0
    v = value_of(bits, values)
    roundings = max(n - 1, 0) + products
    grown = growth(roundings, numbers) if products else roundings * numbers.unit
    bound = grown * size + n * (products * numbers.eta / 2 + numbers.lost)
    bound *= 1 - (n + 16.0) * 2.0**-51
    far = distance(v, high, low, loose, (n + 4.0) * (n + 4.0) * 2.0**-104 * size)
    error = roundings * numbers.wide_unit * size
    return judged(bits, v, far, size, bound, error, roundings, numbers, values)


@inlined
def pass_windows(
    layer: Layer,
    averages: Averages,
    numbers: Numbers,
    values: NDArray[np.float64],
    plane: int,
    wild: bool,
    free: NDArray[np.uint8],
    counts: NDArray[np.int64],
    open_: Open,
) -> None:
    """Look at the windows of a plane; `wild`: it has inputs that are NaN or infinite."""
    a, b, c = averages.a.start.size, averages.b.start.size, averages.c.start.size
    for w in range(a * b * c):
        number = plane * (a * b * c) + w
        free[w] = (layer.cotangent[number] & numbers.mask) >= numbers.infinity
        counts[WILD_COTANGENTS] += free[w]
        if wild or layer.output.size:
            at = (w // (b * c), w // c % b, w % c)
            take_window(layer, averages, numbers, values, plane, at, number, free, counts, open_)


@compiled
def pass_averages(
    layer: Layer,
    averages: Averages,
    numbers: Numbers,
    values: NDArray[np.float64],
    free: NDArray[np.uint8],
    counts: NDArray[np.int64],
    ratio: NDArray[np.float64],
    open_: Open,
) -> None:
    """Hold the gradients of all planes, and the outputs.

    Args:
        layer: The tensors.
        averages: The windows of a plane.
        numbers: The format.
        values: Its values.
        free: Room: for each window of a plane whether nothing is asked of what it reads.
        counts: What is counted.
        ratio: The largest ratio.
        open_: What is open.
    """
    a, b, c = averages.a.low.size, averages.b.low.size, averages.c.low.size
    for plane in range(layer.input.size // (a * b * c)):
        wild = False
        for i in range(plane * a * b * c, (plane + 1) * a * b * c):
            size = layer.input[i] & numbers.mask
            wild |= size >= numbers.infinity
            counts[NANS] += size > numbers.infinity
        pass_windows(layer, averages, numbers, values, plane, wild, free, counts, open_)
        for i in range(a * b * c):
            place = plane * (a * b * c) + i
            bits = layer.gradient[place]
            at = (i // (b * c), i // c % b, i % c)
            grade, part = take_input(layer, averages, numbers, values, plane, at, bits, free)
            ratio[0] = max(ratio[0], part)
            counts[WILD_GRADIENTS] += grade >= 0 and (bits & numbers.mask) >= numbers.infinity
            if grade == UNPROVED:
                put(open_.inputs, open_.left, 0, place)
            counts[FREED if grade < 0 else UNPROVEN if grade == UNPROVED else GRADE + grade] += 1

"""Is an input's gradient within rounding of a point? The filter's answer is yes, or nothing.

Everything is in binary64, and every error of that is bounded here. `U = 2^-53`.

The point. `HIGH + LOW` is a compensated sum of `n` terms: what each addition to `HIGH` loses is
known exactly [Higham 2002, 4.3] and added to `LOW`. The losses are at most `n U S` together, so
`LOW` is off by `n^2 U^2 S` at most (and not at all unless `LOOSE`). A share `g / k` is a rounded
quotient and the quotient of its exact remainder: off by `2 U^2 |g| / k`. So `z` is known up to
`slack = (n + 4)^2 2^-104 S`, which is far below the bound `a u S` of any format, `u >= U`.

The bound. `S` and `S(z)` are sums of at most `n` positive numbers, off by `n U` relative to them;
the formulas add less than 12 roundings more. Taken `(n + 16) 2^-51` smaller the bound is one that
the true bound is not below. (Underflow: sums of magnitudes below 2^-900 are left to the core.)

The distance. `v - HIGH - LOW` is had by three exact sums of two; their largest part, their second
and the slack, taken larger by 2^-50, are no less than `|v - z|`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Numbers, cast, value_of
from oracle.scale.compiling import inlined
from oracle.scale.rows import EXCESS, HIGH, LOOSE, LOW, REST, SHARES, SIZE, two_sum

EXACT, FAITHFUL, WIDE, NARROW, VACUOUS, UNPROVED = range(6)
"""Grades in the order of `oracle.check.bound.GRADES`, and none."""


@inlined
def distance(
    v: float, high: float, low: float, loose: int, slack: float
) -> tuple[float, float, float]:
    """Return the least and the largest that `|v - z|` may be, and a number of its sign.

    The largest is 0 where `z` is known and is `v`, and nowhere else.
    """
    first, lost = two_sum(v, -high)
    second, rest = two_sum(lost, -low)
    total, small = two_sum(first, second)
    if rest == 0.0 and small == 0.0 and loose == 0:
        return abs(total), abs(total), total
    near, far = abs(total), abs(small) + abs(rest) + slack
    most = max((near + far) * (1 + 2.0**-50), 2.0**-1074)
    return (near - far) * (1 - 2.0**-50), most, total


@inlined
def neighbour(bits: int, numbers: Numbers, sign: float) -> int:
    """Return the bit pattern of the next number of the format: below for `sign > 0`, else above."""
    if (bits & numbers.mask) == 0:
        return numbers.lowest + 1 if sign > 0 else 1
    return bits - 1 if (bits > 0) == (sign > 0) else bits + 1


@inlined
def graded(gap: float, most: float, error: float, vacuous: bool) -> int:
    """Return the grade of a number that is not the point; of two possible ones the worse.

    `v > z` is faithful if the number below it is below `z`, too: if `v - z` is less than the gap
    between them. It is wide if `z + E` is not rounded to less than `v`, that is if `v - z` is at
    most `E` and half the gap. (At most, where `v` is even; the filter asks for less.)
    """
    if most < gap:
        return FAITHFUL
    if most < (error + gap / 2) * (1 - 2.0**-44):
        return WIDE
    return VACUOUS if vacuous else NARROW


@inlined
def bounded(a: int, shares: int, size: float, point: float, lost: float, numbers: Numbers) -> float:
    """Return `B_i` of the theory: `a u S`, or `gamma_b S(z)`, and what underflow takes."""
    constant = shares * numbers.eta / 2 + lost
    first = a * numbers.unit * size + constant
    grown = (a + 2 if shares else a) * numbers.unit
    if grown >= 1:
        return first
    return min(first, grown / (1 - grown) * point + constant)


@inlined
def within(
    bits: int,
    terms: int,
    sums: NDArray[np.float64],
    tally: NDArray[np.int32],
    numbers: Numbers,
    values: NDArray[np.float64],
    products: int = 0,
) -> tuple[int, float]:
    """Return the grade of an input's gradient, or `UNPROVED`, and its ratio or more than that.

    Args:
        bits: The gradient.
        terms: How many numbers were added to the input's point: several, or there is a share.
        sums: The row of the input's sums.
        tally: The row of its tally.
        numbers: The format.
        values: Its values.
        products: How many roundings each number has cost already.
    """
    shares, n = tally[SHARES], terms + tally[REST]
    high, low, point = (sums[HIGH], sums[LOW], sums[SIZE]) if terms else (0.0, 0.0, 0.0)
    size = point + sums[EXCESS]
    slack = (n + 4.0) * (n + 4.0) * 2.0**-104 * size
    a = max(n - 1, 0) + (1 if shares else 0) + products
    lost = n * (numbers.lost + products * numbers.eta / 2)
    bound = bounded(a, shares, size, point, lost, numbers)
    bound *= 1 - (n + 16.0) * 2.0**-51
    error = a * numbers.wide_unit * size + shares * numbers.wide_eta / 2
    v = value_of(bits, values)
    far = distance(v, high, low, tally[LOOSE], slack)
    return judged(bits, v, far, size, bound, error, a, numbers, values)


@inlined
def judged(
    bits: int,
    v: float,
    far: tuple[float, float, float],
    size: float,
    bound: float,
    error: float,
    a: int,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> tuple[int, float]:
    """Return the grade of a gradient, or `UNPROVED`, and its ratio or more than that.

    Args:
        bits: The gradient.
        v: Its value.
        far: Its distance from the point, as `distance` has it.
        size: What all terms come to.
        bound: No more than the bound.
        error: The error that the grade `wide` allows.
        a: The number of roundings.
        numbers: The format.
        values: Its values.
    """
    _, most, sign = far
    if most == 0.0:
        return EXACT, 0.0
    if not (numbers.floor < size < numbers.ceiling and most <= bound):
        return UNPROVED, 0.0
    gap = abs(v - value_of(cast(neighbour(bits, numbers, sign), bits), values))
    grade = graded(gap, most, error, 2 * a * numbers.unit >= 1)
    return grade, most / bound * (1 + 2.0**-50)

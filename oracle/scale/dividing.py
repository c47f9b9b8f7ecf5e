"""One pass over operations of two numbers that jump: what a division leaves, and signs.

Where nothing jumps an output has one slope in each operand, an integer: of `x - q y`, with the
integer part `q` of `x / y`, they are 1 and `-q`; of `q` they are 0; of `|x|` with the sign of `y`
they are 1 or -1, and 0. So an entry of its own has the cotangent, or its negative, or 0, bit for
bit; or a product, which is rounded once, and once more where the integer may be no number of the
format. To an entry that is broadcast outputs add such numbers, each known exactly as two.

`q` is had from the rounded quotient by one exact remainder, `x - q y`, which is a multiple of the
smallest number and so is rounded to 0 only if it is 0. It is 0, or has the sign of `x` and is
smaller than `y`: then `q` is proved, and the remainder is a number of the format.

At `|0|` all between the two slopes is right, entry by entry; of a broadcast entry the pass knows
the point halfway between the sides on which the entry may move.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.averaging import Open, put
from oracle.scale.bits import Keys, Numbers, fused, value_of
from oracle.scale.bounding import EXACT, UNPROVED, distance
from oracle.scale.compiling import compiled, inlined
from oracle.scale.giving import (
    CLARKE,
    EVEN,
    FIRST,
    FREED,
    GRADE,
    INFINITE,
    LAST,
    TIED,
    UNPROVEN,
    WILD_COTANGENTS,
    WILD_GRADIENTS,
)
from oracle.scale.leaking import give_slope
from oracle.scale.lining import product
from oracle.scale.passing import is_plain
from oracle.scale.picking import JUDGED, JUMP, LOST, Room, Sums, Tally, advance, begin, share
from oracle.scale.rows import FREE
from oracle.scale.slots import FLOOR_STEPS, FLOORED, SIGNS, STEPS, Axes, Slots

OPEN = 3
"""Beside `JUDGED`, `JUMP` and `LOST`: what is not known."""
STEADY = {SIGNS: ("other",), STEPS: ("input", "other"), FLOOR_STEPS: ("input", "other")}
"""Kind -> the operands whose gradient is 0 wherever anything is asked of it."""
_FLOORS = (FLOORED, FLOOR_STEPS)
_SMALL = 128.0  # integers up to here are numbers of every format


@inlined
def divide(x: float, y: float) -> tuple[float, float, bool]:
    """Return the integer part of a quotient, the remainder, and whether both are proved."""
    quotient = x / y
    q = np.trunc(quotient)
    if not abs(q) < 2.0**52:
        return 0.0, 0.0, False
    rest = fused(-q, y, x)
    step = 1.0 if (x > 0) == (y > 0) else -1.0
    if rest != 0.0 and (rest > 0) != (x > 0):
        q -= step
        rest = fused(-q, y, x)
    elif abs(rest) >= abs(y):
        q += step
        rest = fused(-q, y, x)
    return q, rest, rest == 0.0 or ((rest > 0) == (x > 0) and abs(rest) < abs(y))


@inlined
def is_near(x: float, y: float, floor: bool) -> int:
    """Return whether one coarse rounding may take a quotient to an integer; -1 if that is open."""
    quotient = x / y
    nearest = np.rint(quotient)
    if quotient == 0.0 or (nearest == 0.0 and not floor):
        return x == 0.0 and floor  # around 0 truncation has no step
    off, reach = abs(quotient - nearest), abs(quotient) * 2.0**-8
    slack = abs(quotient) * 2.0**-50
    if off + slack < reach:
        return 1
    return 0 if off - slack > reach else -1


@inlined
def sign_of(slots: Slots, zero: bool, s: float, s_bits: int) -> tuple[int, float, int]:
    """Return what a number with the sign of `s` is: its state, its slope, what it touches."""
    slope = -1.0 if is_negative(s, s_bits) else 1.0
    still = not slots.moving & 2 or (not slots.moving & 1 and zero)
    if s == 0.0 and not still:
        return JUMP, slope, 3
    return JUDGED, slope, 1


@inlined
def is_negative(s: float, bits: int) -> bool:
    """Return whether a number, or a zero, has the sign; NaN has none."""
    return s < 0 or (s == 0.0 and bits < 0)


@inlined
def look(
    slots: Slots, x_bits: int, y_bits: int, values: NDArray[np.float64]
) -> tuple[int, float, float, int, float]:
    """Return what an output is.

    Returns:
        Its state; its slopes in both operands; the operands that it touches, as bits; what is left
        of the division.
    """
    x, y = value_of(x_bits, values), value_of(y_bits, values)
    if slots.kind == SIGNS:
        state, slope, touched = sign_of(slots, x == 0.0, y, y_bits)
        state = LOST if np.isnan(x) else state
        return state, slope if x >= 0 else -slope, 0.0, touched, 0.0
    if not (abs(x) < np.inf and abs(y) < np.inf) or y == 0.0:
        return LOST, 0.0, 0.0, 3, 0.0
    q, rest, known = divide(x, y)
    still, floor = not slots.moving & 1 and x == 0.0, slots.kind in _FLOORS
    if slots.kind in (STEPS, FLOOR_STEPS):
        near = 0 if still else is_near(x, y, floor)
        state = OPEN if near < 0 or not known else JUMP if near else JUDGED
        return state, 0.0, 0.0, 3, rest
    jump = rest == 0.0 and (floor or q != 0.0) and not still
    if floor and rest != 0.0 and (x > 0) != (y > 0):
        q -= 1.0
    return (JUMP if jump else JUDGED) if known else OPEN, 1.0, -q, 3, rest


@inlined
def is_signed(y: int, x: int, s: int, numbers: Numbers, values: NDArray[np.float64]) -> bool:
    """Return whether an output is a number with the sign of `s`; any NaN stands for NaN."""
    size = x & numbers.mask
    if size > numbers.infinity:
        return (y & numbers.mask) > numbers.infinity
    return (y & numbers.mask) == size and (y < 0) == is_negative(value_of(s, values), s)


@inlined
def is_left(
    slots: Slots,
    y: int,
    x_bits: int,
    other: float,
    rest: float,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> bool:
    """Return whether an output is what a division leaves, or its integer part.

    The divisor is added to a remainder with the sign that a floor has not: one rounding, which is
    proved where it is at most `u` times both magnitudes.
    """
    found, x, floor = value_of(y, values), value_of(x_bits, values), slots.kind in _FLOORS
    below = floor and rest != 0.0 and (x > 0) != (other > 0)
    if slots.kind in (STEPS, FLOOR_STEPS):
        return found == divide(x, other)[0] - below
    if not below:
        return found == rest and (floor or rest != 0.0 or (y < 0) == (x_bits < 0))
    _, most, _ = distance(found, rest, other, 0, 0.0)
    return most <= numbers.unit * (abs(rest) + abs(other)) * (1 - 2.0**-40)


@inlined
def is_right(
    slots: Slots,
    y: int,
    x_bits: int,
    other: int,
    seen: tuple[int, float],
    numbers: Numbers,
    values: NDArray[np.float64],
) -> bool:
    """Return whether an output is proved to be the value.

    Args:
        slots: The operands.
        y: The output.
        x_bits: The first operand.
        other: The second.
        seen: The state; what is left of the division.
        numbers: The format.
        values: Its values.
    """
    state, rest = seen
    if slots.kind == SIGNS:
        return is_signed(y, x_bits, other, numbers, values)
    x, by = value_of(x_bits, values), value_of(other, values)
    if state == LOST:
        nothing = slots.kind < STEPS and (abs(x) == np.inf or by == 0.0)
        nan = (y & numbers.mask) > numbers.infinity
        return nan and (np.isnan(x) or np.isnan(by) or nothing)
    finite = (y & numbers.mask) < numbers.infinity
    return state != OPEN and finite and is_left(slots, y, x_bits, by, rest, numbers, values)


@inlined
def hold(
    v: int, g: int, slope: float, numbers: Numbers, values: NDArray[np.float64]
) -> tuple[int, float]:
    """Return the grade of the gradient of an entry of its own, and its ratio."""
    if slope == 0.0 or (g & numbers.mask) == 0:
        return (EXACT if (v & numbers.mask) == 0 else UNPROVED), 0.0
    if abs(slope) == 1.0:
        expected = g if slope > 0 else g ^ numbers.lowest
        return (EXACT if is_plain(v, expected, 1, numbers.mask) else UNPROVED), 0.0
    if not (v & numbers.mask) < numbers.infinity:
        return UNPROVED, 0.0
    roundings = 2 if abs(slope) > _SMALL else 1
    return product(v, value_of(g, values), slope, 0.0, numbers, values, roundings)


@inlined
def hold_kink(
    v: int, g: int, slope: float, values: NDArray[np.float64], tally: Tally
) -> tuple[int, float]:
    """Return the grade of the gradient of a zero whose sign is another number's; note its rule."""
    size, number = value_of(g, values), value_of(v, values)
    found = (number == 0.0) << EVEN
    found |= (number == -slope * size) << FIRST | (number == slope * size) << LAST
    tally.rules[0] &= found
    return (EXACT if abs(number) <= abs(size) else UNPROVED), 0.0


@inlined
def give(sums: Sums, place: int, slope: float, tied: bool, g: float) -> None:
    """Give a broadcast entry the product of an output's cotangent with a slope."""
    if tied:
        share(sums, place, 0.0, 0.0, g, 1)
    elif abs(slope) == 1.0:
        share(sums, place, slope * g, 0.0, g, 0)
    elif slope != 0.0:
        give_slope(sums, place, slope, g)
        sums.products[place] = max(sums.products[place], 2 if abs(slope) > _SMALL else 1)


@inlined
def hold_full(
    slots: Slots,
    slot: int,
    g: int,
    state: int,
    slope: float,
    tied: bool,
    numbers: Numbers,
    values: NDArray[np.float64],
    room: Room,
    tally: Tally,
) -> tuple[int, float]:
    """Return the grade of an entry of its own, of which something is asked, and its ratio."""
    v = slots.gradients[slot][room.at[slot]]
    tally.counts[WILD_GRADIENTS] += (v & numbers.mask) >= numbers.infinity
    if state == OPEN:
        return UNPROVED, 0.0
    if tied:
        return hold_kink(v, g, slope, values, tally)
    return hold(v, g, slope, numbers, values)


@inlined
def take_output(
    slots: Slots,
    e: int,
    g: int,
    seen: tuple[int, float, float, int, float],
    zero: bool,
    sums: Sums,
    numbers: Numbers,
    values: NDArray[np.float64],
    room: Room,
    tally: Tally,
) -> None:
    """Hold the full entries of an output, and give its cotangent to the broadcast ones."""
    state, first, second, touched, _ = seen
    size = g & numbers.mask
    wild, touched = size >= numbers.infinity, touched & slots.moving
    free = touched if wild or state == LOST or (state == JUMP and size != 0) else 0
    kink = slots.kind == SIGNS and state == JUDGED and zero and slots.moving & 1 != 0
    active = size != 0 and not wild and state == JUDGED
    tally.counts[TIED] += kink
    tally.counts[WILD_COTANGENTS] += wild
    proved, grades, ratio = True, (EXACT, EXACT), 0.0
    for slot in range(2):
        slope, tied = first if slot == 0 else second, kink and active and slot == 0
        if slots.full & ~free & 1 << slot:
            grade, part = hold_full(
                slots, slot, g, state, slope, tied, numbers, values, room, tally
            )
            grades = (grade, grades[1]) if slot == 0 else (grades[0], grade)
            proved, ratio = proved and grade != UNPROVED, max(ratio, part)
        elif slots.moving & ~slots.full & 1 << slot:
            place = sums.base[slot] + room.at[slot]
            sums.tally[place, FREE] |= free >> slot & 1
            sums.blocked[place] |= state == OPEN
            if active:
                give(sums, place, slope, tied, value_of(g, values))
    note(slots, e, proved, grades, free, kink and active, ratio, tally)


@inlined
def note(
    slots: Slots,
    e: int,
    proved: bool,
    grades: tuple[int, int],
    free: int,
    tied: bool,
    ratio: float,
    tally: Tally,
) -> None:
    """Count the full entries of an output."""
    counts, full = tally.counts, slots.full & slots.moving
    if proved:
        for slot in range(2):
            if full & 1 << slot:
                freed = free >> slot & 1 != 0
                counts[FREED if freed else GRADE + grades[slot]] += 1
        counts[CLARKE] += tied and full & 1 != 0
        tally.ratio[0] = max(tally.ratio[0], ratio)
    elif full:
        counts[UNPROVEN] += (full & 1) + (full >> 1 & 1)
        put(tally.open, tally.rules, 2, e)


@compiled
def pass_divisions(
    slots: Slots,
    axes: Axes,
    cotangent: Keys,
    output: Keys,
    sums: Sums,
    numbers: Numbers,
    values: NDArray[np.float64],
    room: Room,
    tally: Tally,
    doubts: Open,
) -> None:
    """Hold the full entries against the operation, and sum what the broadcast ones are given.

    Args:
        slots: The operands.
        axes: How they go together with the outputs.
        cotangent: The cotangents.
        output: The outputs, or none.
        sums: The sums.
        numbers: The format.
        values: Its values.
        room: Room for one output.
        tally: What is counted.
        doubts: Where the outputs go that are not proved to be right.
    """
    at, inner = room.at, axes.shape[-1]
    for row in range(cotangent.size // inner):
        begin(axes, row, at)
        for e in range(row * inner, (row + 1) * inner):
            x, y = slots.numbers[0][at[0]], slots.numbers[1][at[1]]
            seen = look(slots, x, y, values)
            zero = (x & numbers.mask) == 0
            nan = (x & numbers.mask) > numbers.infinity or (y & numbers.mask) > numbers.infinity
            left, by = value_of(x, values), value_of(y, values)
            tally.counts[INFINITE] += (
                seen[3] & slots.moving != 0 and not nan and is_infinite(slots, left, by)
            )
            if output.size and not is_right(
                slots, output[e], x, y, (seen[0], seen[4]), numbers, values
            ):
                put(doubts.outputs, doubts.left, 1, e)
            take_output(slots, e, cotangent[e], seen, zero, sums, numbers, values, room, tally)
            advance(axes, at)


@inlined
def is_infinite(slots: Slots, x: float, y: float) -> bool:
    """Return whether an output of numbers is none: infinite, or a remainder that there is not."""
    if slots.kind == SIGNS or abs(x) == np.inf or y == 0.0:
        return abs(x) == np.inf or slots.kind != SIGNS
    return slots.kind == FLOORED and abs(y) == np.inf and x != 0.0 and (x > 0) != (y > 0)

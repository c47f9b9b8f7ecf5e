"""One pass over the outputs of an operation that chooses among entries of several operands.

**Entries of their own.** An operand that is not broadcast is *full*: each output has an entry of it
for itself. What one row of the Jacobian alone reaches is held bit for bit: the chosen entry has the
cotangent `g`, the others 0. Where several are equal the Clarke set is all mixtures `g p`, `p >= 0`,
that sum to 1 (a constant among them may take any part). Gradients `v` with the sign of `g` and the
sum `V` are near the point of it with the shares `v / V`: each is off by `|v| |V - g| / |V|`. With
one output of several branches the theory's bound is not below the smaller one of `u |g|` and
`3 u |g| |v| / |V|`. So they are within rounding if `|v| |V - g| <= u |g| |V|` for each of them, and
`|V - g| <= 3 u |g|`; `V - g` is had by exact sums of two.

**Sums.** To an entry that is broadcast several outputs add. Its point is the sum of what they give,
and is held against the theory's bound for sums. Where it is equal to a full entry, it has what the
full one leaves of the cotangent: every selection of such outputs is realizable, for each has an
input of its own that may move either way. Where it is equal to broadcast entries alone, one rule
holds for the whole layer: the first of them, the last, or half for both. The first two are
realizable: every operand moves as a whole, ahead of those that come behind it or after them, and a
full entry moves as it likes. The third is halfway between them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.scale.averaging import put
from oracle.scale.bits import Keys, Numbers, key_of, value_of
from oracle.scale.bounding import EXACT, NARROW, UNPROVED, within
from oracle.scale.compiling import compiled, inlined
from oracle.scale.giving import (
    CLARKE,
    EVEN,
    FIRST,
    FREED,
    GRADE,
    INFINITE,
    LAST,
    OUTSIDE,
    TIED,
    UNPROVEN,
    WILD_COTANGENTS,
    WILD_GRADIENTS,
    WRONG,
)
from oracle.scale.passing import is_plain
from oracle.scale.refusing import SHOWN, is_no_mixture
from oracle.scale.rows import EXCESS, FREE, LOOSE, LOW, REST, SHARES, add, two_sum
from oracle.scale.slots import CHOSEN, CLAMPED, FLAGS, NUMBER, PAIR, SLOTS, Axes, Slots

JUDGED, JUMP, LOST = range(3)
"""What an output is: a choice; a jump, of which nothing is asked; NaN, likewise, even times 0."""
ALL_RULES = 1 << FIRST | 1 << LAST | 1 << EVEN
"""The rules, as bits."""


class Sums(NamedTuple):
    """What broadcast entries have been given; those of a slot begin at its `base`.

    Attributes:
        base: Slot -> the place of its first entry.
        terms: Place -> how many numbers were added.
        sums: Place -> as `rows` names them.
        tally: Place -> likewise.
        blocked: Place -> whether an output gave what is not known.
        products: Place -> how many roundings each number has cost already, at most.
    """

    base: NDArray[np.int64]
    terms: NDArray[np.int32]
    sums: NDArray[np.float64]
    tally: NDArray[np.int32]
    blocked: NDArray[np.uint8]
    products: NDArray[np.uint8]


class Tally(NamedTuple):
    """What a pass counts.

    Attributes:
        counts: As `giving` names them.
        ratio: The largest ratio.
        open: The first open outputs.
        rules: The rules that all ties follow, as bits; how many ties a rule of the layer decides;
            how many outputs are open; how many are certainly outside.
    """

    counts: NDArray[np.int64]
    ratio: NDArray[np.float64]
    open: NDArray[np.int64]
    rules: NDArray[np.int64]


class Room(NamedTuple):
    """Room for one output.

    Attributes:
        at: Slot -> the number of its entry; behind these that of the condition.
        v: Slot -> the gradient of its entry.
    """

    at: NDArray[np.int64]
    v: NDArray[np.float64]


def sums_of(slots: Slots) -> Sums:
    """Return empty sums."""
    sizes = [
        numbers.size if slots.moving & ~slots.full & 1 << slot else 0
        for slot, numbers in enumerate(slots.numbers)
    ]
    base = np.array([sum(sizes[:slot]) for slot in range(SLOTS)], np.int64)
    return empty_sums(sum(sizes))._replace(base=base)


def empty_sums(size: int) -> Sums:
    """Return empty sums of one operand."""
    return Sums(
        base=np.zeros(1, np.int64),
        terms=np.zeros(size, np.int32),
        sums=np.zeros((size, 4)),
        tally=np.zeros((size, 4), np.int32),
        blocked=np.zeros(size, np.uint8),
        products=np.zeros(size, np.uint8),
    )


@inlined
def place_of(slots: Slots, slot: int, at: int, infinity: int) -> tuple[int, bool]:
    """Return where a slot's number stands among all, and whether it is NaN."""
    numbers = slots.numbers[slot]
    if numbers.size == 0:
        return slots.fixed[slot], False
    key: int = np.int64(key_of(numbers[at], infinity))  # type: ignore[assignment]
    if key > infinity:
        return key, True
    return (-key if slots.smallest else key) << slots.shift, False


@inlined
def larger(a: int, b: int, left: int, right: int) -> int:
    """Return the slots of the larger one of two places."""
    return left if a > b else right if b > a else left | right


@inlined
def choose(slots: Slots, places: tuple[int, int, int], nans: int, flag: int) -> tuple[int, int]:
    """Return what an output is, and the slots that it is equal to.

    Args:
        slots: The operands.
        places: Slot -> the place of its number.
        nans: The slots that are NaN.
        flag: The condition.
    """
    first, second, third = places
    if slots.kind == CHOSEN:
        return JUDGED, (1 if flag else 2)
    if nans:
        if slots.kind == NUMBER and nans < 3:
            return JUDGED, 3 ^ nans
        return (JUMP if slots.kind == PAIR else LOST), slots.present
    chosen = larger(first, second, 1, 2)
    if slots.kind == CLAMPED:
        return JUDGED, larger(-max(first, second), -third, chosen, 4)
    return JUDGED, chosen


@inlined
def look(slots: Slots, at: NDArray[np.int64], numbers: Numbers) -> tuple[int, int, bool, bool]:
    """Return what an output is.

    Returns:
        As `choose`; whether it is NaN; whether it is infinite.
    """
    first, first_nan = place_of(slots, 0, at[0], numbers.infinity)
    second, second_nan = place_of(slots, 1, at[1], numbers.infinity)
    third, third_nan = first, False
    if slots.present & 4:
        third, third_nan = place_of(slots, 2, at[2], numbers.infinity)
    nans = first_nan | second_nan << 1 | third_nan << 2
    flag = slots.flags[at[FLAGS]] if slots.flags.size else 0
    state, chosen = choose(slots, (first, second, third), nans, flag)
    top = first if chosen & 1 else second if chosen & 2 else third
    nan = (chosen & nans) != 0
    return state, chosen, nan, not nan and abs(top) == numbers.infinity << slots.shift


@inlined
def is_right(
    slots: Slots, y: int, chosen: int, nan: bool, at: NDArray[np.int64], numbers: Numbers
) -> bool:
    """Return whether an output is one of the numbers that it is equal to, or NaN."""
    if nan:
        return (y & numbers.mask) > numbers.infinity
    for slot in range(SLOTS):
        if chosen & 1 << slot:
            if slots.numbers[slot].size == 0:
                if y == slots.lower[slot] or y == slots.upper[slot]:
                    return True
            elif y == slots.numbers[slot][at[slot]]:
                return True
    return False


@inlined
def mixed(a: float, b: float, c: float, g: float, numbers: Numbers) -> tuple[int, float]:
    """Return the grade of a mixture of equal entries, and its ratio; 0 stands for none."""
    for v in (a, b, c):
        if not abs(v) < np.inf or (v != 0.0 and (v > 0) != (g > 0)):
            return UNPROVED, 0.0
    part, lost = two_sum(a, b)
    total, more = two_sum(part, c)
    off, rest = two_sum(total, -g)
    # without rest and more, off + lost is 0 only if it is so exactly
    slack = 0.0 if rest == 0.0 and more == 0.0 else 2.0**-100 * abs(g)
    distance = abs(off + (lost + rest + more)) * (1 + 2.0**-50) + slack
    if distance == 0.0:
        return EXACT, 0.0
    return blended(max(abs(a), abs(b), abs(c)), total, distance, abs(g), numbers)


@inlined
def blended(
    largest: float, total: float, distance: float, size: float, numbers: Numbers
) -> tuple[int, float]:
    """Return the grade of a mixture that is not exact, and its ratio.

    Args:
        largest: The largest of the gradients, in absolute value.
        total: Their sum `V`.
        distance: No less than `|V - g|`.
        size: `|g|`.
        numbers: The format.
    """
    if total == 0.0 or not numbers.floor < size < numbers.ceiling:
        return UNPROVED, 0.0
    allowed = numbers.unit * size * (1 - 2.0**-40)
    ratio = max(largest / abs(total) * distance / allowed, distance / (3 * allowed))
    return (NARROW if ratio <= 1 else UNPROVED), ratio


@inlined
def count_bits(bits: int) -> int:
    """Return how many of three bits are set."""
    return (bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1)


@inlined
def first_of(bits: int) -> int:
    """Return the lowest bit that is set."""
    return bits & -bits


@inlined
def last_of(bits: int) -> int:
    """Return the highest of three bits that is set."""
    return 4 if bits & 4 else 2 if bits & 2 else bits & 1


@inlined
def hold_tied(
    slots: Slots, chosen: int, v: NDArray[np.float64], g: float, numbers: Numbers, tally: Tally
) -> tuple[int, float, float]:
    """Hold the full entries among equal ones; return their grade, its ratio, and what they leave.

    Args:
        slots: The operands.
        chosen: The slots that are equal.
        v: Slot -> the gradient of its entry; of those that are not full and equal, 0.
        g: The cotangent.
        numbers: The format.
        tally: Where the rules go that they follow.
    """
    full, others = chosen & slots.full, chosen & ~slots.full
    follow(chosen, full, v, g, tally)
    if not others:
        grade, ratio = mixed(v[0], v[1], v[2], g, numbers)
        return grade, ratio, 0.0
    part, lost = two_sum(v[0], v[1])
    total, more = two_sum(part, v[2])
    for k in range(SLOTS):
        if not min(0.0, g) <= v[k] <= max(0.0, g):
            return UNPROVED, 0.0, 0.0
    if lost + more != 0.0 or abs(total) > abs(g):
        return UNPROVED, 0.0, 0.0
    return EXACT, 0.0, total


@inlined
def follow(chosen: int, full: int, v: NDArray[np.float64], g: float, tally: Tally) -> None:
    """Note the rules that the full ones among equal entries follow."""
    found = ALL_RULES if count_bits(chosen) == 2 else ALL_RULES & ~(1 << EVEN)
    for k in range(SLOTS):
        if full & 1 << k:
            if v[k] != (g if first_of(chosen) == 1 << k else 0.0):
                found &= ~(1 << FIRST)
            if v[k] != (g if last_of(chosen) == 1 << k else 0.0):
                found &= ~(1 << LAST)
            if 2 * v[k] != g:
                found &= ~(1 << EVEN)
    tally.rules[0] &= found


@inlined
def share(sums: Sums, place: int, part: float, rest: float, g: float, tied: int) -> None:
    """Add what an output gives to a broadcast entry: `part + rest` of `g`."""
    size = abs(part)
    sums.tally[place, SHARES] += tied
    if part == 0.0:
        sums.tally[place, REST] += 1
        sums.sums[place, EXCESS] += abs(g)
        return
    add(sums.terms, sums.sums, sums.tally, place, part, size)
    sums.sums[place, EXCESS] += (abs(g) - size) * tied
    if rest != 0.0:
        sums.sums[place, LOW] += rest
        sums.tally[place, LOOSE] = 1


@inlined
def ruled(chosen: int, slot: int, g: float, rule: int) -> float:
    """Return what a rule gives to one of several equal entries."""
    first, last = first_of(chosen) == 1 << slot, last_of(chosen) == 1 << slot
    if rule == EVEN:
        return g / 2 if first or last else 0.0
    return g if (first if rule == FIRST else last) else 0.0


@inlined
def give(
    slots: Slots,
    sums: Sums,
    chosen: int,
    free: int,
    at: NDArray[np.int64],
    g: float,
    left: float,
    known: bool,
    rule: int,
) -> None:
    """Give an output's cotangent to the broadcast entries that it is equal to.

    Args:
        slots: The operands.
        sums: Where it goes.
        chosen: The slots that it is equal to; none if it gives nothing.
        free: The slots of which nothing is asked.
        at: Slot -> its entry.
        g: The cotangent.
        left: What full entries have of it.
        known: Whether that is known.
        rule: The rule for broadcast entries alone.
    """
    wide = slots.moving & ~slots.full
    tied = chosen & (chosen - 1) != 0
    for slot in range(SLOTS):
        if not wide & 1 << slot:
            continue
        place = sums.base[slot] + at[slot]
        if free & 1 << slot:
            sums.tally[place, FREE] = 1
        elif chosen & 1 << slot:
            if not tied:
                share(sums, place, g, 0.0, g, 0)
            elif not chosen & slots.full:
                share(sums, place, ruled(chosen, slot, g, rule), 0.0, g, 1)
            elif known and chosen & ~slots.full == 1 << slot:
                part, rest = two_sum(g, -left)
                share(sums, place, part, rest, g, 1)
            else:
                sums.blocked[place] = 1


@inlined
def settle(
    slots: Slots,
    chosen: int,
    free: int,
    at: NDArray[np.int64],
    g: int,
    active: bool,
    numbers: Numbers,
) -> tuple[int, int]:
    """Hold the full entries of an output that is not tied.

    Returns:
        Whether they are proved, and how many are NaN or infinite that should not be.
    """
    proved, wild = 1, 0
    for slot in range(SLOTS):
        bit = 1 << slot
        if not slots.full & bit or free & bit:
            continue
        v = slots.gradients[slot][at[slot]]
        wild += (v & numbers.mask) >= numbers.infinity
        if active and chosen & bit:
            proved &= is_plain(v, g, 1, numbers.mask)
        else:
            proved &= (v & numbers.mask) == 0
    return proved, wild


@inlined
def hold(
    slots: Slots,
    chosen: int,
    free: int,
    room: Room,
    g: int,
    values: NDArray[np.float64],
    numbers: Numbers,
    tally: Tally,
) -> tuple[int, float, float]:
    """Hold the full ones among equal entries; return their grade, its ratio, what they have of `g`.

    Args:
        slots: The operands.
        chosen: The slots that are equal and full.
        free: The slots that are equal, all of them.
        room: Their entries.
        g: The cotangent.
        values: The format's values.
        numbers: The format.
        tally: What is counted.
    """
    v = room.v
    for slot in range(SLOTS):
        v[slot] = 0.0
        if chosen & 1 << slot:
            bits = slots.gradients[slot][room.at[slot]]
            v[slot] = value_of(bits, values)
            tally.counts[WILD_GRADIENTS] += (bits & numbers.mask) >= numbers.infinity
    return hold_tied(slots, free, v, value_of(g, values), numbers, tally)


@inlined
def take_output(
    slots: Slots,
    e: int,
    g: int,
    right: int,
    seen: tuple[int, int, bool, bool],
    sums: Sums,
    numbers: Numbers,
    values: NDArray[np.float64],
    rule: int,
    room: Room,
    tally: Tally,
) -> None:
    """Hold the full entries of an output, and give its cotangent to the broadcast ones."""
    counts = tally.counts
    state, chosen, _, infinite = seen
    size = g & numbers.mask
    wild, moved = size >= numbers.infinity, chosen & slots.moving
    free = moved if wild or state == LOST or (state == JUMP and size != 0) else 0
    active = size != 0 and not wild and state == JUDGED
    branches = count_bits(moved) + ((chosen & ~slots.moving) != 0)
    tied = state == JUDGED and moved != 0 and branches > 1
    counts[TIED] += tied
    counts[INFINITE] += infinite and moved != 0
    counts[WILD_COTANGENTS] += wild
    counts[WRONG] += not right
    grade, part, had = EXACT, 0.0, 0.0
    held = chosen & slots.full if tied and active else 0
    if held:
        grade, part, had = hold(slots, held, chosen, room, g, values, numbers, tally)
    elif tied and active:
        tally.rules[0] &= 1 << rule
        tally.rules[1] += 1
    known = grade != UNPROVED
    proved, strange = settle(slots, chosen & ~held, free | held, room.at, g, active, numbers)
    counts[WILD_GRADIENTS] += strange
    if slots.moving & ~slots.full:
        number = value_of(g, values) if active else 0.0
        give(slots, sums, chosen if active else 0, free, room.at, number, had, known, rule)
    if known and proved:
        tally.ratio[0] = max(tally.ratio[0], part)
    refused = 0
    if state == JUDGED and not (wild or (known and proved)) and numbers.lost == 0.0:
        refused = not proved
        if held:
            number = value_of(g, values)
            refused = is_no_mixture(room.v, proved != 0, held == chosen, number, numbers)
    note(slots, e, known and proved != 0, refused, grade, free, held, tally)


@inlined
def note(
    slots: Slots,
    e: int,
    proved: bool,
    refused: int,
    grade: int,
    free: int,
    held: int,
    tally: Tally,
) -> None:
    """Count the full entries of an output; the first that are refused are left open, too."""
    counts, full = tally.counts, count_bits(slots.full)
    if proved:
        freed, own = count_bits(free & slots.full), count_bits(held)
        counts[FREED] += freed
        counts[GRADE + grade] += own
        counts[CLARKE] += own
        counts[GRADE + EXACT] += full - freed - own
        return
    tally.rules[3] += refused
    if refused and tally.rules[3] > SHOWN:
        counts[OUTSIDE] += full
    elif full:
        counts[UNPROVEN] += full
        put(tally.open, tally.rules, 2, e)


@inlined
def begin(axes: Axes, row: int, at: NDArray[np.int64]) -> None:
    """Find the entries of the first output of a row."""
    at[:] = 0
    for d in range(axes.shape.size - 2, -1, -1):
        number = row % axes.shape[d]
        row //= axes.shape[d]
        for slot in range(SLOTS + 1):
            at[slot] += number * axes.steps[slot, d]


@inlined
def advance(axes: Axes, at: NDArray[np.int64]) -> None:
    """Go on to the entries of the next output of a row."""
    for slot in range(SLOTS + 1):
        at[slot] += axes.steps[slot, -1]


@compiled
def pass_picks(
    slots: Slots,
    axes: Axes,
    cotangent: Keys,
    output: Keys,
    sums: Sums,
    numbers: Numbers,
    values: NDArray[np.float64],
    rule: int,
    room: Room,
    tally: Tally,
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
        rule: The rule for broadcast entries that are equal to no full one.
        room: Room for one output.
        tally: What is counted.
    """
    at, inner = room.at, axes.shape[-1]
    for row in range(cotangent.size // inner):
        begin(axes, row, at)
        for e in range(row * inner, (row + 1) * inner):
            seen = look(slots, at, numbers)
            right = 1
            if output.size:
                right = is_right(slots, output[e], seen[1], seen[2], at, numbers)
            take_output(
                slots, e, cotangent[e], right, seen, sums, numbers, values, rule, room, tally
            )
            advance(axes, at)


@compiled
def hold_sums(
    gradient: Keys,
    base: int,
    sums: Sums,
    numbers: Numbers,
    values: NDArray[np.float64],
    tally: Tally,
    unproved: NDArray[np.bool_],
) -> None:
    """Hold the gradient of broadcast entries against what they were given."""
    counts = tally.counts
    for i in range(gradient.size):
        place = base + i
        row = sums.tally[place]
        if row[FREE]:
            counts[FREED] += 1
            continue
        wild = (gradient[i] & numbers.mask) >= numbers.infinity
        counts[WILD_GRADIENTS] += wild
        grade = UNPROVED
        if not (wild or sums.blocked[place]):
            products = sums.products[place]
            grade, part = within(
                gradient[i], sums.terms[place], sums.sums[place], row, numbers, values, products
            )
            tally.ratio[0] = max(tally.ratio[0], part)
        unproved[i] = grade == UNPROVED
        counts[CLARKE] += row[SHARES] > 0 and grade != UNPROVED
        counts[UNPROVEN if grade == UNPROVED else GRADE + grade] += 1

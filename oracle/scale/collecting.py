"""One pass over windows that are lists, whose entries no two of them share.

Each window is a component of its own. Its Clarke set is all mixtures `g p` on what is equal in it,
`p >= 0` with the sum 1; a number, or an entry that is not differentiated, may take any part. An
untied window's entry has the cotangent `g`, bit for bit; all that is not chosen has 0.

Tied gradients `v` with the sign of `g` and the sum `V` are near the point with the shares `v / V`:
each is off by `|v| |V - g| / |V|`. With one window of several branches the theory's bound is not
below the smaller one of `u |g|` and `3 u |g| |v| / |V|` (see `picking`), however many they are.
`V` is a compensated sum of `k` numbers of one sign, so it is known up to `(k + 4)^2 2^-104 |V|`
(see `bounding`). Beside a number they are a point as they are if `|V| <= |g|`. Equal shares are
held against the theory's bound as they are anywhere else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Numbers, key_of, value_of
from oracle.scale.bounding import EXACT, UNPROVED, distance, within
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
    WRONG,
)
from oracle.scale.lists import NOTHING, Lists
from oracle.scale.passing import Layer, is_plain
from oracle.scale.picking import blended
from oracle.scale.ranking import Desk, Held
from oracle.scale.rows import HIGH, LOOSE, LOW, SHARES, SIZE, add, split

NAN = (1 << 63) - 1
"""The place of NaN, above all others."""
STILL, NONE = -1, -2
"""In the place of an entry: what does not move; nothing yet."""


@inlined
def place_of(layer: Layer, lists: Lists, i: int, infinity: int) -> int:
    """Return where an entry stands among all."""
    key: int = np.int64(key_of(layer.input[i], infinity))  # type: ignore[assignment]
    if key > infinity:
        return NAN
    return (-key if lists.smallest else key) << lists.shift


@inlined
def entry_of(lists: Lists, at: tuple[int, int, int], w: int, k: int) -> int:
    """Return an entry of an output's list; -1 stands for the one in its own place."""
    if k < 0:
        return w
    block, number, column = at
    row: int = lists.rows[lists.start[number] + k]
    return lists.owns + (block * lists.length + row) * lists.inner + column


@inlined
def moves(lists: Lists, i: int) -> bool:
    """Return whether an entry is differentiated."""
    return lists.moving[0] <= i < lists.moving[1]


@inlined
def look(
    layer: Layer, lists: Lists, at: tuple[int, int, int], w: int, infinity: int
) -> tuple[int, int, int, int, int]:
    """Return what an output chooses.

    Returns:
        The place of its value; how many entries that move, and how many others, have it; the first
        of all and the last, or `STILL`.
    """
    n = lists.start[at[1] + 1] - lists.start[at[1]]
    before = lists.included != 0 or n == 0
    top, moving, still, first, last = NOTHING, 0, 0, NONE, NONE
    if before and lists.fixed != NOTHING:
        top, still, first, last = lists.fixed, 1, STILL, STILL
    for k in range(-1 if before and lists.owns else 0, n):
        i = entry_of(lists, at, w, k)
        place = place_of(layer, lists, i, infinity)
        if place < top:
            continue
        if place > top:
            top, moving, still, first = place, 0, 0, NONE
        moved = moves(lists, i)
        moving += moved
        still += not moved
        last = i if moved else STILL
        first = last if first == NONE else first
    return top, moving, still, first, last


@inlined
def is_right(
    layer: Layer, lists: Lists, at: tuple[int, int, int], w: int, top: int, numbers: Numbers
) -> bool:
    """Return whether an output is one of the numbers that it chooses among, or NaN."""
    y: int = layer.output[w]
    if top == NAN:
        return (y & numbers.mask) > numbers.infinity
    n = lists.start[at[1] + 1] - lists.start[at[1]]
    before = lists.included != 0 or n == 0
    if before and lists.fixed == top and (y == lists.ends[0] or y == lists.ends[1]):
        return True
    for k in range(-1 if before and lists.owns else 0, n):
        i = entry_of(lists, at, w, k)
        if layer.input[i] == y and place_of(layer, lists, i, numbers.infinity) == top:
            return True
    return False


@compiled
def survey(
    layer: Layer,
    lists: Lists,
    at: tuple[int, int, int],
    w: int,
    chosen: tuple[int, int, int],
    numbers: Numbers,
    held: Held,
) -> tuple[int, bool, int]:
    """Look at the gradients of a window.

    Args:
        layer: The tensors.
        lists: The lists.
        at: Block, list and column of the output.
        w: The output.
        chosen: The place of its value; the first of what it chooses among, and the last.
        numbers: The format.
        held: What is counted.

    Returns:
        How many there are; whether all that are not tied are 0; which of the rules first-index and
        last-index the others follow, as bits.
    """
    top, first, last = chosen
    g, size, others, rules = layer.cotangent[w], 0, True, 1 << FIRST | 1 << LAST
    n = lists.start[at[1] + 1] - lists.start[at[1]]
    for k in range(-1 if lists.owns else 0, n):
        i = entry_of(lists, at, w, k)
        if not moves(lists, i):
            continue
        size += 1
        v = layer.gradient[i]
        zero = (v & numbers.mask) == 0
        held.counts[WILD_GRADIENTS] += (v & numbers.mask) >= numbers.infinity
        if not is_tied(layer, lists, i, k, n, top, numbers.infinity):
            others &= zero
            continue
        if not (is_plain(v, g, 1, numbers.mask) if i == first else zero):
            rules &= ~(1 << FIRST)
        if not (is_plain(v, g, 1, numbers.mask) if i == last else zero):
            rules &= ~(1 << LAST)
    return size, others, rules


@inlined
def is_tied(layer: Layer, lists: Lists, i: int, k: int, n: int, top: int, infinity: int) -> bool:
    """Return whether an entry takes part and has the output's value."""
    return (k >= 0 or lists.included != 0 or n == 0) and (
        place_of(layer, lists, i, infinity) == top
    )


@compiled
def is_even(
    layer: Layer,
    lists: Lists,
    at: tuple[int, int, int],
    w: int,
    top: int,
    count: int,
    desk: Desk,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> tuple[bool, float]:
    """Return whether what is tied has equal shares, of `count`, and the ratio; note the grades."""
    desk.terms[0] = 0
    desk.sums[0] = 0.0
    desk.tally[0] = 0
    desk.tally[0, SHARES] = 1
    split(desk.terms, desk.sums, desk.tally, 0, value_of(layer.cotangent[w], values), count)
    ratio, n = 0.0, lists.start[at[1] + 1] - lists.start[at[1]]
    for k in range(-1 if lists.owns else 0, n):
        i = entry_of(lists, at, w, k)
        if not (moves(lists, i) and is_tied(layer, lists, i, k, n, top, numbers.infinity)):
            continue
        bits = layer.gradient[i]
        if (bits & numbers.mask) >= numbers.infinity:
            return False, 0.0
        grade, part = within(bits, 1, desk.sums[0], desk.tally[0], numbers, values)
        if grade == UNPROVED:
            return False, 0.0
        desk.grades[grade] += 1
        ratio = max(ratio, part)
    return True, ratio


@compiled
def mixture(
    layer: Layer,
    lists: Lists,
    at: tuple[int, int, int],
    w: int,
    top: int,
    still: int,
    desk: Desk,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> tuple[int, float]:
    """Return the grade of a mixture of what is tied, and its ratio."""
    desk.terms[0] = 0
    desk.sums[0] = 0.0
    desk.tally[0] = 0
    g, largest = value_of(layer.cotangent[w], values), 0.0
    n = lists.start[at[1] + 1] - lists.start[at[1]]
    for k in range(-1 if lists.owns else 0, n):
        i = entry_of(lists, at, w, k)
        if not (moves(lists, i) and is_tied(layer, lists, i, k, n, top, numbers.infinity)):
            continue
        v = value_of(layer.gradient[i], values)
        if not abs(v) < np.inf or (v != 0.0 and (v > 0) != (g > 0)):
            return UNPROVED, 0.0
        add(desk.terms, desk.sums, desk.tally, 0, v, abs(v))
        largest = max(largest, abs(v))
    high, low, size = desk.sums[0, HIGH], desk.sums[0, LOW], desk.sums[0, SIZE]
    terms = desk.terms[0] + 4.0
    slack = terms * terms * 2.0**-104 * size
    near, far, sign = distance(g, high, low, desk.tally[0, LOOSE], slack)
    if far == 0.0 or (still and near >= 0.0 and (sign > 0) == (g > 0)):
        return EXACT, 0.0
    if still:
        return UNPROVED, 0.0
    return blended(largest, high, far, abs(g), numbers)


@inlined
def hold_tied(
    layer: Layer,
    lists: Lists,
    at: tuple[int, int, int],
    w: int,
    seen: tuple[int, int, int],
    rules: int,
    desk: Desk,
    numbers: Numbers,
    values: NDArray[np.float64],
    held: Held,
) -> bool:
    """Return whether a mixture explains what is tied; note its rules, its ratio and its grades.

    Args:
        layer: The tensors.
        lists: The lists.
        at: Block, list and column of the output.
        w: The output.
        seen: The place of its value; how many entries that move, and how many others, have it.
        rules: Those of first-index and last-index that are followed bit for bit.
        desk: Room.
        numbers: The format.
        values: Its values.
        held: What is counted.
    """
    top, moving, still = seen
    desk.grades[:] = 0
    size = abs(value_of(layer.cotangent[w], values))
    # so small a cotangent that one rule is within rounding of another
    tiny = not size > 8 * (numbers.eta + numbers.lost)
    even, ratio = False, 0.0
    if rules:
        rules &= 1 << FIRST if tiny else rules
        desk.grades[EXACT] = moving
    else:
        if not still or moving == 1:
            count = moving + (still > 0)
            even, ratio = is_even(layer, lists, at, w, top, count, desk, numbers, values)
            rules = 1 << EVEN if even and not tiny else 0
        if not even:
            grade, ratio = mixture(layer, lists, at, w, top, still, desk, numbers, values)
            if grade == UNPROVED:
                return False
            desk.grades[:] = 0
            desk.grades[grade] = moving
    held.rules[0] &= rules
    held.ratio[0] = max(held.ratio[0], ratio)
    return True


@inlined
def take_window(
    layer: Layer,
    lists: Lists,
    at: tuple[int, int, int],
    w: int,
    desk: Desk,
    numbers: Numbers,
    values: NDArray[np.float64],
    held: Held,
) -> None:
    """Hold the gradients of a window."""
    counts, infinity = held.counts, numbers.infinity
    top, moving, still, first, last = look(layer, lists, at, w, infinity)
    size = layer.cotangent[w] & numbers.mask
    wild, several = size >= infinity, moving > 0 and moving + (still > 0) > 1
    counts[WILD_COTANGENTS] += wild
    counts[TIED] += several
    counts[INFINITE] += moving > 0 and abs(top) == infinity << lists.shift
    if layer.output.size:
        counts[WRONG] += not is_right(layer, lists, at, w, top, numbers)
    entries, proved, rules = survey(layer, lists, at, w, (top, first, last), numbers, held)
    freed = moving if wild else 0
    tied = moving if several and size and not wild else 0
    if tied and proved:
        seen = (top, moving, still)
        proved = hold_tied(layer, lists, at, w, seen, rules, desk, numbers, values, held)
    elif not wild:
        proved = proved and rules >> FIRST & 1 != 0
    if not proved:
        counts[UNPROVEN] += entries
        held.open[w] = True
        return
    counts[FREED] += freed
    counts[CLARKE] += tied
    counts[GRADE + EXACT] += entries - freed - tied
    for grade in range(UNPROVED if tied else 0):
        counts[GRADE + grade] += desk.grades[grade]


@compiled
def pass_lists(
    layer: Layer,
    lists: Lists,
    desk: Desk,
    numbers: Numbers,
    values: NDArray[np.float64],
    held: Held,
) -> None:
    """Hold the gradients of all windows; the own entries and the source's are one array."""
    w = 0
    for block in range(lists.outer):
        for number in range(lists.start.size - 1):
            for column in range(lists.inner):
                at = (block, number, column)
                take_window(layer, lists, at, w, desk, numbers, values, held)
                w += 1

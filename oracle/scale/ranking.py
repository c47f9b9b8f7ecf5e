"""One pass over rows whose outputs are their k-th smallest numbers: sorts, medians, the k largest.

In order, equal numbers stand beside each other: a **group**. An output of rank `r` chooses within
the group at `r`, and every selection that gives different inputs to different ranks is realizable,
by the direction that puts them in this order. An input that equals no other has the cotangent of
its rank, bit for bit, or 0. A group of several is explained if its gradients are the cotangents of
its ranks, and 0 for each rank that is no output, in any order; or by equal shares, the mean over
all orders, within the theory's bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Keys, Numbers, key_of, value_of
from oracle.scale.bounding import EXACT, UNPROVED, within
from oracle.scale.compiling import compiled, inlined
from oracle.scale.giving import (
    CLARKE,
    EVEN,
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
    WRONG,
)
from oracle.scale.ordering import put_in_order
from oracle.scale.passing import Layer, is_plain
from oracle.scale.rows import SHARES, split

RANK, MEDIAN, NUMBERS, IN_ORDER = range(4)
"""Which ranks are outputs: one; the middle, or NaN if there is one; the middle of the numbers;
several in order."""


class Ranks(NamedTuple):
    """The ranks that are outputs.

    Attributes:
        kind: As named above.
        rank: The one.
        descending: Whether several begin with the largest.
    """

    kind: int
    rank: int
    descending: int


class Desk(NamedTuple):
    """Room for a row.

    Attributes:
        keys: The keys of its inputs.
        order: Rank -> input.
        target: Rank -> output, or -1.
        given: The keys of a group's gradients; `wanted`: of its cotangents.
        ranked: Room for the order of these two.
        spare: Room for sorting.
        terms: As in `rows`, of one input.
        sums: Likewise.
        tally: Likewise.
        grades: Grade -> inputs.
    """

    keys: Keys
    order: NDArray[np.int32]
    target: NDArray[np.int32]
    given: Keys
    wanted: Keys
    ranked: NDArray[np.int32]
    spare: NDArray[np.int32]
    terms: NDArray[np.int32]
    sums: NDArray[np.float64]
    tally: NDArray[np.int32]
    grades: NDArray[np.int64]


class Held(NamedTuple):
    """What rows have come to.

    Attributes:
        counts: As `giving` names them.
        ratio: The largest ratio.
        open: Row -> whether it is open.
        rules: The rules that all ties follow, as bits.
    """

    counts: NDArray[np.int64]
    ratio: NDArray[np.float64]
    open: NDArray[np.bool_]
    rules: NDArray[np.int64]


def desk_of(size: int, like: Keys) -> Desk:
    """Return room for rows of a size."""
    keys = np.zeros((3, size), like.dtype)
    places = np.zeros((5, size), np.int32)
    return Desk(
        keys=keys[0],
        order=places[0],
        target=places[1],
        given=keys[1],
        wanted=keys[2],
        ranked=places[2:4],
        spare=places[4],
        terms=np.zeros(1, np.int32),
        sums=np.zeros((1, 4)),
        tally=np.zeros((1, 4), np.int32),
        grades=np.zeros(UNPROVED, np.int64),
    )


@inlined
def aim(ranks: Ranks, outputs: int, nans: int, target: NDArray[np.int32]) -> None:
    """Find the output of each rank."""
    n = target.size
    target[:] = -1
    if ranks.kind == IN_ORDER:
        for w in range(outputs):
            target[n - 1 - w if ranks.descending else w] = w
        return
    rank = ranks.rank
    if ranks.kind == MEDIAN:
        rank = n - nans if nans else (n - 1) // 2
    elif ranks.kind == NUMBERS:
        rank = max(n - nans - 1, 0) // 2
    target[rank] = 0


@inlined
def ruled(ranks: Ranks, last: int, start: int, stop: int, desk: Desk, rank: int) -> int:
    """Return the output that a rule gives to the input at a rank of a group, or -1."""
    w: int = -1
    if ranks.kind == IN_ORDER:
        w = desk.target[start + stop - 1 - rank if last != ranks.descending else rank]
    elif rank == (stop - 1 if last else start):
        for other in range(start, stop):
            w = max(w, desk.target[other])
    return w


@inlined
def is_ruled(
    ranks: Ranks, last: int, start: int, stop: int, desk: Desk, g: Keys, v: Keys, mask: int
) -> bool:
    """Return whether a group follows the rule first-index, or last-index."""
    for rank in range(start, stop):
        w = ruled(ranks, last, start, stop, desk, rank)
        bits = v[desk.order[rank]]
        right = is_plain(bits, g[w], 1, mask) if w >= 0 else (bits & mask) == 0
        if not right:
            return False
    return True


@compiled
def is_exchanged(start: int, stop: int, desk: Desk, g: Keys, v: Keys, infinity: int) -> bool:
    """Return whether a group's gradients are its cotangents, in any order."""
    size = stop - start
    given, wanted = desk.given[:size], desk.wanted[:size]
    for j in range(size):
        w = desk.target[start + j]
        wanted[j] = key_of(g[w], infinity) if w >= 0 else 0
        given[j] = key_of(v[desk.order[start + j]], infinity)
    put_in_order(given, desk.ranked[0], desk.spare)
    put_in_order(wanted, desk.ranked[1], desk.spare)
    others = 0
    for j in range(size):
        others += given[desk.ranked[0, j]] != wanted[desk.ranked[1, j]]
    return others == 0


@compiled
def is_even(
    start: int,
    stop: int,
    desk: Desk,
    g: Keys,
    v: Keys,
    numbers: Numbers,
    values: NDArray[np.float64],
    ratio: NDArray[np.float64],
) -> bool:
    """Return whether a group's gradients are equal shares; count their grades."""
    desk.terms[:] = 0
    desk.sums[:] = 0.0
    desk.tally[:] = 0
    for rank in range(start, stop):
        w = desk.target[rank]
        if w >= 0 and g[w] & numbers.mask:
            desk.tally[0, SHARES] += 1
            number = value_of(g[w], values)
            split(desk.terms, desk.sums, desk.tally, 0, number, stop - start)
    for rank in range(start, stop):
        bits = v[desk.order[rank]]
        if (bits & numbers.mask) >= numbers.infinity:
            return False
        grade, part = within(bits, desk.terms[0], desk.sums[0], desk.tally[0], numbers, values)
        if grade == UNPROVED:
            return False
        desk.grades[grade] += 1
        ratio[0] = max(ratio[0], part)
    return True


@inlined
def may_be_ruled(
    ranks: Ranks,
    last: int,
    start: int,
    stop: int,
    desk: Desk,
    g: Keys,
    v: Keys,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> bool:
    """Return whether a group may be within rounding of what a rule gives.

    Every bound is at most `n u S` and what underflows, of `n` outputs that add to `S`; twice that
    is allowed here, so that the answer no is certain.
    """
    total, n = 0.0, stop - start + 4.0
    for rank in range(start, stop):
        w = desk.target[rank]
        total += abs(value_of(g[w], values)) if w >= 0 else 0.0
    reach = 2 * n * (numbers.unit * total + numbers.eta + numbers.lost)
    for rank in range(start, stop):
        w = ruled(ranks, last, start, stop, desk, rank)
        expected = value_of(g[w], values) if w >= 0 else 0.0
        if abs(value_of(v[desk.order[rank]], values) - expected) > reach:
            return False
    return True


@inlined
def hold_group(
    ranks: Ranks,
    start: int,
    stop: int,
    desk: Desk,
    g: Keys,
    v: Keys,
    numbers: Numbers,
    values: NDArray[np.float64],
    held: Held,
) -> bool:
    """Return whether a group of several that takes part is explained."""
    found = 0
    for last in range(2):
        if is_ruled(ranks, last, start, stop, desk, g, v, numbers.mask):
            found |= 1 << (LAST if last else FIRST)
    if found or is_exchanged(start, stop, desk, g, v, numbers.infinity):
        desk.grades[EXACT] += stop - start
    elif is_even(start, stop, desk, g, v, numbers, values, held.ratio):
        found = 1 << EVEN  # unless that is no more than rounding of another rule
        for last in range(2):
            if may_be_ruled(ranks, last, start, stop, desk, g, v, numbers, values):
                found = 0
    else:
        return False
    held.rules[0] &= found
    return True


@inlined
def is_wrong(
    layer: Layer, first: int, start: int, stop: int, desk: Desk, w: int, numbers: Numbers
) -> bool:
    """Return whether an output is not its group's number, bit for bit but for tied zeros."""
    y, key = layer.output[w], desk.keys[desk.order[start]]
    if key_of(y, numbers.infinity) != key:
        return True
    if key != 0:
        return False
    same = 0
    for rank in range(start, stop):
        same += layer.input[first + desk.order[rank]] == y
    return same == 0


@inlined
def take_group(
    layer: Layer,
    ranks: Ranks,
    row: int,
    start: int,
    stop: int,
    desk: Desk,
    numbers: Numbers,
    values: NDArray[np.float64],
    held: Held,
) -> tuple[bool, int, int]:
    """Hold a group against the cotangents of its ranks.

    Returns:
        Whether it is explained; of how many inputs nothing is asked; how many take part in a tie.
    """
    n, m = desk.keys.size, layer.cotangent.size // held.open.size
    g, v = layer.cotangent[row * m : (row + 1) * m], layer.gradient[row * n : (row + 1) * n]
    counts, size, active, outputs, wild = held.counts, stop - start, 0, 0, 0
    for rank in range(start, stop):
        w = desk.target[rank]
        if w >= 0:
            outputs += 1
            active += (g[w] & numbers.mask) != 0
            wild += (g[w] & numbers.mask) >= numbers.infinity
            if layer.output.size:
                counts[WRONG] += is_wrong(layer, row * n, start, stop, desk, row * m + w, numbers)
    counts[TIED] += outputs if size > 1 else 0
    counts[WILD_COTANGENTS] += wild
    key = desk.keys[desk.order[start]]
    counts[INFINITE] += outputs if abs(key) == numbers.infinity else 0
    if wild:
        return True, size, 0
    if size > 1 and active:
        return hold_group(ranks, start, stop, desk, g, v, numbers, values, held), 0, size
    desk.grades[EXACT] += size
    for rank in range(start, stop):
        bits, w = v[desk.order[rank]], desk.target[rank]
        right = is_plain(bits, g[w], 1, numbers.mask) if w >= 0 else (bits & numbers.mask) == 0
        if not right:
            return False, 0, 0
    return True, 0, 0


@compiled
def pass_ranks(
    layer: Layer,
    ranks: Ranks,
    desk: Desk,
    numbers: Numbers,
    values: NDArray[np.float64],
    held: Held,
) -> None:
    """Hold all rows, which lie one behind the other, against the ranks that are their outputs."""
    rows, n, counts = held.open.size, desk.keys.size, held.counts
    for row in range(rows):
        nans = 0
        for i in range(n):
            key = key_of(layer.input[row * n + i], numbers.infinity)
            desk.keys[i] = key
            nans += key > numbers.infinity
            bits = layer.gradient[row * n + i]
            counts[WILD_GRADIENTS] += (bits & numbers.mask) >= numbers.infinity
        counts[NANS] += nans
        put_in_order(desk.keys, desk.order, desk.spare)
        aim(ranks, layer.cotangent.size // rows, nans, desk.target)
        desk.grades[:] = 0
        start, right, free, tied = 0, True, 0, 0
        for stop in range(1, n + 1):
            if stop < n and desk.keys[desk.order[stop]] == desk.keys[desk.order[start]]:
                continue
            known, freed, part = take_group(
                layer, ranks, row, start, stop, desk, numbers, values, held
            )
            right &= known
            free += freed
            tied += part
            start = stop
        if right:
            counts[FREED] += free
            counts[CLARKE] += tied
            for grade in range(UNPROVED):
                counts[GRADE + grade] += desk.grades[grade]
        else:
            counts[UNPROVEN] += n
            held.open[row] = True

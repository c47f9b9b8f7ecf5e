"""What the windows of a row give to the inputs that a rule chooses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Keys, Numbers, key_of, value_of
from oracle.scale.comparing import count_tied, is_zero_among
from oracle.scale.compiling import compiled, inlined
from oracle.scale.rows import EXCESS, FREE, REST, SHARES, Rows, add, split, unfold
from oracle.scale.tables import Tables

FIRST, LAST, EVEN = range(3)
"""The rules."""
(
    UNPROVEN,
    TIED,
    CLARKE,
    FREED,
    NANS,
    INFINITE,
    WILD_COTANGENTS,
    WILD_GRADIENTS,
    WRONG,
    OUTSIDE,
    GRADE,
) = range(11)
"""What is counted of a plane; behind these come the grades."""
COUNTS = GRADE + 5


@inlined
def count_odd(cotangent: Keys, best: Keys, ties: Keys, numbers: Numbers) -> int:
    """Return how many windows of a row are not plain.

    Such are windows that are tied, have no input, an infinite value, NaN; or whose cotangent is
    infinite or NaN.
    """
    odd = 0
    for w in range(cotangent.size):
        odd += is_odd(cotangent[w] & numbers.mask, best[w], ties[w], numbers)
    return odd


@inlined
def give_plain(
    cotangent: Keys,
    best: Keys,
    where: NDArray[np.uint32],
    ties: Keys,
    odd: int,
    terms: NDArray[np.int32],
    bits: Keys,
    sums: NDArray[np.float64],
    tally: NDArray[np.int32],
    numbers: Numbers,
    values: NDArray[np.float64],
) -> None:
    """Give the cotangents of all plain windows of a row to their largest inputs.

    Args:
        cotangent: The cotangents.
        best: The largest keys.
        where: Their places.
        ties: Whether they are several.
        odd: How many windows are not plain.
        terms: As in `Rows`.
        bits: As in `Rows`.
        sums: As in `Rows`.
        tally: As in `Rows`.
        numbers: The format.
        values: Its values.
    """
    for w in range(cotangent.size):
        size = cotangent[w] & numbers.mask
        if size == 0 or (odd and is_odd(size, best[w], ties[w], numbers)):
            continue
        place = where[w]
        if terms[place] == 0:
            terms[place] = 1
            bits[place] = cotangent[w]
        else:
            unfold(bits, sums, values, place)
            number = value_of(cotangent[w], values)
            add(terms, sums, tally, place, number, abs(number))


@inlined
def is_odd(size: int, top: int, tie: int, numbers: Numbers) -> bool:
    """Return whether a window is not plain."""
    top_wild = (top >= numbers.infinity) | (top <= -numbers.infinity)
    return (size >= numbers.infinity) | top_wild | (tie != 0)


@compiled
def give_odd(
    cotangent: Keys,
    rows: Rows,
    tables: Tables,
    read: int,
    numbers: Numbers,
    values: NDArray[np.float64],
    rule: int,
    counts: NDArray[np.int64],
) -> None:
    """Give the cotangents of all other windows of a row to what a rule chooses; count these."""
    keys, columns, best, ties = rows.keys[:read], tables.columns, rows.best, rows.ties
    places, terms, bits, sums, tally = rows.places, rows.terms, rows.bits, rows.sums, rows.tally
    for w in range(cotangent.size):
        size, top = cotangent[w] & numbers.mask, best[w]
        if not is_odd(size, top, ties[w], numbers):
            continue
        counts[WILD_COTANGENTS] += size >= numbers.infinity
        if top == numbers.lowest:
            continue
        counts[TIED] += ties[w]
        counts[INFINITE] += abs(top) == numbers.infinity
        number = value_of(cotangent[w], values)
        if size >= numbers.infinity:
            free(keys, columns, w, top, places, tally)
        elif size and rule == EVEN:
            share_evenly(keys, columns, w, top, places, number, terms, bits, sums, tally, values)
        elif size:
            chosen = 1 if rule == FIRST else count_tied(keys, columns, w, top)
            share(keys, columns, w, top, places, number, chosen, terms, bits, sums, tally, values)


@compiled
def free(
    keys: Keys,
    columns: NDArray[np.uint32],
    w: int,
    top: int,
    places: NDArray[np.uint64],
    tally: NDArray[np.int32],
) -> None:
    """Ask nothing of the tied inputs of a window."""
    for r in range(keys.shape[0]):
        for c in range(columns.shape[0]):
            if keys[r, columns[c, w]] == top:
                tally[places[r] + columns[c, w], FREE] = 1


@compiled
def share(
    keys: Keys,
    columns: NDArray[np.uint32],
    w: int,
    top: int,
    places: NDArray[np.uint64],
    number: float,
    chosen: int,
    terms: NDArray[np.int32],
    bits: Keys,
    sums: NDArray[np.float64],
    tally: NDArray[np.int32],
    values: NDArray[np.float64],
) -> None:
    """Give the cotangent of a window to the one of its tied inputs with this number, from 1."""
    seen, size = 0, abs(number)
    for r in range(keys.shape[0]):
        for c in range(columns.shape[0]):
            if keys[r, columns[c, w]] != top:
                continue
            place = places[r] + columns[c, w]
            tally[place, SHARES] += 1
            unfold(bits, sums, values, place)
            seen += 1
            if seen == chosen:
                add(terms, sums, tally, place, number, size)
            else:
                tally[place, REST] += 1
                sums[place, EXCESS] += size


@compiled
def share_evenly(
    keys: Keys,
    columns: NDArray[np.uint32],
    w: int,
    top: int,
    places: NDArray[np.uint64],
    number: float,
    terms: NDArray[np.int32],
    bits: Keys,
    sums: NDArray[np.float64],
    tally: NDArray[np.int32],
    values: NDArray[np.float64],
) -> None:
    """Give equal shares to the tied inputs of a window."""
    count = count_tied(keys, columns, w, top)
    for r in range(keys.shape[0]):
        for c in range(columns.shape[0]):
            if keys[r, columns[c, w]] == top:
                place = places[r] + columns[c, w]
                tally[place, SHARES] += 1
                unfold(bits, sums, values, place)
                if count > 1:
                    split(terms, sums, tally, place, number, count)
                else:
                    add(terms, sums, tally, place, number, abs(number))


@compiled
def count_wrong(
    output: Keys, rows: Rows, tables: Tables, read: int, source: Keys, numbers: Numbers
) -> int:
    """Return how many outputs of a row are not their largest input, bit for bit.

    Any NaN stands for NaN, a zero may have the sign of any zero that is tied, and a window without
    an input gives -infinity.
    """
    keys, columns, best, starts = rows.keys[:read], tables.columns, rows.best, rows.sources
    wrong = 0
    for w in range(output.size):
        key, top = key_of(output[w], numbers.infinity), best[w]
        if top == numbers.lowest:
            wrong += key != -numbers.infinity
        elif key != top:
            wrong += 1
        elif key == 0:
            wrong += not is_zero_among(keys, columns, w, source, starts, output[w])
    return wrong

"""One pass over rows of running extremes: every output is the largest of what stands before it.

Outputs with one value are a **group**: each of them chooses among the inputs of this value up to
its place. The rules first-index and last-index are followed row by row. The outputs that may choose
an input are those of its group from its place on, so that numbers and magnitudes of these are had
by going through the row from its end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Keys, Numbers, key_of, value_of
from oracle.scale.bounding import UNPROVED, within
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
    WRONG,
)
from oracle.scale.passing import Layer
from oracle.scale.ranking import Held
from oracle.scale.rows import EXCESS, FREE, REST, SHARES, SIZE, add


class Track(NamedTuple):
    """Room for a row.

    Attributes:
        first: Output -> the first input of its value.
        last: Output -> the last such input up to its place.
        terms: As in `rows`.
        sums: Likewise.
        tally: Likewise.
        grades: Grade -> inputs.
    """

    first: NDArray[np.int32]
    last: NDArray[np.int32]
    terms: NDArray[np.int32]
    sums: NDArray[np.float64]
    tally: NDArray[np.int32]
    grades: NDArray[np.int64]


def track_of(size: int) -> Track:
    """Return room for rows of a size."""
    return Track(
        first=np.zeros(size, np.int32),
        last=np.zeros(size, np.int32),
        terms=np.zeros(size, np.int32),
        sums=np.zeros((size, 4)),
        tally=np.zeros((size, 4), np.int32),
        grades=np.zeros(UNPROVED, np.int64),
    )


@inlined
def mirrored(bits: int, smallest: int, infinity: int) -> int:
    """Return the key of a number, of the other sign where the smallest is wanted, or of NaN."""
    key: int = np.int64(key_of(bits, infinity))  # type: ignore[assignment]
    return -key if smallest and key <= infinity else key


@inlined
def run_along(
    layer: Layer,
    start: int,
    smallest: int,
    track: Track,
    numbers: Numbers,
    counts: NDArray[np.int64],
) -> None:
    """Find the inputs that the outputs of a row choose among; look at these."""
    top, first, last, zeros = 0, 0, 0, 0
    for w in range(track.first.size):
        bits = layer.input[start + w]
        counts[NANS] += (bits & numbers.mask) > numbers.infinity
        key = mirrored(bits, smallest, numbers.infinity)
        if w == 0 or key > top:
            top, first, zeros = key, w, 0
        if key == top:
            last = w
            zeros |= 1 if bits == 0 else 2
        track.first[w], track.last[w] = first, last
        counts[TIED] += first != last
        counts[INFINITE] += abs(top) == numbers.infinity
        if layer.output.size:
            y = layer.output[start + w]
            sign = 1 if y == 0 else 2
            wrong = mirrored(y, smallest, numbers.infinity) != top
            counts[WRONG] += wrong or (top == 0 and not zeros & sign)


@inlined
def give_along(
    cotangent: Keys,
    chosen: NDArray[np.int32],
    track: Track,
    numbers: Numbers,
    values: NDArray[np.float64],
) -> bool:
    """Give the cotangents of a row to the chosen inputs; return whether a tie takes part."""
    track.terms[:] = 0
    track.tally[:] = 0
    track.sums[:, EXCESS] = 0.0
    for w in range(cotangent.size):
        size = cotangent[w] & numbers.mask
        if size and size < numbers.infinity:
            number = value_of(cotangent[w], values)
            add(track.terms, track.sums, track.tally, chosen[w], number, abs(number))
    terms, shares, size_here, wild, tied = 0, 0, 0.0, 0, False
    for w in range(cotangent.size - 1, -1, -1):
        if w + 1 < cotangent.size and track.first[w + 1] != track.first[w]:
            terms, shares, size_here, wild = 0, 0, 0.0, 0
        size = cotangent[w] & numbers.mask
        if size >= numbers.infinity:
            wild = 1
        elif size:
            terms += 1
            shares += track.first[w] != track.last[w]
            size_here += abs(value_of(cotangent[w], values))
        if track.last[w] == w:
            own = track.sums[w, SIZE] if track.terms[w] else 0.0
            track.tally[w, SHARES] = shares
            track.tally[w, REST] = terms - track.terms[w]
            track.tally[w, FREE] = wild
            track.sums[w, EXCESS] = max(size_here - own, 0.0)
            tied |= shares > 0
    return tied


@inlined
def hold_along(
    gradient: Keys,
    track: Track,
    numbers: Numbers,
    values: NDArray[np.float64],
    ratio: float,
) -> tuple[bool, int, int, float]:
    """Hold the gradient of a row against what was given.

    Returns:
        Whether it is proved; of how many inputs nothing is asked; how many take part in a tie; the
        largest ratio.
    """
    free = tied = 0
    track.grades[:] = 0
    for i in range(gradient.size):
        if track.tally[i, FREE]:
            free += 1
            continue
        if (gradient[i] & numbers.mask) >= numbers.infinity:
            return False, 0, 0, 0.0
        grade, part = within(
            gradient[i], track.terms[i], track.sums[i], track.tally[i], numbers, values
        )
        if grade == UNPROVED:
            return False, 0, 0, 0.0
        track.grades[grade] += 1
        tied += track.tally[i, SHARES] > 0
        ratio = max(ratio, part)
    return True, free, tied, ratio


@inlined
def take_row(
    cotangent: Keys,
    gradient: Keys,
    track: Track,
    numbers: Numbers,
    values: NDArray[np.float64],
    held: Held,
) -> bool:
    """Hold a row against the two rules; count what the first that explains it has proved.

    Returns:
        Whether one does.
    """
    counts, found, active = held.counts, 0, True
    for rule in (FIRST, LAST):
        if found and not (active and held.rules[0] >> rule & 1):
            continue
        chosen = track.first if rule == FIRST else track.last
        active = give_along(cotangent, chosen, track, numbers, values)
        right, free, tied, ratio = hold_along(gradient, track, numbers, values, held.ratio[0])
        if right and not found:
            held.ratio[0] = ratio
            counts[FREED] += free
            counts[CLARKE] += tied
            for grade in range(UNPROVED):
                counts[GRADE + grade] += track.grades[grade]
        found |= right << rule
    if active:
        held.rules[0] &= found
    return found != 0


@compiled
def pass_running(
    layer: Layer,
    smallest: int,
    track: Track,
    numbers: Numbers,
    values: NDArray[np.float64],
    held: Held,
) -> None:
    """Hold all rows, which lie one behind the other, against running extremes."""
    n, counts = track.first.size, held.counts
    for row in range(held.open.size):
        start, stop = row * n, (row + 1) * n
        cotangent, gradient = layer.cotangent[start:stop], layer.gradient[start:stop]
        for i in range(n):
            counts[WILD_COTANGENTS] += (cotangent[i] & numbers.mask) >= numbers.infinity
            counts[WILD_GRADIENTS] += (gradient[i] & numbers.mask) >= numbers.infinity
        run_along(layer, start, smallest, track, numbers, counts)
        if not take_row(cotangent, gradient, track, numbers, values, held):
            counts[UNPROVEN] += n
            held.open[row] = True

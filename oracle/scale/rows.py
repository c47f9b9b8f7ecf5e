"""The row buffers of a pass: what windows have brought to the inputs of a few rows so far."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import SIGNED, Keys, fused, value_of
from oracle.scale.compiling import inlined
from oracle.scale.tables import Tables

HIGH, LOW, SIZE, EXCESS = range(4)
"""Of `sums`: the sum, rounded at each addition; what that lost; `S(z)`; `S - S(z)`."""
SHARES, REST, LOOSE, FREE = range(4)
"""Of `tally`: windows with several tied inputs (`t_i`); those of them that added nothing; whether
`HIGH + LOW` is not the whole sum; whether a NaN or infinite cotangent may reach the input."""


class Rows(NamedTuple):
    """Buffers; those of inputs hold `ring` slabs of rows, each `width` cells long.

    Attributes:
        keys: The keys of the rows that a row of windows reads.
        places: For each of these rows where it lies in the buffers.
        sources: For each of these rows where its first input lies in the tensor, less `left`.
        best: The largest key of each window.
        where: Where it lies in the buffers, the first of several.
        ties: Whether there are several.
        terms: Input -> how many numbers were added to its point.
        bits: Where that was one number, as it is stored, its bits; else 0.
        sums: Input -> as named above; but for `EXCESS` not yet made where it has no term, or bits.
        tally: Input -> as named above.
        marked: Whether a row has anything in `tally` or `EXCESS`.
        odd: The inputs of a row that are looked at one by one.
    """

    keys: NDArray[np.signedinteger]
    places: NDArray[np.uint64]
    sources: NDArray[np.int64]
    best: NDArray[np.signedinteger]
    where: NDArray[np.uint32]
    ties: NDArray[np.signedinteger]
    terms: NDArray[np.int32]
    bits: NDArray[np.signedinteger]
    sums: NDArray[np.float64]
    tally: NDArray[np.int32]
    marked: NDArray[np.int8]
    odd: NDArray[np.uint32]


def rows_of(tables: Tables, width: int) -> Rows:
    """Return empty buffers for numbers of `width` bits."""
    kind = SIGNED[width]
    read = int(tables.count_a.max(initial=0) * tables.count_b.max(initial=0))
    windows = tables.columns.shape[1]  # and some more, that loops may be whole
    slots = tables.ring * tables.size_b
    cells = slots * tables.width
    return Rows(
        keys=np.full((read, tables.width), np.iinfo(kind).min, kind),
        places=np.zeros(read, np.uint64),
        sources=np.zeros(read, np.int64),
        best=np.zeros(windows, kind),
        where=np.zeros(windows, np.uint32),
        ties=np.zeros(windows, kind),
        terms=np.zeros(cells, np.int32),
        bits=np.zeros(cells, kind),
        sums=np.zeros((cells, 4)),
        tally=np.zeros((cells, 4), np.int32),
        marked=np.zeros(slots, np.int8),
        odd=np.zeros(tables.size_c + 1, np.uint32),
    )


@inlined
def two_sum(x: float, y: float) -> tuple[float, float]:
    """Return the rounded sum of two numbers and what it lost, exactly [Higham 2002, 4.3].

    Unless it overflows: then the second is NaN.
    """
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


@inlined
def unfold(
    bits: Keys,
    sums: NDArray[np.float64],
    values: NDArray[np.float64],
    place: int,
) -> None:
    """Make the sums of an input to which one plain cotangent was given."""
    if bits[place] != 0:
        number = value_of(bits[place], values)
        sums[place, HIGH] = number
        sums[place, LOW] = 0.0
        sums[place, SIZE] = abs(number)
        bits[place] = 0


@inlined
def add(
    terms: NDArray[np.int32],
    sums: NDArray[np.float64],
    tally: NDArray[np.int32],
    place: int,
    number: float,
    size: float,
) -> None:
    """Add a number to the point of an input, whose sums are made."""
    before = terms[place]
    terms[place] = before + 1
    if before == 0:
        sums[place, HIGH] = number
        sums[place, LOW] = 0.0
        sums[place, SIZE] = size
        return
    sums[place, SIZE] += size
    total, lost = two_sum(sums[place, HIGH], number)
    sums[place, HIGH] = total
    if lost != 0.0:
        part, rest = two_sum(sums[place, LOW], lost)
        sums[place, LOW] = part
        if rest != 0.0:
            tally[place, LOOSE] = 1


@inlined
def split(
    terms: NDArray[np.int32],
    sums: NDArray[np.float64],
    tally: NDArray[np.int32],
    place: int,
    number: float,
    count: int,
) -> None:
    """Add an equal share: the rounded quotient, and that of its remainder, which is exact.

    The remainder is a multiple of the smallest subnormal and smaller than `count` ulps of the
    quotient, so that a fused product and sum makes it without rounding.
    """
    part = number / count
    size = abs(part)
    add(terms, sums, tally, place, part, size)
    sums[place, EXCESS] += abs(number) - size
    rest = fused(-part, float(count), number)
    if rest != 0.0:  # even where its quotient underflows
        sums[place, LOW] += rest / count
        tally[place, LOOSE] = 1

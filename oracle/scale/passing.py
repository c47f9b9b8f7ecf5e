"""One pass over the planes of a layer: windows, ties, and a rule's point held against the gradient.

Rows of windows come from above to below. Each is compared as a whole, cell by cell of its windows;
then its cotangents go to the row buffers, and rows of inputs that no later window reads are held
against the gradient and leave them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Keys, Numbers
from oracle.scale.bounding import EXACT, UNPROVED, within
from oracle.scale.comparing import find_largest, read_keys
from oracle.scale.compiling import compiled, inlined
from oracle.scale.giving import (
    CLARKE,
    FREED,
    GRADE,
    NANS,
    UNPROVEN,
    WILD_GRADIENTS,
    WRONG,
    count_odd,
    count_wrong,
    give_odd,
    give_plain,
)
from oracle.scale.rows import EXCESS, FREE, SHARES, Rows, unfold
from oracle.scale.tables import Tables

FREE_MARK = 2
"""In the place of 1: nothing is asked of an input."""


class Layer(NamedTuple):
    """The tensors, flat, as signed bit patterns; `output` is empty if there is none."""

    input: Keys
    cotangent: Keys
    gradient: Keys
    output: Keys


class Seen(NamedTuple):
    """What a pass writes of one plane.

    Attributes:
        counts: As `giving` names them.
        ratio: The largest ratio.
        proved: Input -> 1 if it was proved, `FREE_MARK` if nothing is asked of it, else 0; empty
            if that is not wanted.
    """

    counts: NDArray[np.int64]
    ratio: NDArray[np.float64]
    proved: NDArray[np.uint8]


@compiled
def read_rows(
    source: Keys, tables: Tables, rows: Rows, infinity: int, plane: int, out_a: int, out_b: int
) -> int:
    """Fetch the keys of the rows that a row of windows reads; return how many there are."""
    left, size, read = tables.left, tables.size_c, 0
    for i in range(tables.count_a[out_a]):
        a = tables.first_a[out_a] + i * tables.step_a
        for j in range(tables.count_b[out_b]):
            b = tables.first_b[out_b] + j * tables.step_b
            start = ((plane * tables.size_a + a) * tables.size_b + b) * size
            read_keys(source[start : start + size], rows.keys[read, left : left + size], infinity)
            rows.places[read] = ((a % tables.ring) * tables.size_b + b) * tables.width
            rows.sources[read] = start - left
            read += 1
    return read


@compiled
def take_windows(
    layer: Layer,
    tables: Tables,
    rows: Rows,
    numbers: Numbers,
    values: NDArray[np.float64],
    rule: int,
    start: int,
    read: int,
    counts: NDArray[np.int64],
) -> bool:
    """Give what a row of windows, whose first has the number `start`, has to give.

    Returns:
        Whether the rows that they read are marked from now on.
    """
    best, where, ties = rows.best, rows.where, rows.ties
    best[:] = numbers.lowest
    ties[:] = 0
    find_largest(rows.keys[:read], rows.places, tables.columns, tables.stride, best, where, ties)
    cotangent = layer.cotangent[start : start + tables.windows]
    if layer.output.size:
        output = layer.output[start : start + tables.windows]
        counts[WRONG] += count_wrong(output, rows, tables, read, layer.input, numbers)
    terms, bits, sums, tally = rows.terms, rows.bits, rows.sums, rows.tally
    odd = count_odd(cotangent, best, ties, numbers)
    give_plain(cotangent, best, where, ties, odd, terms, bits, sums, tally, numbers, values)
    if odd:
        give_odd(cotangent, rows, tables, read, numbers, values, rule, counts)
    return odd > 0


@compiled
def count_nans(source: Keys, numbers: Numbers) -> int:
    """Return how many inputs of a row are NaN."""
    nans = 0
    for c in range(source.size):
        nans += (source[c] & numbers.mask) > numbers.infinity
    return nans


@compiled
def find_odd(
    gradient: Keys,
    terms: NDArray[np.int32],
    bits: Keys,
    tally: NDArray[np.int32],
    marked: bool,
    mask: int,
    odd: NDArray[np.int32],
) -> int:
    """Find the inputs of a row that their bits do not prove; return how many there are.

    Without ties an input that one window chooses has that window's cotangent, bit for bit but for
    the sign of a zero; one that none chooses has zero.
    """
    count = 0
    for c in range(gradient.size):
        odd[count] = c
        count += not is_plain(gradient[c], bits[c], terms[c], mask) or (
            marked and (tally[c, SHARES] > 0 or tally[c, FREE] > 0)
        )
    return count


@inlined
def is_plain(gradient: int, bits: int, terms: int, mask: int) -> bool:
    """Return whether an input of no tied window is proved by its bits."""
    return terms <= 1 and (gradient == bits or ((gradient | bits) & mask) == 0)


@compiled
def hold_odd(
    odd: NDArray[np.int32],
    gradient: Keys,
    terms: NDArray[np.int32],
    bits: Keys,
    sums: NDArray[np.float64],
    tally: NDArray[np.int32],
    numbers: Numbers,
    values: NDArray[np.float64],
    seen: Seen,
    at: int,
) -> None:
    """Hold such inputs of a row, which starts at `at` in its plane, one by one."""
    counts, ratio, proved = seen.counts, seen.ratio, seen.proved
    for k in range(odd.size):
        c = np.uint32(odd[k])
        tied, grade, part = tally[c, SHARES] > 0, UNPROVED, 0.0
        if tally[c, FREE]:
            grade = -1
        elif (gradient[c] & numbers.mask) >= numbers.infinity:
            counts[WILD_GRADIENTS] += 1
        elif tied or terms[c] > 1:
            unfold(bits, sums, values, c)
            grade, part = within(gradient[c], terms[c], sums[c], tally[c], numbers, values)
            ratio[0] = max(ratio[0], part)
        counts[CLARKE] += tied and grade >= 0
        counts[FREED if grade < 0 else UNPROVEN if grade == UNPROVED else GRADE + grade] += 1
        if proved.size:
            proved[at + c] = FREE_MARK if grade < 0 else grade != UNPROVED
        sums[c, EXCESS] = 0.0
        tally[c, :] = 0


@compiled
def release(
    layer: Layer,
    tables: Tables,
    rows: Rows,
    numbers: Numbers,
    values: NDArray[np.float64],
    plane: int,
    a: int,
    seen: Seen,
) -> None:
    """Hold the rows of a slab of the plane against their buffers, and empty these."""
    size, odd = tables.size_c, rows.odd
    for b in range(tables.size_b):
        slot = (a % tables.ring) * tables.size_b + b
        at = (a * tables.size_b + b) * size
        start = plane * tables.size_a * tables.size_b * size + at
        first = slot * tables.width + tables.left
        gradient, source = layer.gradient[start : start + size], layer.input[start : start + size]
        terms, bits = rows.terms[first : first + size], rows.bits[first : first + size]
        sums, tally = rows.sums[first : first + size], rows.tally[first : first + size]
        seen.counts[NANS] += count_nans(source, numbers)
        marked = rows.marked[slot] != 0
        count = find_odd(gradient, terms, bits, tally, marked, numbers.mask, odd)
        seen.counts[GRADE + EXACT] += size - count
        if seen.proved.size:
            seen.proved[at : at + size] = 1
        if count:
            found = odd[:count]
            hold_odd(found, gradient, terms, bits, sums, tally, numbers, values, seen, at)
        terms[:] = 0
        bits[:] = 0
        rows.marked[slot] = 0


@compiled
def pass_plane(
    layer: Layer,
    tables: Tables,
    rows: Rows,
    numbers: Numbers,
    values: NDArray[np.float64],
    plane: int,
    rule: int,
    seen: Seen,
) -> None:
    """Hold the gradient of a plane against a rule's point."""
    outs_a, outs_b, done = tables.first_a.size, tables.first_b.size, 0
    for out_a in range(outs_a + 1):
        # rows that no window reads from here on: nothing more is given to them
        while done < tables.needed[out_a]:
            release(layer, tables, rows, numbers, values, plane, done, seen)
            done += 1
        for out_b in range(outs_b if out_a < outs_a else 0):
            read = read_rows(layer.input, tables, rows, numbers.infinity, plane, out_a, out_b)
            start = ((plane * outs_a + out_a) * outs_b + out_b) * tables.windows
            counts = seen.counts
            if take_windows(layer, tables, rows, numbers, values, rule, start, read, counts):
                for r in range(read):
                    rows.marked[rows.places[r] // tables.width] = 1


@compiled
def pass_planes(
    layer: Layer,
    tables: Tables,
    rows: Rows,
    numbers: Numbers,
    values: NDArray[np.float64],
    planes: NDArray[np.int64],
    rule: int,
    counts: NDArray[np.int64],
    ratios: NDArray[np.float64],
    nothing: NDArray[np.uint8],
) -> None:
    """Hold the gradients of some planes against a rule's point."""
    for k in range(planes.size):
        seen = Seen(counts[k], ratios[k : k + 1], nothing)
        pass_plane(layer, tables, rows, numbers, values, planes[k], rule, seen)

"""The windows of a row: their largest keys, where these lie, whether they are tied."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Keys, key_of
from oracle.scale.compiling import compiled, inlined


@inlined
def read_keys(source: Keys, row: Keys, infinity: int) -> None:
    """Write the keys of a row of inputs."""
    for c in range(source.size):
        row[c] = key_of(source[c], infinity)


@compiled
def find_largest(
    keys: Keys,
    places: NDArray[np.uint64],
    columns: NDArray[np.uint32],
    stride: int,
    best: Keys,
    where: NDArray[np.uint32],
    ties: Keys,
) -> None:
    """Find the largest key of each window of a row, the first place of it, and whether it is tied.

    One cell of all windows at a time, so that the loops run along rows.

    Args:
        keys: The rows that the windows read.
        places: Where these lie in the row buffers.
        columns: `[cell, window]` -> the position in a row.
        stride: 1 or 2, or 0 for any.
        best: The largest keys: nothing's, to begin with.
        where: Their places.
        ties: 1 where there are several.
    """
    for r in range(keys.shape[0]):
        for c in range(columns.shape[0]):
            if stride == 1:
                _compare_next(keys[r], places[r], columns[c, 0], best, where, ties)
            elif stride == 2:
                _compare_second(keys[r], places[r], columns[c, 0], best, where, ties)
            else:
                _compare_any(keys[r], places[r], columns[c], best, where, ties)


@inlined
def _compare_next(
    row: Keys, row_place: int, first: int, best: Keys, where: NDArray[np.uint32], ties: Keys
) -> None:
    keys, start = row[first : first + best.size], np.uint32(row_place + first)
    for w in range(best.size):
        key, top = keys[w], best[w]
        place, tie = where[w], ties[w]  # read first, so that all of it becomes vector code
        more, same = key > top, key == top
        best[w] = key if more else top
        where[w] = start + np.uint32(w) if more else place
        ties[w] = 0 if more else tie | same


@inlined
def _compare_second(
    row: Keys, row_place: int, first: int, best: Keys, where: NDArray[np.uint32], ties: Keys
) -> None:
    keys, start = row[first : first + 2 * best.size - 1], np.uint32(row_place + first)
    for w in range(best.size):
        key, top = keys[2 * w], best[w]
        place, tie = where[w], ties[w]  # read first, so that all of it becomes vector code
        more, same = key > top, key == top
        best[w] = key if more else top
        where[w] = start + np.uint32(2 * w) if more else place
        ties[w] = 0 if more else tie | same


@inlined
def _compare_any(
    row: Keys,
    row_place: int,
    columns: NDArray[np.uint32],
    best: Keys,
    where: NDArray[np.uint32],
    ties: Keys,
) -> None:
    start = np.uint32(row_place)
    for w in range(best.size):
        key, top = row[columns[w]], best[w]
        place, tie = where[w], ties[w]  # read first, so that all of it becomes vector code
        more, same = key > top, key == top
        best[w] = key if more else top
        where[w] = start + columns[w] if more else place
        ties[w] = 0 if more else tie | same


@compiled
def count_tied(keys: Keys, columns: NDArray[np.uint32], w: int, top: int) -> int:
    """Return the number of tied inputs of a window."""
    count = 0
    for r in range(keys.shape[0]):
        for c in range(columns.shape[0]):
            count += keys[r, columns[c, w]] == top
    return count


@compiled
def is_zero_among(
    keys: Keys,
    columns: NDArray[np.uint32],
    w: int,
    source: Keys,
    starts: NDArray[np.int64],
    bits: int,
) -> bool:
    """Return whether one of a window's zeros has these bits: the sign of an output that is zero.

    Args:
        keys: The rows that the window reads.
        columns: `[cell, window]` -> the position in a row.
        w: The window.
        source: All inputs.
        starts: Row -> where its position 0 lies among them.
        bits: The output.
    """
    for r in range(keys.shape[0]):
        for c in range(columns.shape[0]):
            column = columns[c, w]
            if keys[r, column] == 0 and source[starts[r] + column] == bits:
                return True
    return False

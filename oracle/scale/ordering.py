"""A stable sort of keys in compiled code, which allocates nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Keys
from oracle.scale.compiling import compiled, inlined

_RUN = 16
"""Places that are sorted by insertion."""


@inlined
def _insert(keys: Keys, order: NDArray[np.int32], start: int, stop: int) -> None:
    for i in range(start + 1, stop):
        place, at = order[i], i
        key = keys[place]
        while at > start and keys[order[at - 1]] > key:
            order[at] = order[at - 1]
            at -= 1
        order[at] = place


@inlined
def _merge(
    keys: Keys,
    source: NDArray[np.int32],
    goal: NDArray[np.int32],
    start: int,
    middle: int,
    stop: int,
) -> None:
    left, right = start, middle
    for at in range(start, stop):
        if left < middle and (right >= stop or keys[source[left]] <= keys[source[right]]):
            goal[at] = source[left]
            left += 1
        else:
            goal[at] = source[right]
            right += 1


@compiled
def put_in_order(keys: Keys, order: NDArray[np.int32], spare: NDArray[np.int32]) -> None:
    """Write the places of keys into `order`, smallest first, equal ones as they stand."""
    n = keys.size
    for i in range(n):
        order[i] = i
    for start in range(0, n, _RUN):
        _insert(keys, order, start, min(start + _RUN, n))
    width = _RUN
    while width < n:
        for start in range(0, n, 2 * width):
            middle, stop = min(start + width, n), min(start + 2 * width, n)
            _merge(keys, order, spare, start, middle, stop)
        for i in range(n):
            order[i] = spare[i]
        width *= 2

"""Planes that no rule explains as a whole: their components, and which rule explains each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Keys, Numbers
from oracle.scale.comparing import find_largest
from oracle.scale.compiling import compiled, inlined
from oracle.scale.passing import read_rows
from oracle.scale.rows import Rows
from oracle.scale.tables import Tables

NOTHING, WILD = -1, -2
"""In the place of a window's component: it takes no part; its cotangent is NaN or infinite."""


@inlined
def root_of(parent: NDArray[np.int32], i: int) -> int:
    """Return the input that stands for a component, halving the path to it."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def join_window(
    keys: Keys,
    columns: NDArray[np.uint32],
    w: int,
    top: int,
    starts: NDArray[np.int64],
    offset: int,
    parent: NDArray[np.int32],
) -> int:
    """Join the tied inputs of a window; return the first."""
    first = -1
    for r in range(keys.shape[0]):
        for c in range(columns.shape[0]):
            if keys[r, columns[c, w]] != top:
                continue
            i = starts[r] + columns[c, w] - offset
            if parent[i] < 0:
                parent[i] = i
            if first < 0:
                first = i
            else:
                low, high = root_of(parent, first), root_of(parent, i)
                parent[max(low, high)] = min(low, high)
    return first


@compiled
def join_rows(
    source: Keys,
    cotangent: Keys,
    tables: Tables,
    rows: Rows,
    numbers: Numbers,
    plane: int,
    offset: int,
    parent: NDArray[np.int32],
    owner: NDArray[np.int32],
) -> None:
    """Join what the windows of a plane choose among; roots are named when all have been joined.

    Args:
        source: The inputs.
        cotangent: The plane's cotangents.
        tables: The plane's windows.
        rows: Buffers.
        numbers: The format.
        plane: The number of the plane among the inputs.
        offset: The number there of the first input in `parent`.
        parent: Input -> the input that stands for its component; -1 where no window that takes part
            chooses among it.
        owner: Window -> one of its tied inputs, `NOTHING` or `WILD`.
    """
    outs_b, best = tables.first_b.size, rows.best
    for out in range(tables.first_a.size * outs_b):
        read = read_rows(source, tables, rows, numbers.infinity, plane, out // outs_b, out % outs_b)
        best[:] = numbers.lowest
        keys = rows.keys[:read]
        find_largest(keys, rows.places, tables.columns, tables.stride, best, rows.where, rows.ties)
        for w in range(tables.windows):
            at = out * tables.windows + w
            size = cotangent[at] & numbers.mask
            owner[at] = NOTHING
            if size >= numbers.infinity and best[w] != numbers.lowest:
                owner[at] = WILD
            elif size and best[w] != numbers.lowest:
                owner[at] = join_window(
                    keys, tables.columns, w, best[w], rows.sources, offset, parent
                )


@compiled
def name_roots(parent: NDArray[np.int32], owner: NDArray[np.int32]) -> None:
    """Let each input and each window name the input that stands for its component."""
    for i in range(parent.size):
        if parent[i] >= 0:
            parent[i] = root_of(parent, i)
    for w in range(owner.size):
        if owner[w] >= 0:
            owner[w] = parent[owner[w]]


@compiled
def explain(
    parent: NDArray[np.int32], proved: NDArray[np.uint8], explained: NDArray[np.uint8]
) -> None:
    """Find the rules, as bits, that explain all inputs of a component.

    Args:
        parent: As `join_rows` made it.
        proved: Input -> the rules that explain it.
        explained: Input -> the rules that explain its component, for those that stand for one;
            for inputs of none, the rules that explain them.
    """
    for i in range(parent.size):
        explained[i] = proved[i] if parent[i] < 0 else 0xFF
    for i in range(parent.size):
        if parent[i] >= 0:
            explained[parent[i]] &= proved[i]
    for i in range(parent.size):
        if parent[i] >= 0:
            explained[i] = explained[parent[i]]

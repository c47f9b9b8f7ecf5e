"""Where the windows of a plane read, as compiled code takes it: one table for each dimension."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_TOGETHER = 32
"""Windows that loops take at a time."""
_FEW = 8
"""Windows of a row that are taken as they are."""

Spans = Sequence[Sequence[range]]
"""For each dimension the positions that each window along it reads."""


class Tables(NamedTuple):
    """The windows of a plane; its dimensions are `a` (outermost), `b` and the columns.

    A plane of two dimensions has rows `a` and one `b`; one of one dimension is one row. Positions
    in a row are counted with `left` cells of padding before them.

    Attributes:
        first_a: Window along `a` -> the first position that it reads.
        count_a: Window along `a` -> how many it reads.
        step_a: The distance between them.
        first_b: As `first_a`, along `b`.
        count_b: As `count_a`.
        step_b: As `step_a`.
        columns: `[cell, window]` -> the position in a row; past its end where a window is shorter.
            Behind the windows may come others, so that loops are whole, whose values mean nothing.
        windows: The number of windows in a row.
        stride: 1 or 2 where each window's positions are so far from its neighbour's; else 0.
        left: Cells of padding before a row.
        width: Cells of a row, padding included.
        size_a: Positions along `a`.
        size_b: Positions along `b`.
        size_c: Positions in a row.
        ring: How many positions along `a` are in use at a time.
        needed: Window along `a` -> the first position that it or a later one reads; behind these
            the number of positions.
    """

    first_a: NDArray[np.int64]
    count_a: NDArray[np.int64]
    step_a: int
    first_b: NDArray[np.int64]
    count_b: NDArray[np.int64]
    step_b: int
    columns: NDArray[np.uint32]
    windows: int
    stride: int
    left: int
    width: int
    size_a: int
    size_b: int
    size_c: int
    ring: int
    needed: NDArray[np.int64]


def tables_of(spans: Spans, sizes: Sequence[int]) -> Tables:
    """Return the tables of a plane of one to three dimensions."""
    one = (range(1),)
    outer = [*spans[:-1], *(one,) * (3 - len(spans))]
    heights = [*sizes[:-1], *(1,) * (3 - len(spans))]
    first_a, count_a, step_a = _along(outer[0])
    first_b, count_b, step_b = _along(outer[1])
    columns, stride, left, width = _columns(spans[-1], sizes[-1])
    return Tables(
        first_a,
        count_a,
        step_a,
        first_b,
        count_b,
        step_b,
        columns,
        len(spans[-1]),
        stride,
        left,
        width,
        heights[0],
        heights[1],
        sizes[-1],
        _ring(first_a, count_a, step_a),
        np.append(_from_here(first_a), heights[0]),
    )


def table_of_slab(windows: int, stride: int, step: int, cells: int) -> Tables:
    """Return the table of some windows that slide along a row, from the first one's first cell on.

    Args:
        windows: How many they are.
        stride: The distance between them.
        step: The distance between the cells of one.
        cells: How many cells it has.
    """
    columns = _sliding(_whole(windows), stride, step, cells, 0)
    width = max(int(columns.max()) + 1, windows * stride)
    zero, one = np.zeros(1, np.int64), np.ones(1, np.int64)
    return Tables(
        zero, one, 1, zero, one, 1, columns, windows, _vectorised(stride), 0, width, 1, 1,
        windows * stride, 1, np.arange(2),
    )  # fmt: skip


def _along(spans: Sequence[range]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    step = max((span.step for span in spans), default=1)
    first: list[int] = []
    for span in spans:  # a window that reads nothing is where the one before it is
        first.append(span.start if span else (first or [0])[-1])
    counts = np.array([len(span) for span in spans], dtype=np.int64)
    return np.array(first, dtype=np.int64), counts, step


def _columns(spans: Sequence[range], size: int) -> tuple[NDArray[np.uint32], int, int, int]:
    """Return the table of a row, its stride, the padding before the row, and its width."""
    cells = max(map(len, spans), default=0)
    windows = _whole(len(spans))
    regular = _regular(spans, size)
    if regular is None:
        found = np.full((cells, windows), size, dtype=np.uint32)
        for w, span in enumerate(spans):
            found[: len(span), w] = span
        return found, 0, 0, size + 1
    stride, step, cells, first = regular
    left = max(-first, 0)
    found = _sliding(windows, stride, step, cells, first + left)
    return found, _vectorised(stride), left, max(int(found.max()) + 1, left + size)


def _whole(windows: int) -> int:
    """Return how many windows loops take in the place of these."""
    together = _TOGETHER if windows > _FEW else 1
    return -(-windows // together) * together


def _sliding(windows: int, stride: int, step: int, cells: int, first: int) -> NDArray[np.uint32]:
    """Return the table of windows that slide, the first one from `first` on."""
    along = np.arange(windows) * stride + first
    return (np.arange(cells)[:, None] * step + along[None, :]).astype(np.uint32)


def _vectorised(stride: int) -> int:
    """Return a stride that loops are made for, else 0."""
    return stride if stride in (1, 2) else 0


def _regular(spans: Sequence[range], size: int) -> tuple[int, int, int, int] | None:
    """Return stride, step, cells and first position of windows that slide, padding included.

    Such are windows of which every other cell of the longest would lie outside of the row.
    """
    cells = max(map(len, spans), default=0)
    whole = [w for w, span in enumerate(spans) if len(span) == cells]
    if cells == 0 or len(spans) == 1 or len(whole) < 2:
        return None
    step = spans[whole[0]].step if cells > 1 else 1
    stride = spans[whole[1]].start - spans[whole[0]].start
    if whole[1] != whole[0] + 1 or stride < 1:
        return None
    first = spans[whole[0]].start - whole[0] * stride
    for w, span in enumerate(spans):
        start = first + w * stride
        inside = [i for i in range(start, start + cells * step, step) if 0 <= i < size]
        if inside != list(span):
            return None
    return stride, step, cells, first


def _ring(first: NDArray[np.int64], count: NDArray[np.int64], step: int) -> int:
    """Return how many rows lie between the first that a window reads and the last one so far."""
    last = np.maximum.accumulate(first + np.maximum(count - 1, 0) * step)
    return int(max((last - _from_here(first) + 1).max(initial=1), 1))


def _from_here(first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return window -> the first position that it or a later one reads."""
    return np.minimum.accumulate(first[::-1])[::-1]


def cells_of(spans: Spans) -> int:
    """Return how many inputs all windows of a plane read, each as often as it is read."""
    return math.prod(sum(map(len, along)) for along in spans)

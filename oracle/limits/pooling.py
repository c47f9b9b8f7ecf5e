"""What each window of a pooling function reads, from the definition.

Written apart from `oracle.windows`: both must come to the same positions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from oracle.formats import Format
from oracle.limits.steps import share, steps

Cells: TypeAlias = tuple[int, ...]
"""The flat input indices that one window reads; none where it lies in the padding altogether."""


@lru_cache(256)
def window_cells(
    op: str,
    params: tuple[tuple[str, Any], ...],
    shape: tuple[int, ...],
    fmt: Format,
    arithmetic: str,
) -> tuple[Cells, ...]:
    """Return what each window reads, the outputs in row-major order.

    Args:
        op: A name like `max_pool2d`; the digit says how many of the last dimensions are pooled.
        params: The operation's parameters, as sorted pairs.
        shape: The input's shape.
        fmt: The format of the input.
        arithmetic: How windows that depend on rounding are computed.
    """
    spatial = shape[-int(op[-2]) :]
    planes, given = math.prod(shape[: -len(spatial)]), dict(params)
    if op.startswith("fractional_"):
        along = [_fractional(spatial, given, p, fmt, arithmetic) for p in range(planes)]
    else:
        function = _adaptive if op.startswith("adaptive_") else _sliding
        along = [function(spatial, given)] * planes
    return tuple(
        tuple(_flat(plane, spatial, cell) for cell in itertools.product(*block))
        for plane, reads in enumerate(along)
        for block in itertools.product(*reads)
    )


def sorted_pairs(params: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return parameters as pairs that can be hashed; an object becomes its own sorted pairs."""
    return tuple(
        (key, sorted_pairs(value) if isinstance(value, Mapping) else value)
        for key, value in sorted(params.items())
    )


def _flat(plane: int, spatial: Sequence[int], cell: Sequence[int]) -> int:
    index = plane
    for size, position in zip(spatial, cell, strict=True):
        index = index * size + position
    return index


def _sliding(spatial: Sequence[int], params: Mapping[str, Any]) -> list[list[list[int]]]:
    keys = ("kernel_size", "stride", "padding", "dilation")
    sizes = zip(spatial, *(params[key] for key in keys), strict=True)
    return [
        [
            [cell for cell in window if 0 <= cell < along[0]]
            for window in slide(*along, ceil_mode=params["ceil_mode"])
        ]
        for along in sizes
    ]


def slide(
    size: int, kernel: int, stride: int, padding: int, dilation: int = 1, *, ceil_mode: bool
) -> list[range]:
    """Return the positions of each window along one dimension, those in the padding among them.

    As many windows as fit into the padded input, with `ceil_mode` one more for what is left over;
    one that would start in the right padding is left out.
    """
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    steps = (room + ceil_mode * (stride - 1)) // stride
    starts = [step * stride - padding for step in range(steps + 1)]
    length = dilation * (kernel - 1) + 1
    return [range(start, start + length, dilation) for start in starts if start < size]


def _adaptive(spatial: Sequence[int], params: Mapping[str, Any]) -> list[list[list[int]]]:
    counts = [n if m is None else m for n, m in zip(spatial, params["output_size"], strict=True)]
    return [[[*window] for window in spread(n, m)] for n, m in zip(spatial, counts, strict=True)]


def spread(size: int, count: int) -> list[range]:
    """Return the positions read: from floor(o n / m) to ceil((o + 1) n / m), that end left out."""
    return [range(o * size // count, -(-(o + 1) * size // count)) for o in range(count)]


def _fractional(
    spatial: Sequence[int], params: Mapping[str, Any], plane: int, fmt: Format, arithmetic: str
) -> list[list[list[int]]]:
    """Return the positions read in a plane: as many as the kernel has, from each step on."""
    dims = len(spatial)
    drawn = dict(params["_random_samples"])["data"][plane * dims : (plane + 1) * dims]
    if dims == 2:
        # the one operation of two dimensions names the width's sample first
        drawn = drawn[::-1]
    counts = params["output_size"] or [
        share(size, ratio) for size, ratio in zip(spatial, params["output_ratio"], strict=True)
    ]
    along = zip(drawn, spatial, params["kernel_size"], counts, strict=True)
    return [
        [
            list(range(step, step + kernel))
            for step in steps(text, (size - kernel, count), fmt, arithmetic)
        ]
        for text, size, kernel, count in along
    ]

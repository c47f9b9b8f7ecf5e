"""How an array lies in memory: strides, offset and gaps, without a framework.

A layout never changes what an array holds, only where. What lies in the gaps is never a number of
the array: not-a-number and infinity, so that a kernel which reads there shows it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LAYOUTS = (
    "contiguous",
    "channels-last",
    "transposed",
    "sliced",
    "expanded",
    "channels-last-sliced",
)
COTANGENT_LAYOUTS = ("dense", "expanded", "transposed", "sliced", "channels-last")

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement:
    """An array as a strided view of a storage.

    Attributes:
        storage: The whole storage, one-dimensional, gaps included.
        shape: Shape of the view.
        strides: Its strides, in elements.
        offset: Its first element in the storage.
    """

    storage: Array
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int


def applicable(layout: str, array: Array, *, dims: int) -> bool:
    """Return whether a layout, of an input or a cotangent, makes a difference for `array`.

    Args:
        layout: One of `LAYOUTS` or `COTANGENT_LAYOUTS`.
        array: The input or the cotangent of a call, batch included.
        dims: Number of spatial dimensions of the operation. Channels-last needs a batch and a
            channel dimension before two or three of them; four dimensions without a batch can have
            the strides of two with one, and networks do pass them on to operations of three.
    """
    if layout.startswith("channels-last"):
        shape = array.shape
        can_have = dims in (2, 3) and len(shape) in (4, dims + 2)
        return can_have and _strides(shape, _channels_last(shape)) != _strides(shape, _plain(shape))
    if layout == "transposed":
        return _transposed(array.shape) != _plain(array.shape)
    return layout != "expanded" or bool(_constant_axes(array))


def place(layout: str, array: Array, *, gaps: Sequence[int]) -> Placement:
    """Return `array` laid out as asked; one to which it does not apply is laid out contiguously.

    Args:
        layout: One of `LAYOUTS` or `COTANGENT_LAYOUTS`.
        array: What the placement's view holds.
        gaps: The values that the gaps hold in turn.
    """
    if layout == "expanded":
        return _expanded(array)
    if layout == "transposed":
        return _stored(array, _transposed(array.shape))
    # an operand of fewer dimensions, beside one that has channels, lies as ever
    has_channels = layout.startswith("channels-last") and array.ndim > 2
    order = _channels_last(array.shape) if has_channels else _plain(array.shape)
    # what is left out lies on either side of the last two axes
    slices = layout.endswith("sliced") and array.ndim > 1
    return _windowed(array, order, gaps) if slices else _stored(array, order)


def _plain(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(len(shape)))


def _channels_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (0, *range(2, len(shape)), 1)


def _transposed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the storage order with the two innermost axes longer than 1 swapped."""
    order = list(_plain(shape))
    long = [axis for axis in order if shape[axis] > 1]
    if len(long) > 1:
        order[long[-1]], order[long[-2]] = long[-2], long[-1]
    return tuple(order)


def _strides(
    shape: tuple[int, ...], order: tuple[int, ...], margins: Sequence[int] | None = None
) -> tuple[int, ...]:
    """Return the strides of an array stored in the order of axes `order`, outermost first.

    Args:
        shape: Sizes of the axes.
        order: The axes in the order in which they are stored.
        margins: Additional entries per stored axis.
    """
    strides = [0] * len(shape)
    step = 1
    for position in reversed(range(len(order))):
        axis = order[position]
        strides[axis] = step
        # frameworks count an empty axis as one entry long
        step *= max(shape[axis], 1) + (margins[position] if margins else 0)
    return tuple(strides)


def _stored(array: Array, order: tuple[int, ...]) -> Placement:
    return Placement(
        storage=np.ascontiguousarray(array.transpose(order)).reshape(-1),
        shape=array.shape,
        strides=_strides(array.shape, order),
        offset=0,
    )


def _expanded(array: Array) -> Placement:
    constant = _constant_axes(array)
    kept = array[tuple(slice(1) if a in constant else slice(None) for a in range(array.ndim))]
    stored = _stored(kept, _plain(array.shape))
    strides = tuple(0 if a in constant else step for a, step in enumerate(stored.strides))
    return Placement(storage=stored.storage, shape=array.shape, strides=strides, offset=0)


def _constant_axes(array: Array) -> frozenset[int]:
    """Return the axes longer than 1 along which nothing changes; none of an empty array."""
    if not array.size:
        return frozenset()
    return frozenset(
        axis
        for axis, size in enumerate(array.shape)
        if size > 1 and bool((array == array.take([0], axis=axis)).all())
    )


def _windowed(array: Array, order: tuple[int, ...], gaps: Sequence[int]) -> Placement:
    """Return a window of a larger storage; the gaps are of different widths on the two sides."""
    before = [0] * len(order)
    before[0] = before[-2] = before[-1] = 1
    after = [0] * (len(order) - 2) + [1, 2]
    margins = [b + a for b, a in zip(before, after, strict=True)]
    stored = array.transpose(order)
    outer = tuple(max(n, 1) + margin for n, margin in zip(stored.shape, margins, strict=True))
    storage = np.resize(np.array(gaps, dtype=array.dtype), math.prod(outer))
    window = tuple(slice(b, b + n) for b, n in zip(before, stored.shape, strict=True))
    storage.reshape(outer)[window] = stored
    strides = _strides(array.shape, order, margins)
    return Placement(
        storage=storage,
        shape=array.shape,
        strides=strides,
        offset=sum(b * strides[axis] for b, axis in zip(before, order, strict=True)),
    )

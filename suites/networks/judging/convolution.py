"""Convolutions and their gradients, as sums of matrix products.

For each cell of the kernel the gradient of the weight is one matrix product, over all images and
places, and that of the input is one, over the output's channels, added where the cell reads; so is
the output, over the input's channels. Images are taken some at a time, so that memory does not grow
with the batch.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from suites.networks.judging.numbers import Numbers

_ELEMENTS = 1 << 23
"""Entries of input and output that are taken at a time."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """A convolution's parameters, one for each dimension.

    Attributes:
        kernel: Sizes of the kernel.
        stride: Distances of windows.
        padding: Zeros on each side.
        dilation: Distances of a window's cells.
        groups: Into how many groups the channels fall.
        sizes: The input's sizes.
        counts: The output's.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    sizes: tuple[int, ...]
    counts: tuple[int, ...]

    @property
    def cells(self) -> int:
        """Cells of the kernel."""
        return math.prod(self.kernel)

    @property
    def padded(self) -> tuple[int, ...]:
        """The input's sizes with the padding."""
        return tuple(n + 2 * p for n, p in zip(self.sizes, self.padding, strict=True))

    @property
    def inner(self) -> tuple[slice, ...]:
        """Where the input is in the padded one."""
        return tuple(slice(p, p + n) for n, p in zip(self.sizes, self.padding, strict=True))

    def reads(self) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
        """Yield each cell of the kernel, and what it reads of the padded input in all windows."""
        for cell in itertools.product(*map(range, self.kernel)):
            yield (
                cell,
                tuple(
                    slice(k * d, k * d + s * (count - 1) + 1, s)
                    for k, d, s, count in zip(
                        cell, self.dilation, self.stride, self.counts, strict=True
                    )
                ),
            )

    def blocks(self, images: int, channels: int) -> Iterator[slice]:
        """Yield images in blocks of bounded size."""
        each = channels * max(math.prod(self.padded), math.prod(self.counts))
        step = max(_ELEMENTS // max(each, 1), 1)
        yield from (slice(start, start + step) for start in range(0, images, step))


def weight_gradient(x: Numbers, g: Numbers, of: Geometry) -> Numbers:
    """Return the weight's gradient (outputs, inputs of a group, kernel).

    Args:
        x: The input (image, channel, sizes).
        g: The cotangent (image, channel, counts).
        of: The convolution.
    """
    groups, outputs, inputs = of.groups, g.shape[1], x.shape[1] // of.groups
    total = np.zeros((groups, outputs // groups, inputs, *of.kernel))
    for block in of.blocks(len(x), x.shape[1] + g.shape[1]):
        padded = _padded(x[block], of)
        right = _by_channel(g[block], groups)
        for cell, read in of.reads():
            left = _by_channel(padded[after(read)], groups)
            total[after(cell)] += right @ left.swapaxes(1, 2)
    return total.reshape(outputs, inputs, *of.kernel)


def input_gradient(weight: Numbers, g: Numbers, of: Geometry) -> Numbers:
    """Return the input's gradient (image, channel, sizes)."""
    groups = of.groups
    inputs = weight.shape[1]
    found = np.empty((len(g), groups * inputs, *of.sizes))
    by_group = weight.reshape(groups, -1, *weight.shape[1:])
    for block in of.blocks(len(g), groups * inputs + g.shape[1]):
        images = len(g[block])
        right = _by_channel(g[block], groups)
        total = np.zeros((groups, inputs, images, *of.padded))
        for cell, read in of.reads():
            part = by_group[after(cell)].swapaxes(1, 2) @ right
            total[after(read)] += part.reshape(groups, inputs, images, *of.counts)
        cut = total.reshape(groups * inputs, images, *of.padded)[after(of.inner)]
        found[block] = cut.swapaxes(0, 1)
    return found


def output(weight: Numbers, x: Numbers, of: Geometry) -> Numbers:
    """Return the convolution's output (image, channel, counts)."""
    by_group = weight.reshape(of.groups, -1, *weight.shape[1:])
    found = np.empty((len(x), len(weight), *of.counts))
    for block in of.blocks(len(x), x.shape[1] + len(weight)):
        padded = _padded(x[block], of)
        total = np.zeros((1, 1, 1))
        for cell, read in of.reads():
            total = total + by_group[after(cell)] @ _by_channel(padded[after(read)], of.groups)
        shape = len(weight), len(padded), *of.counts
        found[block] = total.reshape(shape).swapaxes(0, 1)
    return found


def after(places: Iterable[int | slice]) -> Any:
    """Return the index of some places in the last dimensions."""
    return (..., *places)


def _padded(x: Numbers, of: Geometry) -> Numbers:
    widths = [(0, 0), (0, 0), *((p, p) for p in of.padding)]
    return np.pad(x, widths) if any(of.padding) else x


def _by_channel(x: Numbers, groups: int) -> Numbers:
    """Return a tensor as a matrix for each group: channels, and all images and places."""
    swapped = np.ascontiguousarray(x.swapaxes(0, 1))
    return swapped.reshape(groups, swapped.shape[0] // groups, -1)

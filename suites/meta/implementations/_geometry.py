"""Which cells each window reads, and which windows read each input, as index tables.

PyTorch's formulas, along one dimension at a time; written without the oracle's windows, so that
the two can be held against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, prod
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.nn.functional import pad

_NONE = -1
_SMALL = 1 << 17  # entries of a table; many small geometries are kept, but two large ones


class Sliding(NamedTuple):
    """A window that slides along a dimension, `step` between two of its cells."""

    size: int
    kernel: int
    stride: int
    padding: int
    step: int
    windows: int

    def positions(self) -> Tensor:
        """Return the position of each window's cells, (windows, kernel), -1 in the padding."""
        starts = _numbers(self.windows) * self.stride - self.padding
        reads = starts[:, None] + _numbers(self.kernel) * self.step
        return torch.where((reads >= 0) & (reads < self.size), reads, _NONE)

    def readers(self) -> tuple[Tensor, Tensor]:
        """Return the windows that read each position, ascending, and by which cell, or -1.

        Position i is cell k of window w where w stride + k step = i + padding. So w is known
        modulo `apart`, from i + padding modulo step.
        """
        apart = self.step // gcd(self.stride, self.step)
        remainder = torch.full((self.step,), _NONE, dtype=torch.int32)
        remainder[_numbers(apart).long() * self.stride % self.step] = _numbers(apart)
        place = _numbers(self.size) + self.padding
        wanted = remainder[(place % self.step).long()]
        last = (place // self.stride).clamp(max=self.windows - 1)
        last -= (last - wanted) % apart
        span = (self.kernel - 1) * self.step // (self.stride * apart) + 1
        most = min(span, -(-self.windows // apart))
        window = last[:, None] - apart * _numbers(most).flip(0)
        cell = (place[:, None] - window * self.stride) // self.step
        reads = (wanted[:, None] >= 0) & (window >= 0) & (cell < self.kernel)
        return torch.where(reads, window, _NONE), torch.where(reads, cell, _NONE)

    def overhanging(self) -> Tensor:
        """Return which windows read past an edge, (windows,)."""
        return (self.positions() < 0).any(1)


class Adaptive(NamedTuple):
    """Window w of m reads floor(w size / m) up to ceil((w + 1) size / m)."""

    size: int
    windows: int

    @property
    def padding(self) -> int:
        """Adaptive windows never leave the input."""
        return 0

    def positions(self) -> Tensor:
        """Return the position of each window's cells, -1 behind the end of a shorter window."""
        starts, ends = _adapted(self.windows, self.size)
        return _ranges(starts, ends)

    def readers(self) -> tuple[Tensor, Tensor]:
        """Return the windows that read each position, ascending, and by which cell, or -1.

        Positions and windows are symmetric: w reads i where [w, w + 1) / windows meets
        [i, i + 1) / size.
        """
        window = _ranges(*_adapted(self.size, self.windows))
        starts, _ = _adapted(self.windows, self.size)
        first = torch.cat([starts, starts.new_zeros(1)])[window.long()]
        cell = _numbers(self.size)[:, None] - first
        return window, torch.where(window < 0, _NONE, cell)

    def overhanging(self) -> Tensor:
        """Return which windows read past an edge, (windows,): none."""
        return torch.zeros(self.windows, dtype=torch.bool)


class Fractional(NamedTuple):
    """Windows of one size, from given starts on: those of each plane, plane by plane."""

    size: int
    kernel: int
    starts: tuple[tuple[int, ...], ...]

    @property
    def windows(self) -> int:
        """The number of windows."""
        return len(self.starts[0])

    @property
    def padding(self) -> int:
        """Fractional windows never leave the input."""
        return 0

    def plane(self, number: int) -> Fractional:
        """Return the windows of one plane."""
        return self._replace(starts=self.starts[number : number + 1])

    def positions(self) -> Tensor:
        """Return the position of each window's cells in the first plane."""
        return torch.tensor(self.starts[:1], dtype=torch.int32).view(-1, 1) + _numbers(self.kernel)

    def readers(self) -> tuple[Tensor, Tensor]:
        """Return the windows that read each position, ascending, and by which cell, or -1."""
        if not self.windows:
            nothing = torch.full((self.size, 1), _NONE, dtype=torch.int32)
            return nothing, nothing
        cell = _numbers(self.size)[:, None] - torch.tensor(self.starts[0], dtype=torch.int32)
        reads = (cell >= 0) & (cell < self.kernel)
        most = max([1, *reads.sum(1).tolist()])
        # a stable sort brings the readers to the front, in their order; none has a place for one
        order = (~reads).to(torch.uint8).argsort(dim=1, stable=True)[:, :most]
        reads, cell = reads.gather(1, order), cell.gather(1, order)
        return torch.where(reads, order.int(), _NONE), torch.where(reads, cell, _NONE)

    def overhanging(self) -> Tensor:
        """Return which windows read past an edge, (windows,): none."""
        return torch.zeros(self.windows, dtype=torch.bool)


Axis: TypeAlias = Sliding | Adaptive | Fractional


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """The windows of one plane.

    Attributes:
        cells: Flat input index of each window's cells, (windows, cells); the plane's size marks
            a cell that is no input.
        readers: For each input the cells that read it, in the order of their windows, as flat
            positions in `cells`, (inputs, readers); the number of `cells` marks none.
        counts: Windows along each dimension.
    """

    cells: Tensor
    readers: Tensor
    counts: tuple[int, ...]

    @property
    def inside(self) -> Tensor:
        """Which cells are inputs, (windows, cells)."""
        return self.cells < len(self.readers)


def sliding(
    size: int, kernel: int, stride: int, padding: int, dilation: int, *, ceil_mode: bool
) -> Sliding:
    """Return the windows along a dimension of `size`, as many as PyTorch has."""
    extent = dilation * (kernel - 1) + 1
    slack = stride - 1 if ceil_mode else 0
    count = (size + 2 * padding - extent + slack) // stride + 1
    # the last window must start inside the input or the left padding
    if ceil_mode and (count - 1) * stride >= size + padding:
        count -= 1
    return Sliding(size, kernel, stride, padding, dilation, count)


def geometry(axes: tuple[Axis, ...], device: torch.device) -> Geometry:
    """Return the tables of the windows along `axes`, on `device`."""
    entries = prod(axis.windows for axis in axes) * prod(axis.size for axis in axes)
    return (_small if entries <= _SMALL else _large)(axes, device)


def planes_of(axes: tuple[Axis, ...]) -> int:
    """Return how many planes differ in their windows; after them they come again."""
    return max(len(axis.starts) if isinstance(axis, Fractional) else 1 for axis in axes)


def _side_by_side(tables: list[Geometry]) -> Geometry:
    """Return the tables of several planes as if they were one, one plane behind the other."""
    size, entries = len(tables[0].readers), tables[0].cells.numel()
    widest = max(table.readers.shape[1] for table in tables)
    readers = [
        pad(table.readers, (0, widest - table.readers.shape[1]), value=entries) for table in tables
    ]
    return Geometry(
        cells=_moved([table.cells for table in tables], size),
        readers=_moved(readers, entries),
        counts=tables[0].counts,
    )


def _moved(tables: list[Tensor], none: int) -> Tensor:
    """Return tables in which `none` marks no entry, below each other; each counts from its own."""
    last = len(tables) * none
    moved = [torch.where(t < none, t + k * none, last) for k, t in enumerate(tables)]
    return torch.cat(moved)


def _geometry(axes: tuple[Axis, ...], device: torch.device) -> Geometry:
    planes = planes_of(axes)
    if planes > 1:
        each = (
            [axis.plane(k) for axis in axes if isinstance(axis, Fractional)] for k in range(planes)
        )
        return _side_by_side([_geometry(tuple(plane), device) for plane in each])
    positions = [axis.positions() for axis in axes]
    widths = [table.shape[1] for table in positions]
    counts, sizes = tuple(axis.windows for axis in axes), [axis.size for axis in axes]
    windows, slots = zip(*(axis.readers() for axis in axes), strict=True)
    cells, window, slot = _flat(positions, sizes), _flat(windows, counts), _flat(slots, widths)
    window *= prod(widths)
    window += slot
    return Geometry(
        cells=cells.masked_fill_(cells < 0, prod(sizes)).to(device),
        readers=window.masked_fill_(slot < 0, prod(counts) * prod(widths)).to(device),
        counts=counts,
    )


_small = lru_cache(maxsize=64)(_geometry)
_large = lru_cache(maxsize=2)(_geometry)


def _numbers(count: int) -> Tensor:
    return torch.arange(count, dtype=torch.int32)


def _adapted(count: int, size: int) -> tuple[Tensor, Tensor]:
    """Return where `count` adaptive windows over `size` positions start and end."""
    window = torch.arange(count)
    ends = -((window + 1) * -size // max(count, 1))
    return (window * size // max(count, 1)).int(), ends.int()


def _ranges(starts: Tensor, ends: Tensor) -> Tensor:
    """Return each start up to its end as a row, -1 behind a shorter one; at least one column."""
    longest = max([1, *(ends - starts).tolist()])
    reads = starts[:, None] + _numbers(longest)
    return torch.where(reads < ends[:, None], reads, _NONE)


def _flat(tables: Iterable[Tensor], sizes: Sequence[int]) -> Tensor:
    """Return the product of one table per dimension: row-major indices into `sizes`, or -1."""
    first, *rest = tables
    for table, size in zip(rest, sizes[1:], strict=True):
        outer, inner = first[:, None, :, None], table[None, :, None, :]
        joined = torch.where((outer < 0) | (inner < 0), _NONE, outer * size + inner)
        first = joined.flatten(2).flatten(0, 1)
    return first

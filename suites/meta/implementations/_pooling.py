"""A right max pooling in stages, each of which an implementation may override.

A `MaxPooling` is one call: made by the forward pass and kept by the graph for its backward passes.
As it stands it gives each window's cotangent to the first of the tied inputs and adds in binary64.
A tensor is worked on as planes of inputs, (planes, inputs); `p` planes at a time, so that no
intermediate grows beyond some 100 MB.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import pad

from suites.meta.implementations._geometry import Axis, Geometry, geometry, planes_of
from suites.meta.implementations._steps import exact_starts, rounded_starts

_ENTRIES = 1 << 23  # of an intermediate


class MaxPooling:
    """One call of max pooling. The methods are its stages, in the order of their use."""

    padding = -math.inf
    """What a cell that is no input compares as."""

    def __init__(self, numbers: Tensor, axes: tuple[Axis, ...]) -> None:
        self.input = numbers
        self.axes = axes
        self.geometry = self.layout()
        self.lead = numbers.shape[: -len(axes)]
        self.plane = math.prod(axis.size for axis in axes)
        # planes that differ in their windows are worked on as one
        together = planes_of(axes)
        self.planes = math.prod(self.lead) // together
        self.size = self.plane * together
        self.numbers = self.read()

    @property
    def padded(self) -> bool:
        """Whether the call asks for padding."""
        return any(axis.padding for axis in self.axes)

    @staticmethod
    def samples(drawn: Tensor) -> Tensor:
        """Return the samples, (batch, channels, dimensions), in the order of the dimensions."""
        return drawn.flip(-1) if drawn.shape[-1] == 2 else drawn

    @staticmethod
    def starts(sample: Tensor, size: int, kernel: int, count: int) -> list[int]:
        """Return where the fractional windows along a dimension start."""
        found = rounded_starts(sample, size, kernel, count)
        # outside of the input there is nothing to read
        inside = max(found, default=0) <= size - kernel
        return found if inside else exact_starts(sample, size, kernel, count)

    def layout(self) -> Geometry:
        """Return which inputs the windows read."""
        return geometry(self.axes, self.input.device)

    def read(self) -> Tensor:
        """Return the input's numbers, (planes, inputs)."""
        return self.input.reshape(self.planes, self.size)

    def compared(self, numbers: Tensor) -> Tensor:
        """Return what is compared in place of `numbers`."""
        return numbers

    def eligible(self) -> Tensor:
        """Return which cells may be a maximum, (windows, cells)."""
        return self.geometry.inside

    def tied(self, windows: Tensor) -> Tensor:
        """Return which cells are tied, (p, windows, cells): the NaN, else the largest."""
        top = windows.amax(-1, keepdim=True)
        return ((windows == top) | windows.isnan()) & self.eligible()

    def chosen(self, tied: Tensor, planes: slice) -> Tensor:
        """Return the cell that gets the cotangent, (p, windows)."""
        return first_of(tied)

    def output(self, largest: Tensor) -> Tensor:
        """Return the output, (planes, windows), from the largest numbers."""
        return largest

    def indices(self, inputs: Tensor, cells: Tensor) -> Tensor:
        """Return the indices to give back, from the chosen inputs and cells, (p, windows)."""
        return inputs

    def upstream(self, cotangent: Tensor) -> Tensor:
        """Return the cotangent, (planes, windows)."""
        return cotangent.reshape(self.planes, len(self.geometry.cells))

    def arithmetic(self) -> torch.dtype:
        """Return the format of the backward pass."""
        return torch.float64

    def routed(self, windows: Tensor) -> Tensor:
        """Return which cells are tied in the backward pass."""
        return self.tied(windows)

    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        """Return what each cell gets of its window's cotangent, (p, windows, cells)."""
        return torch.where(one_of(tied, chosen), cotangent[..., None], 0)

    def readers(self) -> Tensor:
        """Return which cells give their shares to each input, (inputs, readers)."""
        return self.geometry.readers

    def accumulated(self, terms: Tensor) -> Tensor:
        """Return the sums over the last dimension, in the order of the windows."""
        return terms.sum(-1)

    def written(self, gradient: Tensor) -> Tensor:
        """Return the gradient to write, (planes, inputs), in the input's format."""
        return gradient

    def forward(self) -> tuple[Tensor, Tensor]:
        """Return the output and the indices."""
        largest, indices = zip(*map(self._pooled, self._parts()), strict=True)
        shape = (*self.lead, *self.geometry.counts)
        return self.output(torch.cat(largest)).reshape(shape), torch.cat(indices).reshape(shape)

    def backward(self, cotangent: Tensor) -> Tensor:
        """Return the gradient."""
        upstream = self.upstream(cotangent).to(self.arithmetic())
        gradient = torch.cat([self._given_back(part, upstream[part]) for part in self._parts()])
        # binary64 becomes a 16-bit format by way of binary32: two roundings, yet faithful
        return self.written(gradient.to(self.input.dtype)).reshape(self.input.shape)

    def windows(self, numbers: Tensor, padding: float) -> Tensor:
        """Return what the windows read in `numbers`, (p, windows, cells)."""
        cells = self.geometry.cells
        padded = pad(numbers, (0, 1), value=padding)
        return padded.index_select(1, cells.flatten()).view(len(numbers), *cells.shape)

    def _parts(self) -> Iterator[slice]:
        entries = max(self.geometry.cells.numel(), self.geometry.readers.numel())
        step = max(_ENTRIES // entries, 1) if entries else max(self.planes, 1)
        for first in range(0, max(self.planes, 1), step):
            yield slice(first, first + step)

    def _seen(self, part: slice) -> Tensor:
        return self.windows(self.compared(self.numbers[part]), self.padding)

    def _pooled(self, part: slice) -> tuple[Tensor, Tensor]:
        cells = self.chosen(self.tied(self._seen(part)), part)
        windows = torch.arange(len(self.geometry.cells), device=cells.device)
        inputs = self.geometry.cells[windows, cells].long()
        padded = pad(self.numbers[part], (0, 1), value=self.padding)
        return padded.gather(1, inputs), self.indices(inputs % self.plane, cells)

    def _given_back(self, part: slice, cotangent: Tensor) -> Tensor:
        tied = self.routed(self._seen(part))
        shares = self.shares(tied, self.chosen(tied, part), cotangent).flatten(1)
        readers = self.readers()
        terms = pad(shares, (0, 1)).index_select(1, readers.flatten())
        return self.accumulated(terms.view(len(terms), *readers.shape))


def first_of(tied: Tensor) -> Tensor:
    """Return the first cell that is tied; 0 where none is."""
    return tied.to(torch.uint8).argmax(-1)


def last_of(tied: Tensor) -> Tensor:
    """Return the last cell that is tied."""
    return tied.shape[-1] - 1 - first_of(tied.flip(-1))


def one_of(tied: Tensor, chosen: Tensor) -> Tensor:
    """Return the mask of the chosen cell of each window that has a tied one."""
    return torch.zeros_like(tied).scatter_(-1, chosen[..., None], value=True) & tied

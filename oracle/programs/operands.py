"""The tensors of a case: names and shapes, and their scalars by place."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oracle.formats import Format
from oracle.programs.scalar import Scalar

Shape = tuple[int, ...]


class Operand(NamedTuple):
    """A tensor that an operation is differentiated with respect to."""

    name: str
    shape: Shape

    @property
    def size(self) -> int:
        """The number of its entries."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Grid:
    """Scalars in a shape, row-major, stored in a format: what is computed exactly depends on it."""

    shape: Shape
    entries: Sequence[Scalar]
    format: Format

    def at(self, place: Sequence[int]) -> Scalar:
        """Return the scalar at a place."""
        return self.entries[flat(self.shape, place)]

    def broadcast(self, shape: Shape) -> Sequence[Scalar]:
        """Return the scalars repeated along the axes of length 1, and along new ones in front."""
        if self.shape == shape:
            return self.entries
        padded = (1,) * (len(shape) - len(self.shape)) + self.shape
        return [
            self.entries[
                flat(padded, [0 if n == 1 else k for n, k in zip(padded, place, strict=True)])
            ]
            for place in places(shape)
        ]


def places(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield the places of a shape, row-major."""
    return itertools.product(*map(range, shape))


def flat(shape: Sequence[int], place: Sequence[int]) -> int:
    """Return the number of a place in row-major order."""
    number = 0
    for size, k in zip(shape, place, strict=True):
        number = number * size + k
    return number


@functools.lru_cache(maxsize=256)
def rows_along(shape: Shape, dims: tuple[int, ...]) -> list[list[int]]:
    """Return for each place of the other dimensions the entries along `dims`, row-major."""
    kept = [d for d in range(len(shape)) if d not in dims]
    rows = []
    for outer in places([shape[d] for d in kept]):
        at = dict(zip(kept, outer, strict=True))
        row = []
        for inner in places([shape[d] for d in dims]):
            full = at | dict(zip(dims, inner, strict=True))
            row.append(flat(shape, [full[d] for d in range(len(shape))]))
        rows.append(row)
    return rows


def broadcast_shape(shapes: Sequence[Shape]) -> Shape | None:
    """Return the shape that several broadcast to; None if they don't."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    found = []
    for sizes in zip(*padded, strict=True):
        longer = {size for size in sizes if size != 1}
        if len(longer) > 1:
            return None
        found.append(longer.pop() if longer else 1)
    return tuple(found)

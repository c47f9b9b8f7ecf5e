"""Planes that are one long row each, slab by slab: what is kept does not grow with the row.

A slab is a plane of its own: some windows, and the inputs from the first one's first cell up to
where the next slab begins. Windows may read beyond. So the keys behind a slab are fetched, too, and
what its windows give to the inputs there stays in the buffers, for the next slab to begin with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Keys
from oracle.scale.comparing import read_keys
from oracle.scale.compiling import compiled
from oracle.scale.mixing import join_rows, name_roots
from oracle.scale.passing import Layer, Seen, pass_plane
from oracle.scale.planes import NOTHING, Made, Stored
from oracle.scale.rows import EXCESS, Rows, rows_of
from oracle.scale.tables import Tables, table_of_slab
from oracle.windows import Geometry
from oracle.windows.sliding import span_of

LONG = 1 << 14
"""Inputs of a row that is taken by slabs, at least."""
_SLAB = 1 << 13  # inputs of a slab
_CELLS = 1 << 18  # cells of all windows of a slab


@dataclass(frozen=True)
class Sliding(Sequence[range]):
    """What each window of a long row reads, made when it is asked for.

    Attributes:
        shapes: The geometry.
    """

    shapes: Geometry

    def __len__(self) -> int:
        return self.shapes.output_shape[-1]

    @overload
    def __getitem__(self, index: int) -> range: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[range]: ...

    def __getitem__(self, index: int | slice) -> range | Sequence[range]:
        if isinstance(index, slice):
            return [self[w] for w in range(*index.indices(len(self)))]
        return span_of(self.shapes.params, 0, self.shapes.input_shape[-1], index)


class _Slab(NamedTuple):
    """A slab.

    Attributes:
        tables: Its windows, as those of a plane of one row.
        window: The number of its first window in the row.
        place: Where in the row its first input lies.
    """

    tables: Tables
    window: int
    place: int


class Slabs:
    """Rows of sliding windows.

    Args:
        shapes: Their geometry.
        width: Bits of a number.
    """

    def __init__(self, shapes: Geometry, width: int) -> None:
        params = shapes.params
        (kernel,), (self._stride,), (self._padding,), (dilation,) = (
            params[key] for key in ("kernel_size", "stride", "padding", "dilation")
        )
        self._size, self._count = shapes.input_shape[-1], shapes.output_shape[-1]
        reach = (kernel - 1) * dilation + 1
        together = min(max(_SLAB, reach) // self._stride, _CELLS // kernel)
        together = max(together, self._padding // self._stride + 1)  # there is an input in each
        self._tables = table_of_slab(together, self._stride, dilation, kernel)
        self._rows: Rows = rows_of(self._tables, width)

    def hold(self, stored: Stored, planes: NDArray[np.int64], rule: int, made: Made) -> None:
        """Hold the gradients of planes against a rule's point."""
        for k, plane in enumerate(planes.tolist()):
            seen = Seen(made.counts[k], made.ratios[k : k + 1], NOTHING)
            self.hold_plane(stored, plane, rule, seen)

    def hold_plane(self, stored: Stored, plane: int, rule: int, seen: Seen) -> None:
        """Hold the gradient of one plane against a rule's point."""
        for slab in self._slabs():
            here, size = self._cut(stored, plane, slab), slab.tables.size_c
            proved = seen.proved[slab.place : slab.place + size]
            part = seen._replace(proved=proved)
            pass_plane(here, slab.tables, self._rows, stored.numbers, stored.values, 0, rule, part)
            self._carry(slab.tables.left + size)

    def join(
        self, stored: Stored, plane: int, parent: NDArray[np.int32], owner: NDArray[np.int32]
    ) -> None:
        """Find the components of a plane."""
        for slab in self._slabs():
            here, tables = self._cut(stored, plane, slab), slab.tables
            owned = owner[slab.window : slab.window + tables.windows]
            join_rows(
                here.input, here.cotangent, tables, self._rows, stored.numbers, 0, -slab.place,
                parent, owned,
            )  # fmt: skip
        name_roots(parent, owner)

    def _slabs(self) -> Iterator[_Slab]:
        """Yield the slabs of a row, from left to right."""
        together = self._tables.windows
        step = together * self._stride
        for number, start in enumerate(range(-self._padding, self._size, step)):
            place, end = max(start, 0), min(start + step, self._size)
            windows = min(max(self._count - number * together, 0), together)
            tables = self._tables._replace(windows=windows, left=place - start, size_c=end - place)
            yield _Slab(tables, min(number * together, self._count), place)

    def _cut(self, stored: Stored, plane: int, slab: _Slab) -> Layer:
        """Return the tensors from a slab on, and fetch the keys behind it."""
        layer, numbers = stored.layer, stored.numbers
        x, g = plane * self._size + slab.place, plane * self._count + slab.window
        here = Layer(
            layer.input[x : (plane + 1) * self._size],
            layer.cotangent[g : g + slab.tables.windows],
            layer.gradient[x : x + slab.tables.size_c],
            layer.output[g : g + slab.tables.windows],
        )
        end = slab.tables.left + slab.tables.size_c
        row = self._rows.keys[0]
        row[: slab.tables.left] = row[end:] = numbers.lowest
        behind = here.input[slab.tables.size_c :][: row.size - end]
        fetch_keys(behind, row[end : end + behind.size], numbers.infinity)
        return here

    def _carry(self, done: int) -> None:
        """Move what the inputs behind a slab have been given to where the next one begins."""
        rows = self._rows
        kept = rows.terms.size - done
        for buffer in (rows.terms, rows.bits, rows.sums, rows.tally):
            buffer[:kept] = buffer[done:].copy()
            buffer[max(kept, done) :] = 0
        rows.marked[0] = rows.tally[:kept].any() or rows.sums[:kept, EXCESS].any()


@compiled
def fetch_keys(source: Keys, row: Keys, infinity: int) -> None:
    """Write the keys of some inputs."""
    read_keys(source, row, infinity)

"""A few windows of a layer, cut out as a case of their own for the exact core."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from oracle.case import FLUSH_FLAG, Case, Tensor
from oracle.formats import Format
from oracle.scale.passing import Layer
from oracle.scale.tables import Spans
from oracle.windows import Geometry, Window


@dataclass(frozen=True, kw_only=True)
class Cut(Geometry):
    """Some windows of a larger geometry, over inputs that are numbered anew.

    Attributes:
        listed: For each window the inputs that it reads, ascending.
    """

    listed: tuple[Window, ...] = field(default=())

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """For each window the inputs that it reads."""
        return self.listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Where the windows of one plane of a layer read.

    Attributes:
        shapes: The layer's geometry.
        spans: For each dimension the positions that each window along it reads.
        sizes: The plane's sizes.
        number: Which plane it is.
    """

    shapes: Geometry
    spans: Spans
    sizes: tuple[int, ...]
    number: int

    @property
    def inputs(self) -> int:
        """The number of inputs."""
        return math.prod(self.sizes)

    @property
    def windows(self) -> int:
        """The number of windows."""
        return math.prod(map(len, self.spans))

    def cells(self, window: int) -> Window:
        """Return the inputs that a window of the plane reads, ascending, numbered in the plane."""
        along = []
        for spans in reversed(self.spans):
            window, place = divmod(window, len(spans))
            along.append(spans[place])
        steps = [math.prod(self.sizes[d + 1 :]) for d in range(len(self.sizes))]
        parts = [
            [i * step for i in span] for span, step in zip(reversed(along), steps, strict=True)
        ]
        return tuple(sum(offsets) for offsets in itertools.product(*parts))

    def cell_count(self, window: int) -> int:
        """Return how many inputs a window reads."""
        count = 1
        for spans in reversed(self.spans):
            window, place = divmod(window, len(spans))
            count *= len(spans[place])
        return count


def cut(
    layer: Layer,
    fmt: Format,
    plane: Plane,
    inputs: Sequence[int],
    windows: Iterable[int],
    *,
    flushes: bool,
) -> tuple[Case, tuple[int, ...]]:
    """Return windows of a plane as a case, and the inputs that it numbers.

    The windows are whole, so that the core sees for itself what is tied. Of the inputs that they
    read only `inputs` are asked about: the gradient of all others is said to be 0, which it is by
    these windows, for none of them chooses among them.

    Args:
        layer: The tensors.
        fmt: Their format.
        plane: The plane.
        inputs: Those whose gradient is asked about, numbered in the plane.
        windows: The windows, numbered in the plane.
        flushes: Whether subnormal numbers may be flushed to zero.
    """
    listed = [plane.cells(w) for w in windows]
    read = sorted(set(inputs).union(*listed))
    number = {i: k for k, i in enumerate(read)}
    asked, modulus = set(inputs), 1 << fmt.width
    x, g = plane.number * plane.inputs, plane.number * plane.windows
    shapes = Cut(
        op=plane.shapes.op,
        params=plane.shapes.params,
        input_shape=(len(read),),
        output_shape=(len(listed),),
        listed=tuple(tuple(number[i] for i in cells) for cells in listed),
    )
    case = Case(
        geometry=shapes,
        format=fmt,
        input=Tensor((len(read),), [int(layer.input[x + i]) % modulus for i in read]),
        cotangent=Tensor((len(listed),), [int(layer.cotangent[g + w]) % modulus for w in windows]),
        gradient=Tensor(
            (len(read),),
            [int(layer.gradient[x + i]) % modulus if i in asked else 0 for i in read],
        ),
        metadata={"flags": [FLUSH_FLAG]} if flushes else None,
    )
    return case, tuple(read)

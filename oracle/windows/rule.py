"""The form of a rule for windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from oracle.formats import Format
from oracle.windows.parameters import Call

Window: TypeAlias = tuple[int, ...]
Params: TypeAlias = Mapping[str, Any]
Spans: TypeAlias = tuple[tuple[range, ...], ...]
"""For each dimension the positions that each window along it reads."""


class Layout(NamedTuple):
    """What the windows of all planes follow from.

    Attributes:
        params: The parameters, checked.
        sizes: The input's spatial sizes.
        counts: The number of windows along each dimension.
        planes: The number of planes.
        format: The format of the input's numbers, or None where it does not matter.
        arithmetic: How an operation whose windows are rounded evaluates them.
    """

    params: Params
    sizes: tuple[int, ...]
    counts: tuple[int, ...]
    planes: int
    format: Format | None
    arithmetic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """How an operation's windows follow from its parameters.

    Attributes:
        dims: Number of spatial dimensions, the last ones of the shape.
        checks: Parameter -> (name, value, call) -> the checked value; all are required.
        count: (params, dimension, size) -> the number of windows along a dimension.
        spans: What the windows read, plane by plane.
        only_first_empty: Whether the first dimension may be empty, be it batch or channels;
            otherwise the batch may.
        rounded: Whether the windows are computed in floating point, so that they depend on the
            format and on how it is done.
    """

    dims: int
    checks: Mapping[str, Callable[[str, object, Call], object]]
    count: Callable[[Params, int, int], int]
    spans: Callable[[Layout], Iterable[Spans]]
    only_first_empty: bool
    rounded: bool = False


def alike(span: Callable[[Params, int, int, int], range]) -> Callable[[Layout], Iterable[Spans]]:
    """Return the `spans` of planes that are all alike, from what a single window reads.

    Args:
        span: (params, dimension, size, window) -> the positions read along the dimension.
    """

    def spans(layout: Layout) -> Iterable[Spans]:
        along = enumerate(zip(layout.sizes, layout.counts, strict=True))
        plane = tuple(
            tuple(span(layout.params, d, size, w) for w in range(count))
            for d, (size, count) in along
        )
        return (plane,) * layout.planes

    return spans

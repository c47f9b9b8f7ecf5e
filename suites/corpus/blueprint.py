"""What a stack is to be made of, before any number is chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from oracle.formats import BINARY64, Format
from oracle.windows import Geometry, geometry
from suites.corpus import cotangents, inputs, special
from suites.corpus.samples import samples
from suites.corpus.site import Maker


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Cases of one family.

    Attributes:
        family: What they are for.
        inputs: Makes their inputs.
        cotangents: Makes their cotangents.
        count: How many the standard profile asks for; equal ones are left out afterwards.
    """

    family: str
    inputs: Maker
    cotangents: Maker
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A geometry and the portions of its stack.

    Attributes:
        op: Name of the operation.
        layout: The geometry, spelled as `parsed` reads it.
        portions: What the standard profile has of it.
        smoke: How many of these cases the smoke profile keeps; 0 leaves the stack out.
        each: How many cases of each family are among them at least.
        growth: How many times as many the deep profile asks for.
        suffix: Tells stacks of one geometry apart in their names.
    """

    op: str
    layout: str
    portions: tuple[Portion, ...]
    smoke: int
    each: int = 2
    growth: int = 16
    suffix: str = ""
    kept: ClassVar[tuple[str, ...]] = ()

    @property
    def name(self) -> str:
        """The stack's name."""
        return f"{self.layout}-{self.suffix}" if self.suffix else self.layout

    def geometry(self, fmt: Format) -> Geometry:
        """Return the geometry of one case whose numbers have a format."""
        return _geometry(self.op, self.layout, fmt)


def _geometry(op: str, layout: str, fmt: Format) -> Geometry:
    """Return the geometry that `layout` spells.

    `k3x2-s1-p1x0-d1-ceil-1x1x4x6`: kernel size, stride, padding, dilation, ceil mode and shape; an
    adaptive operation has `o3xn-1x1x4x6`, its output size with `n` for null; a fractional one
    `k2-o3x4-r0-1x1x5x7`, kernel and output size (or `q.5x.6`, the output's ratio) and the kind of
    its samples, as `suites.corpus.samples` names them. One number stands for all dimensions.
    """
    *parts, spelled = layout.split("-")
    dims, shape = int(op[-2]), tuple(int(size) for size in spelled.split("x"))
    if op.startswith("fractional"):
        kind = parts.pop()
        params = {"output_size": None, "output_ratio": None} | _sizes(parts, dims)
        params["_random_samples"] = samples(kind, op, layout, params, shape, fmt)
        return geometry(op, params, shape, fmt)
    params = _sizes([part for part in parts if part != "ceil"], dims)
    if not op.startswith("adaptive"):
        params["ceil_mode"] = "ceil" in parts
    return geometry(op, params, shape)


def _sizes(parts: list[str], dims: int) -> dict[str, object]:
    found: dict[str, object] = {}
    for part in parts:
        sizes = tuple(_KINDS.get(part[0], _size)(size) for size in part[1:].split("x"))
        found[_KEYS[part[0]]] = sizes * dims if len(sizes) == 1 else sizes
    return found


def _size(text: str) -> object:
    return None if text == "n" else int(text)


def _ratio(text: str) -> object:
    return float(text).hex()


_KINDS = {"q": _ratio}

_KEYS = {
    "k": "kernel_size",
    "s": "stride",
    "p": "padding",
    "d": "dilation",
    "o": "output_size",
    "q": "output_ratio",
}


def sweep(count: int) -> tuple[Portion, ...]:
    """Return `count` cases of every family that any geometry can have."""
    corners = tuple(
        Portion(family=family, inputs=primal, cotangents=upstream, count=count * percent // 100)
        for family, primal, upstream, percent in _CORNERS
    )
    rest = count - sum(portion.count for portion in corners)
    few = Portion(family="sweep", inputs=inputs.few_values, cotangents=cotangents.small, count=rest)
    return (few, *corners)


def lattice(op: str, layout: str, values: int, passes: int) -> tuple[Portion, ...]:
    """Return every combination of `values` in the inputs, each with `passes` cotangents.

    In geometries of few inputs also every order of them, and so every possible tie pattern. The
    inputs before the first that a window reads are left alone.
    """
    shapes = _geometry(op, layout, BINARY64)
    cells = math.prod(shapes.input_shape) - min(map(min, shapes.windows))
    combinations = values**cells
    everything = Portion(
        family="lattice",
        inputs=inputs.lattice(values),
        cotangents=cotangents.by_pass(combinations),
        count=passes * combinations,
    )
    if cells > _ORDERED:
        return (everything,)
    orders = Portion(
        family="lattice",
        inputs=inputs.weak_orders,
        cotangents=cotangents.small,
        count=len(inputs.orders_of(cells)),
    )
    return (everything, orders)


_ORDERED = 5  # inputs that have few enough weak orders, 541

_CORNERS = (
    ("near-tie", inputs.neighbours, cotangents.small, 9),
    ("signed-zero", inputs.zeros, cotangents.small, 6),
    ("subnormal", inputs.tiny, cotangents.small, 4),
    ("subnormal", inputs.few_values, cotangents.tiny, 4),
    ("largest", inputs.huge, cotangents.small, 4),
    ("largest", inputs.few_values, cotangents.huge, 4),
    ("cancellation", inputs.peaks, cotangents.cancelling, 3),
    ("cancellation", inputs.few_values, cotangents.cancelling, 3),
    ("accumulation", inputs.peaks, cotangents.inexact, 3),
    ("accumulation", inputs.few_values, cotangents.inexact, 4),
    ("nan", special.nan_inputs, cotangents.small, 3),
    ("nan", inputs.few_values, special.nan_cotangents, 1),
    ("infinity", special.infinite_inputs, cotangents.small, 6),
    ("infinity", inputs.few_values, special.infinite_cotangents, 2),
)
"""Family, inputs, cotangents, and how many of a hundred cases."""

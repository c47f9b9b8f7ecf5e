"""Stacks that are about the tensors, not the windows: how a call lays out what it is given.

Repeated channels and constant cotangents can be expanded (stride 0); many channels and widths
around the widths of vectors meet a kernel's vector body and its tail, windows of nothing but -inf
what a kernel starts from; and some calls are borders: no batch dimension, an empty batch, no
output, windows that lie in the padding altogether, or that rounding would place outside.
"""

from __future__ import annotations

from collections.abc import Iterator

from suites.corpus import cotangents, inputs, special
from suites.corpus.blueprint import Blueprint, Portion
from suites.corpus.site import Maker

_REPEATED = {
    "max_pool1d": "k3-s1-p0-d1-1x3x9",
    "max_pool2d": "k2x3-s1-p0-d1-1x2x3x4",
    "max_pool3d": "k2-s1-p0-d1-1x2x2x3x2",
    "adaptive_max_pool1d": "o5-1x3x9",
    "adaptive_max_pool2d": "o2x3-1x3x3x4",
    "adaptive_max_pool3d": "o2x1x2-1x2x3x2x3",
    "fractional_max_pool2d": "k2-o2x3-r0-1x2x3x5",
    "fractional_max_pool3d": "k1x2x2-o1x1x3-r0-1x2x2x3x5",
}

_CONSTANT = {
    "max_pool1d": "k3-s2-p1-d1-1x2x7",
    "max_pool2d": "k2-s1-p0-d1-1x2x3x3",
    "max_pool3d": "k2-s2x1x1-p0-d1-1x2x2x3x3",
    "adaptive_max_pool1d": "o3-1x2x5",
    "adaptive_max_pool2d": "o2-1x2x3x3",
    "adaptive_max_pool3d": "o2x1x2-1x2x3x2x3",
    "fractional_max_pool2d": "k2-o3x2-r0-1x2x5x4",
    "fractional_max_pool3d": "k1x2x1-o1x3x1-r0-1x2x2x6x2",
}

_WIDE = {
    "max_pool1d": (
        "k2-s2-p0-d1-1x17x4",
        "k3-s1-p1-d1-1x1x16",
        "k3-s3-p0-d1-1x1x65",
        "k3-s2-p1-d1-1x1x33",
    ),
    "max_pool2d": (
        "k2-s1-p0-d1-1x17x2x3",
        "k2-s2-p0-d1-1x1x2x64",
        "k2-s2-p0-d1-1x33x4x2",
        "k3-s3-p1-d1-1x2x3x31",
    ),
    "max_pool3d": (
        "k2-s2-p0-d1-1x40x2x2x2",
        "k2-s2-p0-d1-1x2x2x2x32",
        "k2-s2x2x1-p0-d1-1x17x2x2x3",
    ),
    "adaptive_max_pool1d": ("o2-1x17x3", "o11-1x1x31", "o21-1x1x63"),
    "adaptive_max_pool2d": ("o1x2-1x33x2x3", "o2x5-1x2x4x15", "o2-1x17x3x3"),
    "adaptive_max_pool3d": ("o1x1x2-1x40x2x1x4", "o1x1x6-1x1x2x2x17", "o1x2x1-1x17x2x3x2"),
    "fractional_max_pool2d": (
        "k2-o1x3-r0-1x17x2x6",
        "k2-o1x24-d0-1x1x2x64",
        "k2-o3x1-r0-1x33x5x2",
        "k3-o1x10-r0-1x2x3x31",
    ),
    "fractional_max_pool3d": (
        "k1x1x2-o1x1x3-r0-1x40x2x2x6",
        "k1x1x2-o1x1x13-d0-1x2x2x2x33",
        "k1x2x1-o1x3x1-r0-1x17x2x6x2",
    ),
}
"""Many channels, and widths around 16, 32 and 64; the smoke profile has the first two of each."""

_LOW = {
    "max_pool1d": "k2-s1-p0-d1-1x3x6",
    "max_pool2d": "k2-s2-p0-d1-1x19x4x2",
    "max_pool3d": "k2x1x1-s2x1x1-p0-d1-1x19x4x1x2",
    "adaptive_max_pool1d": "o3-1x3x5",
    "adaptive_max_pool2d": "o2x1-1x19x4x2",
    "adaptive_max_pool3d": "o2x1x1-1x19x4x1x2",
    "fractional_max_pool2d": "k2-o3x1-r0-1x19x5x2",
    "fractional_max_pool3d": "k2x1x1-o3x1x1-r0-1x19x6x2x2",
}
"""Nineteen channels leave a tail behind any vector; some windows begin in a second plane."""

_UNBATCHED = {
    "max_pool1d": ("k3-s2-p1-d1-2x9", "k2-s1-p0-d1-1x6"),
    "max_pool2d": ("k3-s2-p1-d1-2x5x6", "k2x3-s1-p0-d1-ceil-1x4x5"),
    "max_pool3d": ("k2-s1-p0-d1-2x3x2x3", "k3x2x2-s2-p1-d1-1x4x3x4"),
    "adaptive_max_pool1d": ("o4-2x9", "o5-1x3"),
    "adaptive_max_pool2d": ("o3x2-2x5x3", "o2x3-1x4x6"),
    "adaptive_max_pool3d": ("o2x2x3-2x3x2x5", "o2x1x2-1x4x2x4"),
    "fractional_max_pool2d": ("k2-o3-r0-2x5x6", "k2x3-o2x3-d0-1x4x6"),
    "fractional_max_pool3d": ("k2-o1x2x3-r0-2x3x4x6", "k1x2x2-o3x2x2-d0-1x5x4x5"),
}

_EMPTY = {
    "max_pool1d": "k3-s1-p1-d1-0x2x5",
    "max_pool2d": "k3-s2-p1-d1-0x2x5x4",
    "max_pool3d": "k2-s1-p0-d1-0x2x3x2x4",
    "adaptive_max_pool1d": "o3-0x2x5",
    "adaptive_max_pool2d": "o3x2-0x2x5x4",
    "adaptive_max_pool3d": "o2x2x3-0x2x3x2x5",
    "fractional_max_pool2d": "k2-o3x2-r0-0x2x5x4",
    "fractional_max_pool3d": "k2-o2x1x2-r0-0x2x4x3x4",
}

_NO_OUTPUT = {
    "adaptive_max_pool1d": "o0-1x2x5",
    "adaptive_max_pool2d": "o2x0-1x2x3x4",
    "adaptive_max_pool3d": "o0x2x1-1x2x3x2x4",
    "fractional_max_pool2d": "k2-o2x0-r0-1x2x3x4",
    "fractional_max_pool3d": "k1-o0x2x1-r0-1x2x3x4x4",
}

_PADDING_ONLY = {
    "max_pool1d": ("k2-s1-p1-d4-1x2x3",),
    "max_pool2d": ("k2-s1-p1x0-d4x1-1x2x3x3",),
    "max_pool3d": ("k2-s1-p1x0x0-d3x1x1-1x2x2x3x2",),
}
"""Along one dimension the window's two cells lie before and after the input."""

_BEYOND = {
    "fractional_max_pool2d": ("k1x2-o1x135-h-1x1x1x147", "k1x2-o1x1039-h-1x1x1x1299"),
    "fractional_max_pool3d": ("k1x1x2-o1x1x135-h-1x1x2x2x147", "k1x1x2-o1x1x1039-h-1x1x2x2x1299"),
}
"""The rounded formula would start a window outside of the input: in bfloat16, in binary16, too."""


def variants(op: str) -> Iterator[Blueprint]:
    """Yield the stacks whose tensors are out of the ordinary."""
    equal = _portion("repeated", inputs.equal_channels, cotangents.small, 250)
    yield Blueprint(op=op, layout=_REPEATED[op], portions=equal, smoke=6, suffix="repeated")
    same = _portion("constant", inputs.few_values, cotangents.constant, 250)
    yield Blueprint(op=op, layout=_CONSTANT[op], portions=same, smoke=6, suffix="constant")
    wide = _portion("wide", inputs.few_values, cotangents.small, 205)
    for number, layout in enumerate(_WIDE[op]):
        smoke = 3 if number < 2 else 0
        yield Blueprint(op=op, layout=layout, portions=wide, smoke=smoke, growth=2)
    low = _portion("infinity", special.mostly_low, cotangents.small, 300)
    yield Blueprint(op=op, layout=_LOW[op], portions=low, smoke=6, growth=2, suffix="low")
    yield from _single("unbatched", op, _UNBATCHED[op])
    yield from _single("empty", op, (_EMPTY[op],))
    if op in _NO_OUTPUT:
        yield from _single("empty-output", op, (_NO_OUTPUT[op],))
    outside = _portion("padding-only", inputs.few_values, cotangents.small, 8)
    for layout in _PADDING_ONLY.get(op, ()):
        yield Blueprint(op=op, layout=layout, portions=outside, smoke=4, growth=1)
    beyond = _portion("beyond", inputs.few_values, cotangents.small, 6)
    for number, layout in enumerate(_BEYOND.get(op, ())):
        yield Blueprint(op=op, layout=layout, portions=beyond, smoke=2 * (not number), growth=1)


def _single(family: str, op: str, layouts: tuple[str, ...]) -> Iterator[Blueprint]:
    """Yield stacks of one case: such calls cannot be put one behind the other."""
    one = _portion(family, inputs.few_values, cotangents.small, 1)
    for number, layout in enumerate(layouts):
        yield Blueprint(op=op, layout=layout, portions=one, smoke=int(number == 0), growth=1)


def _portion(family: str, primal: Maker, upstream: Maker, count: int) -> tuple[Portion, ...]:
    return (Portion(family=family, inputs=primal, cotangents=upstream, count=count),)

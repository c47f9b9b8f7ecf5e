"""The large geometries: planes of more than 65,536 inputs, and inputs that many windows read."""

from __future__ import annotations

from collections.abc import Iterator

from suites.corpus import cotangents, inputs
from suites.corpus.blueprint import Blueprint, Portion
from suites.corpus.site import Maker

_PLANES = {
    "max_pool1d": ("k3-s3-p0-d1-1x1x66000", "k4-s3-p2-d2-ceil-1x3x22100"),
    "max_pool2d": ("k3-s3-p1-d1-1x1x264x257", "k4x3-s3-p1-d1-ceil-1x4x131x132"),
    "max_pool3d": ("k3-s3-p0-d1-1x1x41x41x41", "k3x4x3-s3-p1-d1-2x2x26x26x25"),
    "adaptive_max_pool1d": ("o9000-1x1x66001", "o5001-1x3x22011"),
    "adaptive_max_pool2d": ("o60x61-1x1x263x259", "o33x31-1x4x133x127"),
    "adaptive_max_pool3d": ("o20x20x19-1x1x40x40x42", "o13x13x9-2x2x26x26x25"),
    "fractional_max_pool2d": ("k3-o88x85-r0-1x1x264x257", "k4x3-o32x43-d0-1x4x131x132"),
    "fractional_max_pool3d": ("k3-o13-r0-1x1x41x41x41", "k3x4x3-o8x6x7-d0-2x2x26x26x25"),
}
"""First one plane of more than 65,536 inputs, then several channels or samples with as many."""

_CROWDS = {
    "max_pool1d": "k150-s1-p0-d1-1x1x300",
    "max_pool2d": "k11-s1-p0-d1-1x1x21x21",
    "max_pool3d": "k5-s1-p0-d1-1x1x9x9x9",
    "adaptive_max_pool1d": "o302-1x1x2",
    "adaptive_max_pool2d": "o20x22-1x1x2x2",
    "adaptive_max_pool3d": "o4x10x10-1x1x1x2x2",
    "fractional_max_pool2d": "k11-o11-r0-1x1x21x21",
    "fractional_max_pool3d": "k6-o5-r0-1x1x11x11x11",
}
"""A hundred windows and more read one input.

Where an adaptive operation's output is so much larger than its input, and a multiple of it, every
window reads one input: no tie, only a long sum.
"""

_THOUSANDS = "k2048-s1-p1024-d1-1x1x2048"
"""2,049 windows, of which 2,048 read the middle of the input."""


def large(op: str) -> Iterator[Blueprint]:
    """Yield the stacks of large geometries, of few cases each."""
    first, second = _PLANES[op]
    plane = Portion(family="large", inputs=inputs.plane, cotangents=cotangents.small, count=2)
    yield _fixed(op, first, (plane,), smoke=1)
    yield _fixed(op, second, (plane,), smoke=0)
    yield _fixed(op, _CROWDS[op], _crowd(), smoke=4)
    if op == "max_pool1d":
        peaks = _peaks("thousands", cotangents.positive_in_turn, 2)
        yield _fixed(op, _THOUSANDS, (peaks,), smoke=2)


def _crowd() -> tuple[Portion, ...]:
    upstreams = (cotangents.positive_in_turn, cotangents.inexact, cotangents.cancelling)
    return tuple(_peaks("accumulation", upstream, 6) for upstream in upstreams)


def _peaks(family: str, upstream: Maker, count: int) -> Portion:
    return Portion(family=family, inputs=inputs.peaks, cotangents=upstream, count=count)


def _fixed(op: str, layout: str, portions: tuple[Portion, ...], smoke: int) -> Blueprint:
    return Blueprint(op=op, layout=layout, portions=portions, smoke=smoke, growth=1)

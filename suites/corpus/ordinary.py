"""The small geometries, which most cases have: every kind of window, ties, and every corner.

Each table holds what makes windows differ: a stride smaller than, equal to and larger than the
kernel, padding, dilation, ceil mode, kernels and inputs that are not square, several samples and
channels; for adaptive operations outputs that divide the input, that do not (then windows
overlap), and that are larger than it; for fractional ones steps on average smaller than, equal to
and larger than the kernel, and samples of every kind.
"""

from __future__ import annotations

from collections.abc import Iterator

from suites.corpus.blueprint import Blueprint, lattice, sweep

_CASES = 600
"""Of each geometry below, in the standard profile."""

_SMOKE_CASES, _SMOKE_GEOMETRIES = 14, 7
"""So many cases of the first geometries of each table are in the smoke profile."""

_SMOKE_LATTICE_CASES = 16
"""Of each lattice's geometry, whose corners need not come twice."""

_SWEEPS = {
    "max_pool1d": (
        "k2-s2-p0-d1-1x1x10",
        "k2-s3-p0-d1-1x1x14",
        "k3-s2-p1-d1-2x2x5",
        "k3-s1-p1-d2-1x1x9",
        "k3-s2-p0-d1-ceil-1x1x8",
        "k4-s3-p2-d1-ceil-1x2x9",
        "k5-s2-p2-d1-1x1x11",
        "k3-s2-p1-d1-1x1x9",
        "k3-s1-p1-d1-1x1x8",
    ),
    "max_pool2d": (
        "k2-s2-p0-d1-1x1x4x6",
        "k2-s3-p0-d1-1x1x5x8",
        "k3-s2-p1-d1-1x1x3x5",
        "k3x2-s1x2-p1x0-d1-1x1x4x6",
        "k2x3-s2x1-p1-d2x1-1x1x5x3",
        "k3-s3x2-p1-d1-ceil-1x2x5x4",
        "k2-s1-p0-d1-2x2x3x3",
        "k3-s2-p0-d1-ceil-1x1x4x4",
        "k2-s1-p1-d1-1x1x2x3",
        "k1x4-s1x3-p0x2-d1-1x1x3x7",
    ),
    "max_pool3d": (
        "k2-s2-p0-d1-1x1x4x4x2",
        "k2x1x2-s3x1x3-p0-d1-1x1x5x2x5",
        "k1x2x2-s1-p0-d1-1x1x2x3x3",
        "k2x3x2-s2x2x1-p1x1x0-d1-1x1x2x4x3",
        "k2-s1x2x2-p1x0x0-d2x1x1-1x1x4x4x2",
        "k2x1x2-s2x1x1-p0-d1-ceil-1x2x3x2x3",
        "k2-s2x1x2-p1x0x0-d1-2x2x2x2x3",
        "k2-s1-p0-d1-1x1x2x3x3",
        "k3-s2-p0-d1-ceil-1x1x4x3x4",
    ),
    "adaptive_max_pool1d": (
        "o5-1x1x10",
        "o4-1x1x9",
        "o12-1x1x9",
        "o1-1x1x9",
        "o3-2x2x5",
        "o4-1x3x6",
        "o7-1x1x11",
        "o3-1x1x8",
    ),
    "adaptive_max_pool2d": (
        "o2x3-1x1x4x6",
        "o2x3-1x1x3x4",
        "o3x4-1x1x2x3",
        "onx2-1x1x4x5",
        "o3x2-1x2x5x3",
        "o2-2x2x3x3",
        "o3x1-1x1x7x2",
        "o2x3-1x1x3x5",
    ),
    "adaptive_max_pool3d": (
        "o2x1x2-1x1x4x2x4",
        "o2x2x1-1x1x3x3x2",
        "o3x2x2-1x1x2x3x2",
        "o2xnx1-1x1x3x4x3",
        "o2x1x2-1x3x3x1x3",
        "o1x2x1-2x2x2x3x2",
        "o3x1x2-1x1x5x2x2",
        "o2x1x2-1x1x3x2x3",
    ),
    "fractional_max_pool2d": (
        "k2-o3x4-r0-1x1x5x7",
        "k2-o3x2-d0-1x1x6x5",
        "k2x3-o2x3-m-1x1x4x7",
        "k2-o2x3-z-1x2x4x6",
        "k2-o3-d0-2x2x6x7",
        "k3-o2-r0-1x1x4x4",
        "k2-q.6x.5-r0-1x1x6x6",
        "k1x2-o3x4-r1-1x1x4x7",
        "k2-o3x2-d0-1x1x9x7",
    ),
    "fractional_max_pool3d": (
        "k2-o3x1x2-r0-1x1x5x3x4",
        "k3x1x2-o3x1x2-d0-1x1x6x2x4",
        "k1x3x2-o3x2x1-m-1x1x4x5x3",
        "k3x1x2-o3x1x1-z-1x2x6x2x3",
        "k1x1x3-o1x1x3-d0-2x2x2x2x7",
        "k2-q.5x.4x.5-r0-1x1x4x5x6",
        "k1x2x2-o1x2x3-d1-1x1x2x4x6",
        "k2-o1x2x3-r1-1x1x3x4x6",
        "k3x2x1-o1x2x3-r0-1x1x5x4x5",
    ),
}

_LATTICES = {
    "max_pool1d": (
        ("k3-s1-p1-d1-1x1x2", 5, 12),
        ("k3-s1-p0-d1-1x1x5", 3, 6),
        ("k2-s1-p0-d1-1x1x4", 4, 3),
    ),
    "max_pool2d": (
        ("k2-s2-p0-d1-1x1x2x2", 5, 1),
        ("k2-s1-p0-d1-1x1x3x3", 2, 4),
    ),
    "max_pool3d": (
        ("k2-s2-p0-d1-1x1x2x2x2", 2, 2),
        ("k2-s1-p0-d1-1x1x2x2x3", 2, 1),
        ("k3-s1-p1-d1-1x1x1x2x2", 4, 3),
    ),
    "adaptive_max_pool1d": (
        ("o3-1x1x5", 3, 6),
        ("o3-1x1x4", 4, 3),
        ("o5-1x1x3", 5, 3),
    ),
    "adaptive_max_pool2d": (
        ("o1-1x1x2x2", 5, 1),
        ("o2-1x1x3x3", 2, 4),
    ),
    "adaptive_max_pool3d": (
        ("o1-1x1x2x2x2", 2, 2),
        ("o1x1x2-1x1x2x1x3", 3, 2),
    ),
    "fractional_max_pool2d": (
        ("k1x2-o1x3-d0-1x1x1x5", 3, 6),
        ("k2-o2-r0-1x1x3x3", 2, 4),
    ),
    "fractional_max_pool3d": (("k1x1x3-o1x1x3-d0-1x1x2x2x6", 4, 1),),
}
"""Geometry, how many values every input takes, with how many cotangents each combination comes."""


def ordinary(op: str) -> Iterator[Blueprint]:
    """Yield the stacks of small geometries."""
    for layout, values, passes in _LATTICES[op]:
        exhaustive = lattice(op, layout, values, passes)
        portions = (*exhaustive, *sweep(400))
        yield Blueprint(op=op, layout=layout, portions=portions, smoke=_SMOKE_LATTICE_CASES, each=1)
    for number, layout in enumerate(_SWEEPS[op]):
        smoke = _SMOKE_CASES if number < _SMOKE_GEOMETRIES else 0
        yield Blueprint(op=op, layout=layout, portions=sweep(_CASES), smoke=smoke)

"""Forms of unpooling, a linear control: indices in any order, and outputs of every size allowed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from suites.corpus.programs.form import Form, tensor


def _form(shapes: str, role: str, tag: str, plane: Sequence[int], sizes: Sequence[int]) -> Form:
    """Return a form of kernels of two; every other plane has the indices in reverse."""
    dims = len(sizes)
    lengths = [int(size) for size in shapes.split("x")]
    planes = math.prod(lengths[: len(lengths) - dims])
    rows = [plane[::-1] if k % 2 else plane for k in range(planes)]
    kernel = {"kernel_size": (2,) * dims, "stride": (2,) * dims, "padding": (0,) * dims}
    return Form(
        shapes=shapes,
        role=role,
        tag=tag,
        together=False,
        params={
            "indices": tensor(shapes, *(place for row in rows for place in row)),
            **kernel,
            "output_size": tuple(sizes),
        },
    )


def _spread(count: int, room: int) -> tuple[int, ...]:
    """Return distinct places, neither in order nor next to each other."""
    step = next(step for step in range(room * 5 // 8, room) if math.gcd(step, room) == 1)
    return tuple(k * step % room for k in range(count))


UNPOOLING: dict[str, tuple[Form, ...]] = {
    "max_unpool1d": (
        _form("1x1x3", "first", "ordered", (0, 3, 4), (6,)),
        _form("1x2x3", "further", "reversed", (5, 2, 1), (6,)),
        _form("2x1x3", "further", "crossed", (4, 0, 3), (6,)),
        _form("1x2x2", "further", "larger", (4, 1), (5,)),
        _form("2x1x2", "further", "smaller", (0, 2), (3,)),
        _form("1x1x4", "further", "far", (0, 1, 2, 7), (8,)),
        _form("2x3", "unbatched", "reversed", (5, 2, 1), (6,)),
        _form("1x2x3", "repeated", "ordered", (0, 3, 4), (6,)),
        _form("1x2x2", "constant", "ordered", (3, 1), (4,)),
        _form("1x1x16", "wide", "spread", _spread(16, 32), (32,)),
        _form("1x1x33", "wide", "spread", _spread(33, 66), (66,)),
        _form("1x1x65", "wide", "spread", _spread(65, 130), (130,)),
        _form("1x1x4100", "large", "spread", _spread(4100, 8200), (8200,)),
        _form("0x1x3", "empty", "none", (0, 3, 4), (6,)),
    ),
    "max_unpool2d": (
        _form("1x1x2x2", "first", "ordered", (0, 3, 8, 15), (4, 4)),
        _form("1x1x2x2", "further", "reversed", (14, 11, 5, 0), (4, 4)),
        _form("1x2x1x3", "further", "crossed", (7, 0, 5), (2, 6)),
        _form("2x1x2x1", "further", "crossed", (6, 1), (4, 2)),
        _form("1x1x2x2", "further", "larger", (24, 3, 17, 8), (5, 5)),
        _form("1x1x2x2", "further", "smaller", (8, 3, 7, 0), (3, 3)),
        _form("2x2x1", "unbatched", "crossed", (6, 1), (4, 2)),
        _form("1x1x2x2", "repeated", "corners", (0, 3, 12, 15), (4, 4)),
        _form("1x2x1x2", "constant", "ordered", (0, 7), (2, 4)),
        _form("1x1x2x16", "wide", "spread", _spread(32, 128), (4, 32)),
        _form("1x17x1x2", "wide", "spread", _spread(2, 8), (2, 4)),
        _form("1x1x50x40", "large", "spread", _spread(2000, 8000), (100, 80)),
        _form("0x1x2x2", "empty", "none", (0, 3, 8, 15), (4, 4)),
    ),
    "max_unpool3d": (
        _form("1x1x1x2x2", "first", "ordered", (0, 3, 20, 31), (2, 4, 4)),
        _form("1x1x1x2x2", "further", "reversed", (30, 11, 5, 0), (2, 4, 4)),
        _form("1x2x1x1x2", "further", "crossed", (9, 2), (2, 2, 4)),
        _form("2x1x2x1x1", "further", "crossed", (14, 1), (4, 2, 2)),
        _form("1x1x1x1x2", "further", "larger", (44, 3), (3, 3, 5)),
        _form("1x1x2x1x1", "further", "smaller", (2, 0), (3, 1, 1)),
        _form("2x1x1x2", "unbatched", "crossed", (9, 2), (2, 2, 4)),
        _form("1x1x1x2x2", "repeated", "corners", (0, 3, 28, 31), (2, 4, 4)),
        _form("1x2x1x1x2", "constant", "ordered", (0, 9), (2, 2, 4)),
        _form("1x1x1x1x16", "wide", "spread", _spread(16, 128), (2, 2, 32)),
        _form("1x17x1x1x1", "wide", "spread", _spread(1, 8), (2, 2, 2)),
        _form("1x1x10x10x10", "large", "spread", _spread(1000, 8000), (20, 20, 20)),
        _form("0x1x1x2x2", "empty", "none", (0, 3, 20, 31), (2, 4, 4)),
    ),
}

"""Small cases of sampling and of factorizations, at kinks, at jumps and beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from suites.meta.cases import Number
from suites.meta.programs import HALF, Sample

_QUARTER = Fraction(1, 4)
_PADDINGS = ("zeros", "border", "reflection")


def _sampled(
    sizes: Sequence[int], positions: Sequence[Sequence[Number]], channels: int = 1, **params: object
) -> Sample:
    """Return a row of positions in planes that hold 0, 1 and 2."""
    dims = len(sizes)
    count = channels
    for size in sizes:
        count *= size
    grid = (1, *(1,) * (dims - 1), len(positions), dims)
    return Sample(
        params,
        {
            "input": ((1, channels, *sizes), [k % 3 for k in range(count)]),
            "grid": (grid, list(itertools.chain(*positions))),
        },
    )


def _ways(mode: str) -> Iterator[dict[str, object]]:
    for padding, aligned in itertools.product(_PADDINGS, (False, True)):
        yield {"mode": mode, "padding_mode": padding, "align_corners": aligned}


def _between() -> Iterator[Sample]:
    """Yield positions at centres, between them and beyond, in every way of padding."""
    for way in _ways("bilinear"):
        yield _sampled((1, 2), [(HALF, 0)], **way)
        yield _sampled((1, 2), [(-1, 0)], **way)
        yield _sampled((2, 2), [(-HALF, 0)], **way)
        yield _sampled((1, 2), [(0, 1)], 2, **way)
        yield _sampled((2, 1), [(1, HALF), (-HALF, _QUARTER)], **way)
        yield _sampled((1, 1, 2), [(HALF, 0, 0)], **way)
    yield _sampled((2, 2), [(HALF, -HALF)], **way)
    yield _sampled((1, 3), [(3, 0)], **way)


def _nearest() -> Iterator[Sample]:
    """Yield positions by a pixel and halfway between the two that there are."""
    for way in _ways("nearest"):
        yield _sampled((1, 2), [(0, 0)], **way)
        yield _sampled((2, 1), [(_QUARTER, HALF)], 2, **way)
        yield _sampled((1, 2, 1), [(0, 0, HALF)], **way)


def _matrix(*rows: Sequence[Number]) -> Sample:
    return Sample({}, {"A": ((len(rows), len(rows)), list(itertools.chain(*rows)))})


SAMPLES_RATIONAL = {
    "grid_sample": [*_between(), *_nearest()],
    "lu_factor": [
        _matrix((3,)),
        _matrix((2, 1), (1, 3)),
        _matrix((1, 2), (4, 3)),
        _matrix((3, 1), (-2, 0)),
        _matrix((1, 2), (1, 3)),
        _matrix((1, 2), (-1, 3)),
        _matrix((2, 1, 0), (1, -1, 1), (1, 2, 1)),
        _matrix((1, 0, 2), (3, 1, 1), (2, 2, -1)),
        _matrix((2, 1, 1), (1, 2, 0), (1, -1, 3)),
        _matrix((1, 1, 0), (1, 2, 1), (0, 1, 3)),
        Sample({}, {"A": ((2, 2, 2), (1, 2, 3, 4, 2, 0, 1, 1))}),
    ],
}
"""Name -> samples."""

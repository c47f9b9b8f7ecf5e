"""Reading a plane between its pixels: a polynomial between each two of them, along each dimension.

Bilinear reading has a kink where a position meets a pixel's centre, the nearest pixel jumps halfway
between two. See `oracle.programs.positions` for what the rounding of positions means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from oracle.programs.branches import Term
from oracle.programs.definition import Check, Definition, Grids, Params, Shapes
from oracle.programs.errors import ProgramError
from oracle.programs.extended import NAN, is_finite
from oracle.programs.operands import Grid, Shape, places
from oracle.programs.parameters import flag, one_of
from oracle.programs.positions import HALF, Axis, axis
from oracle.programs.scalar import BOTH_ZEROS, Scalar
from oracle.programs.thresholds import jumping, pieces, reaching

Pixel = Callable[[int | None], Scalar]
"""(place along a dimension, None outside) -> what is read there along the other dimensions."""
Plane = Callable[[tuple[int, ...]], Scalar]
"""Pixel -> what it holds."""


def _between(at: Axis, read: Pixel) -> Scalar:
    """Return what is read between two pixels, each of which weighs as much as it is near.

    Raises:
        ProgramError: A pixel that weighs nothing is no number.
    """
    left = math.floor(at.value)

    def cell(k: int) -> Scalar:
        low, high = at.pixel(k), at.pixel(k + 1)
        if low == high:
            return _alone(read(low), at)
        ends = zip((low, high), at.weights[k], strict=True)
        parts = [read(pixel) * weight for pixel, weight in ends if pixel is not None]
        return parts[0] + parts[1] if len(parts) > 1 else parts[0]

    if not all(is_finite(read(pixel).value) for pixel in at.weightless):
        msg = "a pixel beside a position is no number and weighs 0, which kernels may multiply"
        raise ProgramError(msg)
    if at.value != left:
        return cell(left)
    parts = (lambda _: cell(left - 1), lambda _: cell(left))
    return pieces(at.position, [left], parts, at=[1])


def _alone(y: Scalar, at: Axis) -> Scalar:
    """Return what is read beyond a border: it may come of products with weights, 0 among them."""
    if is_finite(y.value):
        return replace(y, zeros=BOTH_ZEROS)
    slope = Term(NAN, NAN, 1, NAN)
    moved = {i: slope for branch in at.position.branches for i in branch.row}
    return replace(y, branches=tuple(b._replace(row={**moved, **b.row}) for b in y.branches))


def _nearest(at: Axis, read: Pixel) -> Scalar:
    """Return what the nearest pixel holds, of two as near the even one; there it jumps.

    It does not where the two are one, as beyond a border, nor where nothing moves the position, nor
    what is read.
    """
    left = math.floor(at.value)
    if at.value - left != HALF:
        return read(at.pixel(round(at.value)))
    pair = [at.pixel(left), at.pixel(left + 1)]
    if pair[0] == pair[1]:
        return read(pair[0])
    chosen = pair.index(_even(at, left, pair))
    here, there = read(pair[chosen]), read(pair[1 - chosen])
    alike = here.is_constant and there.is_constant and here.value == there.value
    return here if at.position.is_constant or alike else jumping(here, there, at.position)


def _even(at: Axis, left: int, pair: Sequence[int | None]) -> int | None:
    """Return the even one of two places, inside the plane if there are mirrors."""
    if at.padding == "reflection":
        return next(pixel for pixel in pair if pixel is not None and pixel % 2 == 0)
    return pair[left % 2]


_READ: Mapping[str, Callable[[Axis, Pixel], Scalar]] = {"bilinear": _between, "nearest": _nearest}


def _read(mode: str, axes: Sequence[Axis], plane: Plane) -> Scalar:
    """Return what a plane holds at a position along all its dimensions."""
    if not axes:
        return plane(())

    def along(k: int | None) -> Scalar:
        if k is None:
            return Scalar.constant(0, zeros=BOTH_ZEROS)
        return _read(mode, axes[1:], lambda place: plane((k, *place)))

    return _READ[mode](axes[0], along)


def _grid_sample(params: Params, grids: Grids) -> Sequence[Scalar]:
    """Return each plane at each position of its grid; positions name the last dimension first."""
    planes, grid = grids["input"], grids["grid"]
    dims, channels = len(planes.shape) - 2, planes.shape[1]
    found: dict[tuple[int, ...], Scalar] = {}
    for place in places(grid.shape[:-1]):
        numbers = [grid.at((*place, d)) for d in reversed(range(dims))]
        axes = [
            axis(x, size, params, grid.format)
            for x, size in zip(numbers, planes.shape[2:], strict=True)
        ]
        for c in range(channels):
            y = _read(params["mode"], axes, _plane(planes, place[0], c))
            found[place[0], c, *place[1:]] = _summed(reaching(y, *numbers), numbers, channels)
    return [found[place] for place in places(_shape_of(planes.shape, grid.shape))]


def _plane(planes: Grid, n: int, c: int) -> Plane:
    return lambda place: planes.at((n, c, *place))


def _summed(y: Scalar, numbers: Sequence[Scalar], channels: int) -> Scalar:
    """Return an output whose derivative in the grid is added up with those of other channels.

    The sum over the corners and the channels may be a single one, in any order: each of its terms
    goes through as many additions as there are others. The outputs count one for each channel.
    """
    inputs = {i for x in numbers for branch in x.branches for i in branch.row}
    more = (2 ** len(numbers) - 1) * channels
    branches = tuple(
        branch._replace(
            row={
                i: term._replace(roundings=term.roundings + more)
                if i in inputs and term.magnitude
                else term
                for i, term in branch.row.items()
            }
        )
        for branch in y.branches
    )
    return replace(y, branches=branches)


def _shape_of(planes: Shape, grid: Shape) -> Shape:
    return (*planes[:2], *grid[1:-1])


def _output_shape(params: Params, shapes: Shapes) -> Shape:
    del params  # no parameter of it has a say in it
    planes, grid = shapes["input"], shapes["grid"]
    dims = len(planes) - 2
    fits = dims in (2, 3) and len(grid) == dims + 2 and grid[-1] == dims
    if not fits or planes[0] != grid[0] or not math.prod(planes[2:]):
        msg = (
            f"grid.shape is {list(grid)} for planes {list(planes)}, expected two or three "
            "dimensions that hold something, and as many coordinates for each position"
        )
        raise ProgramError(msg)
    return _shape_of(planes, grid)


_CHECKS: Mapping[str, Check] = {
    # `bicubic` bends nowhere: its pieces have one slope where they meet
    "mode": one_of("bilinear", "nearest"),
    "padding_mode": one_of("zeros", "border", "reflection"),
    "align_corners": flag,
}

SAMPLING: dict[str, Definition] = {
    "grid_sample": Definition(
        operands=("input", "grid"),
        checks=_CHECKS,
        output_shape=_output_shape,
        outputs=_grid_sample,
    )
}
"""Name -> definition."""

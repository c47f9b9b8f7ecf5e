"""Average pooling is linear: its forward pass gives the Jacobian that its backward must have."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from oracle.programs.branches import Branch, Term
from oracle.programs.definition import Check, Definition, Grids, Params, Shapes
from oracle.programs.errors import ProgramError
from oracle.programs.extended import add, multiply
from oracle.programs.operands import Shape, places
from oracle.programs.parameters import flag, integer, integers
from oracle.programs.scalar import BOTH_ZEROS, Scalar
from oracle.windows import Geometry, GeometryError, geometry


def averaged(entries: Sequence[Scalar], number: int) -> Scalar:
    """Return the sum of inputs over a number: what `(x + y + ...) / n` gives, at one go."""
    if len(entries) < 2 or number == 1:
        total = functools.reduce(operator.add, entries) if entries else Scalar.constant(0)
        # a sum of zeros may have begun with one of either sign
        return replace(total / number, zeros=BOTH_ZEROS)
    part = Fraction(1, number)
    slope = Term(part, part, 2, 1)  # the reciprocal and its product are rounded
    return Scalar(
        value=multiply(functools.reduce(add, (x.value for x in entries)), part),
        branches=(Branch({i: slope for x in entries for i in x.branches[0].row}),),
        key=("mean", number, *(x.key for x in entries)),
        magnitude=multiply(functools.reduce(add, (x.magnitude for x in entries)), part),
        reach=functools.reduce(add, (x.reach for x in entries)),
        roundings=len(entries) + 1,
        zeros=BOTH_ZEROS,
    )


def _geometry(op: str, params: Mapping[str, Any], shape: Shape) -> Geometry:
    try:
        return geometry(op, params, shape)
    except GeometryError as error:
        raise ProgramError(str(error)) from error


def sliding(dims: int, params: Params, shape: Shape) -> Geometry:
    """Return the windows of `avg_pool<dims>d`, which are those of max pooling."""
    keys = ("kernel_size", "stride", "padding", "ceil_mode")
    geometry_params = {key: params[key] for key in keys} | {"dilation": (1,) * dims}
    return _geometry(f"max_pool{dims}d", geometry_params, shape)


def adapted(dims: int, params: Params, shape: Shape) -> Geometry:
    """Return the windows of `adaptive_avg_pool<dims>d`."""
    return _geometry(f"adaptive_max_pool{dims}d", params, shape)


def averaging(dims: int) -> Definition:
    """Return the definition of `avg_pool<dims>d`."""

    def outputs(params: Params, grids: Grids) -> Sequence[Scalar]:
        grid = grids["input"]
        shapes = sliding(dims, params, grid.shape)
        divisors = [
            divisor(params, grid.shape[-dims:], place)
            for place in places(shapes.output_shape[-dims:])
        ]
        return [
            averaged([grid.entries[i] for i in window], divisors[w % len(divisors)] or len(window))
            for w, window in enumerate(shapes.windows)
        ]

    checks: dict[str, Check] = {
        **dict.fromkeys(("kernel_size", "stride"), integers(dims, least=1)),
        "padding": integers(dims),
        "ceil_mode": flag,
        "count_include_pad": flag,
    }
    if dims > 1:
        checks["divisor_override"] = _integer_or_null
    return Definition(
        operands=("input",),
        checks=checks,
        output_shape=lambda params, shapes: sliding(dims, params, shapes["input"]).output_shape,
        outputs=outputs,
    )


def divisor(params: Params, sizes: Shape, place: Sequence[int]) -> int:
    """Return what a window's sum is divided by; 0 stands for the number of its inputs.

    Padding counts if asked for, but nothing beyond it, where ceil mode lets a window reach.
    """
    override = params.get("divisor_override")
    if override is not None:
        return int(override)
    if not params["count_include_pad"]:
        return 0
    keys = ("kernel_size", "stride", "padding")
    along = zip(sizes, place, *(params[key] for key in keys), strict=True)
    return math.prod(
        min(w * stride - padding + kernel, size + padding) - (w * stride - padding)
        for size, w, kernel, stride, padding in along
    )


def _integer_or_null(key: str, value: object, shapes: Shapes) -> int | None:
    return None if value is None else int(str(integer(1)(key, value, shapes)))


def adaptive_averaging(dims: int) -> Definition:
    """Return the definition of `adaptive_avg_pool<dims>d`."""
    return Definition(
        operands=("input",),
        checks={"output_size": integers(dims, least=1)},
        output_shape=lambda params, shapes: adapted(dims, params, shapes["input"]).output_shape,
        outputs=lambda params, grids: [
            averaged([grids["input"].entries[i] for i in window], len(window))
            for window in adapted(dims, params, grids["input"].shape).windows
        ],
        commutes=True,
    )


POOLS: dict[str, Definition] = {
    **{f"avg_pool{dims}d": averaging(dims) for dims in (1, 2, 3)},
    **{f"adaptive_avg_pool{dims}d": adaptive_averaging(dims) for dims in (1, 2, 3)},
}

"""The forms of operations along dimensions: one output for each row, several, or a row of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oracle.programs.definition import Check, Definition, Grids, Params, Shapes
from oracle.programs.errors import ProgramError
from oracle.programs.extended import is_nan
from oracle.programs.operands import Shape, rows_along
from oracle.programs.parameters import dimension_or_null, flag, reduced
from oracle.programs.scalar import Scalar
from oracle.programs.thresholds import jumping

Row = Sequence[Scalar]
Along = Callable[[Params, Row], Sequence[Scalar]]
"""(params, the entries along the dimensions) -> one output, or several."""


def _dims(params: Params, rank: int) -> tuple[int, ...]:
    """Return the dimensions that an operation works along; all of them if it names none."""
    dim = params.get("dim")
    named = (dim,) if isinstance(dim, int) else dim
    return tuple(named) if named else tuple(range(rank))


def reducing(function: Along, checks: Mapping[str, Check], **more: Any) -> Definition:
    """Return the definition of an operation with one output for each row."""
    return Definition(
        operands=("input",),
        checks={**checks, "keepdim": flag},
        output_shape=lambda params, shapes: _reduced(params, shapes["input"]),
        outputs=lambda params, grids: [function(params, row)[0] for row in _rows(params, grids)],
        **{"selects": True, "commutes": True, **more},
    )


def _reduced(params: Params, shape: Shape) -> Shape:
    dims = _dims(params, len(shape))
    if not math.prod(shape[d] for d in dims):
        msg = f"input.shape is {list(shape)}, expected something along the dimensions {list(dims)}"
        raise ProgramError(msg)
    return reduced(shape, dims, keepdim=params["keepdim"])


def _rows(params: Params, grids: Grids) -> list[Row]:
    grid = grids["input"]
    rows = rows_along(grid.shape, _dims(params, len(grid.shape)))
    return [[grid.entries[k] for k in row] for row in rows]


def replacing(
    function: Along, checks: Mapping[str, Check], length: Callable[[Params, int], int]
) -> Definition:
    """Return the definition of an operation with a row of outputs in the place of each row."""

    def output_shape(params: Params, shapes: Shapes) -> Shape:
        shape, dim = shapes["input"], params.get("dim", 0)
        return (*shape[:dim], length(params, shape[dim]), *shape[dim + 1 :])

    def outputs(params: Params, grids: Grids) -> Sequence[Scalar]:
        grid, dim = grids["input"], params.get("dim", 0)
        shape = output_shape(params, {"input": grid.shape})
        rows = rows_along(grid.shape, (dim,))
        found: dict[int, Scalar] = {}
        for row, targets in zip(rows, rows_along(shape, (dim,)), strict=True):
            made = function(params, [grid.entries[k] for k in row])
            found |= dict(zip(targets, made, strict=True))
        return [found[k] for k in range(len(found))]

    return Definition(
        operands=("input",),
        checks=checks,
        output_shape=output_shape,
        outputs=outputs,
        selects=True,
        commutes=True,
    )


def stacking(
    function: Along, checks: Mapping[str, Check], count: Callable[[Params], int | None], **more: Any
) -> Definition:
    """Return the definition of an operation that stacks several outputs for each row."""

    def output_shape(params: Params, shapes: Shapes) -> Shape:
        several = count(params)
        shape = _reduced(params, shapes["input"])
        return shape if several is None else (several, *shape)

    def outputs(params: Params, grids: Grids) -> Sequence[Scalar]:
        made = [function(params, row) for row in _rows(params, grids)]
        return [outputs[k] for k in range(count(params) or 1) for outputs in made]

    return Definition(
        operands=("input",),
        checks={**checks, "keepdim": flag},
        output_shape=output_shape,
        outputs=outputs,
        commutes=True,
        **more,
    )


def two_forms(choose: Callable[..., Scalar]) -> Definition:
    """Return the definition of `max` or `min`: of everything, along a dimension, or of two."""
    one = reducing(lambda _, row: [choose(*row)], {"dim": dimension_or_null})

    def output_shape(params: Params, shapes: Shapes) -> Shape:
        if "other" not in shapes:
            return one.output_shape(params, shapes)
        if params["dim"] is not None or params["keepdim"]:
            msg = f"params are {dict(params)} beside another operand, expected no dim, no keepdim"
            raise ProgramError(msg)
        if shapes["input"] != shapes["other"]:
            msg = f"the shapes are {[*map(list, shapes.values())]}, expected equal ones"
            raise ProgramError(msg)
        return shapes["input"]

    def outputs(params: Params, grids: Grids) -> Sequence[Scalar]:
        if "other" not in grids:
            return one.outputs(params, grids)
        pairs = zip(grids["input"].entries, grids["other"].entries, strict=True)
        outputs = ((choose(*pair), pair) for pair in pairs)
        # of two operands, as of `maximum`, nothing is asked where one is NaN
        return [jumping(y, *pair) if is_nan(y.value) else y for y, pair in outputs]

    return replace(
        one,
        operands=("input", "other"),
        optional=("other",),
        output_shape=output_shape,
        outputs=outputs,
    )

"""Operations along dimensions: the largest, the smallest, the k-th, all of them in order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from oracle.programs.definition import Check, Definition, Grids, Params, ProgramError, Shapes
from oracle.programs.extended import is_nan
from oracle.programs.kinks import kth, maximum, minimum, numbers
from oracle.programs.operands import Shape, rows_along
from oracle.programs.parameters import (
    dimension,
    dimension_or_null,
    dimensions,
    exact,
    flag,
    integer,
    number,
    one_of,
    reduced,
)
from oracle.programs.scalar import Scalar, Term

Row = Sequence[Scalar]
Along = Callable[[Params, Row], Sequence[Scalar]]
"""(params, the entries along the dimensions) -> one output, or several."""


def _dims(params: Params, rank: int) -> tuple[int, ...]:
    """Return the dimensions that an operation works along; all of them if it names none."""
    dim = params.get("dim")
    named = (dim,) if isinstance(dim, int) else dim
    return tuple(named) if named else tuple(range(rank))


def _reducing(function: Along, checks: Mapping[str, Check], **more: Any) -> Definition:
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


def _replacing(
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


def _stacking(
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


def _kthvalue(params: Params, row: Row) -> Row:
    if params["k"] > len(row):
        raise ProgramError(_too_large(params["k"], row))
    return [kth(row, params["k"] - 1)]


def _too_large(k: int, row: Row) -> str:
    return f"params.k is {k}, expected at most {len(row)}, the number along the dimension"


def _median(params: Params, row: Row) -> Row:
    del params  # the lower one of two in the middle
    return [kth(row, (len(row) - 1) // 2, nan="first")]


def _nanmedian(params: Params, row: Row) -> Row:
    return _median(params, numbers(row))


def _mode(params: Params, row: Row) -> Row:
    """Return the most frequent value, the smallest of several.

    Near inputs that are all different it is the smallest one. It is continuous, and the smallest
    one, where no value but the smallest occurs twice; elsewhere it jumps.
    """
    del params  # they only say where the row lies
    if any(is_nan(x.value) for x in row):
        return [_jump(kth(row, len(row) - 1), row)]
    counts = Counter(x.value for x in row)
    least = min(counts)
    if all(count == 1 for value, count in counts.items() if value != least):
        return [minimum(*row)]
    most = max(counts.values())
    value = min(value for value, count in counts.items() if count == most)
    return [_jump(kth([x for x in row if x.value == value], 0), row)]


def _jump(y: Scalar, row: Row) -> Scalar:
    touched = {i: Term(0, 0, 0) for x in row for branch in x.branches for i in branch.row}
    rows = tuple(branch._replace(row={**touched, **branch.row}) for branch in y.branches)
    return replace(y, branches=rows, jump=True)


def _in_order(params: Params, row: Row) -> Row:
    return _ranked(row, len(row), descending=params.get("descending", False))


def _topk(params: Params, row: Row) -> Row:
    if params["k"] > len(row):
        raise ProgramError(_too_large(params["k"], row))
    return _ranked(row, params["k"], descending=params["largest"])


def _ranked(row: Row, count: int, *, descending: bool) -> Row:
    order = "descending" if descending else "ascending"
    ranks = range(len(row) - 1, -1, -1) if descending else range(len(row))
    return [kth(row, k, order=order) for k in ranks[:count]]


def _running(choose: Callable[..., Scalar]) -> Along:
    def along(params: Params, row: Row) -> Row:
        del params  # they only say where the row lies
        return [choose(*row[: k + 1]) for k in range(len(row))]

    return along


def _quantile(params: Params, row: Row) -> Row:
    """Return for each `q` the order statistic of rank `q (n - 1)`, interpolated between two."""
    if any(is_nan(x.value) for x in row):
        return [kth(row, 0, nan="first") for _ in _probabilities(params)]
    return [
        _interpolated(row, q * (len(row) - 1), params["interpolation"])
        for q in _probabilities(params)
    ]


def _nanquantile(params: Params, row: Row) -> Row:
    return _quantile(params, numbers(row))


def _probabilities(params: Params) -> list[Fraction]:
    q = params["q"]
    return [exact(text) for text in (q if isinstance(q, tuple) else (q,))]


def _interpolated(row: Row, rank: Fraction, interpolation: str) -> Scalar:
    lower, upper = math.floor(rank), math.ceil(rank)
    if interpolation in ("lower", "higher", "nearest") or lower == upper:
        place = {"lower": lower, "higher": upper}.get(interpolation, round(rank))
        return kth(row, place)
    weight = rank - lower if interpolation == "linear" else Fraction(1, 2)
    # a weight is the difference of the rank and the one below it, each computed in the format
    up = Scalar.constant(weight, magnitude=rank + lower, roundings=3)
    down = Scalar.constant(1 - weight, magnitude=1 + rank + lower, roundings=4)
    return kth(row, lower) * down + kth(row, upper) * up


def _probability(key: str, value: object, shapes: Shapes) -> str | tuple[str, ...]:
    """Return a number from 0 to 1, or a list of such."""
    if isinstance(value, list | tuple):
        return tuple(str(_probability(f"{key}[{k}]", q, shapes)) for k, q in enumerate(value))
    text = number(key, value, shapes)
    if not 0 <= exact(text) <= 1:
        msg = f"params.{key} is {text}, expected a number from 0 to 1"
        raise ProgramError(msg)
    return text


def _several(params: Params) -> int | None:
    return len(params["q"]) if isinstance(params["q"], tuple) else None


def _two_forms(choose: Callable[..., Scalar]) -> Definition:
    """Return the definition of `max` or `min`: of everything, along a dimension, or of two."""
    one = _reducing(lambda _, row: [choose(*row)], {"dim": dimension_or_null})

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
        return [choose(*pair) for pair in pairs]

    return replace(
        one,
        operands=("input", "other"),
        optional=("other",),
        output_shape=output_shape,
        outputs=outputs,
    )


def _same_length(params: Params, size: int) -> int:
    del params  # as many outputs as inputs
    return size


_DIM, _DIM_OR_NULL = {"dim": dimension}, {"dim": dimension_or_null}
_QUANTILE = {
    "q": _probability,
    "dim": dimension_or_null,
    "interpolation": one_of("linear", "lower", "higher", "midpoint", "nearest"),
}

REDUCTIONS: dict[str, Definition] = {
    "amax": _reducing(lambda _, row: [maximum(*row)], {"dim": dimensions}),
    "amin": _reducing(lambda _, row: [minimum(*row)], {"dim": dimensions}),
    "aminmax": _stacking(
        lambda _, row: [minimum(*row), maximum(*row)], _DIM_OR_NULL, lambda _: 2, selects=True
    ),
    "max": _two_forms(maximum),
    "min": _two_forms(minimum),
    "median": _reducing(_median, _DIM_OR_NULL),
    "nanmedian": _reducing(_nanmedian, _DIM_OR_NULL),
    "mode": _reducing(_mode, _DIM),
    "kthvalue": _reducing(_kthvalue, {"k": integer(1), "dim": dimension}),
    "topk": _replacing(
        _topk,
        {"k": integer(1), "dim": dimension, "largest": flag, "sorted": flag},
        lambda params, _: int(params["k"]),
    ),
    "sort": _replacing(
        _in_order, {"dim": dimension, "descending": flag, "stable": flag}, _same_length
    ),
    "msort": _replacing(_in_order, {}, _same_length),
    "cummax": _replacing(_running(maximum), _DIM, _same_length),
    "cummin": _replacing(_running(minimum), _DIM, _same_length),
    "quantile": _stacking(_quantile, _QUANTILE, _several),
    "nanquantile": _stacking(_nanquantile, _QUANTILE, _several),
}

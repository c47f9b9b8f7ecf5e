"""Operations that gather by index: reductions into buckets, segments and bags, and unpooling."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from oracle.programs.definition import Definition, Grids, Params, Shapes
from oracle.programs.errors import ProgramError
from oracle.programs.extended import INFINITY
from oracle.programs.kinks import maximum, minimum
from oracle.programs.operands import Shape, flat, places
from oracle.programs.parameters import (
    dimension,
    flag,
    integers,
    number_or_null,
    one_of,
    tensor_of,
)
from oracle.programs.scalar import Scalar
from oracle.programs.thresholds import stored

_CHOOSE: Mapping[str, Callable[..., Scalar]] = {
    "amax": maximum,
    "amin": minimum,
    "max": maximum,
    "min": minimum,
}


def _collected(
    params: Params, input: Sequence[Scalar], given: Mapping[int, list[Scalar]]
) -> list[Scalar]:
    """Return for each place the largest or smallest of what it holds and what it is given."""
    choose = _CHOOSE[params["reduce"]]
    return [
        choose(*((own, *new) if params["include_self"] or not new else new))
        for own, new in ((own, given.get(k, [])) for k, own in enumerate(input))
    ]


def _scatter_reduce(params: Params, grids: Grids) -> Sequence[Scalar]:
    target, source = grids["input"], grids["src"]
    index, dim = params["index"], params["dim"]
    given: dict[int, list[Scalar]] = {}
    for place, to in zip(places(index["shape"]), index["data"], strict=True):
        at = flat(target.shape, [to if d == dim else k for d, k in enumerate(place)])
        given.setdefault(at, []).append(source.at(place))
    return _collected(params, target.entries, given)


def _scatter_shape(params: Params, shapes: Shapes) -> Shape:
    target, source, dim = shapes["input"], shapes["src"], params["dim"]
    index = params["index"]["shape"]
    fits = len(target) == len(source) == len(index) and all(
        n <= have and (d == dim or n <= room)
        for d, (n, have, room) in enumerate(zip(index, source, target, strict=False))
    )
    if not fits or not all(0 <= to < target[dim] for to in params["index"]["data"]):
        msg = (
            f"params.index of shape {list(index)} does not fit src {list(source)} "
            f"and input {list(target)}"
        )
        raise ProgramError(msg)
    return target


def _index_reduce(params: Params, grids: Grids) -> Sequence[Scalar]:
    target, source, dim = grids["input"], grids["source"], params["dim"]
    given: dict[int, list[Scalar]] = {}
    for place in places(source.shape):
        to = params["index"][place[dim]]
        at = flat(target.shape, [to if d == dim else k for d, k in enumerate(place)])
        given.setdefault(at, []).append(source.at(place))
    return _collected(params, target.entries, given)


def _index_shape(params: Params, shapes: Shapes) -> Shape:
    target, source, dim = shapes["input"], shapes["source"], params["dim"]
    index = params["index"]
    expected = (*target[:dim], len(index), *target[dim + 1 :])
    if source != expected or not all(0 <= to < target[dim] for to in index):
        msg = (
            f"source.shape is {list(source)}, expected {list(expected)} "
            f"for params.index {list(index)}"
        )
        raise ProgramError(msg)
    return target


def _segment_reduce(params: Params, grids: Grids) -> Sequence[Scalar]:
    data = grids["data"]
    width = math.prod(data.shape[1:])
    choose = _CHOOSE[params["reduce"]]
    outputs, start = [], 0
    for length in params["lengths"]:
        for column in range(width):
            members = [data.entries[(start + k) * width + column] for k in range(length)]
            outputs.append(choose(*_with_initial(params, members)))
        start += length
    return outputs


def _with_initial(params: Params, members: list[Scalar]) -> list[Scalar]:
    """Return what a segment is reduced from; nothing at all leaves an infinity."""
    if params["initial"] is not None:
        return [stored(params["initial"]), *members]
    empty = -INFINITY if params["reduce"] == "max" else INFINITY
    return members or [Scalar.constant(empty)]


def _segments_shape(params: Params, shapes: Shapes) -> Shape:
    data, lengths = shapes["data"], params["lengths"]
    if not data or sum(lengths) != data[0]:
        msg = f"params.lengths sum to {sum(lengths)}, expected {data[:1]}, the rows of data"
        raise ProgramError(msg)
    return (len(lengths), *data[1:])


def _embedding_bag(params: Params, grids: Grids) -> Sequence[Scalar]:
    """Return the largest of the rows in each bag, column by column; an empty bag gives 0."""
    weight = grids["weight"]
    width = weight.shape[1]
    ends = [*params["offsets"][1:], len(params["input"])]
    outputs = []
    for first, end in zip(params["offsets"], ends, strict=True):
        rows = dict.fromkeys(params["input"][first:end])
        for column in range(width):
            members = [weight.entries[row * width + column] for row in rows]
            outputs.append(maximum(*members) if members else Scalar.constant(0))
    return outputs


def _bags_shape(params: Params, shapes: Shapes) -> Shape:
    weight, offsets = shapes["weight"], params["offsets"]
    ascending = all(
        a <= b for a, b in zip(offsets, (*offsets[1:], len(params["input"])), strict=True)
    )
    if len(weight) != 2 or not offsets or offsets[0] != 0 or not ascending:
        msg = f"params.offsets are {list(offsets)}, expected an ascending list from 0 on"
        raise ProgramError(msg)
    if not all(row < weight[0] for row in params["input"]):
        msg = f"params.input is {list(params['input'])}, expected rows below {weight[0]}"
        raise ProgramError(msg)
    return (len(offsets), weight[1])


def unpooling(dims: int) -> Definition:
    """Return the definition of `max_unpool<dims>d`: each input at its index, 0 elsewhere."""

    def output_shape(params: Params, shapes: Shapes) -> Shape:
        shape, index = shapes["input"], params["indices"]
        planes, room = shape[: len(shape) - dims], math.prod(params["output_size"])
        size = math.prod(shape[len(shape) - dims :])
        data = index["data"]
        rows = [data[k : k + size] for k in range(0, len(data), max(size, 1))]
        apart = all(len(set(row)) == len(row) for row in rows)
        if tuple(index["shape"]) != shape or not apart or not all(0 <= i < room for i in data):
            msg = f"params.indices do not place each entry of a plane of {list(shape)} by itself"
            raise ProgramError(msg)
        return (*planes, *params["output_size"])

    def outputs(params: Params, grids: Grids) -> Sequence[Scalar]:
        grid, room = grids["input"], math.prod(params["output_size"])
        size = math.prod(grid.shape[len(grid.shape) - dims :])
        planes = math.prod(grid.shape[: len(grid.shape) - dims])
        found = [Scalar.constant(0) for _ in range(planes * room)]
        for k, (entry, to) in enumerate(zip(grid.entries, params["indices"]["data"], strict=True)):
            found[k // size * room + to] = entry
        return found

    sizes = integers(dims)
    return Definition(
        operands=("input",),
        checks={
            "indices": tensor_of(int),
            **dict.fromkeys(("kernel_size", "stride", "padding"), sizes),
            "output_size": integers(dims, least=1),
        },
        output_shape=output_shape,
        outputs=outputs,
        selects=True,
    )


_REDUCE = {"reduce": one_of("amax", "amin"), "include_self": flag}

INDEXED: dict[str, Definition] = {
    "scatter_reduce": Definition(
        operands=("input", "src"),
        checks={"dim": dimension, "index": tensor_of(int), **_REDUCE},
        output_shape=_scatter_shape,
        outputs=_scatter_reduce,
        selects=True,
        commutes=True,
    ),
    "index_reduce": Definition(
        operands=("input", "source"),
        checks={"dim": dimension, "index": integers(), **_REDUCE},
        output_shape=_index_shape,
        outputs=_index_reduce,
        selects=True,
        commutes=True,
    ),
    "segment_reduce": Definition(
        operands=("data",),
        checks={
            "reduce": one_of("max", "min"),
            "lengths": integers(),
            "initial": number_or_null,
        },
        output_shape=_segments_shape,
        outputs=_segment_reduce,
        selects=True,
    ),
    "embedding_bag": Definition(
        operands=("weight",),
        checks={"input": integers(), "offsets": integers(), "mode": one_of("max")},
        output_shape=_bags_shape,
        outputs=_embedding_bag,
        selects=True,
    ),
    **{f"max_unpool{dims}d": unpooling(dims) for dims in (1, 2, 3)},
}

"""Operations that gather by index, as the documentation of PyTorch describes them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, product

from oracle.limits.outputs import (
    Function,
    Operands,
    Output,
    Parameters,
    Summand,
    Values,
    as_is,
    constant,
    places,
    real,
    selecting,
)

_ZERO = constant(Fraction(0))
_REDUCE: dict[str, Function] = {"amax": max, "amin": min, "max": max, "min": min}


def _scatter_reduce(params: Parameters, operands: Operands) -> list[Output]:
    """`self[index[i][j]][j]` takes in `src[i][j]` for dimension 0, and alike for others."""
    index, dim = dict(params["index"]), params["dim"]
    targets: list[tuple[int, int]] = []
    for place, to in zip(places(index["shape"]), index["data"], strict=True):
        at = (*place[:dim], to, *place[dim + 1 :])
        targets.append((operands["input"].number(at), operands["src"].number(place)))
    return _taken_in(params, operands["input"].all, targets)


def _index_reduce(params: Parameters, operands: Operands) -> list[Output]:
    """The slice of the target at `index[k]` takes in the source's slice at `k`."""
    dim, source = params["dim"], operands["source"]
    targets = [
        (operands["input"].number((*p[:dim], params["index"][p[dim]], *p[dim + 1 :])), k)
        for p, k in zip(places(source.shape), source.all, strict=True)
    ]
    return _taken_in(params, operands["input"].all, targets)


def _taken_in(
    params: Parameters, target: Iterable[int], pairs: Iterable[tuple[int, int]]
) -> list[Output]:
    """Return what each entry of the target becomes, from pairs of it and what it takes in."""
    new: Mapping[int, list[int]] = defaultdict(list)
    for own, taken in pairs:
        new[own].append(taken)
    reduce = _REDUCE[params["reduce"]]
    return [
        selecting([own] * (params["include_self"] or not new[own]) + new[own], reduce)
        for own in target
    ]


def _segment_reduce(params: Parameters, operands: Operands) -> list[Output]:
    """Consecutive rows are reduced to one; to what there was initially, if anything."""
    data = operands["data"]
    ends = [sum(params["lengths"][:k]) for k in range(len(params["lengths"]) + 1)]
    return [
        _segment(params, [data.number((row, *place)) for row in range(first, end)])
        for first, end in pairwise(ends)
        for place in places(data.shape[1:])
    ]


def _segment(params: Parameters, rows: Sequence[int]) -> Output:
    reduce, initial = _REDUCE[params["reduce"]], params["initial"]
    if initial is None:
        empty = -math.inf if reduce is max else math.inf
        return selecting(rows, reduce) if rows else constant(empty)
    start = real(initial)
    return (Summand(tuple(rows), lambda row: reduce([start, *row]), anchored=True),)


def _embedding_bag(params: Parameters, operands: Operands) -> list[Output]:
    """A bag is a run of row numbers from one offset to the next; its rows are reduced."""
    weight = operands["weight"]
    offsets = (*params["offsets"], len(params["input"]))
    bags = [dict.fromkeys(params["input"][first:end]) for first, end in pairwise(offsets)]
    return [
        selecting([weight.number((row, column)) for row in bag], max) if bag else _ZERO
        for bag, column in product(bags, range(weight.shape[1]))
    ]


def _unpooling(dims: int) -> Values:
    def values(params: Parameters, operands: Operands) -> list[Output]:
        shape, index = operands["input"].shape, dict(params["indices"])["data"]
        plane, room = math.prod(shape[-dims:]), math.prod(params["output_size"])
        planes = math.prod(shape[:-dims])
        placed = {(k // plane, to): k for k, to in enumerate(index)}
        return [
            selecting([placed[at]], as_is) if at in placed else _ZERO
            for at in product(range(planes), range(room))
        ]

    return values


INDEXED: dict[str, Values] = {
    "scatter_reduce": _scatter_reduce,
    "index_reduce": _index_reduce,
    "segment_reduce": _segment_reduce,
    "embedding_bag": _embedding_bag,
    **{f"max_unpool{dims}d": _unpooling(dims) for dims in (1, 2, 3)},
}

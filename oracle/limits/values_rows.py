"""Operations along dimensions, as the documentation of PyTorch describes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from oracle.limits.outputs import (
    Entries,
    Function,
    Operands,
    Output,
    Parameters,
    Summand,
    Values,
    nth_smallest,
    places,
    real,
    selecting,
)

_LERP_ROUNDINGS = 5  # the rank, its fraction, one less it, the product with the cotangent


def _rows(entries: Entries, dim: int | Sequence[int] | None) -> list[list[int]]:
    """Return for each place of the other dimensions what stands along `dim`; None is all."""
    rank = len(entries.shape)
    along = {dim} if isinstance(dim, int) else set(dim or range(rank))
    rows: dict[tuple[int, ...], list[int]] = {
        tuple(0 if d in along else k for d, k in enumerate(place)): []
        for place in places([1 if d in along else n for d, n in enumerate(entries.shape)])
    }
    for place in places(entries.shape):
        rows[tuple(0 if d in along else k for d, k in enumerate(place))].append(
            entries.number(place)
        )
    return list(rows.values())


def _one_each(function_of: Callable[[Parameters, int], Function]) -> Values:
    """Return an operation that gives one number a row, from parameters and the row's length."""

    def values(params: Parameters, operands: Operands) -> list[Output]:
        rows = _rows(operands["input"], params["dim"])
        return [selecting(row, function_of(params, len(row))) for row in rows]

    return values


def _one_each_or_of_two(function: Function) -> Values:
    """Return `max` or `min`: of each row, or of two operands entry by entry."""
    of_rows = _one_each(lambda *_: function)

    def values(params: Parameters, operands: Operands) -> Sequence[Output]:
        if "other" not in operands:
            return of_rows(params, operands)
        pairs = zip(operands["input"].all, operands["other"].all, strict=True)
        return [selecting(pair, function) for pair in pairs]

    return values


def _aminmax(params: Parameters, operands: Operands) -> list[Output]:
    """Return all smallest numbers, then all largest ones."""
    rows = _rows(operands["input"], params["dim"])
    return [selecting(row, function) for function in (min, max) for row in rows]


def most_frequent(row: Sequence[Fraction]) -> Fraction:
    """Return the number that occurs most often, the smallest of several such."""
    return min(row, key=lambda number: (-list(row).count(number), number))


def _quantile(params: Parameters, operands: Operands) -> list[Output]:
    several = params["q"] if isinstance(params["q"], tuple) else (params["q"],)
    rows = _rows(operands["input"], params["dim"])
    return [_between(row, real(q), params["interpolation"]) for q in several for row in rows]


def _between(row: Sequence[int], q: Fraction, interpolation: str) -> Output:
    """Return the number at the rank `q (n - 1)` of a row, or a mixture of its two neighbours.

    Each of the neighbours is a choice of its own to the chain rule, so they are two summands. The
    weight of the upper one is the rank less the integer below, that of the lower is 1 less this.
    """
    rank = q * (len(row) - 1)
    below, above = int(rank), math.ceil(rank)
    up = {
        "linear": rank - below,
        "midpoint": Fraction(above - below, 2),
        "lower": Fraction(0),
        "higher": Fraction(above - below),
        "nearest": Fraction(round(rank) - below),
    }[interpolation]
    parts = ((below, 1 - up, 1 + rank + below), (above, up, rank + below))
    return tuple(
        Summand(
            tuple(row),
            nth_smallest(place),
            weight=weight,
            roundings=_LERP_ROUNDINGS,
            magnitude=magnitude,
        )
        for place, weight, magnitude in parts
        if weight
    )


def _in_place(function_of: Callable[[int, int, Parameters], Function], *, in_turn: bool) -> Values:
    """Return an operation with a row of outputs for each row of inputs.

    Args:
        function_of: (rank among the outputs, length of the row, parameters) -> the output.
        in_turn: As `Summand` has it.
    """

    def values(params: Parameters, operands: Operands) -> list[Output]:
        entries, dim = operands["input"], params.get("dim", 0)
        length = entries.shape[dim]
        shape = list(entries.shape)
        shape[dim] = params.get("k", length)
        return [
            selecting(
                [entries.number((*p[:dim], k, *p[dim + 1 :])) for k in range(length)],
                function_of(p[dim], length, params),
                in_turn=in_turn,
            )
            for p in places(shape)
        ]

    return values


def _sorted_at(rank: int, length: int, params: Parameters) -> Function:
    from_the_top = params.get("descending", params.get("largest", False))
    return nth_smallest(length - 1 - rank if from_the_top else rank)


def _so_far(function: Function) -> Values:
    """Return the running largest or smallest: of all up to each place."""
    return _in_place(lambda at, *_: lambda row: function(row[: at + 1]), in_turn=False)


def _median(_: Parameters, length: int) -> Function:
    return nth_smallest((length - 1) // 2)


ROWS: dict[str, Values] = {
    "amax": _one_each(lambda *_: max),
    "amin": _one_each(lambda *_: min),
    "aminmax": _aminmax,
    "max": _one_each_or_of_two(max),
    "min": _one_each_or_of_two(min),
    "median": _one_each(_median),
    "nanmedian": _one_each(_median),
    "mode": _one_each(lambda *_: most_frequent),
    "kthvalue": _one_each(lambda params, _: nth_smallest(params["k"] - 1)),
    "topk": _in_place(_sorted_at, in_turn=True),
    "sort": _in_place(_sorted_at, in_turn=True),
    "msort": _in_place(_sorted_at, in_turn=True),
    "cummax": _so_far(max),
    "cummin": _so_far(min),
    "quantile": _quantile,
    "nanquantile": _quantile,
}

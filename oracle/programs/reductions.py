"""Operations along dimensions: the largest, the smallest, the k-th, all of them in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from oracle.programs.definition import Definition, Params
from oracle.programs.errors import ProgramError
from oracle.programs.extended import is_nan
from oracle.programs.kinks import kth, maximum, minimum, numbers
from oracle.programs.parameters import (
    dimension,
    dimension_or_null,
    dimensions,
    flag,
    integer,
)
from oracle.programs.rows import Along, Row, reducing, replacing, stacking, two_forms
from oracle.programs.scalar import Scalar
from oracle.programs.thresholds import jumping


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

    Near inputs that are all different it is the smallest one. It is continuous nearby, and the
    smallest one, where two share the smallest value at most, and no two another one; elsewhere it
    jumps, be it by little: of three, two may stay equal above the third. A NaN equals nothing.
    """
    del params  # they only say where the row lies
    row = numbers(row)
    if is_nan(row[0].value):
        return [jumping(kth(row, 0), *row)]
    counts = Counter(x.value for x in row)
    least = min(counts)
    if all(count <= (2 if value == least else 1) for value, count in counts.items()):
        return [minimum(*row)]
    most = max(counts.values())
    value = min(value for value, count in counts.items() if count == most)
    return [jumping(kth([x for x in row if x.value == value], 0), *row)]


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


def _same_length(params: Params, size: int) -> int:
    del params  # as many outputs as inputs
    return size


_DIM, _DIM_OR_NULL = {"dim": dimension}, {"dim": dimension_or_null}
REDUCTIONS: dict[str, Definition] = {
    "amax": reducing(lambda _, row: [maximum(*row)], {"dim": dimensions}),
    "amin": reducing(lambda _, row: [minimum(*row)], {"dim": dimensions}),
    "aminmax": stacking(
        lambda _, row: [minimum(*row), maximum(*row)], _DIM_OR_NULL, lambda _: 2, selects=True
    ),
    "max": two_forms(maximum),
    "min": two_forms(minimum),
    "median": reducing(_median, _DIM_OR_NULL),
    "nanmedian": reducing(_nanmedian, _DIM_OR_NULL),
    "mode": reducing(_mode, _DIM),
    "kthvalue": reducing(_kthvalue, {"k": integer(1), "dim": dimension}),
    "topk": replacing(
        _topk,
        {"k": integer(1), "dim": dimension, "largest": flag, "sorted": flag},
        lambda params, _: int(params["k"]),
    ),
    "sort": replacing(
        _in_order, {"dim": dimension, "descending": flag, "stable": flag}, _same_length
    ),
    "msort": replacing(_in_order, {}, _same_length),
    "cummax": replacing(_running(maximum), _DIM, _same_length),
    "cummin": replacing(_running(minimum), _DIM, _same_length),
}

"""Quantiles: order statistics, and what lies between two of them."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from oracle.programs.definition import Definition, Params, Shapes
from oracle.programs.errors import ProgramError
from oracle.programs.extended import is_nan
from oracle.programs.kinks import kth, numbers
from oracle.programs.parameters import dimension_or_null, exact, number, one_of
from oracle.programs.rows import Row, stacking
from oracle.programs.scalar import BOTH_ZEROS, Scalar


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
        chosen = kth(row, place, order="ascending")
        # what is interpolated between a zero and itself is a zero of either sign
        computed = interpolation in ("linear", "midpoint")
        return replace(chosen, zeros=BOTH_ZEROS) if computed else chosen
    weight = rank - lower if interpolation == "linear" else Fraction(1, 2)
    # a weight is the difference of the rank and the one below it, each computed in the format
    up = Scalar.constant(weight, magnitude=rank + lower, roundings=3)
    down = Scalar.constant(1 - weight, magnitude=1 + rank + lower, roundings=4)
    below, above = (kth(row, place, order="ascending") for place in (lower, upper))
    return below * down + above * up


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


_QUANTILE = {
    "q": _probability,
    "dim": dimension_or_null,
    "interpolation": one_of("linear", "lower", "higher", "midpoint", "nearest"),
}

QUANTILES: dict[str, Definition] = {
    "quantile": stacking(_quantile, _QUANTILE, _several),
    "nanquantile": stacking(_nanquantile, _QUANTILE, _several),
}

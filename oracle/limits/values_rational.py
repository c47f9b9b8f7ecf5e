"""Sampling of planes and LU factors, as the documentation of PyTorch describes them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

from oracle.limits.outputs import Function, Operands, Output, Parameters, Summand, Values, places

_POSITION_ROUNDINGS = 8
_HALF = Fraction(1, 2)


def _grid_sample(params: Parameters, operands: Operands) -> list[Output]:
    """A position names a column first, then a row, then a depth; each channel is read there."""
    planes, grid = operands["input"], operands["grid"]
    sizes = planes.shape[2:]
    function = _reading(params, sizes)
    dims = len(sizes)
    return [
        (
            Summand(
                (
                    *(planes.number((n, c, *pixel)) for pixel in places(sizes)),
                    *(grid.number((n, *place, d)) for d in range(dims)),
                ),
                function,
                anchored=True,
                roundings=_POSITION_ROUNDINGS + 2**dims * planes.shape[1],
            ),
        )
        for n, c in places(planes.shape[:2])
        for place in places(grid.shape[1:-1])
    ]


def _reading(params: Parameters, sizes: Sequence[int]) -> Function:
    def function(row: Sequence[Fraction]) -> Fraction:
        pixels, position = row[: math.prod(sizes)], row[math.prod(sizes) :]
        along = [
            dict(_weighed(params, _unnormalized(params, x, size), size))
            for x, size in zip(reversed(position), sizes, strict=True)
        ]
        cells = zip(places(sizes), pixels, strict=True)
        return Fraction(sum(_weight(along, cell) * v for cell, v in cells))

    return function


def _weight(along: Sequence[dict[int, Fraction]], cell: Sequence[int]) -> Fraction:
    return math.prod(
        (weights.get(k, Fraction(0)) for weights, k in zip(along, cell, strict=True)),
        start=Fraction(1),
    )


def _unnormalized(params: Parameters, x: Fraction, size: int) -> Fraction:
    """-1 and 1 are the first and the last pixel's centre, or the far edges of these pixels."""
    return (x + 1) * (size - 1) / 2 if params["align_corners"] else ((x + 1) * size - 1) / 2


def _weighed(params: Parameters, at: Fraction, size: int) -> Iterator[tuple[int, Fraction]]:
    """Yield the pixels that a position reads, with their weights."""
    if params["padding_mode"] == "reflection":
        at = _mirrored(at, *((0, size - 1) if params["align_corners"] else (-_HALF, size - _HALF)))
    if params["padding_mode"] != "zeros":
        at = min(max(at, Fraction(0)), Fraction(size - 1))
    if params["mode"] == "nearest":
        yield round(at), Fraction(1)
        return
    low = math.floor(at)
    yield low, low + 1 - at
    yield low + 1, at - low


def _mirrored(at: Fraction, low: Fraction | int, high: Fraction | int) -> Fraction:
    """Return the place between two mirrors that a ray to `at` comes to."""
    while low < high and not low <= at <= high:
        at = 2 * low - at if at < low else 2 * high - at
    return Fraction(at) if low < high else Fraction(low)


def _lu_factor(_: Parameters, operands: Operands) -> list[Output]:
    """The entries of `U`, and below the diagonal those of `L`, of each matrix in a batch."""
    matrices = operands["A"]
    n = matrices.shape[-1]
    return [
        (Summand(reads, _entry(n, i, j), roundings=_LU_ROUNDINGS, magnitude=_LU_MAGNITUDE),)
        for batch in places(matrices.shape[:-2])
        for reads in [
            tuple(matrices.number((*batch, *cell)) for cell in product(range(n), repeat=2))
        ]
        for i, j in product(range(n), repeat=2)
    ]


_BEYOND = Fraction(2**64)
_LU_ROUNDINGS, _LU_MAGNITUDE = 64, Fraction(16)
"""Of matrices of at most three rows whose entries and pivots are small numbers."""


def _entry(n: int, i: int, j: int) -> Function:
    def function(row: Sequence[Fraction]) -> Fraction:
        table = [[*row[k * n : k * n + n], Fraction(k)] for k in range(n)]
        for k in range(i + 1):
            top = max(range(k, n), key=lambda r: abs(table[r][k]))
            table[k], table[top] = table[top], table[k]
            for lower in table[k + 1 :]:
                lower[k] /= table[k][k]
                for c in range(k + 1, n):
                    lower[c] -= lower[k] * table[k][c]
        # which rows were chosen changes no derivative; where it jumps there is no factorization,
        # and no jump of an entry is as large
        picked = sum(n**k * chosen[n] for k, chosen in enumerate(table[: i + 1]))
        return Fraction(table[i][j] + picked * _BEYOND)

    return function


RATIONAL: dict[str, Values] = {"grid_sample": _grid_sample, "lu_factor": _lu_factor}

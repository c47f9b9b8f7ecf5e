"""Pooling: what a window reads, and its largest number or its mean."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

from oracle.limits.outputs import Entries, Operands, Output, Parameters, Summand, Values, places
from oracle.limits.pooling import slide, spread

_MEAN_ROUNDINGS = 2  # a reciprocal and a product, or a quotient


def _mean(reads: tuple[int, ...], divisor: int) -> Output:
    return (Summand(reads, lambda row: Fraction(sum(row)) / divisor, roundings=_MEAN_ROUNDINGS),)


def _cells(entries: Entries, spans: list[list[range]], place: tuple[int, ...]) -> tuple[int, ...]:
    """Return what the window at a place reads, from each dimension's windows in their order."""
    dims = len(spans)
    along = [windows[k] for windows, k in zip(spans, place[-dims:], strict=True)]
    return tuple(entries.number((*place[:-dims], *cell)) for cell in product(*along))


def _averaging(dims: int) -> Values:
    """Return `avg_pool`: the mean of each window, padding counted as zeros or not at all."""

    def values(params: Parameters, operands: Operands) -> list[Output]:
        entries = operands["input"]
        keys = ("kernel_size", "stride", "padding")
        sizes = list(zip(entries.shape[-dims:], *(params[key] for key in keys), strict=True))
        padded = [slide(*along, ceil_mode=params["ceil_mode"]) for along in sizes]
        spans = [
            [range(max(w.start, 0), min(w.stop, n)) for w in windows]
            for windows, (n, *_) in zip(padded, sizes, strict=True)
        ]
        found = []
        for place in places((*entries.shape[:-dims], *map(len, spans))):
            cells = _cells(entries, spans, place)
            counted = math.prod(
                min(windows[k].stop, n + padding) - windows[k].start
                for windows, k, (n, _, _, padding) in zip(padded, place[-dims:], sizes, strict=True)
            )
            divisor = counted if params["count_include_pad"] else len(cells)
            found.append(_mean(cells, params.get("divisor_override") or divisor))
        return found

    return values


def _adaptive(dims: int) -> Values:
    """Return `adaptive_avg_pool`: the mean of each of as many windows as are asked for."""

    def values(params: Parameters, operands: Operands) -> list[Output]:
        entries = operands["input"]
        sizes = zip(entries.shape[-dims:], params["output_size"], strict=True)
        spans = [spread(n, m) for n, m in sizes]
        cells = [
            _cells(entries, spans, place)
            for place in places((*entries.shape[:-dims], *map(len, spans)))
        ]
        return [_mean(reads, len(reads)) for reads in cells]

    return values


POOLS: dict[str, Values] = {
    **{f"avg_pool{dims}d": _averaging(dims) for dims in (1, 2, 3)},
    **{f"adaptive_avg_pool{dims}d": _adaptive(dims) for dims in (1, 2, 3)},
}

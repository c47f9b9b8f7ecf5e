"""Average pooling, means and sums: linear, each cotangent is shared out evenly.

An input in `n` windows gets the sum of `g_w / k_w`: two roundings for each share (a quotient, or a
reciprocal and a product) and `n - 1` additions, see `work.few`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from suites.networks.judging.comparing import compare
from suites.networks.judging.convolution import after
from suites.networks.judging.evidence import Judged, Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import numbers
from suites.networks.judging.work import Work, few, wide


@dataclass(frozen=True)
class _Span:
    """What a window reads along one dimension, and how long it counts there."""

    start: int
    stop: int
    length: int


def average_pool(layer: Layer) -> Judged:
    """Judge average pooling with a kernel."""
    dims = len(layer.parameter("kernel_size"))
    kernel, stride, padding = (
        _each(layer.parameter(key), dims) for key in ("kernel_size", "stride", "padding")
    )
    stride = stride or kernel
    sizes = layer.shape("self")[-dims:]
    spans = [
        [
            _sliding(window * s - p, k, n, p, counts=layer.parameter("count_include_pad"))
            for window in range(count)
        ]
        for k, s, p, n, count in zip(
            kernel, stride, padding, sizes, layer.cotangent.shape[-dims:], strict=True
        )
    ]
    return _averages(layer, spans, layer.parameter("divisor_override"))


def adaptive_average_pool(layer: Layer) -> Judged:
    """Judge average pooling to a size: window `i` of `m` reads from `i n // m` to `(i+1) n / m`."""
    counts = layer.cotangent.shape[-2:]
    spans = [
        [
            _Span(i * n // m, -(-(i + 1) * n // m), -(-(i + 1) * n // m) - i * n // m)
            for i in range(m)
        ]
        for n, m in zip(layer.shape("self")[-2:], counts, strict=True)
    ]
    return _averages(layer, spans, None)


def _each(values: Sequence[int], dims: int) -> list[int]:
    return list(values) * dims if len(values) == 1 else list(values)


def _sliding(start: int, kernel: int, size: int, padding: int, *, counts: bool) -> _Span:
    """Return a window; where padding counts it does up to the padded input's end."""
    stop = min(start + kernel, size + padding)
    inside = _Span(max(start, 0), min(stop, size), 0)
    length = stop - start if counts else inside.stop - inside.start
    return _Span(inside.start, inside.stop, length)


def _averages(layer: Layer, spans: list[list[_Span]], divisor: int | None) -> Judged:
    g = wide(numbers(layer.cotangent), layer.format)
    shape = layer.shape("self")
    value, size = (np.zeros(shape, g.dtype) for _ in range(2))
    seen = np.zeros(shape[-len(spans) :], np.int64)
    for place, window in _windows(spans):
        area = divisor or math.prod(span.length for span in window)
        reads = tuple(slice(span.start, span.stop) for span in window)
        share = g[after(place)] / area
        spread = share.reshape(*share.shape, *(1 for _ in spans))
        value[after(reads)] += spread
        size[after(reads)] += np.abs(spread)
        seen[reads] += 1
    tally = Tally()
    for name, gradient in layer.gradients(("self",)):
        most = int(seen.max(initial=0))
        expected = few(value, size, layer.format, 2, additions=max(most - 1, 0))
        tally.add(compare(gradient, expected, name))
    return tally.total()


def _windows(spans: list[list[_Span]]) -> Iterator[tuple[tuple[int, ...], tuple[_Span, ...]]]:
    for place in itertools.product(*(range(len(along)) for along in spans)):
        yield place, tuple(along[i] for along, i in zip(spans, place, strict=True))


def mean(layer: Layer) -> Judged:
    """Judge a mean over some dimensions, or all."""
    shape = layer.shape("self")
    along = _along(layer, len(shape))
    return _spread(layer, math.prod(shape[d] for d in along), roundings=2)


def total(layer: Layer) -> Judged:
    """Judge a sum over some dimensions, or all."""
    return _spread(layer, 1, roundings=0)


def _along(layer: Layer, dims: int) -> list[int]:
    stated = layer.call.arguments.get("dim")
    return [d % dims for d in stated] if stated else list(range(dims))


def _spread(layer: Layer, divisor: int, roundings: int) -> Judged:
    """Judge a gradient that is the cotangent, divided, at each input of an output."""
    shape = layer.shape("self")
    along = _along(layer, len(shape))
    g = wide(numbers(layer.cotangent), layer.format)
    kept: Work = g.reshape([1 if d in along else n for d, n in enumerate(shape)]) / divisor
    value = np.broadcast_to(kept, shape)
    tally = Tally()
    for name, gradient in layer.gradients(("self",)):
        tally.add(compare(gradient, few(value, np.abs(value), layer.format, roundings), name))
    return tally.total()

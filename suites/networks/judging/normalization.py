"""Batch normalization.

Of a channel of `M` numbers `x_i`, with the mean `m` and the factor `s = 1 / sqrt(variance + eps)`
that the forward pass stored, `d_i = x_i - m`, `D = sum d_i g_i` and `G = sum g_i`:

    weight: D s        bias: G        input: w s (g_i - G / M - d_i s^2 D / M)

**Bounds.** `D` has products of a rounded difference: it is off by
`(M + 2) u sum |d_i g_i| + M eta / 2` at most [Jeannerod, Rump 2013; the difference's own rounding
is one more]; `G` by `M u sum |g_i|`. What follows takes 10 roundings at most, in whatever order, of
`T_i = |w s| (|g_i| + |G| / M + |d_i| s^2 |D| / M)`, errors of `D` and `G` included.
Without training `m` and `s` are constants, and the input's gradient is `w s g_i`.

In training `m` and `s` depend on `x`, so that they are held against it: the mean by any order of
summation or by Welford's updates is off by `2 M u largest |x|`; the variance, even by the one-pass
formula, by `2 (M + 4) u mean x^2` twice [Chan, Golub, LeVeque 1983]; `s` follows from both ends.

In the 16-bit formats the stored `m` and `s` may be of binary32; bounds are those of the input's
format, and *finer* ones those of binary32, rounded once (see `sums`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from oracle.formats import BINARY32, Format
from suites.networks.judging.comparing import Expected, compare
from suites.networks.judging.evidence import Judged, NotJudgedError, Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import Scale, numbers
from suites.networks.judging.work import Work, kind, roundoff, wide

_ROUNDINGS = 10

_Error: TypeAlias = Callable[[float, float], Work]
"""Unit roundoff and smallest number -> the errors of a computation with these."""


@dataclass(frozen=True, kw_only=True)
class _Channels:
    """The sums over each channel, all with the shape (1, channels, 1, ...)."""

    x: Work
    g: Work
    m: Work
    s: Work
    w: Work
    fmt: Format

    @property
    def axes(self) -> tuple[int, ...]:
        return (0, *range(2, self.x.ndim))

    @property
    def count(self) -> int:
        return int(self.x.size // max(self.x.shape[1], 1))

    def total(self, values: Work) -> Work:
        result: Work = values.sum(axis=self.axes, keepdims=True)
        return result


def batch_norm(layer: Layer) -> Judged:
    """Judge a batch normalization."""
    fmt = layer.format
    of = _channels(layer, fmt)
    tally = Tally()
    if layer.parameter("training"):
        for part in _statistics(layer, of):
            tally.add(part)
    expected = {"input": _input, "weight": _weight, "bias": _bias}
    for name, gradient in layer.gradients(("input", "weight", "bias")):
        tally.add(compare(gradient, expected[name](of, training=layer.parameter("training")), name))
    return tally.total()


def _channels(layer: Layer, fmt: Format) -> _Channels:
    x = wide(layer.tensor("input"), fmt)
    each = (1, x.shape[1], *(1 for _ in x.shape[2:]))
    if layer.parameter("training"):
        mean, factor = (wide(numbers(layer.call.outputs[k]), fmt) for k in (1, 2))
    else:
        mean = wide(layer.tensor("running_mean"), fmt)
        variance = wide(layer.tensor("running_var"), fmt)
        factor = 1 / np.sqrt(variance + _eps(layer))
    has_weight = layer.call.arguments["weight"] is not None
    weight = wide(layer.tensor("weight"), fmt) if has_weight else np.ones_like(mean)
    if mean.size != x.shape[1]:
        msg = "it stored no mean of each channel"
        raise NotJudgedError(msg)
    m, s, w = (values.reshape(each) for values in (mean, factor, weight))
    return _Channels(x=x, g=wide(numbers(layer.cotangent), fmt), m=m, s=s, w=w, fmt=fmt)


@dataclass(frozen=True)
class _Sums:
    """`D` and `G` with their magnitudes, and their errors in a precision."""

    dot: Work
    dot_size: Work
    total: Work
    total_size: Work

    def dot_error(self, count: int, u: float, eta: float) -> Work:
        return (count + 2) * u * self.dot_size + count * eta / 2

    def total_error(self, count: int, u: float) -> Work:
        return count * u * self.total_size


def _sums(of: _Channels) -> _Sums:
    products = (of.x - of.m) * of.g
    return _Sums(
        of.total(products), of.total(np.abs(products)), of.total(of.g), of.total(np.abs(of.g))
    )


def _weight(of: _Channels, *, training: bool) -> Expected:
    del training
    sums = _sums(of)
    value, size = sums.dot * of.s, sums.dot_size * np.abs(of.s)

    def error(u: float, eta: float) -> Work:
        first = sums.dot_error(of.count, u, eta) * np.abs(of.s)
        result: Work = first + 4 * u * (size + first) + 4 * eta
        return result

    return _expected(value, size, error, of, flat=True)


def _bias(of: _Channels, *, training: bool) -> Expected:
    del training
    sums = _sums(of)
    return _expected(
        sums.total,
        sums.total_size,
        lambda u, eta: sums.total_error(of.count, u) + 0 * eta,
        of,
        flat=True,
    )


def _input(of: _Channels, *, training: bool) -> Expected:
    outer = np.abs(of.w * of.s)
    if not training:
        value = of.w * of.s * of.g
        size = np.abs(value)
        return _expected(
            value, size, lambda u, eta: _ROUNDINGS * u * size + 4 * eta * (outer + 1), of
        )
    sums, count = _sums(of), of.count
    slope = of.s**2 / count
    difference = of.x - of.m
    value = of.w * of.s * (of.g - sums.total / count - difference * slope * sums.dot)

    def error(u: float, eta: float) -> Work:
        total = sums.total_error(count, u)
        dot = sums.dot_error(count, u, eta)
        carried = total / count + np.abs(difference) * slope * dot
        shifted = np.abs(sums.total) / count + np.abs(difference) * slope * np.abs(sums.dot)
        rounded = _ROUNDINGS * u * (np.abs(of.g) + shifted + carried)
        result: Work = outer * (carried + rounded + eta * (np.abs(difference) + 4)) + eta
        return result

    size = outer * (np.abs(of.g) + np.abs(difference) * slope * sums.dot_size)
    return _expected(value, size, error, of)


def _expected(
    value: Work, size: Work, error: _Error, of: _Channels, *, flat: bool = False
) -> Expected:
    """Return a value with its bounds: in the format, finer, and the recomputation's own."""
    scale = Scale.of(of.fmt)
    own = error(roundoff(of.fmt), 0.0)
    coarse = error(scale.u, scale.eta) + own
    finer = None
    if of.fmt.width == 16:
        single = Scale.of(BINARY32)
        finer = scale.u * np.abs(value) + (1 + scale.u) * error(single.u, single.eta) + scale.eta
        finer = _narrow(finer + own, flat=flat)
    near = value.astype(np.float64)
    return Expected(
        value=_narrow(near, flat=flat),
        rest=_narrow(value - near, flat=flat),
        magnitude=_narrow(size, flat=flat),
        bound=_narrow(coarse, flat=flat),
        finer=finer,
        is_vacuous=of.count * scale.u >= 0.5,
    )


def _narrow(values: Work, *, flat: bool) -> Work:
    narrow: Work = values.astype(np.float64)
    return narrow.reshape(-1) if flat else narrow


def _eps(layer: Layer) -> float:
    """Return `eps`, which cuDNN calls `epsilon`."""
    found = layer.call.arguments
    return float(found["eps"] if "eps" in found else found["epsilon"])


def _statistics(layer: Layer, of: _Channels) -> Iterator[Judged]:
    """Judge the mean and the factor that were stored."""
    u = Scale.of(of.fmt).u
    count = of.count
    mean = of.total(of.x) / count
    square = of.total(of.x**2) / count
    largest = np.abs(of.x).max(axis=of.axes, keepdims=True, initial=0.0)
    variance = of.total((of.x - mean) ** 2) / count
    mean_error = 2 * count * (u + roundoff(of.fmt)) * largest
    spread = 4 * (count + 4) * (u + roundoff(of.fmt)) * square
    eps = kind(of.fmt)(_eps(layer))
    with np.errstate(divide="ignore"):
        ends = [
            1 / np.sqrt(np.maximum(variance + eps + sign * spread, 0)) * (1 - sign * 4 * u)
            for sign in (-1, 1)
        ]
    factor = 1 / np.sqrt(variance + eps)
    factor_error = np.maximum(ends[0] - factor, factor - ends[1])
    pairs = ((1, mean, mean_error, "stored mean"), (2, factor, factor_error, "stored factor"))
    for place, value, error, name in pairs:
        expected = Expected(
            value=_narrow(value, flat=True),
            magnitude=_narrow(np.abs(value), flat=True),
            bound=_narrow(error, flat=True),
        )
        yield compare(layer.call.outputs[place], expected, name).of_what_is_stored()

"""Batch normalization.

Of a channel of `M` numbers `x_i`, with the mean `m` and the factor `s = 1 / sqrt(variance + eps)`
that the forward pass stored, `d_i = x_i - m`, `D = sum d_i g_i` and `G = sum g_i`:

    weight: D s        bias: G        input: w s (g_i - G / M - d_i s^2 D / M)

**Bounds.** `D` has products of a rounded difference: it is off by
`(M + 2) u sum |d_i g_i| + M eta / 2` at most [Jeannerod, Rump 2013; the difference's own rounding
is one more]; `G` by `M u sum |g_i|`. What follows takes 10 roundings at most, in whatever order, of
`T_i = |w s| (|g_i| + |G| / M + |d_i| s^2 |D| / M)`, errors of `D` and `G` included.
Without training `m` and `s` are constants, and the input's gradient is `w s g_i`.

In training `m` and `s` depend on `x`, so that they are held against it: see `statistics`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oracle.formats import Format
from suites.networks.judging.comparing import Expected, compare
from suites.networks.judging.evidence import Judged, NotJudgedError, Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import numbers
from suites.networks.judging.statistics import Groups, eps_of, expected_of, statistics
from suites.networks.judging.work import Work, wide

_ROUNDINGS = 10


def batch_norm(layer: Layer) -> Judged:
    """Judge a batch normalization."""
    fmt = layer.format
    of = _channels(layer, fmt)
    tally = Tally()
    if layer.parameter("training"):
        for part in statistics(layer, of):
            tally.add(part)
    expected = {"input": _input, "weight": _weight, "bias": _bias}
    for name, gradient in layer.gradients(("input", "weight", "bias")):
        tally.add(compare(gradient, expected[name](of, training=layer.parameter("training")), name))
    return tally.total()


def _channels(layer: Layer, fmt: Format) -> Groups:
    x = wide(layer.tensor("input"), fmt)
    each = (1, x.shape[1], *(1 for _ in x.shape[2:]))
    if layer.parameter("training"):
        mean, factor = (wide(numbers(layer.call.outputs[k]), fmt) for k in (1, 2))
    else:
        mean = wide(layer.tensor("running_mean"), fmt)
        variance = wide(layer.tensor("running_var"), fmt)
        factor = 1 / np.sqrt(variance + eps_of(layer))
    has_weight = layer.call.arguments["weight"] is not None
    weight = wide(layer.tensor("weight"), fmt) if has_weight else np.ones_like(mean)
    if mean.size != x.shape[1]:
        msg = "it stored no mean of each channel"
        raise NotJudgedError(msg)
    m, s, w = (values.reshape(each) for values in (mean, factor, weight))
    axes = (0, *range(2, x.ndim))
    return Groups(x=x, g=wide(numbers(layer.cotangent), fmt), m=m, s=s, w=w, fmt=fmt, axes=axes)


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


def _sums(of: Groups) -> _Sums:
    products = (of.x - of.m) * of.g
    return _Sums(
        of.total(products), of.total(np.abs(products)), of.total(of.g), of.total(np.abs(of.g))
    )


def _weight(of: Groups, *, training: bool) -> Expected:
    del training
    sums = _sums(of)
    value, size = sums.dot * of.s, sums.dot_size * np.abs(of.s)

    def error(u: float, eta: float) -> Work:
        first = sums.dot_error(of.count, u, eta) * np.abs(of.s)
        result: Work = first + 4 * u * (size + first) + 4 * eta
        return result

    return expected_of(value, size, error, of.fmt, of.count, flat=True)


def _bias(of: Groups, *, training: bool) -> Expected:
    del training
    sums = _sums(of)
    return expected_of(
        sums.total,
        sums.total_size,
        lambda u, eta: sums.total_error(of.count, u) + 0 * eta,
        of.fmt,
        of.count,
        flat=True,
    )


def _input(of: Groups, *, training: bool) -> Expected:
    outer = np.abs(of.w * of.s)
    if not training:
        value = of.w * of.s * of.g
        size = np.abs(value)

        def constant(u: float, eta: float) -> Work:
            result: Work = _ROUNDINGS * u * size + 4 * eta * (outer + 1)
            return result

        return expected_of(value, size, constant, of.fmt, of.count)
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
    return expected_of(value, size, error, of.fmt, of.count)

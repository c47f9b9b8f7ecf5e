"""Layer and group normalization: each group of numbers of an image has a mean of its own.

Of a group of `M` numbers `x_i`, with the mean `m` and the factor `s` that the forward pass stored,
weights `w_i`, `d_i = x_i - m`, `h_i = w_i g_i`, `D = sum d_i h_i` and `H = sum h_i`:

    input: s (h_i - H / M - d_i s^2 D / M)      weight: sum d_i s g_i      bias: sum g_i

the last two over all groups, `n` terms.

**Bounds.** Implementations take differences apart: `D` is `sum x_i h_i - m H`, and the last term of
the input's gradient one with `x_i` and one with `m`. So `e_i = |x_i| + |m|` stands for `|d_i|` in
what terms come to. A sum of `n` numbers, each with `k` roundings before and after it, is off by

    ((1 + u)^k - 1 + n u (1 + u)^k) S

[Jeannerod, Rump 2013, for the sum; Higham 2002, 3.1]. `D` has `k = 5`, `S = sum e_i |h_i|`: a
difference or two products, `h_i`, and `m H` and its difference; `H` has `k = 1`; the weight's
gradient has `k = 8`, `S = sum e_i s |g_i|`; the bias's has none. What follows `D` and `H` takes 12
roundings at most, in whatever order, of `s |h_i| + s |H| / M + e_i s^3 |D| / M`, errors of `D` and
`H` included. A number that underflows is off by `eta / 2`, and is multiplied with factors of which
none is more than `1 + e`, `1 + |w|` or `1 + s`, thrice: there are fewer than 16 for each sum of `M`
that is divided by `M`, and fewer than `4 n` for the weight's gradient.

Means and factors are held against the input: see `statistics`.
"""

from __future__ import annotations

import math

import numpy as np

from suites.networks.judging.comparing import Expected, compare
from suites.networks.judging.evidence import Judged, Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import numbers
from suites.networks.judging.statistics import Groups, expected_of, statistics
from suites.networks.judging.sums import plain_sum
from suites.networks.judging.work import Work, wide

_AFTER = 12


def layer_norm(layer: Layer) -> Judged:
    """Judge a layer normalization: a group is what the last dimensions have."""
    size = math.prod(layer.parameter("normalized_shape"))
    return _judged(layer, (-1, 1, size, 1))


def group_norm(layer: Layer) -> Judged:
    """Judge a group normalization: a group is some channels of an image."""
    groups, channels = layer.parameter("group"), layer.parameter("C")
    return _judged(layer, (layer.parameter("N"), groups, channels // groups, -1))


def _judged(layer: Layer, shape: tuple[int, int, int, int]) -> Judged:
    """Judge a normalization whose groups are along the last two dimensions of a shape.

    Weights are along the second one and the third.
    """
    of = _groups(layer, shape)
    tally = Tally()
    for part in statistics(layer, of):
        tally.add(part)
    expected = {"input": _input, "weight": _weight, "bias": _bias}
    for name, gradient in layer.gradients(tuple(expected)):
        shaped = gradient.reshape(of.x.shape if name == "input" else -1)
        where = "input by groups, " if name == "input" else name
        tally.add(compare(shaped, expected[name](of), where))
    return tally.total()


def _groups(layer: Layer, shape: tuple[int, int, int, int]) -> Groups:
    fmt = layer.format
    x, g = (
        wide(values, fmt).reshape(shape)
        for values in (layer.tensor("input"), numbers(layer.cotangent))
    )
    m, s = (
        wide(numbers(layer.call.outputs[place]), fmt).reshape(*x.shape[:2], 1, 1)
        for place in (1, 2)
    )
    weight = layer.call.arguments["weight"]
    each = np.ones(1, x.dtype) if weight is None else wide(numbers(weight), fmt).reshape(-1)
    w = np.broadcast_to(each, math.prod(x.shape[1:3])).reshape(1, *x.shape[1:3], 1)
    return Groups(x=x, g=g, m=m, s=s, w=w, fmt=fmt, axes=(2, 3))


def _off(count: int, roundings: int, u: float) -> float:
    """Return how far off a sum is, relative to what its terms come to."""
    grown = float((1 + u) ** roundings)
    return grown - 1 + count * u * grown


def _input(of: Groups) -> Expected:
    count, s, h = of.count, of.s, of.w * of.g
    far = np.abs(of.x) + np.abs(of.m)
    dot, total = of.total((of.x - of.m) * h), of.total(h)
    dot_size, total_size = of.total(far * np.abs(h)), of.total(np.abs(h))
    value = s * (h - total / count - (of.x - of.m) * s**2 * dot / count)
    reach = (1 + s) ** 3 * (1 + far) * (1 + far.max(initial=0.0)) * (1 + np.abs(of.w).max())

    def error(u: float, eta: float) -> Work:
        dot_off, total_off = _off(count, 5, u) * dot_size, _off(count, 1, u) * total_size
        carried = s * total_off / count + far * s**3 * dot_off / count
        terms = s * np.abs(h) + s * np.abs(total) / count + far * s**3 * np.abs(dot) / count
        result: Work = carried + _off(0, _AFTER, u) * (terms + carried) + 16 * eta * reach
        return result

    size = s * np.abs(h) + s * total_size / count + far * s**3 * dot_size / count
    return expected_of(value, size, error, of.fmt, count)


def _over_groups(values: Work) -> Work:
    result: Work = values.sum(axis=(0, 3), keepdims=True)
    return result


def _weight(of: Groups) -> Expected:
    far = np.abs(of.x) + np.abs(of.m)
    value = _over_groups((of.x - of.m) * of.s * of.g)
    size = _over_groups(far * of.s * np.abs(of.g))
    count = of.x.shape[0] * of.x.shape[3]
    reach = (1 + of.s.max(initial=0.0)) * (1 + far.max(initial=0.0))
    reach = reach * (1 + np.abs(of.g).max(initial=0.0))

    def error(u: float, eta: float) -> Work:
        result: Work = _off(count, 8, u) * size + 4 * count * eta * reach
        return result

    return expected_of(value, size, error, of.fmt, count, flat=True)


def _bias(of: Groups) -> Expected:
    count = of.x.shape[0] * of.x.shape[3]
    g = of.g.astype(np.float64)
    return plain_sum(lambda values: values.sum(axis=(0, 3)).reshape(-1), g, count, of.fmt)

"""Losses: softmax and its logarithm, and what a class costs."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from suites.networks.judging.comparing import compare
from suites.networks.judging.evidence import Judged, Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import Numbers, format_of, numbers
from suites.networks.judging.sums import plain_sum
from suites.networks.judging.work import Work, few, wide

_EXPONENTIAL = 8
"""Roundings that an exponential is allowed: the libraries state 1 to 2 ulp, that is 4 units."""


def softmax(layer: Layer) -> Judged:
    """Judge a softmax, `y`: the gradient is `y_i g_i - y_i sum y g`.

    Two products and a difference, in either order, and the `n - 1` additions of a sum, all relative
    to `y_i (|g_i| + sum y |g|)` at most: see `few`.
    """
    g, y = _numbers(layer)
    return _less_a_share(layer, y * g, y, y * g, 3)


def log_softmax(layer: Layer) -> Judged:
    """Judge a logarithm of softmax, `y`: the gradient is `g_i - exp(y_i) sum g`.

    An exponential with up to 8 roundings, a product and a difference, and the `n - 1` additions of
    a sum, all relative to `|g_i| + exp(y_i) sum |g|` at most: see `few`.
    """
    g, y = _numbers(layer)
    return _less_a_share(layer, g, np.exp(y), g, _EXPONENTIAL + 2)


def _numbers(layer: Layer) -> tuple[Work, Work]:
    """Return the cotangent and the output."""
    g, y = (wide(numbers(t), layer.format) for t in (layer.cotangent, layer.call.outputs[0]))
    return g, y


def _less_a_share(layer: Layer, own: Work, share: Work, terms: Work, roundings: int) -> Judged:
    """Judge a gradient that is a number of its own, less a share of the sum of all terms."""
    dim = layer.parameter("dim")
    value = own - share * terms.sum(axis=dim, keepdims=True)
    size = np.abs(own) + share * np.abs(terms).sum(axis=dim, keepdims=True)
    additions = max(own.shape[dim] - 1, 0)
    tally = Tally()
    for name, gradient in layer.gradients(("self",)):
        expected = few(value, size, layer.format, roundings, additions=additions)
        tally.add(compare(gradient, expected, name))
    return tally.total()


def class_loss(layer: Layer) -> Judged:
    """Judge the negative logarithm of a class's probability, weighted, summed or averaged.

    The gradient is `-g w / W` at the class of each image, or of each place in it, and 0 elsewhere.
    `w` is the class's weight, or 1: a product takes one rounding. `W` is the sum of the weights,
    where the loss is averaged: a quotient takes two at most. Without weights it is a count, which
    is rounded once more if the format does not have it. With weights the stored sum is taken, which
    may be rounded once more than what was divided by, and is held against the sum by itself.
    """
    shape, fmt = layer.shape("self"), layer.format
    classes = layer.parameter("target").cpu().numpy()
    counted = classes != layer.parameter("ignore_index")
    chosen = np.where(counted, classes, 0)
    weight = layer.call.arguments.get("weight")
    weights = np.where(counted, 1.0 if weight is None else numbers(weight)[chosen], 0.0)
    g = wide(numbers(layer.cotangent), fmt) * wide(weights, fmt)
    tally, roundings = Tally(), int(weight is not None)
    if layer.parameter("reduction") == _MEAN:
        total: Numbers = np.asarray(weights.sum())
        roundings += 2 + int(weight is not None or total > 2**fmt.precision)
        if weight is not None:
            total = numbers(layer.call.outputs[1])
            tally.add(_stored_total(layer.call.outputs[1], weights))
        g = np.where(counted, g / wide(total, fmt), 0.0)
    axis = min(len(shape) - 1, 1)
    value = np.zeros(shape, g.dtype)
    np.put_along_axis(value, np.expand_dims(chosen, axis), -np.expand_dims(g, axis), axis)
    for name, gradient in layer.gradients(("self",)):
        tally.add(compare(gradient, few(value, np.abs(value), fmt, roundings), name))
    return tally.total()


_MEAN = 1
"""The framework's number of a reduction."""


def _stored_total(stored: Tensor, weights: Numbers) -> Judged:
    """Judge the sum of the weights that was stored."""
    expected = plain_sum(
        lambda values: np.asarray(values.sum()), weights, weights.size, format_of(stored.dtype)
    )
    return compare(stored, expected, "stored sum of the weights").of_what_is_stored()

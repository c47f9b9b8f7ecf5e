"""Losses: the logarithm of softmax, and what a class costs."""

from __future__ import annotations

import numpy as np

from suites.networks.judging.comparing import Expected, compare
from suites.networks.judging.evidence import Judged, NotJudgedError, Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import Numbers, numbers
from suites.networks.judging.work import few, wide

_EXPONENTIAL = 8
"""Roundings that an exponential is allowed: the libraries state 1 to 2 ulp, that is 4 units."""


def log_softmax(layer: Layer) -> Judged:
    """Judge a logarithm of softmax, `y`: the gradient is `g_i - exp(y_i) sum g`.

    An exponential with up to 8 roundings, a product and a difference, and the `n - 1` additions of
    a sum, all relative to `|g_i| + exp(y_i) sum |g|` at most: see `few`.
    """
    dim = layer.parameter("dim")
    fmt = layer.format
    g = wide(numbers(layer.cotangent), fmt)
    share = np.exp(wide(numbers(layer.call.outputs[0]), fmt))
    value = g - share * g.sum(axis=dim, keepdims=True)
    size = np.abs(g) + share * np.abs(g).sum(axis=dim, keepdims=True)
    tally = Tally()
    for name, gradient in layer.gradients(("self",)):
        additions = max(g.shape[dim] - 1, 0)
        expected = few(value, size, fmt, _EXPONENTIAL + 2, additions=additions)
        tally.add(compare(gradient, expected, name))
    return tally.total()


def class_loss(layer: Layer) -> Judged:
    """Judge the negative logarithm of a class's probability, summed or averaged.

    The gradient is `-g / images` at the class of each image (a quotient, two roundings at most),
    and 0 elsewhere.
    """
    if layer.call.arguments.get("weight") is not None or len(layer.shape("self")) != 2:
        msg = "its classes have weights or its images have parts, and those have no judge"
        raise NotJudgedError(msg)
    classes = layer.parameter("target").cpu().numpy()
    counted = classes != layer.parameter("ignore_index")
    reduction = layer.parameter("reduction")
    g = numbers(layer.cotangent)
    each = np.broadcast_to(g / max(int(counted.sum()), 1) if reduction == 1 else g, classes.shape)
    value: Numbers = np.zeros(layer.shape("self"))
    value[np.flatnonzero(counted), classes[counted]] = -each[counted]
    tally = Tally()
    for name, gradient in layer.gradients(("self",)):
        tally.add(compare(gradient, _twice(value, layer), name))
    return tally.total()


def _twice(value: Numbers, layer: Layer) -> Expected:
    return few(value, np.abs(value), layer.format, 2)

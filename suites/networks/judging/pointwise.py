"""Additions, products and other smooth functions of each entry, broadcast or not.

A contribution to a gradient takes `r` roundings; where an operand was repeated its gradient is the
sum over the repetitions, `n` terms: off by what `few` has for `r` roundings and `n - 1` additions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch import Tensor

from suites.networks.judging.comparing import compare
from suites.networks.judging.evidence import Judged, Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import numbers
from suites.networks.judging.work import Work, few, kind, reduced, wide

Slope = Callable[[Layer, Callable[[str], Work]], Work | float]
"""The factor that a cotangent is multiplied with, from the layer's operands."""


def slopes(
    factors: Mapping[str, tuple[Slope, int]],
) -> Callable[[Layer], Judged]:
    """Return the judge of an operation whose gradients are cotangents times a slope.

    Args:
        factors: Operand -> its slope, and how many roundings a product with it takes.
    """

    def judge(layer: Layer) -> Judged:
        g = wide(numbers(layer.cotangent), layer.format)
        tally = Tally()
        for name, gradient in layer.gradients(tuple(factors)):
            slope, roundings = factors[name]
            with np.errstate(all="ignore"):  # what is not finite is free
                factor = slope(layer, lambda key: _operand(layer, key))
                terms = g * factor
                most = np.maximum(np.abs(g), 1) * np.maximum(np.abs(factor), 1)
            shape = tuple(gradient.shape)
            count = terms.size // max(math.prod(shape), 1)
            expected = few(
                reduced(terms, shape),
                reduced(np.abs(terms), shape),
                layer.format,
                roundings,
                reduced(np.broadcast_to(most, terms.shape), shape),
                additions=max(count - 1, 0),
            )
            tally.add(compare(gradient, expected, name))
        return tally.total()

    return judge


def _operand(layer: Layer, name: str) -> Work:
    value: Any = layer.call.arguments[name] if name != "result" else layer.call.outputs[0]
    if isinstance(value, Tensor):
        return wide(decoded_numbers(value), layer.format)
    return np.asarray(value, kind(layer.format))


def decoded_numbers(tensor: Tensor) -> Work:
    """Return a tensor's numbers; of integers and truth values, themselves."""
    if tensor.dtype.is_floating_point:
        return numbers(tensor)
    values: Work = tensor.cpu().numpy().astype(np.float64)
    return values


def _factor(layer: Layer, of: Callable[[str], Work]) -> Work:
    """Return `alpha`, which multiplies the second operand of a sum."""
    del of
    return np.asarray(layer.parameter("alpha"), kind(layer.format))


def _sigmoid(layer: Layer, of: Callable[[str], Work]) -> Work:
    del layer
    result = of("result")
    slope: Work = result * (1 - result)
    return slope


ADD = slopes({"self": (lambda *_: 1.0, 0), "other": (_factor, 1)})
SUB = slopes({"self": (lambda *_: 1.0, 0), "other": (lambda layer, of: -_factor(layer, of), 1)})
MUL = slopes({"self": (lambda _, of: of("other"), 2), "other": (lambda _, of: of("self"), 2)})
DIV = slopes(
    {
        "self": (lambda _, of: 1 / of("other"), 3),
        "other": (lambda _, of: -of("self") / of("other") / of("other"), 5),
    }
)
NEG = slopes({"self": (lambda *_: -1.0, 0)})
SIGMOID = slopes({"self": (_sigmoid, 3)})
DROPOUT = slopes({"input": (lambda layer, _: _kept(layer), 2)})


def _kept(layer: Layer) -> Work:
    """Return 0 for what was dropped, and the factor of what was kept."""
    mask = layer.call.outputs[1]
    share = 1 - layer.parameter("p")
    factors: Work = np.where(decoded_numbers(mask) != 0, 1 / share if share else 0.0, 0.0)
    return factors

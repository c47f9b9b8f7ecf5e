"""Activations, entry by entry."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from oracle.programs.definition import Definition, Grids, Params, Shapes
from oracle.programs.elementwise import definition
from oracle.programs.errors import ProgramError
from oracle.programs.kinks import maximum, minimum
from oracle.programs.operands import Shape
from oracle.programs.parameters import exact, number
from oracle.programs.scalar import BOTH_ZEROS, Scalar
from oracle.programs.thresholds import pieces, stored
from oracle.programs.transcendental import expm1

# [Klambauer et al. 2017], as the framework's documentation gives them
_SELU_ALPHA = Fraction("1.6732632423543772848170429916717")
_SELU_SCALE = Fraction("1.0507009873554804934193349852946")


def _leaky_relu(params: Params, input: Scalar) -> Scalar:
    return _leaking(input, _rounded(params["negative_slope"]))


def _rrelu(params: Params, input: Scalar) -> Scalar:
    """In evaluation the slope is the mean of the two bounds: a sum, and half of it."""
    lower, upper = exact(params["lower"]), exact(params["upper"])
    mean = Scalar.constant(
        (lower + upper) / 2, magnitude=(abs(lower) + abs(upper)) / 2, roundings=3
    )
    return _leaking(input, mean)


def _leaking(x: Scalar, slope: Scalar) -> Scalar:
    return pieces(x, [0], [lambda t: t * slope, lambda t: t], at=[0])


@functools.lru_cache(maxsize=256)
def _rounded(text: str) -> Scalar:
    """Return a parameter that takes part in products: it is rounded to the format first."""
    return Scalar.constant(exact(text), roundings=1)


def _relu6(x: Scalar) -> Scalar:
    return minimum(maximum(0, x), 6)


def _hardtanh(params: Params, input: Scalar) -> Scalar:
    return minimum(maximum(stored(params["min_val"]), input), stored(params["max_val"]))


def _hardshrink(params: Params, input: Scalar) -> Scalar:
    width = exact(params["lambd"])
    if width <= 0:
        return replace(input, zeros=BOTH_ZEROS)
    return pieces(input, [-width, width], [_same, _zero, _same], at=[1, 1])


def _softshrink(params: Params, input: Scalar) -> Scalar:
    width = exact(params["lambd"])
    if width == 0:
        return replace(input, zeros=BOTH_ZEROS)
    if width < 0:
        msg = f"params.lambd is {params['lambd']}, expected 0 or more"
        raise ProgramError(msg)
    parts = [lambda x: x + width, _zero, lambda x: x - width]
    return pieces(input, [-width, width], parts, at=[1, 1])


def _threshold(params: Params, input: Scalar) -> Scalar:
    value = stored(params["value"])
    return pieces(input, [exact(params["threshold"])], [lambda _: value, _same], at=[0])


def _same(x: Scalar) -> Scalar:
    return x


def _zero(x: Scalar) -> Scalar:
    """Return 0, of either sign: it may be had as a product with the argument."""
    del x  # it is 0 whatever the argument
    return Scalar.constant(0, zeros=BOTH_ZEROS)


def _elu(params: Params, input: Scalar) -> Scalar:
    alpha = _rounded(params["alpha"])
    return pieces(input, [0], [lambda x: expm1(x) * alpha, _same], at=[0])


def _celu(params: Params, input: Scalar) -> Scalar:
    alpha = exact(params["alpha"])
    if alpha == 0:
        msg = "params.alpha is 0, expected another number"
        raise ProgramError(msg)
    factor = Scalar.constant(alpha, roundings=1)
    return pieces(input, [0], [lambda x: expm1(x / alpha) * factor, _same], at=[0])


def _selu(params: Params, input: Scalar) -> Scalar:
    del params  # it has none
    scale = Scalar.constant(_SELU_SCALE, roundings=1)
    negative = Scalar.constant(_SELU_SCALE * _SELU_ALPHA, roundings=3)
    return pieces(input, [0], [lambda x: expm1(x) * negative, lambda x: x * scale], at=[0])


def _prelu(params: Params, grids: Grids) -> Sequence[Scalar]:
    del params  # it has none
    x, weight = grids["input"], grids["weight"]
    inner = math.prod(x.shape[2:])
    channels = len(weight.entries)
    return [
        _leaking(entry, weight.entries[k // inner % channels]) for k, entry in enumerate(x.entries)
    ]


def _prelu_shape(params: Params, shapes: Shapes) -> Shape:
    del params  # it has none
    shape, weight = shapes["input"], shapes["weight"]
    channels = shape[1] if len(shape) > 1 else 1
    if len(weight) != 1 or weight[0] not in (1, channels):
        msg = f"weight.shape is {list(weight)}, expected [1] or [{channels}], one for each channel"
        raise ProgramError(msg)
    return shape


ACTIVATIONS: dict[str, Definition] = {
    "relu": definition(lambda _, input: maximum(0, input)),
    "relu6": definition(lambda _, input: _relu6(input)),
    "leaky_relu": definition(_leaky_relu, checks={"negative_slope": number}),
    "rrelu": definition(_rrelu, checks={"lower": number, "upper": number}),
    "prelu": Definition(
        operands=("input", "weight"), checks={}, output_shape=_prelu_shape, outputs=_prelu
    ),
    "hardtanh": definition(_hardtanh, checks={"min_val": number, "max_val": number}),
    "hardsigmoid": definition(lambda _, input: _relu6(input + 3) / 6),
    "hardswish": definition(lambda _, input: input * _relu6(input + 3) / 6),
    "hardshrink": definition(_hardshrink, checks={"lambd": number}),
    "softshrink": definition(_softshrink, checks={"lambd": number}),
    "threshold": definition(_threshold, checks={"threshold": number, "value": number}),
    "elu": definition(_elu, checks={"alpha": number}),
    "celu": definition(_celu, checks={"alpha": number}),
    "selu": definition(_selu),
}

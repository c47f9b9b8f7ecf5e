"""Functions of one number, as the documentation of PyTorch describes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mpmath import MPContext

from oracle.limits.outputs import Operands, Output, Parameters, Summand, Values, real

_ZERO, _ONE, _SIX = Fraction(0), Fraction(1), Fraction(6)
_SELU_ALPHA = Fraction("1.6732632423543772848170429916717")
_SELU_SCALE = Fraction("1.0507009873554804934193349852946")
_GUARD_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A function of one number.

    Attributes:
        function: (parameters, number) -> number.
        roundings: As `Summand` has it.
        magnitude: Parameters -> as `Summand` has it.
    """

    function: Callable[[Parameters, Fraction], Fraction]
    roundings: int = 0
    magnitude: Callable[[Parameters], Fraction] = lambda _: Fraction(0)

    def values(self, params: Parameters, operands: Operands) -> list[Output]:
        """Return the outputs."""
        return [
            (
                Summand(
                    (k,),
                    lambda row: self.function(params, row[0]),
                    anchored=True,
                    roundings=self.roundings,
                    magnitude=self.magnitude(params),
                ),
            )
            for k in operands["input"].all
        ]


def exp_minus_1(x: Fraction) -> Fraction:
    """Return `exp(x) - 1`, so near that differences over tiny steps keep most of their digits.

    A step is no smaller than what a stored number of any format, and the bits of `x` at the step,
    leave between two numbers: the relative error is far below its square.
    """
    context: Any = MPContext()  # its own: mpmath.mp is global, and anybody may change its precision
    context.prec = 4 * x.denominator.bit_length() + _GUARD_BITS
    found = context.expm1(context.mpf(x.numerator) / x.denominator)
    mantissa, exponent = (int(part) for part in found.man_exp)
    size = mantissa * Fraction(2) ** exponent
    return -size if found < 0 else size


def _elu(params: Parameters, x: Fraction) -> Fraction:
    return x if x > 0 else real(params["alpha"]) * exp_minus_1(x)


def _celu(params: Parameters, x: Fraction) -> Fraction:
    alpha = real(params["alpha"])
    return x if x > 0 else min(_ZERO, alpha * exp_minus_1(x / alpha))


def _selu(_: Parameters, x: Fraction) -> Fraction:
    return _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * exp_minus_1(x))


def _leaky_relu(params: Parameters, x: Fraction) -> Fraction:
    return x if x > 0 else real(params["negative_slope"]) * x


def _rrelu(params: Parameters, x: Fraction) -> Fraction:
    return x if x > 0 else (real(params["lower"]) + real(params["upper"])) / 2 * x


def _hardsigmoid(_: Parameters, x: Fraction) -> Fraction:
    if x <= -3:
        return _ZERO
    return _ONE if x >= 3 else x / 6 + Fraction(1, 2)


def _hardswish(_: Parameters, x: Fraction) -> Fraction:
    if x <= -3:
        return _ZERO
    return x if x >= 3 else x * (x + 3) / 6


def _hardshrink(params: Parameters, x: Fraction) -> Fraction:
    width = real(params["lambd"])
    return x if x > width or x < -width else _ZERO


def _softshrink(params: Parameters, x: Fraction) -> Fraction:
    width = real(params["lambd"])
    if x > width:
        return x - width
    return x + width if x < -width else _ZERO


def _threshold(params: Parameters, x: Fraction) -> Fraction:
    return x if x > real(params["threshold"]) else real(params["value"])


def _mean_of_slopes(params: Parameters) -> Fraction:
    return (abs(real(params["lower"])) + abs(real(params["upper"]))) / 2


_FUNCTIONS: dict[str, Activation] = {
    "abs": Activation(function=lambda _, x: abs(x)),
    "relu": Activation(function=lambda _, x: x if x > 0 else _ZERO),
    "relu6": Activation(function=lambda _, x: min(max(x, _ZERO), _SIX)),
    "leaky_relu": Activation(function=_leaky_relu, roundings=2),
    "rrelu": Activation(function=_rrelu, roundings=4, magnitude=_mean_of_slopes),
    "hardsigmoid": Activation(function=_hardsigmoid, roundings=3),
    # between its kinks the derivative is x/3 + 1/2, whose parts are 3/2 at most
    "hardswish": Activation(function=_hardswish, roundings=5, magnitude=lambda _: Fraction(3, 2)),
    "hardshrink": Activation(function=_hardshrink),
    "softshrink": Activation(function=_softshrink),
    "threshold": Activation(function=_threshold),
    "elu": Activation(function=_elu, roundings=4),
    "celu": Activation(function=_celu, roundings=4),
    "selu": Activation(function=_selu, roundings=4),
    # a stored number that is finite stays what it is
    "nan_to_num": Activation(function=lambda _, x: x),
}

ACTIVATIONS: dict[str, Values] = {name: entry.values for name, entry in _FUNCTIONS.items()}

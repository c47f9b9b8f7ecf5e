"""Functions that jump, as the documentation of PyTorch describes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from oracle.limits.outputs import Operands, Output, Parameters, Values
from oracle.limits.values_activations import Activation
from oracle.limits.values_elementwise import of_two

Number = Callable[[Fraction], Fraction | int]

_PI = Fraction("3.14159265358979323846264338327950288")


def _of_one(number: Number) -> Values:
    return Activation(function=lambda _, x: Fraction(number(x))).values


def _rounded(params: Parameters, x: Fraction) -> Fraction:
    power = Fraction(10) ** int(params["decimals"])
    return round(x * power) / power


def _mantissa(x: Fraction) -> Fraction:
    while abs(x) >= 1:
        x /= 2
    while 0 < abs(x) < Fraction(1, 2):
        x *= 2
    return x


def _fmod(pair: Sequence[Fraction]) -> Fraction:
    return pair[0] - pair[1] * math.trunc(pair[0] / pair[1])


def _remainder(pair: Sequence[Fraction]) -> Fraction:
    return pair[0] - pair[1] * math.floor(pair[0] / pair[1])


def _div(params: Parameters, operands: Operands) -> Sequence[Output]:
    whole = math.floor if params["rounding_mode"] == "floor" else math.trunc
    return of_two(lambda pair: Fraction(whole(pair[0] / pair[1])), anchored=True)(params, operands)


JUMPS: dict[str, Values] = {
    **dict.fromkeys(("sign", "sgn"), _of_one(lambda x: (x > 0) - (x < 0))),
    "floor": _of_one(math.floor),
    "ceil": _of_one(math.ceil),
    "trunc": _of_one(math.trunc),
    "round": Activation(function=_rounded).values,
    "frac": _of_one(lambda x: x - math.trunc(x)),
    "frexp": _of_one(_mantissa),
    "angle": _of_one(lambda x: _PI if x < 0 else 0),
    "fmod": of_two(_fmod, anchored=True),
    "remainder": of_two(_remainder, anchored=True),
    "div": _div,
}

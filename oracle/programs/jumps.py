"""Functions that jump: constant between their jumps, or what is left of a division.

At a jump there is no Clarke set; elsewhere these are as smooth as can be. Infinite divisors are
left out: nothing is asked of their quotients.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from oracle.formats import BFLOAT16
from oracle.programs.branches import Branch, Term
from oracle.programs.definition import Definition, Params
from oracle.programs.elementwise import definition
from oracle.programs.extended import INFINITY, NAN, Extended, is_finite, is_nan, size
from oracle.programs.parameters import any_integer, one_of
from oracle.programs.scalar import BOTH_ZEROS, Scalar
from oracle.programs.thresholds import jumping, reaching

Whole = Callable[[Fraction], int]
"""From a number to an integer near it."""
Test = Callable[[Fraction], bool]
"""Whether a function jumps at a number."""


def _sign(params: Params, input: Scalar) -> Scalar:
    """Return 1, 0 or -1; of NaN, which has no sign, 0 as the framework does."""
    del params  # it has none
    if is_nan(input.value) or input.value == 0:
        return jumping(Scalar.constant(0, zeros=BOTH_ZEROS), input)
    return reaching(Scalar.constant(1 if input.value > 0 else -1), input)


def _stepping(whole: Whole, jumps: Test) -> Callable[[Params, Scalar], Scalar]:
    """Return a function that is the same integer between its jumps; a zero has the input's sign."""

    def step(params: Params, input: Scalar) -> Scalar:
        del params  # it has none
        if not is_finite(input.value):
            return reaching(Scalar.constant(input.value), input)
        number = Fraction(input.value)
        zeros = input.zeros if not number else frozenset((number < 0,))
        y = reaching(Scalar.constant(whole(number), zeros=zeros), input)
        return replace(y, jump=jumps(number))

    return step


def _frac(params: Params, input: Scalar) -> Scalar:
    """Return what is left without the integer part: a difference that no rounding touches."""
    del params  # it has none
    if not is_finite(input.value):
        return replace(input, value=NAN, key=("frac", input.key))
    number = Fraction(input.value)
    return replace(
        input,
        value=number - math.trunc(number),
        key=("frac", input.key),
        zeros=BOTH_ZEROS,
        jump=bool(number) and number.denominator == 1,
    )


def _round(params: Params, input: Scalar) -> Scalar:
    """Return the multiple of a power of ten that is nearest, of two the even one.

    With decimals the number is multiplied by the power, rounded, and divided by it: the rounded
    product may be a half where the number is only near one.
    """
    decimals = params["decimals"]
    if not decimals or not is_finite(input.value):
        return _NEAREST(params, input)
    power = Fraction(10) ** decimals
    scaled = Fraction(input.value) * power
    y = Scalar.constant(round(scaled) / power, roundings=2, zeros=BOTH_ZEROS)
    half = math.floor(scaled) + Fraction(1, 2)
    return replace(reaching(y, input), jump=_is_near(scaled, half))


def _quotient(params: Params, input: Scalar, other: Scalar) -> Scalar:
    """Return a quotient without its fraction; a rounded one may be whole that is only near it.

    Flooring is documented as Python's, which is exact; what truncation is of is the result of the
    division.
    """
    x, y, floor = input.value, other.value, params["rounding_mode"] == "floor"
    if isinstance(x, float) or isinstance(y, float) or not y:
        negative = (x < 0) is not (y < 0 or (y == 0 and True in other.zeros))
        return _nowhere(input, other, _divided(x, y, negative=negative, floor=floor))
    quotient = Fraction(x) / Fraction(y)
    whole = math.floor if floor else math.trunc
    step = reaching(Scalar.constant(whole(quotient), zeros=BOTH_ZEROS), input, other)
    # around 0 truncation has no step
    level = whole is math.trunc and not round(quotient)
    near = not level and _is_near(quotient, Fraction(round(quotient)))
    truncated = None if floor else quotient
    return replace(step, jump=near and not _stays(input), truncated=truncated)


def _stays(input: Scalar) -> bool:
    """Return whether it is a constant 0, of which every quotient is 0."""
    return input.is_constant and not input.value


def _divided(x: Extended, y: Extended, *, negative: bool, floor: bool) -> Extended:
    """Return a quotient without its fraction, of no numbers or by 0; no remainder has a floor."""
    if is_nan(x) or is_nan(y) or x == y == 0 or not (is_finite(x) or is_finite(y)):
        return NAN
    if is_finite(x) and y:
        return -1 if floor and x and negative else 0
    if floor and not is_finite(x) and y:
        return NAN
    return -INFINITY if negative else INFINITY


def _is_near(number: Fraction, step: Fraction) -> bool:
    """Return whether one rounding, in the coarsest format, may take a number to another."""
    return abs(number - step) <= abs(number) * BFLOAT16.unit_roundoff


def _mantissa(params: Params, input: Scalar) -> Scalar:
    """Return the mantissa, from 1/2 to 1: the number by a power of two, which is its slope.

    It jumps at the powers of two. Near 0 it is everything from 1/2 to 1, again and again.
    """
    del params  # it has none
    if not is_finite(input.value):
        return replace(input, key=("mantissa", input.key))
    if not input.value:
        return jumping(input, input)
    number = Fraction(input.value)
    exponent = _exponent(abs(number))
    factor = Scalar.constant(Fraction(2) ** -exponent)
    y = replace(input * factor, roundings=0)
    return replace(y, jump=abs(y.value) == Fraction(1, 2))


def _exponent(number: Fraction) -> int:
    """Return the exponent that leaves a mantissa from 1/2 to 1 of a number above 0."""
    guess = number.numerator.bit_length() - number.denominator.bit_length()
    return guess + (number >= Fraction(2) ** guess)


def _angle(params: Params, input: Scalar) -> Scalar:
    """Return the angle of a real number, 0 or pi."""
    del params  # it has none
    if is_nan(input.value):
        return reaching(input, input)
    y = _PI if input.value < 0 else Scalar.constant(0)
    return reaching(y, input) if input.value else jumping(y, input)


def _left_over(whole: Whole, jumps: Test) -> Callable[[Params, Scalar, Scalar], Scalar]:
    """Return `x - y whole(x / y)`, whose slope in `y` is the integer that is taken off.

    What truncation leaves is a number of the format; adding the divisor to it is one rounding.
    """

    def rest(params: Params, input: Scalar, other: Scalar) -> Scalar:
        del params  # it has none
        x, y = input.value, other.value
        if isinstance(x, float) or isinstance(y, float) or not y:
            return _unasked(input, other, whole)
        quotient = Fraction(x) / Fraction(y)
        taken = whole(quotient)
        added = taken != math.trunc(quotient)
        # an integer that the format may not have is rounded
        factor = Scalar.constant(taken, roundings=int(abs(taken) > _SMALL))
        signs = frozenset((x < 0,)) if x else input.zeros
        return replace(
            input - other * factor,
            magnitude=size(x - y * math.trunc(quotient)) + (size(y) if added else 0),
            roundings=int(added),
            reach=1,
            zeros=BOTH_ZEROS if whole is math.floor else signs,
            jump=jumps(quotient) and not _stays(input),
        )

    return rest


def _unasked(input: Scalar, other: Scalar, whole: Whole) -> Scalar:
    """Return the value where an operand is no number, or the divisor 0, of which no slope is asked.

    A number divided by infinity is left as it is, or is the infinity if their signs differ.
    """
    x, y = input.value, other.value
    value: Extended = NAN
    if is_finite(x) and y and not is_nan(y):
        value = y if whole is math.floor and x and (x > 0) is not (y > 0) else x
    return _nowhere(input, other, value)


def _nowhere(input: Scalar, other: Scalar, value: Extended) -> Scalar:
    """Return a value that has no slope of which anything is asked."""
    slopes = {i: _NO_SLOPE for one in (input, other) for b in one.branches for i in b.row}
    return Scalar(value=value, branches=(Branch(slopes),), key=("rest", input.key, other.key))


def _is_whole(number: Fraction) -> bool:
    return number.denominator == 1


def _is_whole_but_0(number: Fraction) -> bool:
    return number.denominator == 1 and number != 0


def _is_half(number: Fraction) -> bool:
    return number.denominator == 2


_SMALL = 128  # integers up to here are numbers of every format
_NO_SLOPE = Term(NAN, NAN, 0, 1)
_PI = Scalar.constant(Fraction("3.14159265358979323846264338327950288"), roundings=1)
_NEAREST = _stepping(round, _is_half)  # half to even

JUMPS: dict[str, Definition] = {
    "sign": definition(_sign),
    "sgn": definition(_sign),
    "floor": definition(_stepping(math.floor, _is_whole)),
    "ceil": definition(_stepping(math.ceil, _is_whole)),
    "trunc": definition(_stepping(math.trunc, _is_whole_but_0)),
    "round": definition(_round, checks={"decimals": any_integer}),
    "frac": definition(_frac),
    "fmod": definition(_left_over(math.trunc, _is_whole_but_0), "input", "other"),
    "remainder": definition(_left_over(math.floor, _is_whole), "input", "other"),
    "div": definition(
        _quotient, "input", "other", checks={"rounding_mode": one_of("trunc", "floor")}
    ),
    "frexp": definition(_mantissa),
    "angle": definition(_angle),
}

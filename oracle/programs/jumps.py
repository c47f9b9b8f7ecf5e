"""Functions that jump: constant between their jumps, or what is left of a division.

At a jump there is no Clarke set; elsewhere these are as smooth as can be. Infinite divisors are
left out: nothing is asked of their quotients.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from oracle.programs.branches import Branch, Term
from oracle.programs.definition import Definition, Params
from oracle.programs.elementwise import definition
from oracle.programs.extended import NAN, Extended, is_finite, is_nan, size
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


def _heaviside(params: Params, input: Scalar, values: Scalar) -> Scalar:
    """Return 0 below 0, 1 above, and the other operand in between."""
    del params  # it has none
    if is_nan(input.value) or input.value == 0:
        return jumping(replace(values, value=NAN) if input.value else values, input)
    return reaching(Scalar.constant(int(input.value > 0)), input, values)


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
            jump=jumps(quotient),
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
    nowhere = {i: _NO_SLOPE for one in (input, other) for b in one.branches for i in b.row}
    return Scalar(value=value, branches=(Branch(nowhere),), key=("rest", input.key, other.key))


def _is_whole(number: Fraction) -> bool:
    return number.denominator == 1


def _is_whole_but_0(number: Fraction) -> bool:
    return number.denominator == 1 and number != 0


def _is_half(number: Fraction) -> bool:
    return number.denominator == 2


_SMALL = 128  # integers up to here are numbers of every format
_NO_SLOPE = Term(NAN, NAN, 0, 1)

JUMPS: dict[str, Definition] = {
    "sign": definition(_sign),
    "sgn": definition(_sign),
    "floor": definition(_stepping(math.floor, _is_whole)),
    "ceil": definition(_stepping(math.ceil, _is_whole)),
    "trunc": definition(_stepping(math.trunc, _is_whole_but_0)),
    "round": definition(_stepping(round, _is_half)),  # half to even, as the framework has it
    "frac": definition(_frac),
    "fmod": definition(_left_over(math.trunc, _is_whole_but_0), "input", "other"),
    "remainder": definition(_left_over(math.floor, _is_whole), "input", "other"),
    "heaviside": definition(_heaviside, "input", "values"),
}

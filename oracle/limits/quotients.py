"""The derivatives of a function a step away from its kinks, in the limit of no step at all.

Every number here is exact. The function is taken at `x + t m` with a tiny `t` and moves `m` that
put no two equal numbers, and no number and the constant that it equals, at the same place. A
central quotient there is the derivative itself where the piece is a polynomial, of degree 2 at most
in each number; this one is then a polynomial in `t`, which a few steps give at 0, and one more step
shows that they do. A piece that is no polynomial is taken with a far smaller step (`_recovered`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from oracle.limits.outputs import Function

_ORDER_STEP = 64  # exponents below the smallest gap
_QUOTIENT_STEP = 8  # and below the step that keeps the inputs apart
_MOST_DEGREE = 4  # of derivatives, in the step
_DENOMINATOR_BITS = 256
_ERROR_BITS = 16


class LimitsError(ValueError):
    """A case that difference quotients over total orders cannot decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large and how fine the numbers of a case are.

    Attributes:
        low: All of them, the parameters among them, are integers times `2^low`; 0 at most.
        high: All of them are below `2^high` in absolute value; 0 at least.
    """

    low: int
    high: int

    @property
    def step(self) -> Fraction:
        """Far below every gap between two numbers."""
        return Fraction(2) ** (self.low - _ORDER_STEP)

    @property
    def finer(self) -> Scale:
        """The scale of numbers that differ by steps."""
        return Scale(low=self.low - _ORDER_STEP, high=self.high + 1)


def scale_of(numbers: Sequence[Fraction]) -> Scale:
    """Return the scale of rational numbers whose denominators are powers of two."""
    return Scale(
        low=min((1 - x.denominator.bit_length() for x in numbers), default=0),
        high=max((math.ceil(abs(x)).bit_length() for x in numbers), default=0),
    )


def limit(
    function: Function,
    at: Sequence[Fraction],
    moves: Sequence[int],
    wanted: Sequence[int],
    scale: Scale,
) -> tuple[Fraction, ...]:
    """Return the partial derivatives on the side of the moves, in the limit.

    Args:
        function: The function.
        at: What it reads.
        moves: How far each number moves, in steps; 0 for one that stays where it is.
        wanted: The places of the variables that derivatives are taken for.
        scale: Of all numbers.

    Raises:
        LimitsError: A limit is no rational number of a sensible size.
    """

    def quotients(t: Fraction) -> list[Fraction]:
        moved = [x + t * m for x, m in zip(at, moves, strict=True)]
        return [_quotient(function, moved, k, t / 2**_QUOTIENT_STEP) for k in wanted]

    return tuple(_at_zero(quotients, scale))


def _at_zero(quotients: Callable[[Fraction], list[Fraction]], scale: Scale) -> list[Fraction]:
    """Return the limits of quotients, extrapolated by polynomials in the step [Neville 1934].

    One through some steps is right if one of its degree through the next steps gives the same.
    """
    before = [quotients(scale.step)]
    for halvings in range(1, _MOST_DEGREE + 2):
        after = [quotients(scale.step / 2**halvings)]
        for j, column in enumerate(before, start=1):
            after.append(_extrapolated(column, after[-1], 2**j))
        if after[halvings - 1] == before[-1]:
            return before[-1]
        before = after
    return _recovered(quotients, scale)


def _extrapolated(far: Sequence[Fraction], near: Sequence[Fraction], ratio: int) -> list[Fraction]:
    """Return what is left of two numbers without an error that is `ratio` times as large in one."""
    return [(ratio * n - f) / (ratio - 1) for f, n in zip(far, near, strict=True)]


def _quotient(function: Function, at: list[Fraction], place: int, width: Fraction) -> Fraction:
    x = at[place]
    at[place] = x + width
    above: Fraction = function(at)
    at[place] = x - width
    below: Fraction = function(at)
    at[place] = x
    return (above - below) / (2 * width)


def _recovered(quotients: Callable[[Fraction], list[Fraction]], scale: Scale) -> list[Fraction]:
    """Return the limits of quotients of `exp`, rational numbers of moderate denominators.

    The pieces are `c (exp(x / a) - 1)` near 0, with `|c|` below about `2^high` and `|a| >= 2^low`.
    So the second derivative of the quotient along the step is below `2^(high - 3 low + e)`, where
    `e` covers the factors of moves and of `c`; a line through two points misses the limit by that
    times the square of the step. Of the rational numbers whose denominators are at most `d`, two
    differ by `1 / d^2`: one that is nearer than half of that is the only one that it can be.
    """
    bits = 2 * (_DENOMINATOR_BITS - scale.low) + scale.high + _ERROR_BITS
    t = Fraction(2) ** (scale.low - bits)
    close = Fraction(2) ** (scale.high - scale.low + _ERROR_BITS - 2 * bits)
    largest = 2 ** (_DENOMINATOR_BITS - scale.low)
    found = []
    for near in _extrapolated(quotients(t), quotients(t / 2), 2):
        rational = near.limit_denominator(largest)
        if abs(rational - near) > close:
            msg = (
                f"a limit of quotients is near {float(near)!r} and no rational number, expected "
                "arguments of exp at 0 or above the kink; there is no second oracle for others"
            )
            raise LimitsError(msg)
        found.append(rational)
    return found


def jumps(function: Function, at: Sequence[Fraction], moves: Sequence[int], scale: Scale) -> bool:
    """Return whether the function jumps as the moves begin.

    What it changes by over a tiny step is nearly proportional to the step, or to its square, where
    it does not jump; where it does, half a step changes it by nearly as much as a whole one.
    """
    start: Fraction = function(at)
    whole, half = (
        abs(function([x + t * m for x, m in zip(at, moves, strict=True)]) - start)
        for t in (scale.step, scale.step / 2)
    )
    return bool(4 * half > 3 * whole)

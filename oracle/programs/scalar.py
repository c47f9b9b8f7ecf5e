"""The scalars that definitions compute with: a value, and the branches that meet there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from oracle.programs import curvature
from oracle.programs.branches import (
    UNIT,
    Branch,
    Row,
    Term,
    added,
    negative,
    paired,
    place_of,
    scaled,
    tidied,
)
from oracle.programs.conditions import Number
from oracle.programs.extended import Extended, add, larger, multiply, size

BOTH_ZEROS = frozenset((False, True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """An expression at the stored inputs.

    Attributes:
        value: Its value.
        branches: The pieces that are active here; one where it is smooth.
        key: The expression's structure: equal keys are equal expressions.
        affine: Whether each of its pieces is affine.
        curvature: `affine`, `convex`, `concave` or `neither`, near the inputs.
        magnitude: The value with every number made positive.
        reach: The same with every factor below 1 made 1 (see `Term`).
        roundings: How many roundings its value costs; 0 for a selection.
        zeros: The signs (negative or not) that a zero value may have.
        jump: Whether it is discontinuous here: it has no Clarke set.
        truncated: The number that it is the integer part of; the integer part of that number
            rounded is as good a value. None where the value is no such thing.
        ends: The branches that the rules first-index and last-index take.
    """

    value: Extended
    branches: tuple[Branch, ...]
    key: object
    affine: bool = True
    curvature: str = curvature.AFFINE
    magnitude: Extended = 0
    reach: Extended = 1
    roundings: int = 0
    zeros: frozenset[bool] = BOTH_ZEROS
    jump: bool = False
    truncated: Fraction | None = None
    ends: tuple[int, int] = (0, -1)

    @staticmethod
    def variable(i: int, value: Extended, *, negative_zero: bool) -> Scalar:
        """Return the stored input `i`."""
        return Scalar(
            value=value,
            branches=(Branch({i: UNIT}),),
            key=i,
            magnitude=size(value),
            reach=larger(1, size(value)),
            zeros=frozenset((negative_zero,)),
        )

    @staticmethod
    def constant(
        value: Extended,
        *,
        magnitude: Extended = 0,
        roundings: int = 0,
        zeros: frozenset[bool] = frozenset((False,)),
    ) -> Scalar:
        """Return a number; `magnitude` and `roundings` say how it is computed, if it is."""
        return Scalar(
            value=value,
            branches=(Branch({}),),
            key=("constant", value),
            magnitude=magnitude or size(value),
            reach=larger(1, magnitude or size(value)),
            roundings=roundings,
            zeros=zeros,
        )

    def fixed(self) -> Scalar:
        """Return the same value as a constant."""
        return Scalar.constant(self.value, zeros=self.zeros)

    @property
    def is_constant(self) -> bool:
        """Whether no input moves it."""
        return all(not branch.row for branch in self.branches)

    def __add__(self, other: Scalar | Number) -> Scalar:
        """Return the sum."""
        right = scalar(other)
        branches, ends = paired(self, right, added)
        return Scalar(
            value=add(self.value, right.value),
            branches=branches,
            ends=ends,
            key=("+", self.key, right.key),
            affine=self.affine and right.affine,
            curvature=curvature.of_sum(self.curvature, right.curvature),
            magnitude=add(self.magnitude, right.magnitude),
            reach=add(self.reach, right.reach),
            roundings=max(self.roundings, right.roundings) + 1,
            jump=self.jump or right.jump,
        )

    def __neg__(self) -> Scalar:
        """Return the negative, which costs no rounding."""
        return replace(
            self,
            value=-self.value,
            branches=tuple(branch._replace(row=negative(branch.row)) for branch in self.branches),
            key=("-", self.key),
            curvature=curvature.of_negative(self.curvature),
            zeros=frozenset(not sign for sign in self.zeros),
        )

    def __sub__(self, other: Scalar | Number) -> Scalar:
        """Return the difference."""
        return self + -scalar(other)

    def __mul__(self, other: Scalar | Number) -> Scalar:
        """Return the product."""
        right = scalar(other)
        if right.is_constant and right.value in (1, -1) and not right.roundings:
            return self if right.value == 1 else -self
        branches, ends = paired(self, right, self._product_rule(right))
        return Scalar(
            value=multiply(self.value, right.value),
            branches=branches,
            ends=ends,
            key=("*", self.key, right.key),
            affine=self.affine and right.affine and (self.is_constant or right.is_constant),
            curvature=self._product_curvature(right),
            magnitude=multiply(self.magnitude, right.magnitude),
            reach=multiply(self.reach, right.reach),
            roundings=self.roundings + right.roundings + 1,
            jump=self.jump or right.jump,
        )

    def _product_rule(self, right: Scalar) -> Callable[[Row, Row], Row]:
        """Return what two gradients make, each scaled by the other expression."""
        x, y = self._as_factor(), right._as_factor()
        return lambda a, b: added(scaled(a, y), scaled(b, x))

    def _as_factor(self) -> Term:
        return Term(self.value, self.magnitude, self.roundings, self.reach)

    def _product_curvature(self, right: Scalar) -> str:
        """Return the curvature of a product: that of one side where the other is a number."""
        if self.is_constant:
            return curvature.of_multiple(right.curvature, self.value)
        if right.is_constant:
            return curvature.of_multiple(self.curvature, right.value)
        return curvature.NEITHER

    def __truediv__(self, divisor: Number) -> Scalar:
        """Return the quotient by a number, which may be had as a product with its reciprocal."""
        if divisor == 1:
            return self
        return self * Scalar.constant(Fraction(1) / Fraction(divisor), roundings=1)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Number) -> Scalar:
        """Return the difference of a number and this."""
        return scalar(other) - self

    def __abs__(self) -> Scalar:
        """Return the absolute value: the larger of the negative and the number itself."""
        from oracle.programs.kinks import maximum  # noqa: PLC0415, kinks are made of scalars

        return maximum(-self, self)

    def tidied(self) -> Scalar:
        """Return the scalar without branches that nothing depends on."""
        kept = tidied(self.branches)
        if len(kept) == len(self.branches):
            return self
        first, last = (place_of(self.branches[end], kept) for end in self.ends)
        return replace(self, branches=kept, ends=(first, last))


def scalar(number: Scalar | Number) -> Scalar:
    """Return a number as a scalar."""
    return number if isinstance(number, Scalar) else Scalar.constant(number)

"""The scalars that definitions compute with: a value, and the branches that meet there."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from oracle.programs.conditions import Condition, Number
from oracle.programs.extended import Extended, add, is_finite, larger, multiply, size

Choices: TypeAlias = tuple[tuple[object, int], ...]
"""For each kink on the way, named by its structure, the option that was chosen."""
BOTH_ZEROS = frozenset((False, True))
AFFINE, CONVEX, CONCAVE, NEITHER = "affine", "convex", "concave", "neither"
_OPPOSITE = {CONVEX: CONCAVE, CONCAVE: CONVEX}


class Term(NamedTuple):
    """A partial derivative.

    Attributes:
        coefficient: Its value, exact.
        magnitude: The same expression with every number and every difference made positive: what
            relative errors on the way are relative to.
        roundings: How many roundings come between the cotangent and its product with the
            coefficient; 0 for coefficients 1 and -1, which cost none.
    """

    coefficient: Extended
    magnitude: Extended
    roundings: int


RowKey: TypeAlias = tuple[tuple[int, Extended], ...]
Row: TypeAlias = Mapping[int, Term]
"""Input -> partial derivative; inputs that the branch does not depend on are left out."""


class Branch(NamedTuple):
    """A piece that is active here.

    Attributes:
        row: Its gradient.
        conditions: The directions along which it is the one that counts.
        choices: The options chosen on the way to it.
    """

    row: Row
    conditions: frozenset[Condition] = frozenset()
    choices: Choices = ()


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
        roundings: How many roundings its value costs; 0 for a selection.
        zeros: The signs (negative or not) that a zero value may have.
        jump: Whether it is discontinuous here: it has no Clarke set.
        ends: The branches that the rules first-index and last-index take.
    """

    value: Extended
    branches: tuple[Branch, ...]
    key: object
    affine: bool = True
    curvature: str = AFFINE
    magnitude: Extended = 0
    roundings: int = 0
    zeros: frozenset[bool] = BOTH_ZEROS
    jump: bool = False
    ends: tuple[int, int] = (0, -1)

    @staticmethod
    def variable(i: int, value: Extended, *, negative_zero: bool) -> Scalar:
        """Return the stored input `i`."""
        return Scalar(
            value=value,
            branches=(Branch({i: Term(1, 1, 0)}),),
            key=i,
            magnitude=size(value),
            zeros=frozenset((negative_zero,)),
        )

    @staticmethod
    def constant(value: Extended, *, magnitude: Extended = 0, roundings: int = 0) -> Scalar:
        """Return a number; `magnitude` and `roundings` say how it is computed, if it is."""
        return Scalar(
            value=value,
            branches=(Branch({}),),
            key=("constant", value),
            magnitude=magnitude or size(value),
            roundings=roundings,
            zeros=frozenset((False,)),
        )

    @property
    def is_constant(self) -> bool:
        """Whether no input moves it."""
        return all(not branch.row for branch in self.branches)

    def __add__(self, other: Scalar | Number) -> Scalar:
        """Return the sum."""
        right = scalar(other)
        return Scalar(
            value=add(self.value, right.value),
            branches=tuple(_paired(self, right, _added)),
            key=("+", self.key, right.key),
            affine=self.affine and right.affine,
            curvature=_sum_curvature(self.curvature, right.curvature),
            magnitude=add(self.magnitude, right.magnitude),
            roundings=max(self.roundings, right.roundings) + 1,
            jump=self.jump or right.jump,
        )

    def __neg__(self) -> Scalar:
        """Return the negative, which costs no rounding."""
        return Scalar(
            value=-self.value,
            branches=tuple(branch._replace(row=_negative(branch.row)) for branch in self.branches),
            key=("-", self.key),
            affine=self.affine,
            curvature=_OPPOSITE.get(self.curvature, self.curvature),
            magnitude=self.magnitude,
            roundings=self.roundings,
            zeros=frozenset(not sign for sign in self.zeros),
            jump=self.jump,
        )

    def __sub__(self, other: Scalar | Number) -> Scalar:
        """Return the difference."""
        return self + -scalar(other)

    def __mul__(self, other: Scalar | Number) -> Scalar:
        """Return the product."""
        right = scalar(other)
        if right.is_constant and right.value in (1, -1) and not right.roundings:
            return self if right.value == 1 else -self
        factor = next((one for one in (self, right) if one.is_constant), None)
        return Scalar(
            value=multiply(self.value, right.value),
            branches=tuple(_paired(self, right, _product_of(self, right))),
            key=("*", self.key, right.key),
            affine=factor is not None and self.affine and right.affine,
            curvature=_product_curvature(self, right, factor),
            magnitude=multiply(self.magnitude, right.magnitude),
            roundings=self.roundings + right.roundings + 1,
            jump=self.jump or right.jump,
        )

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
        """Return the scalar with one branch for each gradient that needs one.

        Branches that are alike are one; where all have one gradient nothing is chosen at all.
        """
        if len(self.branches) == 1:
            return self
        distinct: dict[tuple[RowKey, frozenset[Condition]], Branch] = {}
        for branch in self.branches:
            distinct.setdefault((row_key(branch.row), branch.conditions), branch)
        rows = {row for row, _ in distinct}
        kept = tuple(distinct.values())
        if len(rows) == 1:
            return replace(self, branches=(Branch(_widest(kept)),), ends=(0, -1))
        return replace(self, branches=kept)


def scalar(number: Scalar | Number) -> Scalar:
    """Return a number as a scalar."""
    return number if isinstance(number, Scalar) else Scalar.constant(number)


def row_key(row: Row) -> RowKey:
    """Return what makes a gradient: its inputs with their coefficients other than 0."""
    return tuple(sorted((i, term.coefficient) for i, term in row.items() if term.coefficient))


def merged(chosen: Iterable[Choices]) -> Choices | None:
    """Return the choices together; None if they contradict each other."""
    found: dict[object, int] = {}
    for kink, option in itertools.chain.from_iterable(chosen):
        if found.setdefault(kink, option) != option:
            return None
    return tuple(found.items())


class _Pairing(NamedTuple):
    left: Branch
    right: Branch


def _paired(left: Scalar, right: Scalar, combine: object) -> Iterator[Branch]:
    """Yield the branches of an expression of two, for each pair of branches that go together."""
    assert callable(combine)
    for a, b in itertools.product(left.branches, right.branches):
        choices = merged((a.choices, b.choices)) if a.choices and b.choices else None
        if choices is None and a.choices and b.choices:
            continue
        yield Branch(
            combine(a.row, b.row), a.conditions | b.conditions, choices or a.choices or b.choices
        )


def _added(left: Row, right: Row) -> Row:
    if not (left and right):
        return left or right
    row = dict(left)
    for i, term in right.items():
        row[i] = _term_sum(row[i], term) if i in row else term
    return row


def _term_sum(x: Term, y: Term) -> Term:
    return Term(
        add(x.coefficient, y.coefficient),
        add(x.magnitude, y.magnitude),
        max(x.roundings, y.roundings) + 1,
    )


def _product_of(left: Scalar, right: Scalar) -> object:
    """Return the product rule: what two rows make, each scaled by the other expression."""

    def combine(a: Row, b: Row) -> Row:
        return _added(_scaled(a, right), _scaled(b, left))

    return combine


def _scaled(row: Row, by: Scalar) -> Row:
    return {
        i: Term(
            multiply(term.coefficient, by.value),
            multiply(term.magnitude, by.magnitude),
            term.roundings + by.roundings + 1,
        )
        for i, term in row.items()
    }


def _negative(row: Row) -> Row:
    return {i: term._replace(coefficient=-term.coefficient) for i, term in row.items()}


def _widest(branches: Sequence[Branch]) -> Row:
    """Return the one gradient of several branches, with the largest allowance that one has."""
    row = dict(branches[0].row)
    for branch in branches[1:]:
        for i, term in branch.row.items():
            before = row.get(i, term)
            row[i] = Term(
                term.coefficient,
                larger(before.magnitude, term.magnitude),
                max(before.roundings, term.roundings),
            )
    return row


def _sum_curvature(x: str, y: str) -> str:
    if y in (x, AFFINE):
        return x
    return y if x == AFFINE else NEITHER


def _product_curvature(left: Scalar, right: Scalar, factor: Scalar | None) -> str:
    """Return the curvature of a product: that of one side where the other is a number."""
    if factor is None or not is_finite(factor.value):
        return NEITHER
    curvature = (right if factor is left else left).curvature
    return curvature if factor.value >= 0 else _OPPOSITE.get(curvature, curvature)


def all_branches(options: Sequence[Scalar]) -> Iterator[tuple[tuple[Branch, ...], Choices]]:
    """Yield a branch of each option, and their choices together, where these go together."""
    for inner in itertools.product(*(option.branches for option in options)):
        choices = merged(branch.choices for branch in inner)
        if choices is not None:
            yield inner, choices

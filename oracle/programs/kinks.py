"""Where pieces meet: the largest, the smallest, the k-th of several, and thresholds."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from oracle.programs.conditions import Ahead, Condition, Form, Number, Ranked
from oracle.programs.extended import INFINITY, NAN, Extended, is_nan
from oracle.programs.scalar import (
    AFFINE,
    CONCAVE,
    CONVEX,
    NEITHER,
    Branch,
    Choices,
    Row,
    Scalar,
    Term,
    all_branches,
    scalar,
)

Piece: TypeAlias = Callable[[Scalar], Scalar | Number]
_UNIT = Term(1, 1, 0)


def maximum(*options: Scalar | Number) -> Scalar:
    """Return the largest of the options; a NaN among them comes before all numbers."""
    return kth(options, len(options) - 1, nan="first")


def minimum(*options: Scalar | Number) -> Scalar:
    """Return the smallest of the options; a NaN among them comes before all numbers."""
    return kth(options, 0, nan="first")


def numbers(options: Sequence[Scalar]) -> Sequence[Scalar]:
    """Return the options that are no NaN; all of them if there are no others."""
    return [option for option in options if not is_nan(option.value)] or options


def kth(
    options: Sequence[Scalar | Number], k: int, *, nan: str = "last", order: str = ""
) -> Scalar:
    """Return the `k`-th smallest of the options, counted from 0.

    Args:
        options: The expressions to choose from.
        k: The rank.
        nan: `last`: NaN is larger than every number; `first`: one NaN makes the result NaN.
        order: `ascending` or `descending` where the results of all ranks stand beside each other:
            there the rule first-index gives equal options their places in turn.
    """
    listed = [scalar(option) for option in options]
    nans = [option for option in listed if is_nan(option.value)]
    if nans and nan == "first":
        return _chosen(nans, 0, "")
    ranked = sorted((option for option in listed if not is_nan(option.value)), key=_value)
    if k >= len(ranked):
        return _chosen(nans, k - len(ranked), order)
    value = ranked[k].value
    tied = [option for option in listed if option.value == value]
    smaller = sum(option.value < value for option in ranked)
    return _chosen(tied, k - smaller, order)


def _value(option: Scalar) -> Extended:
    return option.value


def _chosen(tied: Sequence[Scalar], below: int, order: str) -> Scalar:
    """Return one of several equal expressions: the one that is greater than `below` of them."""
    if len(tied) == 1:
        return tied[0]
    inputs = [option.key for option in tied]
    if all(isinstance(key, int) for key in inputs) and len(set(inputs)) == len(inputs):
        branches = tuple(_of_inputs(tuple(inputs), below))  # type: ignore[arg-type]  # ints, see above
    else:
        branches = tuple(_of_expressions(tied, below))
    return Scalar(
        value=tied[0].value,
        branches=branches,
        key=("kth", below, *inputs),
        affine=all(option.affine for option in tied),
        curvature=_curvature(tied, below),
        magnitude=max((option.magnitude for option in tied), key=_or_infinite),
        roundings=max(option.roundings for option in tied),
        zeros=frozenset().union(*(option.zeros for option in tied)),
        jump=any(option.jump for option in tied),
        ends=_ends(len(tied), below, order),
    ).tidied()


def _ends(count: int, below: int, order: str) -> tuple[int, int]:
    """Return which of equal options the rules first-index and last-index choose."""
    if not order:
        return (0, count - 1)
    place = below if order == "ascending" else count - 1 - below
    return (place, count - 1 - place)


def _or_infinite(magnitude: Extended) -> Extended:
    return INFINITY if is_nan(magnitude) else magnitude


def _of_inputs(tied: tuple[int, ...], below: int) -> Iterator[Branch]:
    kink = ("kth", below, *tied)
    for place, i in enumerate(tied):
        yield Branch({i: _UNIT}, frozenset((Ranked(tied, i, below),)), ((kink, place),))


def _of_expressions(tied: Sequence[Scalar], below: int) -> Iterator[Branch]:
    """Yield a branch for each choice, each set of `below` others, and each inner selection."""
    kink = ("kth", below, *(option.key for option in tied))
    places = range(len(tied))
    for inner, choices in all_branches(tied):
        within = frozenset[Condition]().union(*(branch.conditions for branch in inner))
        for chosen in places:
            others = [place for place in places if place != chosen]
            for lower in itertools.combinations(others, below):
                compared = [
                    (chosen, place) if place in lower else (place, chosen) for place in others
                ]
                ahead = {
                    condition
                    for more, less in compared
                    if (condition := _ahead(tied, inner, more, less)) is not None
                }
                yield Branch(inner[chosen].row, within | ahead, _with(choices, kink, chosen))


def _with(choices: Choices, kink: object, chosen: int) -> Choices:
    return (*choices, (kink, chosen))


def _ahead(tied: Sequence[Scalar], inner: Sequence[Branch], more: int, less: int) -> Ahead | None:
    """Return the condition that one of two expressions grows faster; None if they are alike."""
    form = difference(inner[more].row, inner[less].row)
    if not form:
        return None
    return Ahead(
        form,
        affine=tied[more].affine and tied[less].affine,
        pair=(tied[more].key, tied[less].key),
    )


def difference(left: Row, right: Row) -> Form:
    """Return the difference of two gradients; what is not finite in them puts no condition."""
    found: dict[int, Number] = {}
    for row, sign in ((left, 1), (right, -1)):
        for i, term in row.items():
            if not isinstance(term.coefficient, float):
                found[i] = found.get(i, 0) + sign * term.coefficient
    return tuple(sorted((i, c) for i, c in found.items() if c))


def _curvature(tied: Sequence[Scalar], below: int) -> str:
    """Return the curvature: a largest of convex ones is convex, a smallest of concave ones concave.

    Where all are equal near the inputs, as copies are, nothing is lost by calling it neither.
    """
    kinds = {option.curvature for option in tied}
    if below == len(tied) - 1 and kinds <= {AFFINE, CONVEX}:
        return CONVEX
    if below == 0 and kinds <= {AFFINE, CONCAVE}:
        return CONCAVE
    return NEITHER


def pieces(
    x: Scalar, cuts: Sequence[Number], parts: Sequence[Piece], *, at: Sequence[int]
) -> Scalar:
    """Return a function of one scalar that has another expression between each two thresholds.

    Where two parts disagree at their threshold it jumps there.

    Args:
        x: The argument.
        cuts: The thresholds, ascending.
        parts: One more than there are thresholds, from left to right.
        at: For each threshold the number of the part that gives the value there.
    """
    if is_nan(x.value):
        return replace(x, value=NAN, roundings=0)
    for k, cut in enumerate(cuts):
        if x.value < cut:
            return scalar(parts[k](x))
        if x.value == cut:
            return _meeting(x, cut, scalar(parts[k](x)), scalar(parts[k + 1](x)), at[k] - k)
    return scalar(parts[-1](x))


def _meeting(x: Scalar, cut: Number, left: Scalar, right: Scalar, side: int) -> Scalar:
    """Return what two expressions make where the argument is at the threshold between them."""
    value = (left, right)[side].value
    branches = (
        *_side(x, left, 0, cut, sign=-1),
        *_side(x, right, 1, cut, sign=1),
    )
    return Scalar(
        value=value,
        branches=branches,
        key=("pieces", cut, x.key, left.key, right.key),
        affine=left.affine and right.affine and x.affine,
        curvature=_bend(x, left, right),
        magnitude=max(left.magnitude, right.magnitude),
        roundings=max(left.roundings, right.roundings),
        zeros=left.zeros | right.zeros,
        jump=left.value != right.value,
    ).tidied()


def _bend(x: Scalar, left: Scalar, right: Scalar) -> str:
    """Return whether two affine parts that meet bend upwards or downwards along the argument."""
    if not (left.affine and right.affine and x.affine) or left.value != right.value:
        return NEITHER
    step, along = (
        difference(a.branches[0].row, b) for a, b in ((right, left.branches[0].row), (x, {}))
    )
    if not step:
        return AFFINE
    ratios = {Fraction(dict(step).get(i, 0)) / c for i, c in along}
    if len(ratios) > 1 or len(step) > len(along):
        return NEITHER
    return CONVEX if ratios.pop() > 0 else CONCAVE


def _side(x: Scalar, part: Scalar, number: int, cut: Number, *, sign: int) -> Iterator[Branch]:
    """Yield the branches on one side of a threshold: the argument falls below it, or rises."""
    kink = ("cut", cut, x.key)
    for inner, choices in all_branches((x, part)):
        moved, of_part = inner
        form = difference(moved.row, {})
        ahead = (
            (
                Ahead(
                    tuple((i, sign * c) for i, c in form),
                    affine=x.affine,
                    pair=(x.key, cut) if sign > 0 else (cut, x.key),
                ),
            )
            if form
            else ()
        )
        conditions = moved.conditions | of_part.conditions | frozenset(ahead)
        yield Branch(of_part.row, conditions, (*choices, (kink, number)))

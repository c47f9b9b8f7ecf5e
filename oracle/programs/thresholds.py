"""Functions of one scalar that have another expression between each two thresholds."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from oracle.programs.branches import NOTHING, Branch, all_branches, difference
from oracle.programs.conditions import Ahead, Number
from oracle.programs.curvature import AFFINE, CONCAVE, CONVEX, NEITHER, of_sum
from oracle.programs.extended import NAN, is_nan, larger
from oracle.programs.parameters import exact
from oracle.programs.scalar import Scalar, scalar

Piece: TypeAlias = Callable[[Scalar], Scalar | Number]


def pieces(
    x: Scalar, cuts: Sequence[Number], parts: Sequence[Piece], *, at: Sequence[int]
) -> Scalar:
    """Return a function of one scalar that has another expression between each two thresholds.

    Where two parts disagree at their threshold it jumps there.

    Args:
        x: The argument.
        cuts: The thresholds, ascending and distinct.
        parts: One more than there are thresholds, from left to right.
        at: For each threshold the number of the part that gives the value there.
    """
    if is_nan(x.value):
        return reaching(replace(x, value=NAN, roundings=0), *(scalar(part(x)) for part in parts))
    for k, cut in enumerate(cuts):
        if x.value < cut:
            return scalar(parts[k](x))
        if x.value == cut:
            return _meeting(x, cut, scalar(parts[k](x)), scalar(parts[k + 1](x)), at[k] - k)
    return scalar(parts[-1](x))


@functools.lru_cache(maxsize=256)
def stored(text: str) -> Scalar:
    """Return a checked parameter that is a value itself, with the sign of its zero."""
    return Scalar.constant(exact(text), zeros=frozenset((text.startswith("-"),)))


def reaching(y: Scalar, *arguments: Scalar) -> Scalar:
    """Return `y` as the value of a function that depends on these arguments, too."""
    touched = {i: NOTHING for x in arguments for branch in x.branches for i in branch.row}
    rows = tuple(branch._replace(row={**touched, **branch.row}) for branch in y.branches)
    return replace(y, branches=rows)


def jumping(y: Scalar, *arguments: Scalar) -> Scalar:
    """Return `y` as the value of a function that jumps here in these arguments."""
    return replace(reaching(y, *arguments), jump=True)


def of_numbers(y: Scalar, *arguments: Scalar) -> Scalar:
    """Return an output of some arguments; a NaN may have come of any of them."""
    return reaching(y, *arguments) if is_nan(y.value) else y


def _meeting(x: Scalar, cut: Number, left: Scalar, right: Scalar, side: int) -> Scalar:
    """Return what two expressions make where the argument is at the threshold between them."""
    chosen = (left, right)[side]
    return Scalar(
        value=chosen.value,
        branches=(*_side(x, left, 0, cut, sign=-1), *_side(x, right, 1, cut, sign=1)),
        key=("pieces", cut, x.key, left.key, right.key),
        affine=left.affine and right.affine and x.affine,
        curvature=_bend(x, left, right),
        magnitude=larger(left.magnitude, right.magnitude),
        reach=larger(left.reach, right.reach),
        roundings=max(left.roundings, right.roundings),
        zeros=left.zeros | right.zeros if left.value == right.value else chosen.zeros,
        jump=left.value != right.value or left.jump or right.jump or x.jump,
    ).tidied()


def _bend(x: Scalar, left: Scalar, right: Scalar) -> str:
    """Return whether two parts that meet bend upwards or downwards along an affine argument.

    Their difference vanishes where the argument is at the threshold, so that its gradient is a
    multiple of the argument's: positive if the slope grows there.
    """
    whole = all(len(part.branches) == 1 for part in (x, left, right))
    if x.curvature != AFFINE or left.value != right.value or not whole:
        return NEITHER
    step = dict(difference(right.branches[0].row, left.branches[0].row))
    along = dict(difference(x.branches[0].row, {}))
    ratios = {Fraction(step.get(i, 0)) / c for i, c in along.items()}
    if len(ratios) > 1 or not step.keys() <= along.keys():
        return NEITHER
    growth = ratios.pop() if ratios else Fraction(0)
    at_cut = AFFINE if not growth else CONVEX if growth > 0 else CONCAVE
    return of_sum(at_cut, of_sum(left.curvature, right.curvature))


def _side(x: Scalar, part: Scalar, number: int, cut: Number, *, sign: int) -> Iterator[Branch]:
    """Yield the branches on one side of a threshold: the argument falls below it, or rises."""
    kink = ("cut", cut, x.key)
    limit = scalar(cut).key
    for (moved, inside), choices in all_branches((x, part)):
        form = difference(moved.row, {})
        conditions = moved.conditions | inside.conditions
        if form:
            ahead = Ahead(
                tuple((i, sign * c) for i, c in form),
                decides=x.affine or len(moved.row) == 1,
                pair=(x.key, limit) if sign > 0 else (limit, x.key),
            )
            conditions |= {ahead}
        yield Branch(inside.row, conditions, (*choices, (kink, number)))

"""Where expressions meet: the largest, the smallest, the k-th of several."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence

from oracle.programs import curvature
from oracle.programs.branches import (
    UNIT,
    Branch,
    Choices,
    Row,
    all_branches,
    difference,
)
from oracle.programs.conditions import Ahead, Condition, Number, Ranked
from oracle.programs.extended import is_nan, larger
from oracle.programs.scalar import Scalar, scalar


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
        order: `ascending` or `descending` where results of several ranks stand beside each other:
            there the rule first-index gives equal options their places in turn.
    """
    listed = [scalar(option) for option in options]
    nans = [option for option in listed if option.value != option.value]
    if nans and nan == "first":
        return _chosen(nans, 0, "")
    ranked = sorted(option.value for option in listed if not nans or not is_nan(option.value))
    if k >= len(ranked):
        return _chosen(nans, k - len(ranked), order)
    value = ranked[k]
    tied = [option for option in listed if option.value == value]
    return _chosen(tied, k - ranked.index(value), order)


def _chosen(tied: Sequence[Scalar], below: int, order: str) -> Scalar:
    """Return one of several equal expressions: the one that is greater than `below` of them."""
    if len(tied) == 1:
        return tied[0]
    inputs = tuple(option.key for option in tied if isinstance(option.key, int))
    if len(set(inputs)) == len(tied):
        return _of_inputs(tied, inputs, below, order)
    return Scalar(
        value=tied[0].value,
        branches=tuple(_branches(tied, below)),
        key=("kth", below, *(option.key for option in tied)),
        affine=all(option.affine for option in tied),
        curvature=_curvature(tied, below),
        magnitude=functools.reduce(larger, (option.magnitude for option in tied)),
        reach=functools.reduce(larger, (option.reach for option in tied)),
        roundings=max(option.roundings for option in tied),
        zeros=_zeros(tied),
        jump=any(option.jump for option in tied),
    ).tidied()


def _of_inputs(tied: Sequence[Scalar], inputs: tuple[int, ...], below: int, order: str) -> Scalar:
    """Return one of several equal inputs."""
    return Scalar(
        value=tied[0].value,
        branches=_input_branches(inputs, below),
        key=("kth", below, *inputs),
        curvature=_curvature(tied, below),
        magnitude=tied[0].magnitude,
        reach=tied[0].reach,
        zeros=_zeros(tied),
        ends=_ends(len(tied), below, order),
    )


def _curvature(tied: Sequence[Scalar], below: int) -> str:
    return curvature.of_rank(
        (option.curvature for option in tied),
        largest=below == len(tied) - 1,
        smallest=below == 0,
    )


def _zeros(tied: Sequence[Scalar]) -> frozenset[bool]:
    return frozenset().union(*(option.zeros for option in tied))


def _ends(count: int, below: int, order: str) -> tuple[int, int]:
    """Return which of equal inputs the rules first-index and last-index choose."""
    if not order:
        return (0, count - 1)
    place = below if order == "ascending" else count - 1 - below
    return (place, count - 1 - place)


@functools.lru_cache(maxsize=1 << 14)
def _input_branches(tied: tuple[int, ...], below: int) -> tuple[Branch, ...]:
    """Return a branch for each of several equal inputs."""
    kink = ("kth", below, *tied)
    return tuple(
        Branch({i: UNIT}, frozenset((Ranked(tied, i, below),)), ((kink, place),))
        for place, i in enumerate(tied)
    )


def _branches(tied: Sequence[Scalar], below: int) -> Iterator[Branch]:
    """Yield a branch for each choice, each set of `below` others, and each inner selection."""
    kink = ("kth", below, *(option.key for option in tied))
    selections = list(all_branches(tied))
    places = range(len(tied))
    for chosen in places:
        others = [place for place in places if place != chosen]
        for inner, choices in selections:
            within = frozenset[Condition]().union(*(branch.conditions for branch in inner))
            for lower in itertools.combinations(others, below):
                ahead = _ahead(tied, [branch.row for branch in inner], chosen, lower)
                yield Branch(inner[chosen].row, within.union(ahead), _with(choices, kink, chosen))


def _with(choices: Choices, kink: object, chosen: int) -> Choices:
    return (*choices, (kink, chosen))


def _ahead(
    tied: Sequence[Scalar], rows: Sequence[Row], chosen: int, lower: Sequence[int]
) -> Iterator[Ahead]:
    """Yield the conditions of growing faster than `lower`, and more slowly than the others.

    Expressions with one gradient put none.
    """
    for place in range(len(tied)):
        more, less = (chosen, place) if place in lower else (place, chosen)
        form = difference(rows[more], rows[less])
        if form:
            inputs = rows[more].keys() | rows[less].keys()
            yield Ahead(
                form,
                decides=(tied[more].affine and tied[less].affine) or len(inputs) == 1,
                pair=(tied[more].key, tied[less].key),
            )

"""What each function of an operation does near the stored inputs, by itself.

Kinks lie where inputs are equal to each other or to a constant. So the numbers that a function
reads are moved apart, group by group of equal ones, and its derivatives taken where none are equal.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from oracle.limits.outputs import Function, Summand
from oracle.limits.quotients import Scale, jumps, limit

Row: TypeAlias = tuple[tuple[int, Fraction], ...]
"""Inputs, in the order in which they are read, with their partial derivatives."""

_ALL_ORDERS = 3  # a group of as many takes all its orders: 4! with the place where it stood


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """A summand near the stored inputs.

    Attributes:
        output: The number of its output.
        summand: The summand.
        jumps: Whether it is discontinuous there; then nothing else is said.
        varying: The inputs whose derivative is not the same everywhere near, in the order in which
            they are read.
        rows: Distinct limits of the gradient over these, each comparison with a constant decided by
            itself.
        fixed: The other derivatives that are not 0.
        turn: How many outputs before it take equal inputs in turn with it.
    """

    output: int
    summand: Summand
    jumps: bool
    varying: tuple[int, ...] = ()
    rows: tuple[Row, ...] = ()
    fixed: Row = ()
    turn: int = 0

    @property
    def selects(self) -> bool:
        """Whether it is an output that follows one of the varying inputs, with derivative 1."""
        return self.summand.weight == 1 and all(
            [c for _, c in row if c] == [1] for row in self.rows
        )


def nearby(output: int, summand: Summand, inputs: Sequence[Fraction], scale: Scale) -> Nearby:
    """Return what a summand that reads something does near the inputs."""
    at = arguments(summand, inputs)
    wanted = range(len(summand.reads))
    if _jumps(summand.function, at, len(wanted), scale):
        return Nearby(output=output, summand=summand, jumps=True)
    loose = _loose(summand.function, at, len(wanted), scale)
    moves = [[m * (k in loose) for k, m in enumerate(moves)] for moves in _apart(at)]
    limits = [limit(summand.function, at, m, wanted, scale) for m in moves]
    varying = [k for k in wanted if len({derivatives[k] for derivatives in limits}) > 1]
    rows = [_row(summand, varying, derivatives) for derivatives in limits]
    fixed = [k for k in wanted if k not in varying and limits[0][k]]
    return Nearby(
        output=output,
        summand=summand,
        jumps=False,
        varying=tuple(summand.reads[k] for k in varying),
        rows=tuple(dict.fromkeys(rows)) if varying else (),
        fixed=_row(summand, fixed, limits[0]),
    )


def arguments(summand: Summand, inputs: Sequence[Fraction]) -> list[Fraction]:
    """Return what the summand's function is called with."""
    return [*(inputs[i] for i in summand.reads), *summand.constants]


def _jumps(function: Function, at: Sequence[Fraction], count: int, scale: Scale) -> bool:
    """Return whether a function jumps there, or as near as one likes, be it by little.

    It is a function of the first `count` numbers; the others are constants.
    """
    variables, constants = at[:count], at[count:]

    def alone(row: Sequence[Fraction]) -> Fraction:
        return Fraction(function([*row, *constants]))

    if any(jumps(alone, variables, moves, scale) for moves in _apart(variables)):
        return True
    for moves, place in _meetings(variables):
        near = [x + scale.step * m for x, m in zip(variables, moves, strict=True)]
        if any(jumps(alone, near, moves, scale.finer) for moves in _single(place, count)):
            return True
    return False


def _loose(function: Function, at: Sequence[Fraction], count: int, scale: Scale) -> set[int]:
    """Return the places that can be moved: all variables, and constants at which nothing jumps."""
    return {
        place
        for place in range(len(at))
        if place < count
        or not any(jumps(function, at, moves, scale) for moves in _single(place, len(at)))
    }


def _single(place: int, count: int) -> Iterator[list[int]]:
    """Yield moves of one number, up and down."""
    for side in (1, -1):
        yield [side * (k == place) for k in range(count)]


def _row(summand: Summand, places: Sequence[int], derivatives: Sequence[Fraction]) -> Row:
    return tuple((summand.reads[k], derivatives[k]) for k in places)


def _groups(at: Sequence[Fraction]) -> list[list[int]]:
    """Return the places of equal numbers."""
    places: dict[Fraction, list[int]] = {}
    for place, x in enumerate(at):
        places.setdefault(x, []).append(place)
    return list(places.values())


def _apart(at: Sequence[Fraction]) -> Iterator[list[int]]:
    """Yield moves that leave no two numbers equal, nor any where it stood, in many orders.

    Small groups of equal numbers take all their orders, where they stood (None) being one place
    among them. In a larger group each takes each rank, also among any part of the group: all
    rotations of two opposite orders do that, and the k-th of several asks for no more.
    """
    orders = [_orders((None, *group)) for group in _groups(at)]
    for turn in range(max(map(len, orders), default=0)):
        moves = [0] * len(at)
        for choices in orders:
            order = choices[turn % len(choices)]
            for rank, place in enumerate(order, start=-order.index(None)):
                if place is not None:
                    moves[place] = rank
        yield moves


def _orders(members: tuple[int | None, ...]) -> list[tuple[int | None, ...]]:
    if len(members) <= _ALL_ORDERS + 1:
        return list(itertools.permutations(members))
    turns = range(len(members))
    return [way[k:] + way[:k] for way in (members, members[::-1]) for k in turns]


def _meetings(at: Sequence[Fraction]) -> Iterator[tuple[list[int], int]]:
    """Yield moves that part equal numbers but for one, and the place of that.

    It is where another one is then, or where it stood.
    """
    for side in (1, -1):
        moves = [0] * len(at)
        for group in _groups(at):
            for rank, place in enumerate(group, start=1):
                moves[place] = side * rank
        for group in _groups(at):
            for place in group:
                for move in {0, *(moves[other] for other in group)} - {moves[place]}:
                    yield [*moves[:place], move, *moves[place + 1 :]], place

"""Summands that share inputs at kinks, and all limits of their gradients together.

Along every total order of these inputs, the place where they stood among them if one is compared
with a constant, the limits of the gradients of all functions are taken at once.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from oracle.limits.nearby import Nearby, Row, arguments, nearby
from oracle.limits.quotients import LimitsError, Scale, limit, scale_of
from oracle.limits.values import Operation, outputs

_MOST_TIED = 5  # 6! = 720 total orders of a component's inputs and the place where they stood


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An operation at finite inputs.

    Attributes:
        operation: The operation.
        inputs: The entries of all operands, real numbers.
        constants: The numbers of those that are no variables.
    """

    operation: Operation
    inputs: tuple[Fraction, ...]
    constants: frozenset[int] = frozenset()

    @property
    def scale(self) -> Scale:
        """Of the inputs and the parameters."""
        return scale_of([*self.inputs, *self.operation.numbers])


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Summands connected by inputs whose derivatives vary, in one or more steps.

    Attributes:
        members: The summands.
        inputs: The varying inputs of each, ascending.
        limits: For each total order of the inputs: each member's derivatives in its varying inputs.
    """

    members: tuple[Nearby, ...]
    inputs: tuple[int, ...]
    limits: tuple[tuple[Row, ...], ...]

    def own_rows(self, place: int) -> list[Row]:
        """Return the limits of one member without the others, each comparison by itself."""
        along = [rows[place] for rows in self.limits]
        return list(dict.fromkeys((*along, *self.members[place].rows)))


@lru_cache(256)
def summands(site: Site) -> tuple[Nearby, ...]:
    """Return what all summands do near the inputs; those that read no variable are left out."""
    scale = site.scale
    held = {i: site.inputs[i] for i in site.constants}
    found = [
        nearby(number, variable, site.inputs, scale)
        for number, output in enumerate(outputs(site.operation))
        for variable in (summand.holding(held) for summand in output)
        if variable.reads
    ]
    turns: Counter[tuple[int, ...]] = Counter()
    for place, near in enumerate(found):
        if near.summand.in_turn:
            found[place] = replace(near, turn=turns[near.varying])
            turns[near.varying] += 1
    return tuple(found)


@lru_cache(256)
def components(site: Site, live: frozenset[int]) -> tuple[Component, ...]:
    """Return the components of the outputs in `live`, with their limits over all total orders.

    Raises:
        LimitsError: A component has more than five inputs.
    """
    varying = [near for near in summands(site) if near.output in live and near.varying]
    return tuple(_component(site, members) for members in _connected(varying))


def _connected(summands: Sequence[Nearby]) -> Iterator[list[Nearby]]:
    """Yield the summands of each component, by walking from them to inputs and back."""
    readers: dict[int, list[int]] = {}
    for number, near in enumerate(summands):
        for i in near.varying:
            readers.setdefault(i, []).append(number)
    left = dict.fromkeys(range(len(summands)))
    while left:
        waiting = [next(iter(left))]
        found: set[int] = set()
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += [near for i in summands[number].varying for near in readers[i]]
        for number in found:
            del left[number]
        yield [summands[number] for number in sorted(found)]


def _component(site: Site, members: Sequence[Nearby]) -> Component:
    inputs = sorted({i for near in members for i in near.varying})
    if len(inputs) > _MOST_TIED:
        msg = (
            f"{len(inputs)} tied inputs are connected (input {inputs[0]} and others), expected at "
            f"most {_MOST_TIED} as all their total orders are tried; judge without --by limits"
        )
        raise LimitsError(msg)
    anchored = any(near.summand.anchored for near in members)
    along = list(_all_moves(inputs, anchored=anchored))
    followed = [_followed(site, near, along) for near in members]
    return Component(
        members=tuple(members),
        inputs=tuple(inputs),
        limits=tuple(zip(*followed, strict=True)),
    )


def _all_moves(inputs: Sequence[int], *, anchored: bool) -> Iterator[dict[int, int]]:
    """Yield how far each input moves along each order, which leaves none where another is."""
    still: tuple[int | None, ...] = (None,) if anchored else ()
    for order in itertools.permutations((*inputs, *still)):
        origin = order.index(None) if anchored else -1
        yield {i: rank - origin for rank, i in enumerate(order) if i is not None}


def _followed(site: Site, near: Nearby, along: Iterable[Mapping[int, int]]) -> list[Row]:
    """Return the limits of a summand's derivatives in its varying inputs, for each of the moves.

    Only the order of what it reads matters to it, so each order is looked at once.
    """
    summand, at = near.summand, arguments(near.summand, site.inputs)
    wanted = [summand.reads.index(i) for i in near.varying]
    still = [0] * len(summand.constants)
    seen: dict[tuple[int, ...], Row] = {}
    rows = []
    for moves in along:
        own = _ranks([moves.get(i, 0) for i in summand.reads])
        if own not in seen:
            slopes = limit(summand.function, at, [*own, *still], wanted, site.scale)
            seen[own] = tuple(zip(near.varying, slopes, strict=True))
        rows.append(seen[own])
    return rows


def _ranks(moves: Sequence[int]) -> tuple[int, ...]:
    """Return moves in the same order, as small as can be; 0 stays 0."""
    ranks = sorted({0, *moves})
    return tuple(ranks.index(move) - ranks.index(0) for move in moves)

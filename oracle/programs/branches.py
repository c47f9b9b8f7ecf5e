"""The pieces that meet at a scalar: their gradients, when each counts, and how they combine."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from oracle.programs.conditions import Condition, Form, Number
from oracle.programs.errors import ProgramError
from oracle.programs.extended import Extended, add, larger, multiply

MOST_BRANCHES = 4096
"""Pieces that are told apart in one expression, at most."""
Choices: TypeAlias = tuple[tuple[object, int], ...]
"""For each kink on the way, named by its structure, the option that was chosen."""


class Term(NamedTuple):
    """A partial derivative.

    Attributes:
        coefficient: Its value, exact.
        magnitude: The same expression with every number and every difference made positive: what
            relative errors on the way are relative to.
        roundings: How many roundings come between the cotangent and its product with the
            coefficient; 0 for coefficients 1 and -1, which cost none.
        reach: The same expression as `magnitude` with every factor below 1 made 1: the most that
            what a product loses by underflow is multiplied by, in whatever order it is formed.
    """

    coefficient: Extended
    magnitude: Extended
    roundings: int
    reach: Extended


UNIT = Term(1, 1, 0, 1)
NOTHING = Term(0, 0, 0, 0)
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


class Branched(Protocol):
    """What has branches, of which the rules first-index and last-index take one each."""

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The pieces that are active here."""

    @property
    def ends(self) -> tuple[int, int]:
        """The places of the branches that the two rules take."""


def row_key(row: Row) -> RowKey:
    """Return what makes a gradient: its inputs with their coefficients other than 0."""
    return tuple(sorted((i, term.coefficient) for i, term in row.items() if term.coefficient))


def difference(left: Row, right: Row) -> Form:
    """Return the difference of two gradients; what is not finite in them puts no condition."""
    found: dict[int, Number] = {}
    for row, sign in ((left, 1), (right, -1)):
        for i, term in row.items():
            if not isinstance(term.coefficient, float):
                found[i] = found.get(i, 0) + sign * term.coefficient
    return tuple(sorted((i, c) for i, c in found.items() if c))


def merged(chosen: Iterable[Choices]) -> Choices | None:
    """Return the choices together; None if they contradict each other."""
    found: dict[object, int] = {}
    for kink, option in itertools.chain.from_iterable(chosen):
        if found.setdefault(kink, option) != option:
            return None
    return tuple(found.items())


def paired(
    left: Branched, right: Branched, combine: Callable[[Row, Row], Row]
) -> tuple[tuple[Branch, ...], tuple[int, int]]:
    """Return the branches of an expression of two, one for each pair that goes together; the ends.

    The branch of a rule is that of both its branches; where these contradict each other, which
    takes one kink that is met twice, it is the first, or the last.
    """
    pairs = list(all_branches((left, right)))
    branches = tuple(
        Branch(combine(a.row, b.row), a.conditions | b.conditions, choices)
        for (a, b), choices in pairs
    )
    if len(branches) == 1:
        return branches, (0, -1)
    made = [pair for pair, _ in pairs]
    wanted = [(left.branches[left.ends[k]], right.branches[right.ends[k]]) for k in (0, 1)]
    first, last = (
        made.index(pair) if pair in made else default
        for pair, default in zip(wanted, (0, -1), strict=True)
    )
    return branches, (first, last)


def all_branches(options: Sequence[Branched]) -> Iterator[tuple[tuple[Branch, ...], Choices]]:
    """Yield a branch of each option, and their choices together, where these go together."""
    if math.prod(len(option.branches) for option in options) > MOST_BRANCHES:
        msg = f"over {MOST_BRANCHES} pieces meet in one output, too many to tell apart"
        raise ProgramError(msg)
    for inner in itertools.product(*(option.branches for option in options)):
        choices = merged(branch.choices for branch in inner)
        if choices is not None:
            yield inner, choices


def added(left: Row, right: Row) -> Row:
    """Return the sum of two gradients."""
    if not (left and right):
        return left or right
    row = dict(left)
    for i, term in right.items():
        row[i] = _sum(row[i], term) if i in row else term
    return row


def _sum(x: Term, y: Term) -> Term:
    return Term(
        add(x.coefficient, y.coefficient),
        add(x.magnitude, y.magnitude),
        max(x.roundings, y.roundings) + 1,
        add(x.reach, y.reach),
    )


def scaled(row: Row, by: Term) -> Row:
    """Return a gradient times a number, which is given with its own magnitude and roundings."""
    return {
        i: Term(
            multiply(term.coefficient, by.coefficient),
            multiply(term.magnitude, by.magnitude),
            term.roundings + by.roundings + 1,
            multiply(term.reach, by.reach),
        )
        for i, term in row.items()
    }


def negative(row: Row) -> Row:
    """Return the negative of a gradient, which costs no rounding."""
    return {i: term._replace(coefficient=-term.coefficient) for i, term in row.items()}


def tidied(branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
    """Return one branch for each gradient and each reason to choose it.

    Branches that are alike are one, with the largest allowance that one has; where all have one
    gradient nothing is chosen at all.
    """
    if len(branches) == 1:
        return branches
    alike: dict[tuple[RowKey, frozenset[Condition]], list[Branch]] = {}
    for branch in branches:
        alike.setdefault((row_key(branch.row), branch.conditions), []).append(branch)
    if len({row for row, _ in alike}) == 1:
        return (Branch(_widest(branches)),)
    return tuple(
        group[0] if len(group) == 1 else group[0]._replace(row=_widest(group))
        for group in alike.values()
    )


def place_of(branch: Branch, kept: Sequence[Branch]) -> int:
    """Return where a branch has gone among those that were kept."""
    if len(kept) == 1:
        return 0
    keys = [(row_key(other.row), other.conditions) for other in kept]
    return keys.index((row_key(branch.row), branch.conditions))


def _widest(branches: Sequence[Branch]) -> Row:
    row = dict(branches[0].row)
    for branch in branches[1:]:
        for i, term in branch.row.items():
            before = row.get(i, term)
            row[i] = Term(
                term.coefficient,
                larger(before.magnitude, term.magnitude),
                max(before.roundings, term.roundings),
                larger(before.reach, term.reach),
            )
    return row

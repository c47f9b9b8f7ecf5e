"""Random programs of affine pieces: their realizable selections are the gradients nearby."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import pytest

from oracle.check.realizing import Realizing
from oracle.programs import Branch, Scalar
from oracle.programs.branches import RowKey, row_key
from oracle.programs.extended import Extended
from oracle.programs.kinks import kth, maximum, minimum
from oracle.programs.thresholds import pieces

VARIABLES = 3
SMALL = Fraction(1, 10**6)

Expression = Callable[[Sequence[Scalar]], Scalar]
Gradients = tuple[RowKey, ...]
"""Of each output."""


def leaf(rng: random.Random) -> Expression:
    coefficients = rng.choices((-2, -1, 0, 0, 1, 1, 2), k=VARIABLES)

    def expression(x: Sequence[Scalar]) -> Scalar:
        total = Scalar.constant(0)
        for c, one in zip(coefficients, x, strict=True):
            total = total + one * c
        return total

    i = rng.randrange(VARIABLES)
    return rng.choice((expression, lambda x: x[i]))


def tree(rng: random.Random, depth: int) -> Expression:
    """Return an expression that is 0 at 0, with every kink there."""
    if not depth:
        return leaf(rng)
    parts = [tree(rng, depth - 1) for _ in range(rng.choice((2, 2, 3)))]
    kind = rng.randrange(6)
    rank = rng.randrange(len(parts))
    left, right = rng.choices((0, 1, 2, Fraction(1, 2)), k=2)

    def expression(x: Sequence[Scalar]) -> Scalar:
        made = [part(x) for part in parts]
        if kind == 0:
            return maximum(*made)
        if kind == 1:
            return minimum(*made)
        if kind == 2:
            return kth(made, rank)
        if kind == 3:
            return made[0] - made[1]
        if kind == 4:
            return abs(made[0]) + made[1]
        return pieces(made[0], [0], [lambda t: t * left, lambda t: t * right], at=[0])

    return expression


def at(outputs: Sequence[Expression], x: Sequence[Extended]) -> list[Scalar]:
    entries = [Scalar.variable(i, value, negative_zero=False) for i, value in enumerate(x)]
    return [output(entries).tidied() for output in outputs]


def rows(branches: Sequence[Branch]) -> Gradients:
    return tuple(row_key(branch.row) for branch in branches)


def realizable(made: Sequence[Scalar]) -> dict[Gradients, Mapping[int, Fraction]]:
    """Return the gradients of the realizable selections, each with a direction."""
    realizing, found = Realizing(10_000), {}
    options = [[branch.conditions for branch in y.branches] for y in made]
    listed = realizing.selections(options)
    assert listed is not None
    assert not listed[1], "affine pieces leave nothing possible"
    for chosen in listed[0]:
        branches = [y.branches[k] for y, k in zip(made, chosen, strict=True)]
        moves = realizing.direction(frozenset().union(*(b.conditions for b in branches)))
        assert moves is not None
        found[rows(branches)] = moves
    return found


def few_branches(made: Sequence[Scalar]) -> bool:
    total = 1
    for y in made:
        total *= len(y.branches)
    return 1 < total <= 600


@pytest.mark.parametrize("seed", range(6))
def test_gradients_nearby_are_the_realizable_selections(seed: int) -> None:
    """Each point nearby has the gradient of one, and along its direction each has its own."""
    rng, compared, impossible = random.Random(seed), 0, 0
    while compared < 25:
        outputs = [tree(rng, rng.choice((1, 2))) for _ in range(rng.choice((1, 2)))]
        made = at(outputs, [0] * VARIABLES)
        if not few_branches(made):
            continue
        found = realizable(made)
        for _ in range(60):
            x = [SMALL * rng.randrange(-(10**6), 10**6) for _ in range(VARIABLES)]
            near = at(outputs, x)
            if all(len(y.branches) == 1 for y in near):
                assert rows([y.branches[0] for y in near]) in found
        for gradients, moves in found.items():
            nudge = [rng.randrange(-99, 99) * SMALL**3 for _ in range(VARIABLES)]
            x = [SMALL * moves.get(i, 0) + nudge[i] for i in range(VARIABLES)]
            near = at(outputs, x)
            if all(len(y.branches) == 1 for y in near):
                assert rows([y.branches[0] for y in near]) == gradients
        everything = {rows(chosen) for chosen in itertools.product(*(y.branches for y in made))}
        impossible += len(everything - found.keys())
        compared += 1
    assert impossible > 5


def test_a_condition_left_out_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without their conditions all selections would pass for realizable."""
    monkeypatch.setattr(Realizing, "is_realizable", lambda *_: True)
    monkeypatch.setattr(Realizing, "direction", lambda *_: {})
    with pytest.raises(AssertionError):
        test_gradients_nearby_are_the_realizable_selections(0)

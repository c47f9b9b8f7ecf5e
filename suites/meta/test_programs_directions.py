"""Directions that meet strict conditions: against z3, both ways, and beyond the budget."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest
import z3

from oracle.check import directions
from oracle.check.directions import direction
from oracle.check.elimination import BudgetError
from oracle.check.realizing import Realizing, is_possible
from oracle.programs import Ahead, Condition, Ranked

INPUTS = 5


def ahead(**moves: int) -> Ahead:
    """Return `sum c d > 0`; `ahead(x0=1, x2=-1)` says that input 0 moves more than input 2."""
    form = tuple(sorted((int(name[1:]), c) for name, c in moves.items()))
    return Ahead(form, decides=True, pair=(form, "less"))


def random_ahead(rng: random.Random, size: int) -> Ahead:
    inputs = rng.sample(range(INPUTS), size)
    return ahead(**{f"x{i}": rng.choice((-2, -1, 1, 2)) for i in inputs})


def random_edge(rng: random.Random) -> Ahead:
    first, second = rng.sample(range(INPUTS), 2)
    lone = rng.random() < 0.3
    return ahead(
        **{f"x{first}": rng.choice((-1, 1))} if lone else {f"x{first}": 1, f"x{second}": -1}
    )


def random_rank(rng: random.Random) -> Ranked:
    tied = tuple(rng.sample(range(INPUTS), rng.randint(2, 4)))
    return Ranked(tied, rng.choice(tied), rng.randrange(len(tied)))


def solvable(conditions: Sequence[Condition]) -> bool:
    """Return what z3 says."""
    d = [z3.Real(f"d{i}") for i in range(INPUTS)]
    solver = z3.Solver()
    for one in conditions:
        if isinstance(one, Ahead):
            solver.add(z3.Sum([c * d[i] for i, c in one.form]) > 0)
            continue
        others = [i for i in one.tied if i != one.chosen]
        solver.add(*(d[i] != d[one.chosen] for i in others))
        lower = z3.Sum([z3.If(d[i] < d[one.chosen], 1, 0) for i in others])
        solver.add(lower == one.below)
    return bool(solver.check() == z3.sat)


KINDS = {
    "edges": random_edge,
    "forms": lambda rng: random_ahead(rng, rng.randint(1, 4)),
    "ranks": random_rank,
    "all": lambda rng: rng.choice((random_edge, random_rank, lambda other: random_ahead(other, 3)))(
        rng
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_direction_is_found_if_and_only_if_there_is_one(kind: str) -> None:
    rng, found = random.Random(kind), {True: 0, False: 0}
    for _ in range(400):
        conditions = [KINDS[kind](rng) for _ in range(rng.randint(1, 7))]
        moves = direction(conditions)
        assert (moves is not None) is solvable(conditions), conditions
        if moves is not None:
            assert all(condition.holds(moves) for condition in conditions)
        found[moves is not None] += 1
    assert min(found.values()) > 40


def test_ranks_of_one_set_make_one_order() -> None:
    """All ranks of six equal inputs: a permutation, or nothing."""
    tied = tuple(range(6))
    for chosen in itertools.permutations(tied):
        moves = direction([Ranked(tied, i, below) for below, i in enumerate(chosen)])
        assert moves is not None
        assert sorted(tied, key=moves.__getitem__) == list(chosen)
    assert direction([Ranked(tied, 0, 1), Ranked(tied, 0, 2)]) is None
    assert direction([Ranked(tied, 0, 1), Ranked(tied, 1, 1)]) is None


def test_a_cycle_has_no_direction() -> None:
    cycle = [ahead(x0=1, x1=-1), ahead(x1=1, x2=-1), ahead(x2=1, x0=-1)]
    assert direction(cycle[:2]) is not None
    assert direction(cycle) is None
    assert direction([ahead(x0=1), ahead(x0=-1)]) is None
    assert direction([]) == {}


def test_elimination_has_a_budget() -> None:
    """Without one, twelve variables in sixty dense rows would not end."""
    rng = random.Random(5)
    rows = [
        Ahead(
            tuple((i, rng.choice((-3, -2, -1, 1, 2, 3))) for i in range(12)),
            decides=True,
            pair=(k, None),
        )
        for k in range(60)
    ]
    with pytest.raises(BudgetError):
        direction(rows)


def test_ranks_between_others_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Overlapping sets are tried one way after the other: here six for each of the four."""
    ranks = [Ranked((k, k + 1, k + 2, k + 3, k + 4), k + 2, 2) for k in range(4)]
    assert direction(ranks) is not None
    monkeypatch.setattr(directions, "MOST_WAYS", 6**4 - 1)
    with pytest.raises(BudgetError):
        direction(ranks)


def test_a_rank_among_many_is_no_question() -> None:
    """There are 10^11 ways to have 20 of 40 others below; any of them will do."""
    tied = tuple(range(41))
    moves = direction([Ranked(tied, 7, 20)])
    assert moves is not None
    assert Ranked(tied, 7, 20).holds(moves)
    with pytest.raises(BudgetError):
        direction([Ranked(tied, 7, 20), ahead(x0=1, x1=-1)])


def test_listing_selections_has_a_budget() -> None:
    options = [
        [frozenset((Ranked((2 * k, 2 * k + 1), 2 * k + place, 1),)) for place in (0, 1)]
        for k in range(5)
    ]
    found = Realizing(32).selections(options)
    assert found is not None
    assert len(found[0]) == 32
    assert Realizing(31).selections(options) is None


def test_what_is_impossible_stays_so_with_more_conditions() -> None:
    """So that the listing may leave it out early."""
    rng, impossible = random.Random(8), 0
    for _ in range(600):
        conditions = [
            random_ahead(rng, rng.randint(1, 3))._replace(
                decides=rng.random() < 0.5, pair=(rng.randrange(3), rng.randrange(3))
            )
            for _ in range(rng.randint(2, 7))
        ]
        whole = frozenset(conditions)
        if direction(whole) is not None:
            continue
        for size in range(1, len(conditions)):
            part = frozenset(conditions[:size])
            if direction(part) is None and not is_possible(part):
                impossible += 1
                assert not is_possible(whole)
    assert impossible > 100

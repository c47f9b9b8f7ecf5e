"""Which branch a direction makes; and where equal shares of all branches are a Clarke point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from oracle.check.realizing import Conditions
from oracle.programs import Ahead, Branch, Ranked
from oracle.programs.branches import row_key


def made_along(direction: Mapping[int, Fraction], branches: Sequence[Branch]) -> int | None:
    """Return the place of the branch that a direction makes; None if it does not decide.

    Where several branches ask nothing that contradicts the direction they must have one gradient.
    """
    rank = _one_rank(branches)
    if rank is not None:
        return _ranked(direction, rank, branches)
    made = [
        place
        for place, branch in enumerate(branches)
        if all(condition.holds(direction) for condition in branch.conditions)
    ]
    if not made or len({row_key(branches[place].row) for place in made}) > 1:
        return None
    return made[0]


def _one_rank(branches: Sequence[Branch]) -> Ranked | None:
    """Return the rank that branches of several equal inputs ask for, of the first; else None."""
    alone = [next(iter(b.conditions)) for b in branches if len(b.conditions) == 1]
    first = alone[0] if alone else None
    if len(alone) < len(branches) or not isinstance(first, Ranked):
        return None
    one = all(
        isinstance(other, Ranked) and other.tied == first.tied and other.below == first.below
        for other in alone
    )
    return first if one else None


def _ranked(
    direction: Mapping[int, Fraction], rank: Ranked, branches: Sequence[Branch]
) -> int | None:
    """Return the place of the branch whose input has the rank; None where another moves as much."""
    moves = {i: direction.get(i, Fraction(0)) for i in rank.tied}
    chosen = sorted(rank.tied, key=moves.__getitem__)[rank.below]
    if list(moves.values()).count(moves[chosen]) > 1:
        return None
    wanted = rank._replace(chosen=chosen)
    return next((k for k, branch in enumerate(branches) if wanted in branch.conditions), None)


def splits_evenly(asked: Sequence[Conditions]) -> bool:
    """Return whether equal shares of an output's branches are a mean over directions.

    Let all inputs move independently, by one law that is symmetric and has a density. Almost every
    direction decides every kink. Of `k` equal inputs each has a given rank with probability `1/k`,
    and of two opposite conditions each holds with probability `1/2`. So if all outputs of a
    component are of these two kinds, equal shares are the mean of the selections that directions
    make, which is a convex combination of realizable ones.

    Args:
        asked: What each of the branches asks of a direction.
    """
    if len(asked) == 1:
        return True
    if any(len(conditions) != 1 for conditions in asked):
        return False
    alone = [next(iter(conditions)) for conditions in asked]
    if all(isinstance(one, Ranked) for one in alone):
        return len({(one.tied, one.below) for one in alone if isinstance(one, Ranked)}) == 1 and (
            {one.chosen for one in alone if isinstance(one, Ranked)} == set(alone[0].inputs)
        )
    forms = [one.form for one in alone if isinstance(one, Ahead)]
    return len(forms) == 2 == len(alone) and forms[0] == tuple((i, -c) for i, c in forms[1])

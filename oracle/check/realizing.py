"""Which selections of branches some direction makes; which none does, and which stay possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from oracle.check.directions import direction
from oracle.check.elimination import BudgetError, Direction
from oracle.programs.conditions import Ahead, Condition

Conditions: TypeAlias = frozenset[Condition]


def is_possible(conditions: Conditions) -> bool:
    """Return whether a selection that no direction makes may still be met near the inputs.

    First order is not the last word where expressions bend: the conditions `x + y^2 > 0` and
    `y^2 - x > 0` contradict each other to first order at 0, yet both hold at (0, 1/9). But where
    first order decides (affine expressions, or one input), a point meets the condition if and only
    if the direction to it does, so that contradictory ones of this kind are met nowhere near; and
    no point is on both sides of one comparison. With more conditions all this stays true.

    Args:
        conditions: What the selection asks of a direction, contradictory.

    Raises:
        BudgetError: The question is beyond the budget.
    """
    ahead = [condition for condition in conditions if isinstance(condition, Ahead)]
    bent = [condition for condition in ahead if not condition.decides]
    pairs = {condition.pair for condition in ahead}
    if not bent or any((other, chosen) in pairs for chosen, other in pairs):
        return False
    return direction(conditions.difference(bent)) is not None


class Realizing:
    """Decides selections, each question once.

    Attributes:
        budget: How many selections are listed at most.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._known: dict[Conditions, Direction | None] = {}

    def direction(self, conditions: Conditions) -> Direction | None:
        """Return a direction that makes a selection; None if none does.

        Raises:
            BudgetError: The question is beyond the budget.
        """
        if conditions not in self._known:
            self._known[conditions] = direction(conditions)
        return self._known[conditions]

    def is_realizable(self, conditions: Conditions) -> bool:
        """Return whether some direction makes a selection; one condition by itself can be met.

        Raises:
            BudgetError: The question is beyond the budget.
        """
        return len(conditions) < 2 or self.direction(conditions) is not None

    def word(self, conditions: Conditions) -> str:
        """Return `realizable`, `possible` or `impossible`.

        Raises:
            BudgetError: The question is beyond the budget.
        """
        if self.is_realizable(conditions):
            return "realizable"
        return "possible" if is_possible(conditions) else "impossible"

    def selections(
        self, options: Sequence[Sequence[Conditions]]
    ) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]] | None:
        """Return the realizable and the possible selections: a branch's number for each window.

        Depth first: conditions that no direction meets, or no point near, are met by none with more
        beside them, so what is impossible is left out early.

        Args:
            options: For each window what each of its branches asks of a direction.

        Returns:
            None where there are more than the budget, or a question is beyond it.
        """
        realizable: list[tuple[int, ...]] = []
        possible: list[tuple[int, ...]] = []
        stack: list[tuple[tuple[int, ...], Conditions]] = [((), frozenset())]
        try:
            while stack:
                chosen, asked = stack.pop()
                word = self.word(asked)
                if word == "impossible":
                    continue
                if len(chosen) < len(options):
                    branches = options[len(chosen)]
                    for number in reversed(range(len(branches))):
                        stack.append(((*chosen, number), asked | branches[number]))
                    continue
                (realizable if word == "realizable" else possible).append(chosen)
                if len(realizable) + len(possible) > self.budget:
                    return None
        except BudgetError:
            return None
        return realizable, possible

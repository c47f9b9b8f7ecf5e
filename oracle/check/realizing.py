"""Which selections of branches some direction makes; which none does, and which stay possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from oracle.check.directions import BudgetError, Direction, direction
from oracle.programs.conditions import Ahead, Condition

Conditions: TypeAlias = frozenset[Condition]


def is_possible(conditions: Conditions, *, variables: int) -> bool:
    """Return whether a selection that no direction makes may still be met near the inputs.

    First order is not the last word where expressions bend. No point near the inputs can contradict
    conditions on affine expressions, nor compare the same two both ways round, nor lie on both
    sides of the only input there is.

    Args:
        conditions: What the selection asks of a direction, contradictory.
        variables: How many inputs the conditions speak of.
    """
    if variables == 1:
        return False
    bent = [c for c in conditions if isinstance(c, Ahead) and not c.affine]
    pairs = {c.pair for c in conditions if isinstance(c, Ahead)}
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

    def word(self, conditions: Conditions) -> str:
        """Return `realizable`, `possible` or `impossible`.

        Raises:
            BudgetError: The question is beyond the budget.
        """
        if self.direction(conditions) is not None:
            return "realizable"
        inputs = {i for c in conditions for i in _inputs(c)}
        return "possible" if is_possible(conditions, variables=len(inputs)) else "impossible"

    def selections(
        self, options: Sequence[Sequence[Conditions]]
    ) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]] | None:
        """Return the realizable and the possible selections: a branch's number for each window.

        Depth first: conditions that contradict each other still do so with more beside them.

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


def _inputs(condition: Condition) -> tuple[int, ...]:
    if isinstance(condition, Ahead):
        return tuple(i for i, _ in condition.form)
    return condition.tied

"""Outputs of a program that are largest ones of inputs, or smallest ones, or free of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oracle.check import ProgramProblem
from oracle.check.directions import edge_of
from oracle.programs import Ahead, Condition, Ranked
from oracle.programs.branches import UNIT
from oracle.search.component import Component
from oracle.windows import Window


class Pooled(Component):
    """Outputs that are all largest ones of inputs, or all smallest ones, as windows of pooling.

    Of smallest ones the most preferred input is the smallest.

    Args:
        problem: The case.
        tied: Output -> the inputs that it chooses among.
    """

    def __init__(self, problem: ProgramProblem, tied: Mapping[int, Window]) -> None:
        self.problem = problem
        self.windows = sorted(tied)
        self.bundles = {}
        for w in self.windows:
            self.bundles.setdefault(tied[w], []).append(w)
        self.inputs = sorted({i for inputs in self.bundles for i in inputs})


def pooled(problem: ProgramProblem, windows: Sequence[int]) -> Pooled | None:
    """Return outputs as windows of pooling; None where they are something else."""
    lone = [w for w in windows if len(problem.active[w]) == 1]
    rows = [problem.branches[problem.active[w][0]].row for w in lone]
    if not extreme(problem, windows) or any(list(row.values()) != [UNIT] for row in rows):
        return None
    tied = {w: tuple(row) for w, row in zip(lone, rows, strict=True)}
    for w in windows:
        if w not in tied:
            tied[w] = tuple(chosen_input(problem, c) for c in problem.active[w])
    return Pooled(problem, tied)


def extreme(problem: ProgramProblem, windows: Sequence[int]) -> str:
    """Return whether all outputs with a choice are `largest` or all `smallest` ones of inputs.

    Returns:
        An empty string for neither.
    """
    kinds = {_extreme(problem, w) for w in windows if len(problem.active[w]) > 1}
    return kinds.pop() if len(kinds) == 1 else ""


def _extreme(problem: ProgramProblem, w: int) -> str:
    alone, choices = _alone(problem, w), problem.active[w]
    first = alone[0] if alone else None
    copies = all(problem.branches[c].row == {chosen_input(problem, c): UNIT} for c in choices)
    if not isinstance(first, Ranked) or not copies:
        return ""
    return {0: "smallest", len(first.tied) - 1: "largest"}.get(first.below, "")


def chosen_input(problem: ProgramProblem, choice: int) -> int:
    """Return the input that a choice selects; 0 where it selects none."""
    return next((a.chosen for a in problem.asked(choice) if isinstance(a, Ranked)), 0)


def is_forest(problem: ProgramProblem, windows: Sequence[int]) -> bool:
    """Return whether every selection is realizable since what outputs compare closes no cycle.

    The graph joins each output with a choice to the inputs whose moves it compares, and to one more
    node that does not move. Where each branch asks for one rank, or for one move to be larger than
    another, any amount may be added to all moves that an output compares. Without a cycle the
    outputs can so be met in turn, each sharing one node with those before.
    """
    parent: dict[int, int] = {}

    def root(i: int) -> int:
        while parent.setdefault(i, i) != i:
            i = parent[i]
        return i

    for w in windows:
        if len(problem.active[w]) == 1:
            continue
        nodes = _compared(problem, w)
        roots = {root(i) for i in nodes}
        if not nodes or len(roots) < len(nodes):
            return False
        parent |= dict.fromkeys(roots, next(iter(roots)))
    return True


def _compared(problem: ProgramProblem, w: int) -> set[int]:
    """Return the inputs whose moves an output compares; nothing if it does more than that."""
    alone = _alone(problem, w)
    edges = [edge_of(one) for one in alone if isinstance(one, Ahead)]
    if not alone or None in edges:
        return set()
    ranked = [i for one in alone if isinstance(one, Ranked) for i in one.tied]
    return {*ranked, *(i for edge in edges if edge is not None for i in edge)}


def _alone(problem: ProgramProblem, w: int) -> list[Condition]:
    """Return the one condition of each branch of an output; nothing if one has several."""
    asked = [problem.asked(c) for c in problem.active[w]]
    one = [next(iter(conditions)) for conditions in asked if len(conditions) == 1]
    return one if len(one) == len(asked) else []

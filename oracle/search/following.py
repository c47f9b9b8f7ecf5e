"""Search one selection of a program that explains the gradient, and the certificate of one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from oracle.check import BUDGET, ProgramProblem, rational
from oracle.check.bound import Exact
from oracle.search.extremes import chosen_input, pooled
from oracle.search.order import peel_order
from oracle.search.programs import ProgramComponent
from oracle.windows import Window

Sums: TypeAlias = Mapping[int, tuple[Exact, Exact]]
"""Coordinate -> what has been added to it so far, and to its magnitude."""

Test: TypeAlias = Callable[[int, Exact, Exact], bool]
"""Whether a coordinate is right, from its number, value and magnitude."""


def single_selection(component: ProgramComponent) -> Window | None:
    """Return one realizable selection that explains the gradient, if it is found.

    A permutation gives itself away: each output's cotangent stands at the input that it chose.
    Else depth first, output by output: a coordinate that no later output adds to must be right by
    then, and the selection realizable so far.
    """
    exactly = functools.partial(_is, component.program.gradient)
    return (
        _matched(component)
        or _peeled(component)
        or _searched(component, exactly)
        or _searched(component, component.is_near)
    )


def _peeled(component: ProgramComponent) -> Window | None:
    """Return the selection that taking inputs away gives away, where all outputs are largest ones.

    Or all smallest ones: then the most preferred input is the smallest.
    """
    windows = pooled(component.problem, component.windows)
    peeled = None if windows is None else peel_order(windows)
    if windows is None or peeled is None:
        return None
    inputs = windows.selection(peeled)
    chosen = tuple(
        _choosing(component.problem, w, i) for w, i in zip(component.windows, inputs, strict=True)
    )
    return chosen if component.is_realizable(chosen) and component.fits(chosen) else None


def _choosing(problem: ProgramProblem, w: int, i: int) -> int:
    choices = problem.active[w]
    return next((c for c in choices if chosen_input(problem, c) == i), choices[0])


def _matched(component: ProgramComponent) -> Window | None:
    """Return the selection that gives each output an input of its own with its cotangent."""
    taken = set[int]()
    chosen = []
    for w in component.windows:
        choice = next(_candidates(component, w, taken), None)
        if choice is None:
            return None
        taken.update(component.problem.branches[choice].row)
        chosen.append(choice)
    selection = tuple(chosen)
    fits = component.fits(selection) and component.is_realizable(selection)
    return selection if fits else None


def _candidates(component: ProgramComponent, w: int, taken: set[int]) -> Iterator[int]:
    for c in component.problem.active[w]:
        column = component.choice_column(w, c)
        free = taken.isdisjoint(column)
        if free and all(component.program.gradient.get(i) == z for i, (z, _) in column.items()):
            yield c


def _is(gradient: Mapping[int, Exact], i: int, value: Exact, magnitude: Exact) -> bool:
    del magnitude  # nothing is rounded
    return gradient[i] == value


def _searched(component: ProgramComponent, is_right: Test) -> Window | None:
    done = _done(component)
    stack: list[tuple[Window, Sums]] = [((), {})]
    steps = 0
    while stack and steps < BUDGET:
        chosen, sums = stack.pop()
        depth = len(chosen)
        steps += 1 + depth  # a longer selection is more work
        if depth and not all(is_right(i, *sums.get(i, (0, 0))) for i in done[depth - 1]):
            continue
        if depth and not component.is_realizable(chosen):
            continue
        if depth == len(component.windows):
            return chosen
        w = component.windows[depth]
        for c in reversed(component.problem.active[w]):
            stack.append(((*chosen, c), _raised(sums, component.choice_column(w, c))))
    return None


def _raised(sums: Sums, column: Sums) -> Sums:
    raised = dict(sums)
    for i, (value, magnitude) in column.items():
        before = raised.get(i, (0, 0))
        raised[i] = (before[0] + value, before[1] + magnitude)
    return raised


def _done(component: ProgramComponent) -> list[list[int]]:
    """Return for each output the judged coordinates that no later one adds to."""
    last: dict[int, int] = {}
    for depth, w in enumerate(component.windows):
        last |= dict.fromkeys(component.problem.inputs_of([w]), depth)
    done: list[list[int]] = [[] for _ in component.windows]
    for i, depth in last.items():
        if i in component.program.gradient:
            done[depth].append(i)
    return done


def followed(problem: ProgramProblem, selections: Sequence[Window]) -> dict[str, Any]:
    """Return the certificate of one selection in each component: an order, or a direction."""
    direction: dict[int, Fraction] = {}
    for chosen in selections:
        found = problem.direction(chosen)
        if found is None:
            msg = "a selection that was found realizable follows no direction"
            raise AssertionError(msg)
        direction |= found
    order = sorted(direction, key=direction.__getitem__, reverse=True)
    moves = {i: Fraction(-k) for k, i in enumerate(order)}
    asked = [a for chosen in selections for c in chosen for a in problem.asked(c)]
    if all(a.holds(moves) for a in asked):
        return {"kind": "order", "order": order}
    return {
        "kind": "direction",
        "direction": {str(i): rational(d) for i, d in sorted(direction.items())},
    }

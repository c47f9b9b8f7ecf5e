"""Tied sets, what they join, and the selections that some total order makes."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from oracle.windows import Window

Preferences: TypeAlias = dict[int, int]
"""Input -> the bit set of the inputs that it is preferred to, in one or more steps."""


def tied_set(window: Window, values: Sequence[int | None]) -> Window:
    """Return the inputs of `window` that attain its maximum: its NaN inputs if there are any.

    Args:
        window: Flat input indices, ascending; may be empty.
        values: All inputs, in units; None is NaN, infinities are the format's.
    """
    read: list[Any] = [values[i] for i in window]
    if None in read:
        return tuple(i for i in window if values[i] is None)
    if not read:
        return ()
    top = max(read)
    if read.count(top) == 1:
        return (window[read.index(top)],)
    return tuple(i for i in window if values[i] == top)


def components(tied: Mapping[int, Window]) -> list[list[int]]:
    """Return the windows grouped: connected are those that share a tied input, in any steps.

    Args:
        tied: Window number -> its tied set, none of them empty.
    """
    parent: dict[int, int] = {}

    def root(i: int) -> int:
        while parent.setdefault(i, i) != i:
            parent[i] = i = parent[parent[i]]
        return i

    for inputs in tied.values():
        first = root(inputs[0])
        for i in inputs[1:]:
            parent[root(i)] = first
    groups: dict[int, list[int]] = {}
    for w, inputs in tied.items():
        groups.setdefault(root(inputs[0]), []).append(w)
    return list(groups.values())


def total_order(choices: Iterable[tuple[int, Window]]) -> list[int] | None:
    """Return an order of the inputs that prefers every chosen input to its rivals, if there is one.

    Edges lead from each chosen input to the others of its tied set; such an order exists if and
    only if they close no cycle (Kahn's algorithm: take away inputs that no edge leads to).

    Args:
        choices: For each window its chosen input and its tied set.

    Returns:
        The inputs, most preferred first; of those that are free to come next, the smallest.
    """
    rivals: dict[int, set[int]] = {}
    for chosen, inputs in choices:
        rivals.setdefault(chosen, set()).update(inputs)
        for i in inputs:
            rivals.setdefault(i, set())
    above = Counter(j for i, others in rivals.items() for j in others if j != i)
    ready = [i for i in rivals if not above[i]]
    heapq.heapify(ready)
    order = []
    while ready:
        i = heapq.heappop(ready)
        order.append(i)
        for j in rivals[i] - {i}:
            above[j] -= 1
            if not above[j]:
                heapq.heappush(ready, j)
    return order if len(order) == len(rivals) else None


def realizable_selections(groups: Sequence[Window], budget: int) -> list[Window] | None:
    """Return every acyclic selection of one input per tied set; None if there are over `budget`.

    Depth first; an acyclic choice can always be completed (along any order that it follows), so no
    branch is visited in vain.
    """
    found: list[Window] = []
    stack: list[tuple[Window, Preferences]] = [((), {})]
    while stack:
        chosen, below = stack.pop()
        if len(chosen) == len(groups):
            if len(found) == budget:
                return None
            found.append(chosen)
            continue
        inputs = groups[len(chosen)]
        for i in reversed(inputs):
            raised = prefer(below, i, inputs)
            if raised is not None:
                stack.append(((*chosen, i), raised))
    return found


def prefer(below: Preferences, chosen: int, inputs: Window) -> Preferences | None:
    """Return the preferences with `chosen` above the other `inputs`; None for a cycle."""
    under = 0
    for j in inputs:
        if j != chosen:
            under |= below.get(j, 0) | 1 << j
    if under >> chosen & 1:
        return None
    raised = {j: mask | under if mask >> chosen & 1 else mask for j, mask in below.items()}
    raised[chosen] = raised.get(chosen, 0) | under
    return raised

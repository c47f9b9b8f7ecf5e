"""A realizable selection of large value, where there are too many to list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oracle.check.bound import Exact
from oracle.check.ties import Preferences, prefer
from oracle.windows import Window

_NODES = 512  # of branch and bound


def best_found(bundles: Sequence[Window], table: Sequence[Mapping[int, Exact]]) -> Window:
    """Return a realizable selection of large value: branch and bound, the budget in nodes.

    The bundles with most at stake come first, the best choices first, so that the first selection
    is the greedy one; what cannot beat the best so far is left out.
    """
    order = sorted(
        range(len(bundles)), key=lambda b: min(table[b].values()) - max(table[b].values())
    )
    rest = [sum(max(table[b].values()) for b in order[depth:]) for depth in range(len(order) + 1)]
    best: tuple[Exact, dict[int, int]] | None = None
    stack: list[tuple[Exact, dict[int, int], Preferences]] = [(0, {}, {})]
    for _ in range(_NODES + len(bundles)):
        if not stack:
            break
        value, chosen, below = stack.pop()
        if best is not None and value + rest[len(chosen)] <= best[0]:
            continue
        if len(chosen) == len(order):
            best = value, chosen
            continue
        b = order[len(chosen)]
        for i in sorted(bundles[b], key=lambda i: (table[b][i], i)):
            raised = prefer(below, i, bundles[b])
            if raised is not None:
                stack.append((value + table[b][i], chosen | {b: i}, raised))
    if best is None:
        msg = "the greedy selection is never cut off"
        raise AssertionError(msg)
    return tuple(best[1][b] for b in range(len(bundles)))

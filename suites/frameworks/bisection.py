"""Which cases of a stack bring a process down: the smallest contiguous stack that still does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PROCESSES = 16
"""At most so many fresh processes a search: enough for one case among 16,384."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a search ended: cases `first` up to and without `end`."""

    first: int
    end: int
    processes: int
    reproduced: bool


def smallest_span(cases: int, dies: Callable[[int, int], bool]) -> Span:
    """Return the smallest contiguous stack of cases found that still brings a process down.

    First the whole stack again; then the shortest prefix, whose last case is needed; then what
    can be cut off in front of that, all of it first, since one case is mostly enough.

    Args:
        cases: How many there are.
        dies: Tells of the cases `first` up to and without `end` whether a fresh process dies.
    """
    asked = 1
    if not dies(0, cases):
        return Span(first=0, end=cases, processes=asked, reproduced=False)
    survives, end = 0, cases
    while end - survives > 1 and asked < PROCESSES:
        middle = (survives + end) // 2
        asked += 1
        if dies(0, middle):
            end = middle
        else:
            survives = middle
    first, survives, cut = 0, end, end - 1
    while survives - first > 1 and asked < PROCESSES:
        asked += 1
        if dies(cut, end):
            first = cut
        else:
            survives = cut
        cut = (first + survives) // 2
    return Span(first=first, end=end, processes=asked, reproduced=True)

"""Which cases of a stack make a call fail: the smallest contiguous stack that still does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

CALLS = 16
"""At most so many calls a search: enough for one case among 16,384."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a search ended.

    Attributes:
        first: First case of the smallest contiguous stack found that still fails.
        end: The case behind its last.
        calls: Calls that the search took.
        reproduced: Whether the whole stack failed again; the search needs that.
    """

    first: int
    end: int
    calls: int
    reproduced: bool


def smallest_span(cases: int, fails: Callable[[int, int], bool]) -> Span:
    """Return the smallest contiguous stack of cases found that still fails.

    First the whole stack again; then the shortest prefix, whose last case is needed; then what
    can be cut off in front of that, all of it first, since one case is mostly enough.

    Args:
        cases: How many there are.
        fails: Tells of the cases `first` up to and without `end` whether a call with them fails.
    """
    asked = 1
    if not fails(0, cases):
        return Span(first=0, end=cases, calls=asked, reproduced=False)
    passes, end = 0, cases
    while end - passes > 1 and asked < CALLS:
        middle = (passes + end) // 2
        asked += 1
        if fails(0, middle):
            end = middle
        else:
            passes = middle
    first, passes, cut = 0, end, end - 1
    while passes - first > 1 and asked < CALLS:
        asked += 1
        if fails(cut, end):
            first = cut
        else:
            passes = cut
        cut = (first + passes) // 2
    return Span(first=first, end=end, calls=asked, reproduced=True)

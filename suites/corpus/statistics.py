"""What the corpus is worth: how many cases it has of one format, and how many ties in them."""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from oracle.windows import Window
from suites.corpus.stack import Stack
from suites.corpus.ties import patterns, ties, windows_of

LARGE_READS = 512
"""Cases whose windows read more inputs than this in all are too dear to have many patterns."""

_SEVERAL = 100  # cases of which a number of patterns can be asked

_ENUMERABLE = 6  # inputs of a plane whose orders are gone through one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """The tie patterns of one stack.

    Attributes:
        stack: Operation and name of the stack.
        found: How many different ones its cases have.
        possible: How many its geometry can have, or an upper bound.
        asked: False for a stack of few cases or of large ones, of which no number is asked.
    """

    stack: str
    found: int
    possible: int
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The numbers of one format.

    Attributes:
        stacks: Stacks, each one framework call.
        cases: Cases, repetitions included.
        distinct: Cases of which no two have the same geometry and numbers.
        most_elements: Inputs of the largest case.
        windows: Windows of all cases.
        tied: Those with more than one tied input.
        tied_cases: Cases with such a window.
        contested: Cases in which two such windows share a tied input while one has a positive
            and the other a negative cotangent.
        largest_pattern: Cases that have the most frequent tie pattern.
        patterns: The tie patterns stack by stack.
    """

    stacks: int
    cases: int
    distinct: int
    most_elements: int
    windows: int
    tied: int
    tied_cases: int
    contested: int
    largest_pattern: int
    patterns: tuple[Patterns, ...]


def statistics(stacks: Iterable[Stack]) -> Statistics:
    """Return the numbers of the stacks of one format."""
    digests: set[bytes] = set()
    shares: Counter[int] = Counter()
    sums: Counter[str] = Counter()
    rows: list[Patterns] = []
    largest = 0
    for stack in stacks:
        found = ties(stack)
        digests.update(stack.digests())
        shares.update(found.patterns.tolist())
        largest = max(largest, math.prod(stack.case_shape))
        rows.append(_patterns(stack, len(np.unique(found.patterns))))
        sums["cases"] += len(stack)
        sums["windows"] += found.windows * len(stack)
        sums["tied"] += int(found.tied.sum())
        sums["tied_cases"] += int((found.tied > 0).sum())
        sums["contested"] += int(found.contested.sum())
    return Statistics(
        stacks=len(rows),
        distinct=len(digests),
        most_elements=largest,
        largest_pattern=max(shares.values(), default=0),
        patterns=tuple(rows),
        **{key: sums[key] for key in ("cases", "windows", "tied", "tied_cases", "contested")},
    )


def _patterns(stack: Stack, found: int) -> Patterns:
    windows = windows_of(stack)
    asked = len(stack) >= _SEVERAL and sum(map(len, windows)) <= LARGE_READS
    return Patterns(
        stack=f"{stack.op}/{stack.name}",
        found=found,
        possible=math.prod(_possible_by_plane(stack)) if asked else 1,
        asked=asked,
    )


def _possible_by_plane(stack: Stack) -> Iterator[int]:
    planes = math.prod(stack.case_shape[: -int(stack.op[-2])])
    windows = windows_of(stack)
    count = len(windows) // planes
    for plane in range(planes):
        own = windows[plane * count : (plane + 1) * count]
        place = {i: k for k, i in enumerate(sorted(set().union(*own)))}
        compact = {tuple(place[i] for i in window) for window in own}
        yield _possible(tuple(sorted(compact)), len(place))


@functools.lru_cache(maxsize=1024)
def _possible(windows: tuple[Window, ...], cells: int) -> int:
    """Return how many tie patterns a plane's windows can have, or an upper bound.

    Each window alone has a nonempty subset of its inputs tied. In small planes the weak orders of
    the inputs, which are all that ties depend on, give the exact number.
    """
    bound = math.prod((1 << len(window)) - 1 for window in windows if window)
    if cells > _ENUMERABLE:
        return bound
    orders = np.array(list(itertools.product(range(cells), repeat=cells)), dtype=np.int64)
    return min(bound, len(np.unique(patterns(orders, windows))))

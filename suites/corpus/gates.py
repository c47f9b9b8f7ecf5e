"""What the corpus of pooling must be: the numbers that it is held to, and which do not hold.

A corpus without ties asks nothing that a gradient checker does not ask, and one pattern repeated
asks one thing only.
"""

from __future__ import annotations

from collections.abc import Iterator

from suites.corpus.statistics import Statistics

LEAST_CASES = 60_000
"""Distinct cases of pooling of a format, in the standard profile."""

LEAST_TIED_WINDOWS = 0.5
"""Of all windows, in every profile."""

LEAST_CONTESTED = 1 / 3
"""Of the tied cases: overlapping tied windows under cotangents of both signs."""

LARGEST_PATTERN = 0.02
"""Of a format's cases: those that share one tie pattern."""

LEAST_PATTERNS = 200
"""Tie patterns of a geometry that can have as many, in the standard profile."""

MOST_SMOKE_CASES = 3_000
MOST_SMOKE_ELEMENTS = 70_000


def failures(profile: str, found: Statistics) -> Iterator[str]:
    """Yield, for every gate of pooling that does not hold, what was found and what is asked."""
    yield from _repetitions(found)
    yield from _ties(found)
    yield from _size(found) if profile != "smoke" else ()


def smoke_failures(cases: int, most_elements: int) -> Iterator[str]:
    """Yield the same for the size of the smoke profile, all operations of a format together."""
    if cases > MOST_SMOKE_CASES:
        yield f"{cases} cases, expected at most {MOST_SMOKE_CASES}"
    if most_elements > MOST_SMOKE_ELEMENTS:
        yield f"a case has {most_elements} inputs, expected at most {MOST_SMOKE_ELEMENTS}"


def _repetitions(found: Statistics) -> Iterator[str]:
    if found.distinct < found.cases:
        yield f"{found.cases - found.distinct} of {found.cases} cases repeat others, expected none"
    if found.largest_pattern > LARGEST_PATTERN * found.cases:
        yield (
            f"one tie pattern has {found.largest_pattern} of {found.cases} cases, "
            f"expected at most {LARGEST_PATTERN:.0%}"
        )


def _ties(found: Statistics) -> Iterator[str]:
    if found.tied < LEAST_TIED_WINDOWS * found.windows:
        yield (
            f"{found.tied} of {found.windows} windows are tied, "
            f"expected at least {LEAST_TIED_WINDOWS:.0%}"
        )
    if found.contested < LEAST_CONTESTED * found.tied_cases:
        yield (
            f"{found.contested} of {found.tied_cases} tied cases have overlapping tied windows "
            f"under cotangents of both signs, expected at least {LEAST_CONTESTED:.0%}"
        )


def _size(found: Statistics) -> Iterator[str]:
    if found.distinct < LEAST_CASES:
        yield f"{found.distinct} distinct cases, expected at least {LEAST_CASES}"
    for row in found.patterns:
        needed = min(LEAST_PATTERNS, row.possible)
        if row.asked and row.found < needed:
            yield f"{row.stack} has {row.found} tie patterns, expected at least {needed}"

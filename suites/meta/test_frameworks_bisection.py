"""The search for the cases that make a call fail."""

from __future__ import annotations

import pytest

from suites.frameworks.bisection import CALLS, smallest_span


@pytest.mark.parametrize("cases", [1, 2, 3, 5, 64, 1000, 16_384])
@pytest.mark.parametrize("place", [0.0, 0.4, 0.999])
def test_one_case_is_found_within_the_budget(cases: int, place: float) -> None:
    culprit = int(place * cases)
    asked = []

    def dies(first: int, end: int) -> bool:
        asked.append((first, end))
        return first <= culprit < end

    span = smallest_span(cases, dies)
    assert (span.first, span.end, span.reproduced) == (culprit, culprit + 1, True)
    assert span.calls == len(asked) <= CALLS


def test_cases_that_crash_only_together_are_found_together() -> None:
    span = smallest_span(64, lambda first, end: first <= 10 and end > 13)
    assert (span.first, span.end) == (10, 14)


def test_a_search_that_runs_out_of_calls_still_returns_a_stack_that_dies() -> None:
    def dies(first: int, end: int) -> bool:
        return first <= 70_000 and end > 70_003

    span = smallest_span(1 << 20, dies)
    assert span.calls == CALLS
    assert dies(span.first, span.end)


def test_a_crash_that_does_not_come_again_blames_the_whole_stack() -> None:
    span = smallest_span(8, lambda *_: False)
    assert (span.first, span.end, span.calls, span.reproduced) == (0, 8, 1, False)

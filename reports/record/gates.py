"""What a run's totals must have before it may be read as an answer: ties, and few gaps of ours.

A run asks it of itself when it ends; of shards, which may be too small for it, their merger does.
"""

from __future__ import annotations

from collections.abc import Iterator

from reports.record.parts import Totals

LEAST_TIED = 0.5
"""Of the windows, where the whole corpus was run."""

MOST_UNDECIDED = 1e-4
"""Of the judged cases."""

_ENOUGH = 100
"""So many judged cases without a single tie are an accident."""


def of_totals(totals: Totals, *, whole: bool, kinks: bool) -> Iterator[str]:
    """Yield why a run of such totals has no score, if so.

    Args:
        totals: What all recorded cells add up to.
        whole: Whether these are all cells of a profile.
        kinks: Whether an operation has some; without them nothing can be tied.
    """
    if kinks:
        yield from _ties(totals, whole=whole)
    undecided = totals["cases"].get("undecided", 0)
    if undecided > MOST_UNDECIDED * totals["judged"]:
        yield f"{undecided} of {totals['judged']} judged cases are undecided"


def _ties(totals: Totals, *, whole: bool) -> Iterator[str]:
    windows, tied = totals["windows"], totals["tied"]
    least = LEAST_TIED * windows if whole else min(1, totals["judged"] // _ENOUGH)
    if tied < least:
        yield f"{tied} of {windows} windows are tied, expected at least {least:.0f}"

"""Inputs for operations whose every entry decides on its piece alone, by where it lies.

So a tie is a number at a threshold; the palette has, for each, itself and its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from suites.corpus.draws import Draws
from suites.corpus.palettes import AT, PER_THRESHOLD, thresholds_named
from suites.corpus.site import Codes, Coding, Maker, Site

_OFTEN = (*(10 * (AT,)), AT + 1, *range(AT + 2, PER_THRESHOLD))
"""Eleven of fifteen draws are at the threshold."""

_NEAR = (AT, AT + 1, AT + 2, AT + 3)
"""The threshold (twice: a zero has both signs) and one ulp below and above."""

_FAR = (AT, PER_THRESHOLD - 2, PER_THRESHOLD - 1)
"""The threshold, and the numbers one below and one above it."""


def at_thresholds(cuts: Sequence[float]) -> Maker:
    """Return the maker of inputs of which most lie at a threshold."""
    return _drawing(cuts, _OFTEN)


def beside_thresholds(cuts: Sequence[float]) -> Maker:
    """Return the maker of inputs at the thresholds and one ulp beside them."""
    return _drawing(cuts, _NEAR)


def around_thresholds(cuts: Sequence[float]) -> Maker:
    """Return the maker of every combination of below, at and above each threshold."""
    choice = _codes(cuts, _FAR)

    def every_side(site: Site, draws: Draws, count: int) -> Coding:
        del draws  # nothing is left to chance
        place = np.arange(count)[:, None] // len(choice) ** np.arange(site.cells)[::-1]
        codes = choice[place % len(choice)].reshape(count, *site.shape)
        return Coding(palette=thresholds_named(cuts), codes=codes)

    return every_side


def sides(cuts: Sequence[float]) -> int:
    """Return how many values an entry takes in `around_thresholds`."""
    return len(_FAR) * len(cuts)


def _drawing(cuts: Sequence[float], kinds: Sequence[int]) -> Maker:
    choice = _codes(cuts, kinds)

    def drawn(site: Site, draws: Draws, count: int) -> Coding:
        codes = choice[draws.below(len(choice), (count, *site.shape))]
        return Coding(palette=thresholds_named(cuts), codes=codes)

    return drawn


def _codes(cuts: Sequence[float], kinds: Sequence[int]) -> Codes:
    found = [PER_THRESHOLD * place + kind for place in range(len(cuts)) for kind in kinds]
    return np.array(found, dtype=np.int64)

"""Inputs in which ties abound: exhaustive lattices, and draws from few values.

Every maker takes a site, draws and a number of cases, and returns codes.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

import numpy as np

from suites.corpus.draws import Draws
from suites.corpus.palettes import ZERO
from suites.corpus.site import Codes, Coding, Maker, Site

_LEVELS = ((3, (2, 2, 3)), (4, (2, 3, 4)), (9, (2, 3, 5)), (27, (3, 5, 9)))
"""Windows that read up to so many inputs draw from so many values, case by case in turn."""

_LOWEST = (0, -9, -1, 3, -40)
"""The smallest value of a case, in turn: below zero everything shows padding that counts as 0."""


def few_values(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers, drawn from as few values as make most windows tied."""
    choice = next((few for reach, few in _LEVELS if site.reach <= reach), (5, 9, 17))
    return _integers(site, _drawn(site, draws, count, choice))


def drawn(*levels: int) -> Maker:
    """Return the maker of small integers, drawn from so many values, case by case in turn."""

    def from_levels(site: Site, draws: Draws, count: int) -> Coding:
        return _integers(site, _drawn(site, draws, count, levels))

    return from_levels


def many_values(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers among which a tie is the exception, so that ties stay apart."""
    return _integers(site, _drawn(site, draws, count, (min(site.reach * 5 // 4, 120),)))


def plane(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers: few values where no input is read twice, else many.

    So a large plane falls into small components, which can each be decided exactly.
    """
    apart = sum(map(len, site.windows)) <= site.cells
    return (few_values if apart else many_values)(site, draws, count)


def equal_channels(site: Site, draws: Draws, count: int) -> Coding:
    """Return few values, the same in all channels of a sample."""
    coding = few_values(site, draws, count)
    codes = np.broadcast_to(coding.codes[:, :, :1], coding.codes.shape)
    return Coding(palette="integers", codes=codes)


def lattice(values: int) -> Maker:
    """Return the maker of every combination of `values` consecutive integers, again and again."""

    def all_combinations(site: Site, draws: Draws, count: int) -> Coding:
        del draws  # nothing is left to chance
        place = np.arange(count)[:, None] // values ** np.arange(site.cells)[::-1]
        codes = (place % values).reshape(count, *site.shape)
        return Coding(palette="integers", codes=codes + ZERO - values // 2)

    return all_combinations


def weak_orders(site: Site, draws: Draws, count: int) -> Coding:
    """Return every order that the inputs can have, ties included, again and again."""
    del draws  # nothing is left to chance
    codes = np.resize(orders_of(site.cells), (count, site.cells))
    return Coding(palette="integers", codes=codes.reshape(count, *site.shape) + ZERO - 1)


@functools.lru_cache(maxsize=8)
def orders_of(cells: int) -> Codes:
    """Return the ranks of the inputs in each of their weak orders, none left out."""
    ranks = itertools.product(range(cells), repeat=cells)
    return np.array([row for row in ranks if max(row) == len(set(row)) - 1], dtype=np.int64)


def peaks(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers below one, two or three largest inputs that most windows read."""
    codes = draws.below(3, (count, site.cells))
    for number in range(min(3, site.cells)):
        codes[number::3, site.busiest[: number + 1]] = 4
    return _integers(site, codes.reshape(count, *site.shape))


def neighbours(site: Site, draws: Draws, count: int) -> Coding:
    """Return numbers one ulp apart, and equal ones, at many magnitudes of both signs."""
    return _from_rows(site, draws, count, "neighbours", rows=20, values=3)


def zeros(site: Site, draws: Draws, count: int) -> Coding:
    """Return zeros of both signs, which are tied, above a few negative numbers."""
    coding = _from_rows(site, draws, count, "zeros", rows=3, values=5)
    # of five draws four are zeros
    return Coding(palette="zeros", codes=(coding.codes + 1) // 2, rows=coding.rows)


def tiny(site: Site, draws: Draws, count: int) -> Coding:
    """Return subnormal numbers and their normal neighbours."""
    return _from_rows(site, draws, count, "tiny", rows=4, values=4)


def huge(site: Site, draws: Draws, count: int) -> Coding:
    """Return numbers at both ends of the format's range."""
    return _from_rows(site, draws, count, "huge", rows=3, values=4)


def _from_rows(
    site: Site, draws: Draws, count: int, palette: str, *, rows: int, values: int
) -> Coding:
    codes = draws.below(values, (count, *site.shape))
    return Coding(palette=palette, codes=codes, rows=np.arange(count) % rows)


def _drawn(site: Site, draws: Draws, count: int, choice: Sequence[int]) -> Codes:
    levels = np.resize(np.asarray(choice), count).reshape(count, *[1] * len(site.shape))
    return draws.below(levels, (count, *site.shape))


def _integers(site: Site, levels: Codes) -> Coding:
    """Return levels as integers that start, from case to case, at another smallest value."""
    lowest = np.resize(np.asarray(_LOWEST), len(levels)).reshape(-1, *[1] * len(site.shape))
    return Coding(palette="integers", codes=levels + lowest + ZERO)

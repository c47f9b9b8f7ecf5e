"""NaN and infinities, in every position of the small geometries, one by one and together."""

from __future__ import annotations

import math

import numpy as np

from suites.corpus.draws import Draws
from suites.corpus.palettes import NAN, NEGATIVE_INFINITY, POSITIVE_INFINITY, SPECIAL_ZERO
from suites.corpus.site import Codes, Coding, Site


def nan_inputs(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers with NaN in one position after the other, then in two."""
    codes = _finite(draws, count, site.cells)
    turns = _place(codes, NAN, np.arange(count))
    again = np.flatnonzero(turns % 2)
    codes[again, draws.below(site.cells, (len(again),))] = NAN
    return Coding(palette="special", codes=codes.reshape(count, *site.shape))


def infinite_inputs(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers with infinities, in five turns through all positions.

    One +infinity, one -infinity, two +infinities, nothing but -infinities beside one number, all
    three kinds mixed; the last case of all has nothing but -infinities.
    """
    codes = _finite(draws, count, site.cells)
    mixed = np.array([SPECIAL_ZERO, POSITIVE_INFINITY, NEGATIVE_INFINITY])
    cases = np.arange(count)
    kind = cases // site.cells % 5
    codes[kind == 3] = NEGATIVE_INFINITY
    codes[kind == 4] = mixed[draws.below(3, (count, site.cells))][kind == 4]
    for number, code in ((0, POSITIVE_INFINITY), (1, NEGATIVE_INFINITY), (2, POSITIVE_INFINITY)):
        _place(codes, code, cases[kind == number])
    _place(codes, POSITIVE_INFINITY, cases[kind == 2], shift=1)
    _place(codes, SPECIAL_ZERO, cases[kind == 3])
    codes[-1:] = NEGATIVE_INFINITY
    return Coding(palette="special", codes=codes.reshape(count, *site.shape))


def mostly_low(site: Site, draws: Draws, count: int) -> Coding:
    """Return -infinities among a few small integers; the first case has nothing else."""
    codes = _finite(draws, count, site.cells)
    codes[draws.below(4, codes.shape) > 0] = NEGATIVE_INFINITY
    codes[:1] = NEGATIVE_INFINITY
    return Coding(palette="special", codes=codes.reshape(count, *site.shape))


def nan_cotangents(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers with NaN in one position after the other."""
    codes = _finite(draws, count, math.prod(site.outputs))
    _place(codes, NAN, np.arange(count))
    return Coding(palette="special", codes=codes.reshape(count, *site.outputs))


def infinite_cotangents(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers with +infinity and -infinity in one position after the other."""
    codes = _finite(draws, count, math.prod(site.outputs))
    _place(codes, POSITIVE_INFINITY, np.arange(0, count, 2))
    _place(codes, NEGATIVE_INFINITY, np.arange(1, count, 2), shift=1)
    return Coding(palette="special", codes=codes.reshape(count, *site.outputs))


def _finite(draws: Draws, count: int, cells: int) -> Codes:
    """Return codes of the integers -1, 0 and 1."""
    return draws.below(3, (count, cells)) + SPECIAL_ZERO - 1


def _place(codes: Codes, code: int, cases: Codes, shift: int = 0) -> Codes:
    """Put `code` into case after case, each at the next position; return the turns completed."""
    turns, positions = np.divmod(cases + shift, codes.shape[1])
    codes[cases, positions] = code
    return turns

"""Cotangents that tell selections apart: of both signs, and rarely two alike.

Most are small integers, exact in every format, so that any order of summation gives the same
bits; the others are made so that it does not, or so that sums cancel, overflow or stay subnormal.
"""

from __future__ import annotations

import math

import numpy as np

from suites.corpus.draws import Draws
from suites.corpus.palettes import ZERO, palette
from suites.corpus.site import Codes, Coding, Maker, Site


def small(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers; of eight cases one has only ones, one powers of two, one zeros."""
    outputs = math.prod(site.outputs)
    signs = 1 - 2 * draws.below(2, (count, outputs))
    values = (1 + draws.below(9, (count, outputs))) * signs
    values[0::8] = 1 - 2 * (np.arange(outputs) % 2)
    values[1::8] = (2 ** (draws.orders(count, outputs) % 6) * signs)[1::8]
    values[7::8] %= 3
    return _integers(site, values)


def by_pass(combinations: int) -> Maker:
    """Return the maker of cotangents for `lattice`, which has so many combinations.

    The first pass has 1, -1, 1, ..., the second powers of two of alternating sign, every further
    one small integers of both signs.
    """

    def alternating(site: Site, draws: Draws, count: int) -> Coding:
        outputs = math.prod(site.outputs)
        coding = small(site, draws, count)
        values = coding.codes.reshape(count, outputs) - ZERO
        signs = 1 - 2 * (np.arange(outputs) % 2)
        values[:combinations] = signs
        values[combinations : 2 * combinations] = signs * 2 ** (np.arange(outputs) % 6)
        return _integers(site, values)

    return alternating


def positive_in_turn(site: Site, draws: Draws, count: int) -> Coding:
    """Return small integers, in every other case positive: a lost one is missed in any sum."""
    values = 1 + draws.below(3, (count, math.prod(site.outputs)))
    values[1::2] *= 1 - 2 * draws.below(2, values[1::2].shape)
    return _integers(site, values)


def constant(site: Site, draws: Draws, count: int) -> Coding:
    """Return one number for the whole stack, as the backward pass of a sum has it."""
    del draws  # nothing is left to chance
    return _integers(site, np.full((count, math.prod(site.outputs)), 1, dtype=np.int64))


def tiny(site: Site, draws: Draws, count: int) -> Coding:
    """Return subnormal numbers and the smallest normal ones."""
    return _from_row(site, draws, count, "tiny cotangents")


def huge(site: Site, draws: Draws, count: int) -> Coding:
    """Return numbers whose sums overflow."""
    return _from_row(site, draws, count, "huge cotangents")


def inexact(site: Site, draws: Draws, count: int) -> Coding:
    """Return numbers that do not sum exactly."""
    return _from_row(site, draws, count, "inexact")


def cancelling(site: Site, draws: Draws, count: int) -> Coding:
    """Return large numbers that cancel, in any order, with small ones among them."""
    codes = draws.orders(count, math.prod(site.outputs)) % 4
    rows = np.arange(count) % 4
    return Coding(palette="cancelling", codes=codes.reshape(count, *site.outputs), rows=rows)


def _from_row(site: Site, draws: Draws, count: int, name: str) -> Coding:
    size = palette(name, "binary64").shape[1]
    return Coding(palette=name, codes=draws.below(size, (count, *site.outputs)))


def _integers(site: Site, values: Codes) -> Coding:
    return Coding(palette="integers", codes=(values + ZERO).reshape(len(values), *site.outputs))

"""What is drawn for a form: by its role, the families and how many cases of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from suites.corpus import cotangents, inputs, special
from suites.corpus.blueprint import Portion
from suites.corpus.draws import Draws
from suites.corpus.programs.form import Form
from suites.corpus.programs.thresholds import (
    around_thresholds,
    at_thresholds,
    beside_thresholds,
    sides,
)
from suites.corpus.site import Coding, Maker, Site


class Role(NamedTuple):
    """What forms of a role are for.

    Attributes:
        portions: Their families.
        smoke: Of how many of an operation's forms the smoke profile keeps a case of each family.
        kept: The families that it keeps, none standing for all.
        growth: How many times as many cases the deep profile asks for.
    """

    portions: Callable[[Form, int], tuple[Portion, ...]]
    smoke: int
    growth: int
    kept: tuple[str, ...] = ()


def _every_family(form: Form, cells: int) -> tuple[Portion, ...]:
    """Return the lattice and every corner, for the first form of an operation."""
    return (*_lattice(form, cells, 128), *_drawn(form, _CORNERS))


def _kinks(form: Form, cells: int) -> tuple[Portion, ...]:
    """Return the lattice of a form whose parameters are others, if it is small, and a few cases."""
    return (*_lattice(form, cells, 64), *_drawn(form, _FEW))


def _few(form: Form, cells: int) -> tuple[Portion, ...]:
    del cells  # as many cases for large forms
    return _drawn(form, _FEW)


def _family(name: str, count: int) -> Callable[[Form, int], tuple[Portion, ...]]:
    def portions(form: Form, cells: int) -> tuple[Portion, ...]:
        del cells  # as many cases for large forms
        primal = at_thresholds(form.cuts) if form.cuts else inputs.drawn(*form.levels)
        return (_portion(name, primal, cotangents.small, count),)

    return portions


def _repeated(form: Form, cells: int) -> tuple[Portion, ...]:
    """Return inputs that are the same along the dimension before the last, so can be expanded."""
    del cells  # as many cases for large forms
    return (_portion("repeated", _expandable(_tied(form)), cotangents.small, 8),)


def _constant(form: Form, cells: int) -> tuple[Portion, ...]:
    """Return cases whose cotangents are all alike, so can be expanded."""
    del cells  # as many cases for large forms
    return (_portion("constant", _tied(form), cotangents.constant, 8),)


def _expandable(primal: Maker) -> Maker:
    def repeated(site: Site, draws: Draws, count: int) -> Coding:
        coding = primal(site, draws, count)
        codes = np.broadcast_to(coding.codes[..., :1, :], coding.codes.shape)
        return Coding(palette=coding.palette, codes=codes, rows=coding.rows)

    return repeated


def _lattice(form: Form, cells: int, most: int) -> tuple[Portion, ...]:
    """Return every combination of values, of as many values as make at most `most` of them."""
    if form.cuts:
        values, primal = sides(form.cuts), around_thresholds(form.cuts)
    else:
        values = next((few for few in (form.values, 2) if few**cells <= most), 0)
        primal = inputs.lattice(values)
    combinations: int = values**cells
    if not 0 < combinations <= most:
        return ()
    upstream = cotangents.by_pass(combinations)
    return (_portion("lattice", primal, upstream, combinations),)


def _drawn(form: Form, table: tuple[tuple[str, str, Maker, int], ...]) -> tuple[Portion, ...]:
    makers = {"tied": _tied(form), "near": _near(form), **_INPUTS}
    return tuple(
        _portion(family, makers[primal], upstream, count)
        for family, primal, upstream, count in table
    )


def _tied(form: Form) -> Maker:
    return at_thresholds(form.cuts) if form.cuts else inputs.few_values


def _near(form: Form) -> Maker:
    return beside_thresholds(form.cuts) if form.cuts else inputs.neighbours


def _portion(family: str, primal: Maker, upstream: Maker, count: int) -> Portion:
    return Portion(family=family, inputs=primal, cotangents=upstream, count=count)


_INPUTS: dict[str, Maker] = {
    "zeros": inputs.zeros,
    "tiny": inputs.tiny,
    "huge": inputs.huge,
    "peaks": inputs.peaks,
    "nan": special.nan_inputs,
    "infinite": special.infinite_inputs,
}

_CORNERS = (
    ("sweep", "tied", cotangents.small, 40),
    ("near-tie", "near", cotangents.small, 14),
    ("signed-zero", "zeros", cotangents.small, 10),
    ("subnormal", "tiny", cotangents.small, 5),
    ("subnormal", "tied", cotangents.tiny, 4),
    ("largest", "huge", cotangents.small, 5),
    ("largest", "tied", cotangents.huge, 4),
    ("cancellation", "peaks", cotangents.cancelling, 3),
    ("cancellation", "tied", cotangents.cancelling, 4),
    ("accumulation", "peaks", cotangents.inexact, 3),
    ("accumulation", "tied", cotangents.inexact, 5),
    ("nan", "nan", cotangents.small, 7),
    ("nan", "tied", special.nan_cotangents, 2),
    ("infinity", "infinite", cotangents.small, 12),
    ("infinity", "tied", special.infinite_cotangents, 3),
)
"""Family, inputs, cotangents and how many cases, as in `suites.corpus.blueprint`."""

_FEW = (
    ("sweep", "tied", cotangents.small, 9),
    ("near-tie", "near", cotangents.small, 3),
    ("signed-zero", "zeros", cotangents.small, 2),
    ("accumulation", "tied", cotangents.inexact, 1),
    ("nan", "nan", cotangents.small, 2),
    ("infinity", "infinite", cotangents.small, 2),
)

UNPLACED = "nan-position"
"""The family of cases that name no position: NaN stands where one is computed from."""

_ALL = 1_000

ROLES = {
    "first": Role(_every_family, smoke=1, growth=16),
    "kinks": Role(_kinks, smoke=1, kept=("sweep",), growth=16),
    "further": Role(_few, smoke=1, kept=("sweep",), growth=16),
    "wide": Role(_family("wide", 6), smoke=1, growth=4),
    "large": Role(_family("large", 1), smoke=0, growth=1),
    "unbatched": Role(_family("unbatched", 1), smoke=_ALL, growth=1),
    "empty": Role(_family("empty", 1), smoke=_ALL, growth=1),
    "repeated": Role(_repeated, smoke=_ALL, growth=2),
    "constant": Role(_constant, smoke=_ALL, growth=2),
    "unplaced": Role(_family(UNPLACED, 3), smoke=0, growth=1),
}
"""Large cases take the judge tenths of a second, so that the smoke profile has none."""

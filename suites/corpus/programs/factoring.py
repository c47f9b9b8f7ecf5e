"""Forms of LU factorization: matrices of small integers that are not singular.

Many have a tie in their first column, some a second one where nothing is rounded before: pivots are
powers of two there. The cotangents are those of every other operation.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from suites.corpus.blueprint import Portion
from suites.corpus.draws import Draws
from suites.corpus.palettes import ZERO, beside, palette
from suites.corpus.programs.form import Form
from suites.corpus.site import Codes, Coding, Site

_BESIDE = ("-0x0.0p+0", "0x1.0p+0<", "0x1.0p+0>")
"""What there is beside integers: the other zero, and a few ulps beside 1."""

_TRIES = 16


def _regular(portion: Portion) -> Portion:
    """Return a portion of matrices that have factors."""
    primal = portion.inputs

    @functools.wraps(primal)
    def made(site: Site, draws: Draws, count: int) -> Coding:
        n = site.shape[-1]
        values = _drawn(draws, (count, *site.shape[:-2]), n)
        if portion.family == "lattice":
            lattice = primal(site, draws, count).codes - ZERO
            values = np.where(_singular(lattice), values, lattice)
        first = palette("integers", "binary64").shape[1]
        codes = values + ZERO
        if portion.family == "signed-zero":
            codes[(codes == ZERO) & (draws.below(2, codes.shape) > 0)] = first
        if portion.family == "near-tie" and n == 2:
            _nearly_tie(codes, draws, first)
        return Coding(palette=beside("integers", _BESIDE), codes=codes)

    return replace(portion, inputs=made)


def _nearly_tie(codes: Codes, draws: Draws, first: int) -> None:
    """Put 1, and a few ulps beside it, above and below numbers that do not cancel."""
    sizes = 1 + draws.below(3, codes.shape[:-1])
    codes[..., 0, :] = np.stack([np.full_like(sizes[..., 0], 1), sizes[..., 0]], axis=-1) + ZERO
    codes[..., 1, 0] = first + 1 + draws.below(2, sizes.shape[:-1])
    codes[..., 1, 1] = ZERO - sizes[..., 1]


def _drawn(draws: Draws, outer: tuple[int, ...], n: int) -> Codes:
    """Return matrices of small integers, of several draws the first that is not singular.

    The pivots of the first column are 1 or 2 in matrices of three rows.
    """
    most = 2 if n > 2 else 3
    found = np.broadcast_to(np.eye(n, dtype=np.int64), (*outer, n, n))
    for _ in range(_TRIES):
        tried = draws.below(2 * most + 1, (*outer, n, n)) - most
        found = np.where(_singular(tried), found, tried)
    return found


def _singular(values: Codes) -> Codes:
    """Return for each matrix of small integers whether its determinant is 0."""
    determinant = np.rint(np.linalg.det(values.astype(np.float64)))
    singular: Codes = (determinant == 0)[..., None, None]
    return singular


def _forms() -> Iterator[Form]:
    for shape, role in (
        ("1x2x2", "first"),
        ("2x2x2", "further"),
        ("1x3x3", "further"),
        ("1x1x1", "further"),
        ("2x3x3", "further"),
        ("3x2x2", "further"),
        ("1x2x2x2", "further"),
        ("2x1x3x3", "further"),
        ("2x2", "unbatched"),
        ("3x3", "unbatched"),
        ("1x2x2", "constant"),
        ("16x2x2", "wide"),
        ("17x3x3", "wide"),
        ("33x1x1", "wide"),
        ("65x2x2", "wide"),
        ("120x2x2", "large"),
        ("0x2x2", "empty"),
    ):
        yield Form(shapes=shape, role=role, together=role != "unbatched", adapt=_regular)


FACTORING: dict[str, tuple[Form, ...]] = {"lu_factor": tuple(_forms())}

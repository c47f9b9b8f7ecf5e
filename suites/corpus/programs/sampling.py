"""Forms of sampling: planes, and grids whose positions are exact in every format.

A grid holds numbers that put positions at pixels' centres, where bilinear reading has a kink,
halfway between two, where the nearest pixel jumps, a few ulps beside, and anywhere else. The planes
hold what any input may.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from suites.corpus.blueprint import Portion
from suites.corpus.draws import Draws
from suites.corpus.palettes import beside, palette
from suites.corpus.programs.form import Form
from suites.corpus.programs.portions import UNPLACED
from suites.corpus.site import Codes, Coding, Site

_FINEST = 16
"""The largest denominator of a number of a grid: all formats have the position, too."""

_BEYOND = {"zeros": 1, "border": 0, "reflection": 2}
"""How many pixels beyond the outermost there are kinks."""

_MIDDLE = ("0x0.0p+0",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """Numbers of a grid along one dimension.

    Attributes:
        kinks: Where the pieces meet.
        rest: Elsewhere.
        inside: Those of them where every pixel that is read has a weight.
        nan: Whether there is NaN, which stands for -1.
    """

    kinks: tuple[str, ...]
    rest: tuple[str, ...]
    inside: tuple[str, ...]
    nan: bool

    @property
    def near(self) -> tuple[str, ...]:
        """The kinks, and a few ulps beside."""
        return tuple(text + side for text in self.kinks or self.rest for side in ("", "<", ">"))


def _numbers(size: int, mode: str, padding: str, *, aligned: bool, nan: bool) -> _Numbers:
    shift = Fraction(mode == "nearest", 2)
    beyond = _BEYOND[padding]
    kinks = [k + shift for k in range(-beyond, size + beyond - (mode == "nearest"))]
    quarters = [Fraction(k, 4) for k in range(-6, 4 * size + 3)]
    rest = [at for at in quarters if (at - shift).denominator > 1]
    spelled = functools.partial(_spelled, size, aligned=aligned)
    inside = [at for at in rest if 0 < at < size - 1]
    return _Numbers(
        kinks=tuple(spelled(kinks)),
        rest=tuple(spelled(rest)) or _MIDDLE,
        inside=tuple(spelled(inside)) or _MIDDLE,
        nan=nan,
    )


def _spelled(size: int, positions: Sequence[Fraction], *, aligned: bool) -> Iterator[str]:
    """Yield the numbers that stand for positions, where there are such."""
    pixels = size - aligned
    for at in positions:
        x = (2 * at + (not aligned)) / pixels - 1 if pixels else at
        if _FINEST % x.denominator == 0:
            yield float(x).hex()


def _gridded(portion: Portion, dims: int, planes: int, along: Sequence[_Numbers]) -> Portion:
    """Return a portion whose grids hold these numbers, and whose planes what they did."""
    primal = portion.inputs

    @functools.wraps(primal)
    def made(site: Site, draws: Draws, count: int) -> Coding:
        coding = primal(site, draws, count)
        width = palette(coding.palette, "binary64").shape[1]
        tables = [_table(portion.family, numbers) for numbers in along]
        starts = itertools.accumulate(map(len, tables), initial=width)
        codes = coding.codes.copy()
        for d, (table, start) in enumerate(zip(tables, starts, strict=False)):
            cells = codes[:, planes + d :: dims]
            codes[:, planes + d :: dims] = start + (
                _turns(cells, d)
                if portion.family == UNPLACED
                else _chosen(portion, cells, draws, len(table))
            )
        numbers = [text for table in tables for text in table]
        return replace(coding, palette=beside(coding.palette, numbers), codes=codes)

    return replace(portion, inputs=made)


def _table(family: str, numbers: _Numbers) -> tuple[str, ...]:
    """Return what a family draws from: three of five are kinks, if there are any."""
    if family == UNPLACED:
        return (numbers.inside[0], "nan")
    if family in ("nan", "infinity"):
        return (*numbers.inside, *(("nan",) if numbers.nan and family == "nan" else ()))
    if family == "near-tie":
        return numbers.near
    if not numbers.kinks or family == "lattice":
        return (*numbers.kinks, *numbers.rest[:1])
    often = -(-3 * len(numbers.rest) // (2 * len(numbers.kinks)))
    return (*(numbers.kinks * often), *numbers.rest)


def _chosen(portion: Portion, cells: Codes, draws: Draws, length: int) -> Codes:
    """Return places in a table: of a lattice one after the other, else drawn ones."""
    return cells % length if portion.family == "lattice" else draws.below(length, cells.shape)


def _turns(cells: Codes, dimension: int) -> Codes:
    """Return places in a table of two: the second along one dimension, along the other, and so on.

    Case after case counts in binary, and each dimension has a digit.
    """
    digits = np.arange(1, len(cells) + 1) >> dimension & 1
    return np.broadcast_to(digits[:, None], cells.shape)


def _form(planes: str, grid: str, role: str, way: str) -> Form:
    """Return a form: `way` is the mode, the padding, and perhaps `aligned`."""
    mode, padding, *more = way.split("-")
    sizes = [int(size) for size in planes.split("x")]
    aligned = bool(more)
    # a position names the last dimension first
    along = [
        _numbers(size, mode, padding, aligned=aligned, nan=role == "first")
        for size in reversed(sizes[2:])
    ]
    adapt: Callable[[Portion], Portion] = functools.partial(
        _gridded, dims=len(along), planes=int(np.prod(sizes)), along=along
    )
    return Form(
        shapes=f"{planes},{grid}",
        role=role,
        levels=(2, 3, 5),
        adapt=adapt,
        params={"mode": mode, "padding_mode": padding, "align_corners": aligned},
    )


_KINKS = (
    *("nearest-zeros", "bilinear-border", "bilinear-reflection"),
    *("bilinear-reflection-aligned", "nearest-reflection"),
)


def _sampling() -> Iterator[Form]:
    yield _form("1x1x1x2", "1x1x1x2", "first", "bilinear-zeros")
    for way in _KINKS:
        yield _form("1x1x2x2", "1x1x1x2", "kinks", way)
    for planes, grid, way in (
        ("1x2x2x4", "1x1x2x2", "nearest-zeros-aligned"),
        ("1x1x2x2x2", "1x1x1x1x3", "bilinear-zeros"),
        ("2x1x3x2", "2x2x1x2", "bilinear-border-aligned"),
        ("1x3x4x4", "1x2x2x2", "bilinear-reflection"),
        ("1x1x1x1", "1x1x3x2", "bilinear-border"),
        ("1x2x4x3", "1x1x3x2", "bilinear-zeros-aligned"),
        ("1x2x1x2x4", "1x1x1x2x3", "bilinear-reflection-aligned"),
        ("2x1x2x2x1", "2x1x1x1x3", "nearest-border"),
        ("1x1x2x3x2", "1x2x1x1x3", "nearest-reflection-aligned"),
    ):
        yield _form(planes, grid, "further", way)
    yield _form("1x17x2x2", "1x1x1x2", "wide", "bilinear-zeros")
    yield _form("1x1x4x4", "1x2x16x2", "wide", "bilinear-border")
    yield _form("2x1x2x4", "2x1x33x2", "wide", "bilinear-reflection-aligned")
    yield _form("1x2x2x2x2", "1x1x1x17x3", "wide", "nearest-zeros")
    yield _form("1x2x16x16", "1x16x16x2", "large", "bilinear-zeros")
    yield _form("1x1x2x2", "1x1x1x2", "constant", "bilinear-zeros")
    yield _form("0x1x2x2", "0x1x1x2", "empty", "bilinear-zeros")
    # where NaN would be clipped or reflected some kernels read and write out of bounds
    yield _form("1x1x3x3", "1x1x1x2", "unplaced", "bilinear-border")
    yield _form("1x1x3x3", "1x1x1x2", "unplaced", "bilinear-reflection")


SAMPLING: dict[str, tuple[Form, ...]] = {"grid_sample": tuple(_sampling())}

"""The ties of a stack's cases, all at once: which inputs share the largest value of a window.

Exact, as the oracle's are: bit patterns are mapped to integers in the order of their values, with
one zero, and NaN above everything (theory.md: a window's NaN inputs are its tied set).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oracle.formats import format_named
from oracle.windows import Geometry, Window
from suites.corpus.stack import Stack

Keys = NDArray[np.int64]
Flags = NDArray[np.bool_]

_NAN_KEY = np.iinfo(np.int64).max
_NO_INPUT = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ties:
    """What is tied in each case of a stack.

    Attributes:
        windows: The number of windows of a case.
        tied: For each case the number of windows with more than one tied input.
        contested: For each case whether two such windows share a tied input while one has a
            positive and the other a negative cotangent.
        patterns: For each case a 64-bit hash of its windows' tied sets, the same in every geometry
            with as many windows.
    """

    windows: int
    tied: NDArray[np.intp]
    contested: Flags
    patterns: NDArray[np.uint64]


def ties(stack: Stack) -> Ties:
    """Return the ties of all cases of a stack."""
    windows = windows_of(stack)
    table = _padded(windows)
    members = _tied_sets(_keys(stack.inputs, stack.format), table)
    several = members & (members.sum(axis=2, dtype=np.int64) > 1)[:, :, None]
    return Ties(
        windows=len(windows),
        tied=several.any(axis=2).sum(axis=1),
        contested=_contested(stack, table, several),
        patterns=_patterns(members, table),
    )


def windows_of(stack: Stack) -> tuple[Window, ...]:
    """Return the windows of one case of a stack.

    Raises:
        TypeError: The operation is a program.
    """
    shapes = stack.geometry
    if not isinstance(shapes, Geometry):
        msg = f"{stack.op} is a program, which has no windows, expected an operation that has"
        raise TypeError(msg)
    return shapes.windows


def patterns(keys: Keys, windows: tuple[Window, ...]) -> NDArray[np.uint64]:
    """Return the hashes of the tie patterns of inputs, `(n, cells)`, given by their order alone."""
    table = _padded(windows)
    return _patterns(_tied_sets(keys, table), table)


def sort_keys(bits: NDArray[np.unsignedinteger], format_name: str) -> Keys:
    """Return integers that compare as the numbers do; both zeros are 0, NaN is the largest."""
    fmt = format_named(format_name)
    whole = bits.astype(np.uint64)
    magnitude = (whole & np.uint64(fmt.sign_bit - 1)).astype(np.int64)
    signed = np.where(whole & np.uint64(fmt.sign_bit), -magnitude, magnitude)
    return np.where(magnitude > fmt.infinity_bits, _NAN_KEY, signed)


def _padded(windows: tuple[Window, ...]) -> NDArray[np.intp]:
    """Return the windows as rows of one length, filled up with -1."""
    table = np.full((len(windows), max(map(len, windows), default=0)), -1)
    for row, window in zip(table, windows, strict=True):
        row[: len(window)] = window
    return table


def _keys(numbers: NDArray[np.unsignedinteger], format_name: str) -> Keys:
    return sort_keys(numbers.reshape(len(numbers), -1), format_name)


def _tied_sets(keys: Keys, table: NDArray[np.intp]) -> Flags:
    """Return for each case, window and cell whether it holds the window's largest value."""
    if not table.size:
        return np.zeros((len(keys), *table.shape), dtype=bool)
    read = np.where(table >= 0, keys[:, table], _NO_INPUT)
    largest: Flags = read == read.max(axis=2, keepdims=True)
    return largest & (table >= 0)


def _contested(stack: Stack, table: NDArray[np.intp], several: Flags) -> Flags:
    case, window, cell = np.nonzero(several)
    upstream = _keys(stack.cotangents, stack.format)[case, window]
    cells = math.prod(stack.case_shape)
    positive, negative = (np.zeros((len(stack), cells), dtype=bool) for _ in range(2))
    above = (upstream > 0) & (upstream != _NAN_KEY)
    for flags, chosen in ((positive, above), (negative, upstream < 0)):
        flags[case[chosen], table[window, cell][chosen]] = True
    both: Flags = np.asarray((positive & negative).any(axis=1))
    return both


def _patterns(members: Flags, table: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Return a sum of one mixed number for each pair of a window and an input tied in it."""
    place = np.arange(len(table), dtype=np.uint64)[:, None] << np.uint64(32)
    weights = _mixed(place | (table & 0xFFFFFFFF).astype(np.uint64))
    sums = np.zeros(len(members), dtype=np.uint64)
    for position, member in enumerate(members):
        sums[position] = weights[member].sum(dtype=np.uint64)
    return sums + _mixed(np.array([len(table)], dtype=np.uint64))


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the finalizer of SplitMix64 [Steele, Lea & Flood 2014] of each number."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))

"""The indices that a pooling returns, held against the tied sets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.catalogue import CATALOGUE
from oracle.check import tied_set
from oracle.windows import Window
from suites.comparing import differing
from suites.judgment import Miss
from suites.plan import Group

Indices: TypeAlias = NDArray[np.int64]

OUTSIDE = Miss(word="deviates", cause="outside the window", part="indices")
UNTIED = Miss(word="deviates", cause="not at a tied input", part="indices")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIndices:
    """Indices, judged.

    Attributes:
        misses: The cases with a wrong index.
        different: The cases with other indices than the first cell that had some.
        fresh: The cases that were judged, not known.
    """

    misses: list[tuple[int, Miss]]
    different: frozenset[int]
    fresh: frozenset[int]


class IndexJudge:
    """Judges the indices of a stack, once where several cells have the same."""

    def __init__(self, group: Group) -> None:
        self._group = group
        shapes = group.windowed
        if shapes is None:
            msg = f"{group.stack.op} has no windows, so no indices are judged"
            raise ValueError(msg)
        dims = CATALOGUE[group.stack.op].dims
        self._windows = shapes.windows
        self._size = math.prod(shapes.input_shape[-dims:])
        self._per_plane = math.prod(shapes.output_shape[-dims:])
        self._first: Indices | None = None
        self._known: dict[int, Miss] = {}

    def judge(self, indices: Indices) -> FoundIndices:
        """Return what the indices of a cell, one row a case, are worth."""
        if self._first is None:
            self._first = indices
            self._known = self._misses(indices, range(len(indices)))
            everything = frozenset(range(len(indices)))
            return FoundIndices(
                misses=list(self._known.items()), different=frozenset(), fresh=everything
            )
        others = differing(indices, self._first)
        misses = {i: miss for i, miss in self._known.items() if i not in others}
        misses |= self._misses(indices, sorted(others))
        return FoundIndices(
            misses=sorted(misses.items(), key=_case), different=others, fresh=others
        )

    def allowed(self, position: int) -> list[list[int]]:
        """Return for each window the indices that are right, counted within its plane.

        A window that reads nothing has none and is not judged.
        """
        units = self._units(position)
        return [
            [i % self._size for i in tied_set(window, units)] if window else []
            for window in self._windows
        ]

    def _misses(self, indices: Indices, positions: Iterable[int]) -> dict[int, Miss]:
        found = {i: self.miss(i, indices[i].tolist()) for i in positions}
        return {i: miss for i, miss in found.items() if miss is not None}

    def miss(self, position: int, indices: Sequence[int]) -> Miss | None:
        """Return what is wrong with the indices of a case, None if nothing is."""
        units = self._units(position)
        for w, (window, index) in enumerate(zip(self._windows, indices, strict=True)):
            if not window:
                continue
            chosen = w // self._per_plane * self._size + index
            if not 0 <= index < self._size or chosen not in window:
                return OUTSIDE
            if not _is_tied(chosen, window, units):
                return UNTIED
        return None

    def _units(self, position: int) -> list[int | None]:
        case = self._group.case(position)
        return [case.format.units_of[bits] for bits in case.input.bits]


def _is_tied(chosen: int, window: Window, units: Sequence[int | None]) -> bool:
    # a NaN is always tied with the other NaNs, and what is none only where there are none
    return units[chosen] is None or chosen in tied_set(window, units)


def _case(entry: tuple[int, Miss]) -> int:
    return entry[0]

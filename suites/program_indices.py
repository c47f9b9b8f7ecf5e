"""The indices that a program returns beside its values, along one dimension of its input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from oracle.programs import Signature
from oracle.programs.extended import Extended, is_nan
from oracle.programs.operands import flat, places
from oracle.programs.signature import variables
from suites.comparing import differing
from suites.indices import OUTSIDE, UNTIED, FoundIndices, IndexJudge, Indices
from suites.judgment import Miss
from suites.plan import Group

_TWICE = Miss(word="deviates", cause="one input for two outputs", part="indices")
_ORDERED = ("sort", "topk")
"""Operations whose outputs along the dimension are different inputs."""
_PREFIXES = ("cummax", "cummin")
"""Operations of which each output is one of the inputs up to its own place."""


class ProgramIndexJudge:
    """Judges the indices of the cases of a program, each of whose outputs is an input of a row.

    Args:
        group: The cases.
    """

    def __init__(self, group: Group) -> None:
        shapes = group.geometry
        assert isinstance(shapes, Signature)
        self._group, self._shapes = group, shapes
        self._first: Indices | None = None

    @cached_property
    def _rows(self) -> list[list[int]]:
        return list(_rows(self._shapes))

    def judge(self, indices: Indices) -> FoundIndices:
        """Return what the indices of a cell, one row a case, are worth."""
        if self._first is None:
            self._first = indices
        found = ((i, self.miss(i, row.tolist())) for i, row in enumerate(indices))
        return FoundIndices(
            misses=[(i, miss) for i, miss in found if miss is not None],
            different=differing(indices, self._first),
            fresh=frozenset(range(len(indices))),
        )

    def allowed(self, position: int) -> list[list[int]]:
        """Return for each output the places in its row of the inputs that it equals."""
        case = self._group.case(position)
        values = [x.value for x in variables(case.input.bits, case.format)]
        outputs = self._shapes.outputs(case.input.bits, case.format)
        return [
            [place for place, i in enumerate(row) if _equal(values[i], y.value)]
            for row, y in zip(self._rows, outputs, strict=True)
        ]

    def miss(self, position: int, indices: Sequence[int]) -> Miss | None:
        """Return what is wrong with the indices of a case, None if nothing is."""
        for row, allowed, index in zip(self._rows, self.allowed(position), indices, strict=True):
            if not 0 <= index < len(row):
                return OUTSIDE
            if index not in allowed:
                return UNTIED
        chosen = [row[index] for row, index in zip(self._rows, indices, strict=True)]
        repeats = self._shapes.op in _ORDERED and len(set(chosen)) < len(chosen)
        return _TWICE if repeats else None


def index_judge(group: Group) -> IndexJudge | ProgramIndexJudge:
    """Return what judges the indices of a group, whichever kind of operation it is of."""
    return IndexJudge(group) if group.windowed else ProgramIndexJudge(group)


def _rows(shapes: Signature) -> Iterator[list[int]]:
    """Yield for each output, row-major, the inputs along the dimension that it may be one of."""
    shape, dim = shapes.operands[0].shape, shapes.params["dim"]
    kept = len(shapes.output_shape) == len(shape)
    for place in places(shapes.output_shape):
        beside = list(place) if kept else [*place[:dim], 0, *place[dim:]]
        last = place[dim] + 1 if shapes.op in _PREFIXES else shape[dim]
        yield [flat(shape, [*beside[:dim], k, *beside[dim + 1 :]]) for k in range(last)]


def _equal(x: Extended, y: Extended) -> bool:
    return is_nan(x) and is_nan(y) if is_nan(x) or is_nan(y) else x == y

"""Indices beside the values of a program: at inputs that the values equal, or found out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from oracle.formats import BINARY32
from oracle.programs import Operand, signature
from suites.corpus import Stack
from suites.meta.cases import stored
from suites.plan import Group
from suites.program_indices import ProgramIndexJudge, index_judge

LAST = {"dim": 1, "keepdim": False}
SORT = {"dim": 1, "descending": False, "stable": False}


def judging(op: str, params: dict[str, object], x: Sequence[float]) -> ProgramIndexJudge:
    """Return the judge of one row of an operation."""
    shape = (1, len(x))
    outputs = signature(op, params, {"input": shape}).output_shape
    stack = Stack(
        op=op,
        params=params,
        format="binary32",
        case_shape=shape,
        inputs=np.array([stored(BINARY32, x)], dtype=np.uint32).reshape(1, *shape),
        cotangents=np.zeros((1, *outputs), dtype=np.uint32),
        families=("lattice",),
        name="row",
        operands=(Operand("input", shape),),
    )
    judge = index_judge(Group(stack=stack, device="cpu"))
    assert isinstance(judge, ProgramIndexJudge)
    return judge


@pytest.mark.parametrize(
    ("index", "cause"),
    [(1, None), (2, None), (0, "not at a tied input"), (3, "outside the window"), (-1, None)],
)
def test_the_index_of_a_largest_input(index: int, cause: str | None) -> None:
    miss = judging("max", LAST, [0, 1, 1]).miss(0, [index])
    expected = "outside the window" if index < 0 else cause
    assert (miss.cause if miss else None) == expected


def test_sorted_inputs_are_each_there_once() -> None:
    judge = judging("sort", SORT, [1, 1, 0])
    assert judge.miss(0, [2, 1, 0]) is None
    assert judge.miss(0, [2, 0, 0]) is not None
    assert judge.miss(0, [0, 1, 2]) is not None


def test_a_running_maximum_looks_at_nothing_to_come() -> None:
    judge = judging("cummax", {"dim": 1}, [1, 0, 1])
    assert judge.allowed(0) == [[0], [0], [0, 2]]
    assert judge.miss(0, [0, 2, 2]) is not None


def test_indices_are_compared_with_the_first_ones() -> None:
    judge = judging("max", LAST, [1, 1])
    assert not judge.judge(np.array([[0]])).different
    again = judge.judge(np.array([[1]]))
    assert (again.different, again.misses) == (frozenset((0,)), [])

"""The parts of the engine, each by itself."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from oracle.case import Tensor
from oracle.formats import FORMATS
from reports.record import Totals
from suites import health
from suites.comparing import differing, rows
from suites.corpus import Stack
from suites.indices import IndexJudge
from suites.passes import same_gradient
from suites.plan import Group, planned
from suites.selection import Selection, SelectionError, listed
from suites.variants import BASE

BINARY16 = FORMATS["binary16"]
SELECTION = Selection(
    profile="smoke", device="cpu", ops=("max_pool1d",), formats=("binary16",), modes=("eager",)
)
ONE, TWO, THREE, HALF = 0x3C00, 0x4000, 0x4200, 0x3800


def group(inputs: list[int], cotangents: list[int]) -> Group:
    """Return one case of max_pool1d with a kernel of 3 and steps of 1."""
    size = len(inputs)
    stack = Stack(
        op="max_pool1d",
        params={
            "kernel_size": (3,),
            "stride": (1,),
            "padding": (0,),
            "dilation": (1,),
            "ceil_mode": False,
        },
        format="binary16",
        case_shape=(1, 1, size),
        inputs=np.array(inputs, dtype=np.uint16).reshape(1, 1, 1, size),
        cotangents=np.array(cotangents, dtype=np.uint16).reshape(1, 1, 1, size - 2),
        families=("sweep",),
        name="k3",
    )
    return Group(stack=stack, device="cpu")


def test_all_nans_have_the_same_bits() -> None:
    nans = np.array([0x7E00, 0xFE00, 0x7C01, 0x7C00], dtype=np.uint16)
    others = np.array([0x7FFF, 0x7E00, 0xFFFF, 0xFC00], dtype=np.uint16)

    assert differing(rows(nans, 4, BINARY16), rows(others, 4, BINARY16)) == {3}


def test_zeros_of_two_signs_have_not() -> None:
    zeros = np.array([0x0000, 0x8000], dtype=np.uint16)

    assert differing(rows(zeros, 2, BINARY16), rows(zeros[::-1], 2, BINARY16)) == {0, 1}


@pytest.mark.parametrize(
    ("indices", "cause"),
    [
        ([0, 2], None),
        ([2, 2], None),
        ([1, 2], "not at a tied input"),
        ([0, 0], "outside the window"),
        ([0, 4], "outside the window"),
        ([-1, 2], "outside the window"),
    ],
)
def test_indices_point_at_tied_inputs_inside_the_window(
    indices: list[int], cause: str | None
) -> None:
    found = IndexJudge(group([TWO, ONE, TWO, ONE], [ONE, ONE])).judge(np.array([indices]))

    assert [miss.cause for _, miss in found.misses] == ([] if cause is None else [cause])


def test_other_indices_are_judged_though_the_first_were_right() -> None:
    judge = IndexJudge(group([TWO, ONE, TWO, ONE], [ONE, ONE]))

    assert not judge.judge(np.array([[0, 2]])).misses
    assert not judge.judge(np.array([[0, 2]])).fresh
    assert judge.judge(np.array([[1, 2]])).misses
    assert not judge.judge(np.array([[0, 2]])).misses


def test_an_index_at_a_nan_is_tied_with_the_other_nans() -> None:
    judge = IndexJudge(group([TWO, 0x7E00, 0x7C01, ONE], [ONE, ONE]))

    assert not judge.judge(np.array([[2, 1]])).misses
    assert judge.judge(np.array([[0, 1]])).misses
    assert judge.allowed(0) == [[1, 2], [1, 2]]


def test_integer_gradients_of_two_passes_are_equal_to_the_last_bit() -> None:
    case = group([ONE, ONE, TWO, ONE], [ONE, TWO]).case(
        0, gradient=Tensor((1, 1, 4), [0, 0, THREE, 0])
    )

    assert same_gradient(case, [0, 0x8000, THREE, 0])
    assert not same_gradient(case, [0, 0, THREE + 1, 0])


def test_rounded_gradients_of_two_passes_may_differ_by_their_roundings() -> None:
    case = group([ONE, ONE, TWO, ONE], [ONE + 1, HALF]).case(
        0, gradient=Tensor((1, 1, 4), [0, 0, 0x3E00, 0])
    )

    assert same_gradient(case, [0, 0, 0x3E01, 0])
    assert not same_gradient(case, [0, 0, 0x3E08, 0])


def test_lists_are_put_in_order_and_checked() -> None:
    assert listed("--ops", "b, a", ("a", "b", "c")) == ("a", "b")
    with pytest.raises(SelectionError, match="'' is unknown, expected one of a"):
        listed("--ops", "", ("a",))


def test_the_first_cell_of_a_stack_is_its_base() -> None:
    cells = list(planned(replace(SELECTION, ops=("max_pool2d",))))

    assert len({cell.id for cell in cells}) == len(cells)
    for before, after in zip([None, *cells], cells, strict=False):
        if before is None or before.group is not after.group:
            assert after.variant is BASE
            assert after.id.endswith("/eager/contiguous/cpu")


def test_compiled_cells_come_after_the_eager_ones_of_their_stack() -> None:
    cells = list(planned(replace(SELECTION, modes=("eager", "inductor"))))
    seen = set()

    for cell in cells:
        whole = cell.group.whole or cell.group
        assert cell.mode == "eager" or whole in seen
        seen.add(whole)
    assert {cell.mode for cell in cells} == {"eager", "inductor"}


def test_cells_that_may_write_astray_get_a_process_of_their_own() -> None:
    for planned_cell in planned(SELECTION):
        isolated = "padding-only" in planned_cell.group.stack.families
        assert planned_cell.call(isolated=False).isolated == isolated


def totals(**changes: Any) -> Totals:
    """Return the totals of a healthy run."""
    healthy = {"cells": {"ran": 3}, "cases": {"conforms": 300}, "judged": 300}
    return Totals(**(healthy | {"windows": 900, "tied": 500, "rules": {}} | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({"cells": {"ran": 2}}, "2 of 3 planned cells were run"),
        ({"tied": 449}, "449 of 900 windows are tied, expected at least 450"),
        ({"cases": {"conforms": 299, "undecided": 1}}, "1 of 300 judged cases are undecided"),
    ],
)
def test_a_run_without_cells_ties_or_decisions_is_unhealthy(
    changes: dict[str, Any], words: str | None
) -> None:
    found = list(health.reasons(3, [], totals(**changes), whole=True, own_file=False))

    assert found == ([] if words is None else [words])


def test_a_part_of_the_corpus_needs_some_ties_only() -> None:
    assert not list(health.reasons(3, [], totals(tied=1), whole=False, own_file=False))
    assert list(health.reasons(3, [], totals(tied=0), whole=False, own_file=False))
    nothing_tied = totals(tied=0)
    assert not list(health.reasons(3, [], nothing_tied, whole=False, own_file=False, kinks=False))


def test_what_a_users_file_lacks_is_no_flaw_of_the_run() -> None:
    lacking: Any = SimpleNamespace(
        outcome="not run", message="max_pool2d(input) takes no argument `padding`"
    )

    assert not list(health.reasons(3, [lacking], totals(), whole=True, own_file=True))
    assert list(health.reasons(3, [lacking], totals(), whole=True, own_file=False))

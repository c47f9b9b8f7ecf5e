"""What an operation meets in a fused graph is judged: as it is stored, or exact; never neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from suites import fused
from suites.cells import ran
from suites.corpus import Stack, stacks
from suites.findings import Findings
from suites.frameworks.protocol import Bits, Reply
from suites.judging import Judge
from suites.judgment import Judgment
from suites.plan import Cell, Group
from suites.selection import OPERATIONS
from suites.variants import BASE, NEIGHBOURS, SELECTIONS, applies

BESIDE = {variant.name: variant for variant in NEIGHBOURS}
TIED, UNTIED = (0.5, 0.5, 0.25, 0.125), (0.5, 0.5 - 2**-25, 0.25, 0.125)


def binary32(*numbers: float) -> Bits:
    return np.array([numbers], dtype=np.float32).view(np.uint32)


def row(inputs: Sequence[float], cotangent: float = 2.0) -> Stack:
    """Return the stack of one case of amax over a row of four."""
    found = stacks("standard", "amax", "binary32")
    of_four = next(s for s in found if s.case_shape[-1] == 4 and s.cotangents[0].size == 1)
    return replace(
        of_four.select([0]),
        inputs=binary32(*inputs).reshape(1, *of_four.case_shape),
        cotangents=binary32(cotangent).reshape(1, *of_four.cotangents.shape[1:]),
    )


def judged(stack: Stack, variant: str, gradient: Sequence[float], **met: Bits) -> Judgment:
    """Return the judgment on a compiled call, after that on an eager one of the same case."""
    group = Group(stack=stack, device="cpu")
    judge = Judge(group)
    share = 1.0 if len(set(stack.inputs.ravel().tolist())) < 4 else 2.0
    eager = binary32(share, 2.0 - share, 0, 0)
    output = stack.inputs[:, ..., 0]
    reply = Reply(outcome="ran", output=output, gradient=eager, second_gradient=eager)
    judge.judge(Cell(group=group, mode="eager", variant=BASE), reply)

    cell = Cell(group=group, mode="inductor", variant=BESIDE[variant])
    largest = met["met_input"].reshape(-1)[:1] if "met_input" in met else output
    return judge.judge(
        cell, Reply(outcome="ran", output=largest, gradient=binary32(*gradient), **met)
    )


def words(judgment: Judgment) -> dict[str, dict[str, int]]:
    return ran(judgment, judgment.cell, {}, new_rules=0, seconds=0).requirements


@pytest.mark.parametrize("gradient", [(1, 1, 0, 0), (2, 0, 0, 0), (0, 2, 0, 0)])
def test_a_tie_that_rounding_made_may_be_decided_by_any_rule(gradient: Sequence[float]) -> None:
    judgment = judged(row(UNTIED), "tanh", gradient, met_input=binary32(*TIED))

    assert (judgment.misses, judgment.total.verdicts) == ({}, "c")
    assert "consistency-mode" not in words(judgment)


def test_a_tie_that_rounding_broke_may_be_seen_and_is_said() -> None:
    judgment = judged(row(TIED), "tanh", (1, 1, 0, 0), met_input=binary32(*UNTIED))

    assert (judgment.misses, judgment.total.verdicts) == ({}, "c")
    assert words(judgment)["consistency-mode"] == {"differs": 1}
    (finding,) = Findings().of_judgment(judgment, {})
    assert (finding.requirement, finding.cause) == ("consistency-mode", fused.EXACT)
    assert finding.got is not None
    assert [*map(float.fromhex, finding.got["met_input"] or ())] == [*np.float32(UNTIED)]


@pytest.mark.parametrize("gradient", [(0, 0, 2, 0), (0, 0, 0, 0), (np.nan, np.nan, 0, 0)])
def test_what_is_right_for_neither_intermediate_deviates(gradient: Sequence[float]) -> None:
    judgment = judged(row(UNTIED), "tanh", gradient, met_input=binary32(*TIED))

    assert words(judgment)["gradient"] == {"deviates": 1}
    (finding,) = Findings().of_judgment(judgment, {})
    assert finding.fails_run
    assert [*map(float.fromhex, finding.input["data"])] == [*np.float32(UNTIED)]


def test_a_gradient_is_held_to_the_cotangent_that_came_back_to_the_operation() -> None:
    turned, below = binary32(-2.0), tuple(x - 1 for x in TIED)

    right = judged(row(below), "norm", (-1, -1, 0, 0), met_cotangent=turned)
    wrong = judged(row(below), "norm", (1, 1, 0, 0), met_cotangent=turned)

    assert right.misses == {}
    assert "consistency-mode" not in words(right)
    assert words(wrong)["gradient"] == {"deviates": 1}


@pytest.mark.parametrize(
    ("gradient", "word"), [((1, 1, 0, 0), "conforms"), ((2, 0, 0, 0), "differs")]
)
def test_where_it_meets_the_same_numbers_the_bits_are_compared(
    gradient: Sequence[float], word: str
) -> None:
    judgment = judged(row(TIED), "norm", gradient, met_cotangent=binary32(2.0))

    assert judgment.misses == {}
    assert words(judgment)["consistency-mode"] == {word: 1}


@pytest.mark.parametrize("lost", [0.0, -2.0, 1.0, np.nan])
def test_a_cotangent_that_no_norm_has_deviates(lost: float) -> None:
    """The gradient is right for it, so that the cotangent alone can tell."""
    half = lost / 2
    judgment = judged(row(TIED), "norm", (half, half, 0, 0), met_cotangent=binary32(lost))

    found = words(judgment)
    assert {**found.get("gradient", {}), **found.get("special", {})}.get("deviates") == 1
    (finding,) = [f for f in Findings().of_judgment(judgment, {}) if f.fails_run]
    assert finding.cause.endswith(fused.ASTRAY)


def test_only_operations_that_select_stand_behind_tanh() -> None:
    found = {
        op
        for op in OPERATIONS
        if any(applies(BESIDE["tanh"], stack) for stack in stacks("smoke", op, "binary32"))
    }
    assert found == SELECTIONS

"""What is said beside right and wrong: the subgradient of minimum norm, and the sides of a jump."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from oracle.case import Tensor
from oracle.formats import BINARY32
from oracle.judge import judge
from oracle.programs import Operand
from suites.corpus import Stack
from suites.ledger import allowed, remarks
from suites.meta.cases import stored
from suites.plan import Group

HALF: dict[str, object] = {"lambd": "0x1.0p-1"}


def answers(
    op: str, params: dict[str, object], x: Sequence[float], v: Sequence[float]
) -> dict[str, object]:
    """Return what is said of one case of an operation of one row, its cotangents all 1.

    That is, requirement -> True, or what it asks for.
    """
    shape = (1, len(x))
    outputs = np.array([stored(BINARY32, [1] * len(x))], dtype=np.uint32)
    stack = Stack(
        op=op,
        params=params,
        format="binary32",
        case_shape=shape,
        inputs=np.array([stored(BINARY32, x)], dtype=np.uint32).reshape(1, *shape),
        cotangents=outputs.reshape(1, *shape),
        families=("lattice",),
        name="1x",
        operands=(Operand("input", shape),),
    )
    group = Group(stack=stack, device="cpu")
    gradient = np.array([stored(BINARY32, v)], dtype=np.uint32)
    verdict = judge(group.case(0, gradient=Tensor(shape, gradient[0].tolist())))
    said = remarks(group, gradient, [verdict])
    case = group.case(0, gradient=Tensor(shape, gradient[0].tolist()))
    return {
        requirement: allowed(requirement, case) if remark.differs else True
        for requirement, remark in said.items()
    }


NOTHING = {"box": {"index": 0, "low": f"-1/{2**150}", "high": f"1/{2**150}"}}
"""The first input's gradient is 0, within half of the smallest number."""


@pytest.mark.parametrize(("v", "said"), [(0, True), (1, NOTHING)])
def test_the_subgradient_of_relu_at_0_that_has_least_norm_is_0(v: float, said: object) -> None:
    assert answers("relu", {}, [0.0], [v]) == {"minimum-norm": said}


def test_of_abs_it_is_0_too() -> None:
    assert answers("abs", {}, [0.0, 1.0], [0.0, 1.0]) == {"minimum-norm": True}
    # of two halves, each rounded
    low, high = f"-{2**126 + 1}/{2**150}", f"{2**126 + 1}/{2**150}"
    said = {"box": {"index": 0, "low": low, "high": high}}
    assert answers("abs", {}, [0.0, 1.0], [-1.0, 1.0]) == {"minimum-norm": said}


def test_where_nothing_is_tied_nothing_is_said() -> None:
    assert answers("relu", {}, [1.0], [1.0]) == {}


BOTH = {"sides": [{"0": "0/1"}, {"0": "1/1"}]}


@pytest.mark.parametrize(("v", "said"), [(0.0, True), (1.0, True), (0.5, BOTH)])
def test_at_a_jump_the_gradient_is_that_of_a_side(v: float, said: object) -> None:
    assert answers("hardshrink", HALF, [0.5], [v]) == {"jump": said}


def test_a_gradient_that_is_wrong_has_no_convention() -> None:
    assert answers("relu", {}, [0.0], [2.0]) == {}

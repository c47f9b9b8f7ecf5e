"""Cases by other windows than the format's: all that came back must fit, and can be checked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oracle.case import CaseError, Tensor, read_case, write_case
from oracle.check import RefusedError, check
from oracle.formats import BFLOAT16
from oracle.judge import judge
from suites.alternatives import Alternatives, Returned
from suites.corpus import Stack
from suites.meta.cases import through_json
from suites.plan import Group

SAMPLES = {"shape": (1, 1, 2), "data": ("0x1.fep-1", "0x0.0p+0")}
X = (9, 1, 8, 1, 3, 3)
G = (1, 2, 4)


def bits(*numbers: int) -> list[int]:
    return [BFLOAT16.encode(int(n / BFLOAT16.eta)) for n in numbers]


def group() -> Group:
    params = {
        "kernel_size": (1, 2),
        "output_size": (1, 3),
        "output_ratio": None,
        "_random_samples": SAMPLES,
    }
    stack = Stack(
        op="fractional_max_pool2d",
        params=params,
        format="bfloat16",
        case_shape=(1, 1, 1, 6),
        inputs=np.array([bits(*X)], dtype=np.uint16).reshape(1, 1, 1, 1, 6),
        cotangents=np.array([bits(*G)], dtype=np.uint16).reshape(1, 1, 1, 1, 3),
        families=("sweep",),
        name="here",
    )
    return Group(stack=stack, device="cpu")


def returned(output: tuple[int, ...], gradient: tuple[int, ...], *indices: int) -> Returned:
    rows = [np.array([bits(*row)], dtype=np.uint16) for row in (output, gradient)]
    return Returned(
        output=rows[0],
        gradient=rows[1],
        second=rows[1],
        indices=np.array([indices]) if indices else None,
    )


EXACT_OUTPUT, EXACT_GRADIENT = (9, 8, 3), (1, 0, 2, 0, 4, 0)
"""By windows from 0, 2 and 4; in the format they start at 0, 3 and 4."""


def test_what_fits_the_exact_windows_conforms_by_them() -> None:
    found = Alternatives(group()).fitting([0], returned(EXACT_OUTPUT, EXACT_GRADIENT, 0, 2, 5))
    assert {i: name for i, (name, _) in found.items()} == {0: "exact"}
    assert found[0][1].verdict == "clarke"


@pytest.mark.parametrize(
    "wrong",
    [
        returned((9, 3, 3), EXACT_GRADIENT, 0, 2, 4),
        returned(EXACT_OUTPUT, (1, 0, 0, 0, 6, 0), 0, 2, 4),
        returned(EXACT_OUTPUT, EXACT_GRADIENT, 0, 4, 4),
        replace(
            returned(EXACT_OUTPUT, EXACT_GRADIENT, 0, 2, 4),
            second=np.array([bits(1, 0, 0, 0, 6, 0)], dtype=np.uint16),
        ),
    ],
    ids=["output", "gradient", "indices", "second gradient"],
)
def test_every_part_must_fit_the_same_windows(wrong: Returned) -> None:
    assert Alternatives(group()).fitting([0], wrong) == {}


def test_a_verdict_by_other_windows_is_checked_by_the_flag_of_its_case() -> None:
    exact = replace(group(), arithmetic="exact")
    shapes = exact.geometry
    case = exact.case(
        0,
        output=Tensor(shapes.output_shape, bits(*EXACT_OUTPUT)),
        gradient=Tensor(shapes.input_shape, bits(*EXACT_GRADIENT)),
    )
    document = through_json(write_case(case))
    assert document["flags"] == ["windows-exact"]
    verdict = through_json(judge(case).document())
    check(read_case(document), verdict)
    with pytest.raises(RefusedError):
        check(read_case(document | {"flags": []}), verdict)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["windows-exact", "windows-binary32"], "at most one"),
        (["windows-exact"], "asked for in 'exact'"),
    ],
)
def test_flags_that_say_nothing_are_refused(flags: list[str], message: str) -> None:
    document = through_json(write_case(group().case(0)))
    if len(flags) == 1:
        document |= {"op": "max_pool2d"}
    with pytest.raises(CaseError, match=message):
        read_case(document | {"flags": flags})

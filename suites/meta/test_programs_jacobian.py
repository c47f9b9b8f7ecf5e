"""Jacobians: members as whole matrices, with one selection for all rows."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from fractions import Fraction

import pytest

from oracle.case import Case, CaseError, case_id, read_case, write_case
from oracle.check import RefusedError, check, problem_of
from oracle.formats import BINARY32, FORMATS, Format
from suites.meta.cases import Number, case_of, sliding, through_json
from suites.meta.crafted import verdict_of, with_matrix
from suites.meta.programs import HALF, Sample, of, program_case, spelled

U = BINARY32.unit_roundoff
THIRD = Fraction(11_184_811, 1 << 25)
PAIR = sliding((1, 2), 3, padding=1)  # two windows, each of both inputs
QUARTER = Fraction(1, 4)
Matrix = Sequence[Sequence[Number]]


def pooled(rows: Matrix, x: Sequence[Number] = (3, 3), fmt: Format = BINARY32) -> Case:
    case = case_of(PAIR, fmt, x, (1, 1))
    return with_matrix(case, list(itertools.chain(*rows)))


def program(op: str, sample: Sample, rows: Matrix) -> Case:
    case = program_case(op, sample, [1] * len(rows))
    return with_matrix(case, list(itertools.chain(*rows)))


def word(case: Case) -> str:
    return str(verdict_of(case)["verdict"])


@pytest.mark.parametrize(
    ("rows", "expected", "rule"),
    [
        (((1, 0), (1, 0)), "clarke", "first-index"),
        (((0, 1), (0, 1)), "clarke", "last-index"),
        (((HALF, HALF), (HALF, HALF)), "clarke", "even-split"),
        (((QUARTER, 1 - QUARTER),) * 2, "clarke", "other"),
        (((1, 0), (0, 1)), "conservative", "other"),  # rows that choose by themselves
        (((QUARTER, 1 - QUARTER), (HALF, HALF)), "conservative", "other"),
        (((1, 1), (1, 1)), "outside", "other"),
        (((1, 0), (0, 0)), "outside", "other"),
        (((2, -1), (2, -1)), "outside", "other"),
    ],
)
@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_two_windows_of_two_equal_inputs(
    rows: Matrix, expected: str, rule: str, fmt: Format
) -> None:
    """A cotangent of one sign would not tell: each row by itself is in its own Clarke set."""
    verdict = verdict_of(pooled(rows, fmt=fmt))
    assert (verdict["verdict"], verdict["rule"]) == (expected, rule)


def test_an_entry_that_is_0_or_1_may_not_be_anything_else() -> None:
    """Nothing is tied, so that the bound is 0; the sign of a zero is free."""
    assert word(pooled(((0, 1), ("-0x0.0p+0", 1)), x=(1, 2))) == "smooth"
    for off in (BINARY32.eta, U):
        assert word(pooled(((off, 1), (0, 1)), x=(1, 2))) == "outside"
        assert word(pooled(((0, 1 + 2 * off), (0, 1)), x=(1, 2))) == (
            "smooth" if off == BINARY32.eta else "outside"  # rounded away when it was stored
        )


def test_a_share_is_rounded_once() -> None:
    shapes = sliding((1, 3), 3)
    case = case_of(shapes, BINARY32, (1, 1, 1), (5,))
    verdict = verdict_of(with_matrix(case, (THIRD,) * 3))
    assert (verdict["verdict"], verdict["rule"]) == ("clarke", "even-split")
    assert 0 < verdict["worst_ratio"] < 1
    assert word(with_matrix(case, (THIRD, THIRD, THIRD + 4 * U))) == "outside"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (((1, 0), (0, 1)), "clarke"),
        (((0, 1), (1, 0)), "clarke"),
        (((HALF, HALF), (HALF, HALF)), "clarke"),
        (((1, 0), (1, 0)), "conservative"),  # one input in both places
        (((1, 0), (HALF, HALF)), "conservative"),
        (((1, 1), (0, 0)), "outside"),
    ],
)
def test_a_sort_is_a_permutation_or_a_mean_of_some(rows: Matrix, expected: str) -> None:
    assert word(program("sort", of((5, 5), dim=0, descending=False, stable=True), rows)) == expected


def test_outputs_that_share_nothing_choose_by_themselves() -> None:
    rows = ((1, 0), (0, HALF))
    assert word(program("relu", of((0, 0)), rows)) == "clarke"
    assert word(program("relu", of((0, 0)), ((1, HALF), (0, 0)))) == "outside"


def test_the_matrix_of_another_operation_is_outside() -> None:
    """That of the sum, and that of cummax where cummin was meant."""
    largest = of((1, 2, 0), dim=[0], keepdim=False)
    assert word(program("amax", largest, ((1, 1, 1),))) == "outside"
    running = of((1, 2, 0), dim=0)
    assert word(program("cummax", running, ((1, 0, 0), (0, 1, 0), (0, 1, 0)))) == "smooth"
    assert word(program("cummin", running, ((1, 0, 0), (0, 1, 0), (0, 1, 0)))) == "outside"


def test_coefficients_have_their_bound() -> None:
    sample = Sample({}, {"input": ((2,), (-3, 0)), "weight": ((1,), (QUARTER,))})
    assert word(program("prelu", sample, ((QUARTER, 0, -3), (0, 1, 0)))) == "clarke"
    assert word(program("prelu", sample, ((QUARTER, 0, -3), (0, HALF, 0)))) == "clarke"
    assert word(program("prelu", sample, ((QUARTER, 0, -3), (0, 2, 0)))) == "outside"
    assert word(program("prelu", sample, ((QUARTER, 0, -3), (1, 1, 0)))) == "outside"
    slope = of((-1,), negative_slope=spelled(0.1))
    assert word(program("leaky_relu", slope, ((Fraction(1, 10),),))) == "smooth"


def test_a_nan_input_leaves_other_rows_alone() -> None:
    """Forward mode multiplies it by every tangent: its own row is free."""
    sample = of(("nan", 1))
    assert word(program("relu", sample, (("nan", "nan"), (0, 1)))) == "smooth"
    assert word(program("relu", sample, (("nan", "nan"), ("nan", 1)))) == "outside"


def test_selections_are_those_of_the_gradient() -> None:
    """A realizable matrix times any cotangent is a Clarke point; and it is clarke itself."""
    rng = random.Random(2)
    for _ in range(40):
        order = rng.sample(range(4), 4)
        x = rng.choices((0, 1), k=4)
        rows = []
        for k in range(4):
            top = max(x[: k + 1])
            tied = [i for i in range(k + 1) if x[i] == top]
            chosen = min(tied, key=order.index)
            rows.append([int(i == chosen) for i in range(4)])
        sample, g = of(x, dim=0), rng.choices((-2, -1, 1, 3), k=4)
        assert word(program("cummax", sample, rows)) in ("clarke", "smooth")
        v = [sum(g[k] * rows[k][i] for k in range(4)) for i in range(4)]
        assert word_of_gradient(sample, g, v) in ("clarke", "smooth")


def word_of_gradient(sample: Sample, g: Sequence[Number], v: Sequence[Number]) -> str:
    return str(verdict_of(program_case("cummax", sample, g, v))["verdict"])


def test_certificates_of_other_matrices_are_refused() -> None:
    matrices = [
        ((1, 0), (1, 0)),
        ((QUARTER, 1 - QUARTER),) * 2,
        ((1, 0), (0, 1)),
        ((0, 1), (1, 0)),
        ((2, -1), (2, -1)),
        ((1, 0), (0, 0)),
    ]
    cases = [pooled(rows) for rows in matrices]
    verdicts = [verdict_of(case) for case in cases]
    refused = 0
    for case, verdict in zip(cases, verdicts, strict=True):
        for other in verdicts:
            if other["certificate"] != verdict["certificate"]:
                with pytest.raises(RefusedError):
                    check(case, verdict | {"certificate": other["certificate"]})
                refused += 1
    assert refused == len(cases) * (len(cases) - 1)


def test_coordinates_are_entries_and_directions_are_of_inputs() -> None:
    """Four entries, two inputs: a box may be of entry 3, an order may not name input 2."""
    case = pooled(((0, 1), (0, HALF)), x=(1, 2))
    verdict = verdict_of(case)
    assert verdict["certificate"]["kind"] == "box"
    assert verdict["certificate"]["index"] == 3
    tied = pooled(((1, 0), (1, 0)))
    proved = verdict_of(tied)
    for certificate in ({"kind": "order", "order": [0, 1, 2]}, {"kind": "order", "order": [0, 3]}):
        with pytest.raises(RefusedError):
            check(tied, proved | {"certificate": certificate})


def test_a_case_with_a_jacobian_comes_back_from_json() -> None:
    for case in (pooled(((1, 0), (0, 1))), program("relu", of((0, 0)), ((1, 0), (0, 0)))):
        document = through_json(write_case(case))
        assert document["jacobian"]["shape"] == [2, 2]
        assert "gradient" not in document
        assert read_case(document) == case


def test_the_id_does_not_depend_on_what_was_returned() -> None:
    with_jacobian = pooled(((1, 0), (0, 1)))
    assert case_id(with_jacobian, "f") == case_id(case_of(PAIR, BINARY32, (3, 3), (1, 1)), "f")


def test_the_id_depends_on_the_constants() -> None:
    operands = {"input": ((1,), (1,)), "other": ((1,), (1,))}
    plain = program_case("maximum", Sample({}, operands), (1,))
    fixed = program_case("maximum", Sample({}, operands, ("other",)), (1,))
    assert case_id(plain, "f") != case_id(fixed, "f")
    document = through_json(write_case(fixed))
    assert (document["constants"], list(document["gradients"])) == (["other"], ["input"])
    assert read_case(document) == fixed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gradient": {"shape": [1, 2], "data": ["0x0.0p+0"] * 2}}, "beside gradient"),
        ({"jacobian": {"shape": [4], "data": ["0x0.0p+0"] * 4}}, r"jacobian.shape is \[4\]"),
        ({"jacobian": {"shape": [2, 2], "data": ["0x0.0p+0"] * 3}}, "jacobian.data has 3"),
        ({"jacobian": {"shape": [2, 2], "data": ["0"] * 4}}, r"jacobian.data\[0\]"),
        ({"jacobian": None}, "jacobian is None"),
    ],
)
def test_a_false_jacobian_is_no_case(change: dict[str, object], message: str) -> None:
    document = through_json(write_case(pooled(((1, 0), (0, 1)))))
    with pytest.raises(CaseError, match=message):
        read_case(document | change)


@pytest.mark.parametrize(
    "constants",
    [["third"], ["input", "other"], ["other", "other"], "other", [1], {"other": 1}, None, ""],
)
def test_false_constants_are_no_case(constants: object) -> None:
    operands = {"input": ((1,), (1,)), "other": ((1,), (1,))}
    document = through_json(write_case(program_case("maximum", Sample({}, operands), (1,))))
    with pytest.raises(CaseError, match="constants"):
        read_case(document | {"constants": constants})


def test_one_operand_cannot_be_a_constant() -> None:
    document = through_json(write_case(program_case("relu", of((1,)), (1,))))
    with pytest.raises(CaseError, match="constants"):
        read_case(document | {"constants": ["input"]})


def test_a_case_without_either_is_not_judged() -> None:
    document = through_json(write_case(pooled(((1, 0), (0, 1)))))
    del document["jacobian"]
    with pytest.raises(CaseError, match="gradient is missing"):
        problem_of(read_case(document))

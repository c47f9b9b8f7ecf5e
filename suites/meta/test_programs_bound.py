"""Rounding bounds of coefficients and values; special values; by hand, and against exact runs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from oracle.check import ProgramProblem, problem_of
from oracle.check.bound import growth
from oracle.formats import BFLOAT16, BINARY16, BINARY32, FORMATS, Format
from suites.meta.cases import Number, with_output
from suites.meta.crafted import craft, crafted_case, verdict_of
from suites.meta.programs import HALF, Sample, of, program_case, spelled, tensor

U = BINARY32.unit_roundoff
ETA = BINARY32.eta
THIRD = Fraction(1, 3)


def word(op: str, sample: Sample, g: Sequence[Number], v: Sequence[Number], **more: Any) -> str:
    return str(verdict_of(program_case(op, sample, g, v, **more))["verdict"])


def bound_of(case: Any, i: int = 0) -> Fraction:
    """Return the first form of a coordinate's bound, a real number."""
    problem = problem_of(case)
    assert isinstance(problem, ProgramProblem)
    return problem.rounding.absolute(i) * case.format.eta


def test_growth_is_gamma_and_then_the_product_itself() -> None:
    """gamma_k = k u / (1 - k u); in bfloat16, from 256 roundings on, (1 + u / (1 - u))^k - 1."""
    assert growth(3, BINARY32) == 3 * U / (1 - 3 * U)
    assert growth(255, BFLOAT16) == 255
    assert growth(256, BFLOAT16) == (1 + Fraction(1, 255)) ** 256 - 1


def test_a_copied_cotangent_has_the_bound_zero() -> None:
    for op, sample in (
        ("relu", of((3,))),
        ("abs", of((-3,))),
        ("clamp_min", of((3,), min=spelled(0))),
        ("amax", of((3, 1), dim=[0], keepdim=False)),
        ("sort", of((3, 1), dim=0, descending=False, stable=False)),
    ):
        g = (1, 1) if op == "sort" else (1,)
        assert bound_of(program_case(op, sample, g)) == 0, op


def test_a_slope_costs_its_conversion_and_its_product() -> None:
    """Slope 1/10, g = 3: two roundings, and what each may lose below the normal range."""
    slope = Fraction(float(Fraction(1, 10)))
    case = program_case("leaky_relu", of((-1,), negative_slope=spelled(slope)), (3,))
    assert bound_of(case) == growth(2, BINARY32) * 3 * slope + 2 * 3 * ETA / 2


@pytest.mark.parametrize(
    ("off", "expected"),
    [(0, "smooth"), (2 * U, "smooth"), (3 * U, "outside"), (-3 * U, "outside")],
)
def test_a_product_is_right_within_its_bound(off: Fraction, expected: str) -> None:
    """1/4 of 4, give or take 2 u; a slope that the format has is rounded all the same."""
    sample = of((-1,), negative_slope=spelled(Fraction(1, 4)))
    assert word("leaky_relu", sample, (4,), (1 + off,)) == expected


def test_what_underflows_is_multiplied_by_what_comes_after() -> None:
    """alpha = 2^100: 1 / alpha, then g / alpha, may lose eta / 2, which alpha multiplies."""
    alpha = Fraction(2) ** 100
    case = program_case("celu", of((0,), alpha=spelled(alpha)), (1,))
    # r = 6: reciprocal and product, two for the exponential, conversion and product
    assert bound_of(case) >= 6 * alpha * ETA / 2
    assert bound_of(case) < 8 * alpha * ETA / 2 + 8 * U
    small = program_case("celu", of((0,), alpha=spelled(1)), (1,))
    assert bound_of(small) < 8 * U


def test_flushing_to_zero_counts_for_each_product() -> None:
    """A slope of 1/2 on the smallest normal number may be lost if it is declared, else not."""
    sample = of((-1,), negative_slope=spelled(HALF))
    tiny = BINARY32.smallest_normal * ETA
    case = program_case("leaky_relu", sample, (tiny,), (0,))
    assert verdict_of(case)["verdict"] == "outside"
    flushing = type(case)(
        geometry=case.geometry,
        format=case.format,
        input=case.input,
        cotangent=case.cotangent,
        gradient=case.gradient,
        metadata={"flags": ["flush-to-zero"]},
    )
    assert verdict_of(flushing)["verdict"] == "smooth"


def test_cancelling_terms_keep_their_magnitude(monkeypatch: pytest.MonkeyPatch) -> None:
    """x (x - 1) at x = 1: the slope is 1 of terms 1 and 0, whose differences have magnitude 2."""
    op = craft(monkeypatch, lambda x: x * (x - 1))
    problem = problem_of(crafted_case(op, (1,), (1,), (1,)))
    assert isinstance(problem, ProgramProblem)
    term = problem.branches[0].row[0]
    assert (term.coefficient, term.magnitude, term.reach) == (1, 3, 3)
    assert problem.rounding.size(0) * ETA == 3


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_a_run_in_the_format_is_within_the_bound(fmt: Format) -> None:
    """hardswish in the format, rounded step by step, in two ways that a kernel may take."""
    rng = random.Random(7)

    def rounded(number: Fraction) -> Fraction:
        return fmt.round(number / fmt.eta) * fmt.eta

    sixth, third = rounded(Fraction(1, 6)), rounded(THIRD)
    ratios = []
    for _ in range(60):
        x = rounded(Fraction(rng.randrange(-2999, 3000), 1000))
        g = rounded(Fraction(rng.randrange(1, 2000), 7))
        one = rounded(g * rounded(rounded(x * third) + HALF))
        other = rounded(rounded(g * rounded(rounded(x + 3) + x)) * sixth)
        for v in (one, other):
            verdict = verdict_of(program_case("hardswish", of((x,)), (g,), (v,), fmt))
            assert verdict["verdict"] == "smooth", (x, g, v)
            ratios.append(verdict["worst_ratio"])
    assert 0 < max(ratios) < 1


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_an_average_is_right_in_any_order(fmt: Format) -> None:
    """Three inputs summed from the left, from the right, and scaled first: all within the bound."""

    def rounded(number: Fraction) -> Fraction:
        return fmt.round(number / fmt.eta) * fmt.eta

    rng, third = random.Random(9), rounded(THIRD)
    for _ in range(40):
        x = [rounded(Fraction(rng.randrange(-999, 999), 13)) for _ in range(3)]
        ways = [
            rounded(rounded(rounded(x[0] + x[1]) + x[2]) / 3),
            rounded(rounded(x[0] + rounded(x[1] + x[2])) * third),
        ]
        parts = [rounded(one * third) for one in x]
        ways.append(rounded(rounded(parts[0] + parts[1]) + parts[2]))
        sample = of(x, 1, 1, 3, output_size=[1])
        case = program_case("adaptive_avg_pool1d", sample, (3,), (1, 1, 1), fmt)
        for y in ways:
            assert verdict_of(with_output(case, (y,)))["output_exact"], (x, y)
        wrong = 20 + sum(x) / 3
        assert not verdict_of(with_output(case, (wrong,)))["output_exact"]


@pytest.mark.parametrize(
    ("op", "sample", "y", "right"),
    [
        ("amax", of((1, 2), dim=[0], keepdim=False), 2, True),
        ("amax", of((1, 2), dim=[0], keepdim=False), 2 + 4 * U, False),
        ("amax", of(("0x0.0p+0", "-0x0.0p+0"), dim=[0], keepdim=False), "-0x0.0p+0", True),
        ("amax", of(("0x0.0p+0", -1), dim=[0], keepdim=False), "-0x0.0p+0", False),
        ("amin", of((1, "nan"), dim=[0], keepdim=False), "nan", True),
        ("amin", of((1, "nan"), dim=[0], keepdim=False), 1, False),
        ("amax", of((1, "inf"), dim=[0], keepdim=False), "inf", True),
        ("amax", of((1, 2), dim=[0], keepdim=False), "inf", False),
        ("relu", of((-1,)), "0x0.0p+0", True),
        ("relu", of((-1,)), "-0x0.0p+0", False),
        ("relu", of(("-0x0.0p+0",)), "-0x0.0p+0", True),
        ("clamp_min", of((-1,), min="-0x0.0p+0"), "-0x0.0p+0", True),
        ("clamp_min", of((-1,), min="-0x0.0p+0"), "0x0.0p+0", False),
        # a bound that the format lacks becomes one of its neighbours
        ("clamp_min", of((0,), min=spelled(0.1)), Fraction(0.1), True),
        ("clamp_min", of((0,), min=spelled(0.1)), Fraction(1, 9), False),
    ],
)
def test_values_are_copied_or_rounded(op: str, sample: Sample, y: Number, right: bool) -> None:
    case = with_output(program_case(op, sample, (0,)), (y,))
    assert verdict_of(case)["output_exact"] is right


def test_a_sum_may_overflow_where_it_is_too_large() -> None:
    """The largest number of binary16 is 65504: the sum of two of them is infinite, of one not."""
    for x, y, right in (
        ((65504, 65504), "inf", True),
        ((65504, 65504), 65504, True),
        ((65000, 0), "inf", False),
        ((65504, 65504), "-inf", False),
    ):
        case = program_case("avg_pool1d", _averaged(x), (0,), fmt=BINARY16)
        assert verdict_of(with_output(case, (y,)))["output_exact"] is right, (x, y)


def _averaged(x: Sequence[Number]) -> Sample:
    params = {"kernel_size": [2], "stride": [2], "padding": [0]}
    params |= {"ceil_mode": False, "count_include_pad": True}
    return of(x, 1, 1, 2, **params)


def test_a_product_may_overflow_on_the_way() -> None:
    """g w is beyond binary16 though a cotangent of another sign brings the sum back."""
    sample = Sample({}, {"input": ((2,), (-2, -2)), "weight": ((1,), (1,))})
    case = program_case("prelu", sample, (60000, -60000), (60000, -60000, "nan"), fmt=BINARY16)
    verdict = verdict_of(case)
    assert (verdict["verdict"], verdict["overflow"]) == ("smooth", 1)
    small = program_case("prelu", sample, (600, -600), (600, -600, "nan"), fmt=BINARY16)
    assert verdict_of(small)["certificate"]["kind"] == "box"


@pytest.mark.parametrize(
    ("x", "g", "v", "expected", "special"),
    [
        (("inf", -1), (1, 1), (1, 2, -1), "smooth", True),
        (("-inf", -1), (1, 1), ("nan", 2, "-inf"), "smooth", True),  # -inf has a slope of -inf
        (("-inf", -1), (1, 1), (2, 3, "-inf"), "outside", True),
        (("-inf", -1), (0, 1), (0, 2, "nan"), "smooth", True),  # 0 times -inf
        (("nan", -1), (1, 1), ("nan", 2, "nan"), "smooth", True),
        (("nan", -1), (0, 1), ("nan", 2, "nan"), "smooth", True),
        (("nan", -1), (1, 1), (0, "nan", 0), "outside", True),
        ((-1, -1), ("nan", 1), ("nan", 2, "nan"), "smooth", True),
        ((-1, -1), ("nan", 1), ("nan", 3, "nan"), "outside", True),
        ((-1, -1), ("inf", 1), ("inf", 2, "-inf"), "smooth", True),
        ((-1, -1), (1, 1), (2, 2, -2), "smooth", False),
    ],
)
def test_special_values_of_prelu(
    x: Sequence[Number], g: Sequence[Number], v: Sequence[Number], expected: str, special: bool
) -> None:
    """What an output may be NaN by is free; the inputs of others are judged as ever."""
    sample = Sample({}, {"input": ((2,), x), "weight": ((1,), (2,))})
    verdict = verdict_of(program_case("prelu", sample, g, v))
    assert (verdict["verdict"], verdict["special"]) == (expected, special)


@pytest.mark.parametrize(
    ("op", "x", "v", "expected"),
    [
        ("amax", (1, "nan", 2, "nan"), (0, 1, 0, 0), "clarke"),
        ("amax", (1, "nan", 2, "nan"), (0, 0, 1, 0), "outside"),
        ("nanmedian", (1, "nan", 2, "nan"), (1, 0, 0, 0), "smooth"),
        ("nanmedian", (1, "nan", 2, "nan"), (0, 1, 0, 0), "outside"),
        ("median", (1, "nan", 2, "nan"), (0, HALF, 0, HALF), "clarke"),
        ("amax", (1, "inf", 2, "inf"), (0, HALF, 0, HALF), "clarke"),
        ("amax", (1, "inf", 2, "inf"), (0, 0, 1, 0), "outside"),
    ],
)
def test_special_values_of_selections(
    op: str, x: Sequence[Number], v: Sequence[Number], expected: str
) -> None:
    """NaN are tied with each other; what is not chosen gets 0."""
    sample = of(x, dim=[0] if op == "amax" else 0, keepdim=False)
    verdict = verdict_of(program_case(op, sample, (1,), v))
    assert (verdict["verdict"], verdict["special"]) == (expected, True)


def test_nothing_to_choose_from_is_no_special_case() -> None:
    """An empty segment is -inf, which no input has to do with."""
    sample = of((1, 2), name="data", reduce="max", lengths=[0, 2], initial=None)
    verdict = verdict_of(program_case("segment_reduce", sample, (1, 1), (0, 1)))
    assert (verdict["verdict"], verdict["special"]) == ("smooth", False)


def test_a_shared_sum_counts_its_additions() -> None:
    """Five copies of one source: n - 1 additions, and a share where they tie with the target."""
    params = {"dim": 0, "index": tensor((0, 1, 2, 3, 4)), "reduce": "amax", "include_self": True}
    operands = {"input": ((5,), (0,) * 5), "src": ((5,), (1,) * 5)}
    case = program_case("scatter_reduce", Sample(params, operands), (1,) * 5)
    assert [bound_of(case, i) for i in (0, 5)] == [0, 0]
    tied = Sample(params, operands | {"src": ((5,), (0,) * 5)})
    assert bound_of(program_case("scatter_reduce", tied, (1,) * 5)) == U + ETA / 2

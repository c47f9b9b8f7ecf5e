"""The second oracle on piecewise operations whose sets can be computed by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction

import pytest

from oracle.case import Case, Tensor, write_case
from oracle.formats import BINARY16, BINARY32, BINARY64
from oracle.limits import LimitsError, judge_by_limits, limiting_gradients, limits_verdict
from suites.meta.cases import confined, with_gradient
from suites.meta.programs import HALF, Entries, Sample, of, of_two, program_case, spelled

ROW = {"dim": 0, "keepdim": False}
REDUCED = {"dim": 0, "index": {"shape": [2], "data": [0, 0]}, "reduce": "amax"}
MIDDLE = {"q": spelled(HALF), **ROW, "interpolation": "linear"}
TURNED = {"dim": 0, "descending": False, "stable": True}
SELU = Fraction("1.0507009873554804934193349852946")
ALPHA = Fraction("1.6732632423543772848170429916717")
WINDOWS = {"kernel_size": (2,), "stride": (1,), "padding": (1,), "ceil_mode": False}
TENTH = Fraction(0.1)
"""The binary64 number that a slope of 0.1 is."""


@pytest.mark.parametrize(
    ("op", "sample", "g", "limits"),
    [
        ("abs", of((0,)), (1,), {(-1,), (1,)}),
        ("abs", of((-2,)), (1,), {(-1,)}),
        ("relu", of((0, 1, -1)), (1, 1, 1), {(0, 1, 0), (1, 1, 0)}),
        ("leaky_relu", of((0,), negative_slope=spelled(TENTH)), (2,), {(2,), (2 * TENTH,)}),
        ("prelu", of_two((0, -3), (0,), "weight"), (1, 1), {(0, 0, -3), (1, 0, -3)}),
        ("prelu", of_two((0,), (1,), "weight"), (1,), {(1, 0)}),
        ("hardtanh", of((1,), min_val=spelled(-1), max_val=spelled(1)), (1,), {(0,), (1,)}),
        ("hardtanh", of((1,), min_val=spelled(1), max_val=spelled(1)), (1,), {(0,)}),
        ("hardsigmoid", of((3, 0)), (6, 6), {(0, 1), (1, 1)}),
        ("hardswish", of((-3, 0, 3)), (2, 2, 2), {(a, 1, b) for a in (-1, 0) for b in (3, 2)}),
        ("softshrink", of((HALF,), lambd=spelled(HALF)), (1,), {(0,), (1,)}),
        ("threshold", of((0,), threshold=spelled(0), value=spelled(0)), (1,), {(0,), (1,)}),
        ("elu", of((0,), alpha=spelled(TENTH)), (1,), {(TENTH,), (1,)}),
        ("celu", of((0,), alpha=spelled(TENTH)), (1,), {(1,)}),
        ("selu", of((0,)), (1,), {(SELU * ALPHA,), (SELU,)}),
        ("clamp", of((1,), min=spelled(1), max=spelled(2)), (1,), {(0,), (1,)}),
        ("clamp", of((2,), min=spelled(2), max=spelled(1)), (1,), {(0,)}),
        ("maximum", of_two((2, 2), (2,)), (1, 1), {(1, 1, 0), (1, 0, 1), (0, 1, 1), (0, 0, 2)}),
        ("minimum", of_two((2,), (2,)), (3,), {(3, 0), (0, 3)}),
        ("sort", of((5, 5), **TURNED), (1, 1), {(1, 1)}),
        ("sort", of((5, 5), **TURNED), (1, -1), {(1, -1), (-1, 1)}),
        ("topk", of((5, 5), dim=0, k=1, largest=True, sorted=True), (1,), {(1, 0), (0, 1)}),
        ("kthvalue", of((5, 5, 7), k=2, **ROW), (1,), {(1, 0, 0), (0, 1, 0)}),
        ("median", of((5, 5, 5), **ROW), (1,), {(1, 0, 0), (0, 1, 0), (0, 0, 1)}),
        ("cummax", of((5, 5), dim=0), (1, 1), {(2, 0), (1, 1)}),
        ("cummin", of((5, 5), dim=0), (1, -1), {(0, 0), (1, -1)}),
        ("aminmax", of((5, 5), **ROW), (1, 1), {(1, 1)}),
        ("aminmax", of((5, 5), **ROW), (1, -1), {(1, -1), (-1, 1)}),
        ("mode", of((5, 5, 6), **ROW), (1,), {(1, 0, 0), (0, 1, 0)}),
        ("quantile", of((5, 5), **MIDDLE), (2,), {(1, 1)}),
        ("quantile", of((5, 6, 6), **{**MIDDLE, "q": spelled(Fraction(1, 4))}), (2,),
         {(1, 1, 0), (1, 0, 1)}),
        ("scatter_reduce", of_two((5,), (5, 4), "src", **REDUCED, include_self=True), (1,),
         {(1, 0, 0), (0, 1, 0)}),
        ("scatter_reduce", of_two((5,), (5, 4), "src", **REDUCED, include_self=False), (1,),
         {(0, 1, 0)}),
        ("avg_pool1d", of((1, 1), 1, 2, **WINDOWS, count_include_pad=True), (2, 2, 2), {(2, 2)}),
        ("avg_pool1d", of((1, 1), 1, 2, **WINDOWS, count_include_pad=False), (2, 2, 2), {(3, 3)}),
    ],
)  # fmt: skip
def test_limits_that_can_be_computed_by_hand(
    op: str, sample: Sample, g: Entries, limits: set[tuple[Fraction, ...]]
) -> None:
    assert set(limiting_gradients(program_case(op, sample, g))) == limits


@pytest.mark.parametrize(
    ("op", "sample", "g", "words"),
    [
        ("relu", of((0,)), (1,), {"clarke": (0, HALF, 1), "outside": (-HALF, 2)}),
        ("relu", of((1,)), (1,), {"smooth": (1,), "outside": (0, 2)}),
        ("hardtanh", of((1,), min_val=spelled(1), max_val=spelled(1)), (1,),
         {"clarke": (0,), "conservative": (HALF, 1), "outside": (2,)}),
        ("clamp", of((2,), min=spelled(2), max=spelled(1)), (1,),
         {"smooth": (0,), "outside": (1,)}),
        ("hardshrink", of((HALF,), lambd=spelled(HALF)), (1,), {"smooth": (0, 1, 7)}),
        ("threshold", of((1,), threshold=spelled(1), value=spelled(0)), (1,), {"smooth": (0, 7)}),
    ],
)  # fmt: skip
def test_words_of_single_numbers(
    op: str, sample: Sample, g: Entries, words: dict[str, Entries]
) -> None:
    for word, gradients in words.items():
        for v in gradients:
            assert judge_by_limits(program_case(op, sample, g, (v,))) == word, v


@pytest.mark.parametrize(
    ("v", "word"), [((1, 1), "clarke"), ((2, 0), "conservative"), ((2, 1), "outside")]
)
@pytest.mark.parametrize(
    ("op", "sample"), [("sort", of((5, 5), **TURNED)), ("aminmax", of((5, 5), **ROW))]
)
def test_places_of_a_row_are_not_taken_twice(
    op: str, sample: Sample, v: Entries, word: str
) -> None:
    assert judge_by_limits(program_case(op, sample, (1, 1), v)) == word


def test_an_interpolated_quantile_is_two_choices_to_the_chain_rule() -> None:
    case = program_case("quantile", of((5, 5), **MIDDLE), (2,))

    words = [judge_by_limits(with_gradient(case, v)) for v in ((1, 1), (2, 0), (3, -1))]

    assert words == ["clarke", "conservative", "outside"]


@pytest.mark.parametrize(
    ("op", "sample", "limits"),
    [
        ("maximum", of_two((5, 4), (5, 5)), {(0, 0, 0, 0), (1, 0, 0, 0)}),
        ("prelu", of_two((-3, 0), (HALF,), "weight"), {(HALF, HALF, 0), (HALF, 1, 0)}),
        ("copysign", of_two((3, 0), (0, -2)), {(1, -1, 0, 0), (1, 1, 0, 0)}),
        ("clamp", of_two((5,), (5,), "min", min=None, max=spelled(5)), {(0, 0)}),
    ],
)
def test_constants_do_not_move(op: str, sample: Sample, limits: set[tuple[Fraction, ...]]) -> None:
    second = list(sample.operands)[1]
    outputs = len(sample.operands["input"][1])
    case = program_case(op, sample._replace(constants=(second,)), [1] * outputs)

    assert set(limiting_gradients(case)) == limits
    assert judge_by_limits(with_gradient(case, (*next(iter(limits))[:-1], 1))) == "outside"


def test_comparisons_with_constant_bounds_are_decided_one_by_one() -> None:
    sample = of_two((5,), (5,), "min", min=None, max=spelled(5))._replace(constants=("min",))

    words = [judge_by_limits(program_case("clamp", sample, (1,), (v, 0))) for v in (0, 1, 2)]

    assert words == ["clarke", "conservative", "outside"]


def test_nothing_is_asked_of_the_inputs_of_an_output_that_jumps() -> None:
    # 1 occurs as often as 2, so wherever the twos alone stay equal 2 is the mode
    two_modes = program_case("mode", of((1, 1, 2, 2), **ROW), (1,), (9, "nan", -9, "inf"))
    # next to zeros, and to three equal numbers, there are jumps, be it by little
    signs = program_case("copysign", of_two((3, 0, 0), (0, 0, 2)), (1, 1, 1), (9, 9, 1, 9, 9, 0))
    three = program_case("mode", of((1, 1, 1), **ROW), (1,), (9, 9, 9))

    assert judge_by_limits(two_modes) == "smooth"
    assert limits_verdict(two_modes)["ties"] == {"windows": 1, "tied": 0, "jumps": 1}
    assert judge_by_limits(three) == "smooth"
    assert judge_by_limits(signs) == "clarke"
    assert judge_by_limits(with_gradient(signs, (9, 9, 2, 9, 9, 0))) == "outside"
    unused = replace(two_modes, cotangent=Tensor((), [0]))
    assert judge_by_limits(unused) == "outside"


@pytest.mark.parametrize(
    ("op", "sample", "z", "roundings"),
    [
        ("leaky_relu", of((-1,), negative_slope=spelled(TENTH)), TENTH, 2),
        ("rrelu", of((-1,), lower=spelled(TENTH), upper=spelled(TENTH)), TENTH, 4),
        ("hardsigmoid", of((0,)), Fraction(1, 6), 3),
        # the parts of 1/3 + 1/2 are taken for 3/2 at most
        ("hardswish", of((1,)), Fraction(5, 6), Fraction(5 * 3, 2) / Fraction(5, 6)),
        ("selu", of((1,)), SELU, 4),
        ("avg_pool1d", of((1, 1), 1, 2, **WINDOWS, count_include_pad=True), HALF, 2),
    ],
)
def test_a_coefficient_may_be_off_by_its_roundings_and_no_more(
    op: str, sample: Sample, z: Fraction, roundings: int | Fraction
) -> None:
    fmt = BINARY64
    outputs = program_case(op, sample, (), fmt=fmt).geometry.output_shape
    u, g = fmt.unit_roundoff, [1] + [0] * (math.prod(outputs) - 1)

    def word(errors: Fraction) -> str:
        case = program_case(op, sample, g, fmt=fmt)
        rest = [0] * (len(case.input.bits) - 1)
        return judge_by_limits(with_gradient(case, [z + errors * u * z, *rest]))

    # numbers of the format are up to 2 u apart, relatively, and halfway between two of them
    assert word(Fraction(0)) == "smooth"
    assert word(Fraction(roundings) - 1) == "smooth"
    assert word(Fraction(roundings) + 2) == "outside"


def test_a_weight_gets_the_sum_of_products() -> None:
    case = program_case("prelu", of_two((-3, -5), (0,), "weight"), (1, TENTH), fmt=BINARY16)
    tenth = BINARY16.round(TENTH / BINARY16.eta) * BINARY16.eta
    exact = -3 - 5 * tenth
    ulp = Fraction(1, 1 << 9)

    def word(value: Fraction) -> str:
        return judge_by_limits(with_gradient(case, (0, 0, value)))

    assert [word(exact + k * ulp) for k in (0, 1, 4)] == ["smooth", "smooth", "outside"]


def test_overflow_is_what_a_coefficient_makes_of_the_cotangent() -> None:
    largest = BINARY16.largest * BINARY16.eta
    wide = of((-1,), negative_slope=spelled(-2))

    assert judge_by_limits(program_case("leaky_relu", wide, (largest,), ("-inf",), BINARY16)) == (
        "smooth"
    )
    for v, slope in (("inf", -2), ("-inf", -HALF)):
        sample = of((-1,), negative_slope=spelled(slope))
        case = program_case("leaky_relu", sample, (largest,), (v,), BINARY16)
        assert judge_by_limits(case) == "outside"


@pytest.mark.parametrize(
    ("op", "sample", "message"),
    [
        ("elu", of((-1,), alpha=spelled(1)), "no rational number, expected arguments of exp at 0"),
        ("amax", of((1,) * 6, dim=(0,), keepdim=False), "6 tied inputs are connected"),
        (
            "copysign",
            of_two((1,), ("-0x0.0p+0",))._replace(constants=("other",)),
            "a constant is -0",
        ),
        ("relu", of(("inf",)), r"input.data\[0\] is inf, expected a finite number"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_the_reason(
    op: str, sample: Sample, message: str
) -> None:
    with pytest.raises(LimitsError, match=message):
        judge_by_limits(program_case(op, sample, (1,)))


def test_an_output_that_is_a_copy_has_the_bits_of_an_equal_input() -> None:
    case = program_case("amax", of(("0x0.0p+0", 0, -1), dim=(0,), keepdim=False), (1,))
    computed = program_case("leaky_relu", of((-1,), negative_slope=spelled(TENTH)), (1,))

    def exact(case: Case, bits: int) -> object:
        output = Tensor(case.geometry.output_shape, [bits])
        return limits_verdict(replace(case, output=output))["output_exact"]

    assert [exact(case, bits) for bits in (0, BINARY32.sign_bit, 1)] == [True, False, False]
    assert exact(computed, 0) is None


def test_the_command_judges_programs_by_limits() -> None:
    clarke = program_case("relu", of((0,)), (1,), (HALF,))
    outside = program_case("maximum", of_two((1,), (1,)), (1,), (1, 1))
    stream = "".join(json.dumps(write_case(case)) + "\n" for case in (clarke, outside))

    result = confined("-m", "oracle", "judge", "--by", "limits", "-", text=stream)

    verdicts = [json.loads(line) for line in result.stdout.splitlines()]
    assert [verdict["verdict"] for verdict in verdicts] == ["clarke", "outside"]
    assert (result.returncode, result.stderr) == (1, "")

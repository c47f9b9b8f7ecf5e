"""Sampling, LU factors and quotients, worked out by hand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import pytest

from oracle.case import CaseError
from oracle.formats import BFLOAT16, BINARY32, FORMATS, Format
from oracle.judge import judge
from oracle.programs import Scalar, Signature
from oracle.programs.derived import Factors
from oracle.programs.errors import ProgramError
from oracle.programs.positions import axis
from oracle.programs.quotients import quotient, reciprocal
from suites.corpus import stacks
from suites.meta.cases import Number
from suites.meta.crafted import verdict_of
from suites.meta.programs import HALF, Sample, program_case

Numbers = Sequence[Number]

ZEROS = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": False}
CENTRES = (-HALF, HALF)
"""The numbers of a grid that stand for the centres of two pixels."""


def plane(pixels: Numbers, *position: Number, channels: int = 1, **params: object) -> Sample:
    """Return a row of pixels in each channel, read at one position, halfway down if none is given.

    The position down is that of the only row.
    """
    width = len(pixels) // channels
    x, y = (*position, 0)[:2]
    return Sample(
        {**ZEROS, **params},
        {"input": ((1, channels, 1, width), pixels), "grid": ((1, 1, 1, 2), (x, y))},
    )


def sampled(sample: Sample, g: Numbers, v: Numbers, fmt: Format = BINARY32) -> str:
    return str(verdict_of(program_case("grid_sample", sample, g, v, fmt))["verdict"])


def outputs(op: str, sample: Sample, fmt: Format = BINARY32) -> Sequence[Scalar]:
    case = program_case(op, sample, (), fmt=fmt)
    assert isinstance(case.geometry, Signature)
    return case.geometry.outputs(case.input.bits, fmt)


@pytest.mark.parametrize(
    ("slope", "expected"),
    [(-3, "clarke"), (3, "clarke"), (0, "clarke"), (4, "outside"), (-4, "outside")],
)
def test_a_pixel_centre_is_a_kink(slope: Number, expected: str) -> None:
    """Of 3 between 0 and 0: the slopes are 3 a pixel, and two pixels are 2 wide."""
    v = (0, 1, 0, slope, 0)
    assert sampled(plane((0, 3, 0), 0), (1,), (0, 1, 0, 0, 0)) == "clarke"
    assert sampled(plane((3, 0), -HALF), (1,), (1, 0, 3, 0)) == "clarke"  # zeros are beyond
    assert sampled(plane((3, 0), -HALF), (1,), (1, 0, -3, 0)) == "clarke"
    factor = Fraction(3, 2)  # three pixels are 2 wide
    assert sampled(plane((0, 3, 0), 0), (1,), (*v[:3], slope * factor, 0)) == expected


@pytest.mark.parametrize(
    ("padding", "aligned", "at", "slopes"),
    [
        ("zeros", False, -HALF, (5, 2)),
        ("border", False, -HALF, (0, 2)),
        ("reflection", False, -HALF, (0, 2)),
        ("zeros", True, -1, (Fraction(5, 2), 1)),
        ("border", True, -1, (0, 1)),
        ("reflection", True, -1, (-1, 1)),
        ("border", False, HALF, (2, 0)),
        ("zeros", False, HALF, (2, -7)),
        ("reflection", True, 1, (1, -1)),
        ("reflection", False, Fraction(3, 2), (0, -2)),
    ],
)
def test_what_lies_beyond_decides_on_the_other_side(
    padding: str, aligned: bool, at: Number, slopes: tuple[Number, Number]
) -> None:
    """Of 5 and 7: a pixel is 1 wide, or 2 if the corners are aligned."""
    sample = plane((5, 7), at, padding_mode=padding, align_corners=aligned)
    (y,) = outputs("grid_sample", sample)
    assert y.value in (5, 7)
    assert {branch.row[2].coefficient for branch in y.branches} == set(slopes)
    pixels = [int(y.value == pixel) for pixel in (5, 7)]
    for slope in (*slopes, sum(map(Fraction, slopes)) / 2):
        assert sampled(sample, (1,), (*pixels, slope, 0)) == "clarke"
    for slope in (max(slopes) + HALF, min(slopes) - HALF):
        assert sampled(sample, (1,), (*pixels, slope, 0)) == "outside"


def test_between_pixels_it_is_smooth() -> None:
    sample = plane((5, 7), Fraction(1, 4), padding_mode="border")
    assert sampled(sample, (2,), (HALF, Fraction(3, 2), 4, 0)) == "smooth"
    assert sampled(sample, (2,), (HALF, Fraction(3, 2), 5, 0)) == "outside"
    assert outputs("grid_sample", sample)[0].value == Fraction(13, 2)


def test_both_channels_are_on_one_side() -> None:
    """Equal planes with opposite cotangents are the zero function; chains may not know it."""
    sample = plane((0, 3, 0, 0, 3, 0), 0, channels=2)
    free = (0, 1, 0, 0, -1, 0)
    assert sampled(sample, (1, -1), (*free, 0, 0)) == "clarke"
    assert sampled(sample, (1, -1), (*free, 9, 0)) == "conservative"
    assert sampled(sample, (1, -1), (*free, 10, 0)) == "outside"


def test_at_a_corner_four_pieces_meet_and_no_more() -> None:
    square = Sample(
        ZEROS, {"input": ((1, 1, 2, 2), (1, 3, 4, 5)), "grid": ((1, 1, 1, 2), CENTRES[:1] * 2)}
    )
    (y,) = outputs("grid_sample", square)
    slopes = [tuple(branch.row[i].coefficient for i in (4, 5)) for branch in y.branches]
    assert sorted(slopes) == list(itertools.product((1, 2), (1, 3)))
    assert y.value == 1


def test_halfway_the_nearest_pixel_jumps_to_the_even_one() -> None:
    for pixels, at, value in (((5, 7), 0, 5), ((5, 7, 9), Fraction(1, 3), 9)):
        sample = plane(pixels, at, mode="nearest")
        if len(pixels) == 2:
            (y,) = outputs("grid_sample", sample)
            assert (y.value, y.jump) == (value, True)
            assert sampled(sample, (1,), (3, -4, 9, 0)) == "smooth"  # nothing is asked
    (y,) = outputs("grid_sample", plane((5, 7, 9, 11), HALF, mode="nearest"))
    assert (y.value, y.jump) == (9, True)  # halfway between the places 2 and 3
    (y,) = outputs("grid_sample", plane((5, 7), -1, mode="nearest"))
    assert (y.value, y.jump) == (5, True)  # 0 is even, what is outside is not
    border = plane((5, 7), -1, mode="nearest", padding_mode="border")
    (y,) = outputs("grid_sample", border)
    assert (y.value, y.jump) == (5, False)
    assert sampled(border, (1,), (1, 0, 0, 0)) == "smooth"
    assert sampled(border, (1,), (0, 1, 0, 0)) == "outside"


def test_nothing_jumps_where_nothing_moves() -> None:
    still = plane((5, 7), 0, mode="nearest")
    (y,) = outputs("grid_sample", still._replace(constants=("grid",)))
    assert not y.jump
    alike = plane((5, 5), 0, mode="nearest")._replace(constants=("input",))
    assert not outputs("grid_sample", alike)[0].jump
    assert outputs("grid_sample", still._replace(constants=("input",)))[0].jump


def test_what_is_no_number_stands_for_one() -> None:
    by_name = {"nan": -1, "inf": 8, "-inf": -8}
    for text, number in by_name.items():
        for padding in ("zeros", "border"):
            sample = plane((5, 7), text, padding_mode=padding)
            expected = outputs("grid_sample", plane((5, 7), number, padding_mode=padding))
            (y,) = outputs("grid_sample", sample)
            assert y.value == expected[0].value
            assert all(not branch.row[2].coefficient for branch in y.branches)
    with pytest.raises(ProgramError, match="grid holds inf, which stands for no position"):
        outputs("grid_sample", plane((5, 7), "inf", padding_mode="reflection"))


@pytest.mark.parametrize(
    ("pixels", "at", "padding"),
    [
        ((5, "inf"), -HALF, "zeros"),  # a kink: a neighbour weighs nothing
        (("nan", 5), HALF, "border"),
        ((5, "inf"), -2, "border"),  # clipped to the first pixel
        ((5, "inf"), -1, "reflection"),
    ],
)
def test_a_pixel_that_weighs_nothing_must_be_a_number(
    pixels: Numbers, at: Number, padding: str
) -> None:
    with pytest.raises(ProgramError, match="is no number and weighs 0"):
        outputs("grid_sample", plane(pixels, at, padding_mode=padding))


def test_a_pixel_that_is_read_may_be_none() -> None:
    """Of an infinity no gradient is asked: it may be had as 0 times it."""
    for at, padding, channels in ((0, "zeros", 1), (-2, "border", 2)):
        pixels = ("inf", *(5,) * (2 * channels - 1))
        sample = plane(pixels, at, channels=channels, padding_mode=padding)
        found = outputs("grid_sample", sample)
        assert found[0].value == math.inf
        assert judge(program_case("grid_sample", sample, [1] * channels, None)).special
    assert sampled(plane(("nan", 5), -3), (1,), (0, 0, 0, 0)) == "smooth"  # nothing is read


def test_a_position_that_may_be_rounded_across_a_kink_is_refused() -> None:
    """Of three pixels the first centre is -2/3, which no format has."""
    for fmt in FORMATS.values():
        near = Fraction(fmt.round(Fraction(-2, 3) / fmt.eta)) * fmt.eta
        with pytest.raises(ProgramError, match="may round across a kink"):
            outputs("grid_sample", plane((5, 7, 9), near), fmt)
    inexact = Fraction(fmt.round(Fraction(1, 3) / fmt.eta)) * fmt.eta
    (y,) = outputs("grid_sample", plane((5, 7, 9), inexact), fmt)
    assert y.branches[0].row[1].roundings > 8  # the weight is off by as much as the position
    (y,) = outputs("grid_sample", plane((5, 7), Fraction(1, 4)), fmt)
    assert y.branches[0].row[1].roundings < 4


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (plane((5, 7), 0, mode="bicubic"), "expected one of bilinear, nearest"),
        (Sample(ZEROS, {"input": ((1, 1, 2), (1, 2)), "grid": ((1, 1, 1), (0,))}), "grid.shape"),
        (
            Sample(ZEROS, {"input": ((2, 1, 1, 1), (1, 2)), "grid": ((1, 1, 1, 2), (0, 0))}),
            "grid.shape",
        ),
    ],
)
def test_what_sampling_does_not_take_is_named(sample: Sample, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        outputs("grid_sample", sample)


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_position_of_the_corpus_is_exact(format_name: str) -> None:
    fmt, numbers = FORMATS[format_name], 0
    for stack in stacks("standard", "grid_sample", format_name):
        planes, grid = stack.operands
        dims = grid.shape[-1] if grid.size else 0
        found = {
            (size, bits)
            for d in range(dims)
            for size in [planes.shape[-1 - d]]
            for bits in stack.inputs[:, planes.size + d :: dims].ravel().tolist()
        }
        for size, bits in found:
            units = fmt.units_of[bits]
            if units is not None and abs(units) != fmt.infinity:
                x = Scalar.variable(0, units * fmt.eta, negative_zero=False)
                assert axis(x, size, stack.params, fmt).error == 0
        numbers += len(found)
    assert numbers > 100


def matrix(*rows: Numbers) -> Sample:
    return Sample({}, {"A": ((len(rows), len(rows)), list(itertools.chain(*rows)))})


def factored(sample: Sample, g: Numbers, v: Numbers, fmt: Format = BINARY32) -> str:
    return str(verdict_of(program_case("lu_factor", sample, g, v, fmt))["verdict"])


def test_factors_of_two_rows() -> None:
    """l = c/a, u = d - c b/a for a = 2, b = 1, c = 1, d = 3."""
    sample = matrix((2, 1), (1, 3))
    assert [y.value for y in outputs("lu_factor", sample)] == [2, 1, HALF, Fraction(5, 2)]
    quarter = Fraction(1, 4)
    assert factored(sample, (0, 0, 1, 0), (-quarter, 0, HALF, 0)) == "smooth"
    assert factored(sample, (0, 0, 0, 1), (quarter, -HALF, -HALF, 1)) == "smooth"
    assert factored(sample, (0, 0, 0, 1), (quarter, -HALF, HALF, 1)) == "outside"
    exchanged = matrix((1, 3), (2, 1))
    assert [y.value for y in outputs("lu_factor", exchanged)] == [2, 1, HALF, Fraction(5, 2)]
    assert factored(exchanged, (0, 0, 0, 1), (-HALF, 1, quarter, -HALF)) == "smooth"


def test_factors_jump_where_candidates_are_tied() -> None:
    """The first of them is the pivot; nothing is asked of the gradient."""
    sample = matrix((1, 2), (-1, 3))
    found = outputs("lu_factor", sample)
    assert [y.value for y in found] == [1, 2, -1, 5]
    assert all(y.jump for y in found)
    assert factored(sample, (1, 1, 1, 1), (9, -9, 9, 0)) == "smooth"
    late = outputs("lu_factor", matrix((2, 0, 0), (0, 1, 2), (0, 1, 3)))
    assert [y.jump for y in late] == [False] * 3 + [True] * 6


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (((1, 2), (2, 4)), "no pivot is left in column 1"),
        (((0, 0), (0, 1)), "no pivot is left in column 0"),
        ((("nan", 1), (1, 1)), "a candidate for the pivot is nan"),
        (((3, 1, 0), (1, 1, 1), (1, 1, 2)), "within rounding of each other"),
    ],
)
def test_matrices_without_certain_factors_are_refused(
    rows: Sequence[Numbers], message: str
) -> None:
    """In the last one two candidates are 1 - 1/3, and 1/3 is rounded."""
    sample = matrix(*rows)
    with pytest.raises(ProgramError, match=message):
        outputs("lu_factor", sample)
    with pytest.raises(CaseError, match=message):
        judge(program_case("lu_factor", sample, [0] * len(rows) ** 2))


def test_candidates_that_rounding_cannot_exchange_are_told_apart() -> None:
    found = outputs("lu_factor", matrix((3, 1, 0), (1, 1, 1), (-1, 1, 3)))
    assert [y.value for y in found[4:6]] == [Fraction(4, 3), 3]
    assert not any(y.jump for y in found)


def test_only_small_square_matrices_are_taken() -> None:
    for shape in ((2, 3), (4, 4), (3,)):
        size = shape[0] * (shape[1] if len(shape) > 1 else 1)
        with pytest.raises(ProgramError, match="expected square matrices of 3 rows at most"):
            outputs("lu_factor", Sample({}, {"A": (shape, [1] * size)}))


def test_kernels_come_to_the_derivatives_of_the_definition() -> None:
    """By the reverse formula, and by the forward one."""
    rows = ((2, 1, 0), (1, -1, 1), (1, 3, 2))
    found = outputs("lu_factor", matrix(*rows))
    made = [found[3 * k : 3 * k + 3] for k in range(3)]
    factors = Factors.of(made)
    order = (0, 2, 1)
    for p, q, i, j in itertools.product(range(3), repeat=4):
        term = made[p][q].branches[0].row.get(3 * order[i] + j)
        own = term.coefficient if term else 0
        assert factors.reverse(p, q)[i][j].coefficient == own
        assert factors.forward(i, j)[p][q].coefficient == own


def test_what_cancels_in_a_kernel_may_leave_something() -> None:
    """The reverse formula adds and takes away u_12 / u_11 on the way to a derivative of 0."""
    (_, y, *_) = outputs("lu_factor", matrix((2, 1), (1, 3)))
    term = y.branches[0].row[0]
    assert term.coefficient == 0 < term.magnitude
    sample, g = matrix((3, 1), (1, 3)), (0, 1, 0, 0)
    ulp = 2 * BINARY32.unit_roundoff / 4
    assert factored(sample, g, (ulp, 1, 0, 0)) == "smooth"
    assert factored(sample, g, (HALF / 4, 1, 0, 0)) == "outside"


def test_quotients() -> None:
    x, y = (Scalar.variable(i, value, negative_zero=False) for i, value in enumerate((3, 4)))
    made = quotient(x, y)
    assert made.value == Fraction(3, 4)
    row = made.branches[0].row
    assert {i: term.coefficient for i, term in row.items()} == {
        0: Fraction(1, 4),
        1: Fraction(-3, 16),
    }
    assert (made.roundings, made.affine) == (2, False)
    with pytest.raises(ProgramError, match="a divisor is 0"):
        reciprocal(x - 3)


def test_a_divisor_that_cancels_costs_more() -> None:
    """7/8 off by one rounding of 1 + 1/8 is off by 9/7 of its own; twice as many are allowed."""
    x = Scalar.variable(0, 1, negative_zero=False)
    plain, cancelled = x + Fraction(1, 8), x - Fraction(1, 8)
    assert reciprocal(plain).roundings == plain.roundings + 1 == 2
    assert reciprocal(cancelled).roundings == 1 + 3
    units = BFLOAT16.unit_roundoff
    off = Fraction(7, 8) * (1 - units * Fraction(9, 7))
    steps = reciprocal(cancelled).roundings * units
    assert abs(1 / off - Fraction(8, 7)) < steps / (1 - steps) * reciprocal(cancelled).magnitude

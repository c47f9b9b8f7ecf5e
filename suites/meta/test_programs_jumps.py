"""Functions with jumps: their values, where they jump, and what is asked next to it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from oracle.formats import BINARY32
from oracle.programs.jumps import JUMPS
from suites.meta.cases import Number, with_output
from suites.meta.crafted import verdict_of
from suites.meta.programs import HALF, Entries, Sample, program_case

Said = tuple[str, bool, int]


def said(op: str, x: Sequence[Number], y: Number, v: Entries, **params: object) -> Said:
    """Return the verdict's word on one output, whether its value is right, and its jumps."""
    names = JUMPS[op].operands
    params = params or ({"decimals": 0} if op == "round" else {})
    sample = Sample(params, {name: ((1,), (n,)) for name, n in zip(names, x, strict=True)})
    verdict = verdict_of(with_output(program_case(op, sample, (2,), v), (y,)))
    return verdict["verdict"], verdict["output_exact"], verdict["ties"]["jumps"]


def rounded(number: Fraction) -> Fraction:
    """Return the number of binary32 that is nearest."""
    return BINARY32.round(number / BINARY32.eta) * BINARY32.eta


NEGATIVE_ZERO = "-0x0.0p+0"


@pytest.mark.parametrize(
    ("op", "x", "y", "jumps"),
    [
        ("sign", -3, -1, 0),
        ("sign", 0, 0, 1),
        ("sgn", NEGATIVE_ZERO, 0, 1),
        ("floor", Fraction(5, 2), 2, 0),
        ("floor", Fraction(-5, 2), -3, 0),
        ("floor", 2, 2, 1),
        ("floor", 0, 0, 1),
        ("ceil", Fraction(-1, 2), NEGATIVE_ZERO, 0),
        ("ceil", Fraction(1, 2), 1, 0),
        ("ceil", -2, -2, 1),
        ("trunc", Fraction(-5, 2), -2, 0),
        ("trunc", 0, 0, 0),  # it is 0 on both sides
        ("trunc", NEGATIVE_ZERO, NEGATIVE_ZERO, 0),
        ("trunc", 3, 3, 1),
        ("round", Fraction(5, 2), 2, 1),  # half to even
        ("round", Fraction(7, 2), 4, 1),
        ("round", Fraction(9, 4), 2, 0),
        ("round", 2, 2, 0),
    ],
)
def test_steps_are_flat_and_jump(op: str, x: Number, y: Number, jumps: int) -> None:
    assert said(op, (x,), y, (0,)) == ("smooth", True, jumps)
    # at a jump nothing is asked, elsewhere the slope is 0
    assert said(op, (x,), y, (1,))[0] == ("smooth" if jumps else "outside")
    assert not said(op, (x,), 9, (0,))[1]


@pytest.mark.parametrize(
    ("x", "y", "jumps"), [(HALF, HALF, 0), (Fraction(-5, 2), -HALF, 0), (0, 0, 0), (3, 0, 1)]
)
def test_frac_has_the_slope_1(x: Number, y: Number, jumps: int) -> None:
    assert said("frac", (x,), y, (2,)) == ("smooth", True, jumps)
    assert said("frac", (x,), y, (0,))[0] == ("smooth" if jumps else "outside")


@pytest.mark.parametrize(
    ("op", "x", "y", "slope", "jumps"),
    [
        ("fmod", (5, 3), 2, -1, 0),
        ("fmod", (-5, 3), -2, 1, 0),
        ("fmod", (5, -3), 2, 1, 0),
        ("fmod", (6, 3), 0, -2, 1),
        ("fmod", (0, 3), 0, 0, 0),  # it is x next to 0
        ("remainder", (5, 3), 2, -1, 0),
        ("remainder", (-5, 3), 1, 2, 0),
        ("remainder", (5, -3), -1, 2, 0),
        ("remainder", (6, 3), 0, -2, 1),
        ("remainder", (0, 3), 0, 0, 1),
        ("fmod", (1000, 3), 1, -333, 0),
    ],
)
def test_what_is_left_of_a_division(
    op: str, x: Sequence[int], y: int, slope: int, jumps: int
) -> None:
    """x - n y: slope 1 in the dividend and -n in the divisor."""
    assert said(op, x, y, (2, 2 * slope)) == ("smooth", True, jumps)
    for wrong in ((0, 2 * slope), (2, 2 * slope + 2)):
        assert said(op, x, y, wrong)[0] == ("smooth" if jumps else "outside")


def test_adding_the_divisor_is_one_rounding() -> None:
    """-2^-30 modulo 3: 3 - 2^-30 is no number of binary32, and 3 is near enough."""
    tiny = -(Fraction(2) ** -30)
    assert said("remainder", (tiny, 3), 3, (2, 2)) == ("smooth", True, 0)
    assert not said("remainder", (tiny, 3), 3 - 8 * BINARY32.unit_roundoff, (2, 2))[1]
    assert not said("fmod", (tiny, 3), 0, (2, 0))[1]


@pytest.mark.parametrize(
    ("op", "x", "y"),
    [
        ("fmod", (1, 0), "nan"),
        ("fmod", ("inf", 2), "nan"),
        ("fmod", (-1, "inf"), -1),
        ("remainder", (1, "inf"), 1),
        ("remainder", (-1, "inf"), "inf"),
        ("remainder", (-1, "nan"), "nan"),
        ("floor", ("inf",), "inf"),
        ("frac", ("-inf",), "nan"),
        ("sign", ("nan",), 0),
    ],
)
def test_special_operands(op: str, x: Sequence[Number], y: Number) -> None:
    """Of a NaN nothing is asked, nor of an infinite divisor; a step at infinity is flat."""
    flat = op == "floor"
    assert said(op, x, y, ("nan",) * len(x))[:2] == ("outside" if flat else "smooth", True)
    assert said(op, x, y, (0,) * len(x))[:2] == ("smooth", True)


@pytest.mark.parametrize(
    ("decimals", "x", "y", "jumps"),
    [
        (1, Fraction(9, 8), rounded(Fraction(11, 10)), 0),
        (1, Fraction(1, 4), rounded(Fraction(2, 10)), 1),
        # 2.5 times 1 + 2^-20, which is 2.5 in half precision
        (1, (1 + Fraction(2) ** -20) / 4, rounded(Fraction(3, 10)), 1),
        (-1, 15, 20, 1),
        (-1, 17, 20, 0),
    ],
)
def test_decimals_jump_where_the_rounded_product_may(
    decimals: int, x: Number, y: Number, jumps: int
) -> None:
    assert said("round", (x,), y, (0,), decimals=decimals) == ("smooth", True, jumps)
    flat = said("round", (x,), y, (1,), decimals=decimals)[0]
    assert flat == ("smooth" if jumps else "outside")


@pytest.mark.parametrize(
    ("mode", "x", "y", "jumps"),
    [
        ("trunc", (-5, 2), -2, 0),
        ("floor", (-5, 2), -3, 0),
        ("trunc", (6, 3), 2, 1),
        ("trunc", (0, 3), 0, 0),  # it is 0 on both sides
        ("floor", (0, 3), 0, 1),
        ("trunc", (1000, 3), 333, 1),  # a rounded quotient may be whole
    ],
)
def test_quotients_without_fractions(mode: str, x: Sequence[Number], y: Number, jumps: int) -> None:
    assert said("div", x, y, (0, 0), rounding_mode=mode) == ("smooth", True, jumps)
    for wrong in ((1, 0), (0, 1)):
        word = said("div", x, y, wrong, rounding_mode=mode)[0]
        assert word == ("smooth" if jumps else "outside")


ULP = 2 * BINARY32.unit_roundoff
NEAR_3 = (6 + 4 * ULP, 2 + 2 * ULP)
"""One ulp above 6 and one above 2: the quotient is less than 3, and rounded it is 3."""


@pytest.mark.parametrize(
    ("mode", "right", "wrong"), [("trunc", (2, 3), (1, 4)), ("floor", (2,), (1, 3))]
)
def test_what_is_truncated_may_be_a_rounded_quotient(
    mode: str, right: Sequence[int], wrong: Sequence[int]
) -> None:
    for y in (*right, *wrong):
        found = said("div", NEAR_3, y, (0, 0), rounding_mode=mode)
        assert found == ("smooth", y in right, 1), y


@pytest.mark.parametrize("op", ["fmod", "remainder"])
def test_a_remainder_is_that_of_the_quotient_not_of_a_rounded_one(op: str) -> None:
    assert said(op, NEAR_3, 2, (2, -4)) == ("smooth", True, 0)
    assert said(op, NEAR_3, 2, (2, -6))[0] == "outside"
    assert not said(op, NEAR_3, -2 * ULP, (2, -4))[1]


@pytest.mark.parametrize(
    ("mode", "x", "y"),
    [
        ("trunc", (1, 0), "inf"),
        ("floor", (-1, 0), "-inf"),
        ("trunc", (1, NEGATIVE_ZERO), "-inf"),
        ("floor", (0, 0), "nan"),
        ("trunc", (-1, "inf"), 0),
        ("floor", (-1, "inf"), -1),
        ("trunc", ("inf", 2), "inf"),
        ("floor", ("inf", 2), "nan"),
        ("trunc", (1, "nan"), "nan"),
    ],
)
def test_quotients_of_no_numbers_have_a_value_and_no_slope(
    mode: str, x: Sequence[Number], y: Number
) -> None:
    for v in ((0, 0), ("nan", "nan")):
        assert said("div", x, y, v, rounding_mode=mode)[:2] == ("smooth", True)
    assert not said("div", x, 9, (0, 0), rounding_mode=mode)[1]


@pytest.mark.parametrize(
    ("x", "y", "slope", "jumps"),
    [
        (3, Fraction(3, 4), Fraction(1, 4), 0),
        (-Fraction(3, 8), -Fraction(3, 4), 2, 0),
        (4, HALF, Fraction(1, 8), 1),
        (-HALF, -HALF, 1, 1),
        (0, 0, 0, 1),
    ],
)
def test_a_mantissa_is_scaled_and_jumps_at_powers_of_two(
    x: Number, y: Number, slope: Fraction, jumps: int
) -> None:
    assert said("frexp", (x,), y, (2 * slope,)) == ("smooth", True, jumps)
    assert said("frexp", (x,), y, (slope + 1,))[0] == ("smooth" if jumps else "outside")


@pytest.mark.parametrize(
    ("x", "y", "jumps"), [(2, 0, 0), (0, 0, 1), (-1, rounded(Fraction("3.14159265358979")), 0)]
)
def test_an_angle_is_0_or_pi(x: Number, y: Number, jumps: int) -> None:
    assert said("angle", (x,), y, (0,)) == ("smooth", True, jumps)
    assert said("angle", (x,), y, (1,))[0] == ("smooth" if jumps else "outside")

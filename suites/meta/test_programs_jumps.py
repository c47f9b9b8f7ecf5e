"""Functions with jumps: their values, where they jump, and what is asked next to it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from oracle.formats import BINARY32
from oracle.programs import PROGRAMS
from oracle.programs.jumps import JUMPS
from suites.meta.cases import Number, with_output
from suites.meta.crafted import verdict_of
from suites.meta.programs import HALF, Entries, Sample, program_case

Said = tuple[str, bool, int]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, definition in JUMPS.items():
        monkeypatch.setitem(PROGRAMS, name, definition)


def said(op: str, x: Sequence[Number], y: Number, v: Entries) -> Said:
    """Return the verdict's word on one output, whether its value is right, and its jumps."""
    names = JUMPS[op].operands
    sample = Sample({}, {name: ((1,), (n,)) for name, n in zip(names, x, strict=True)})
    verdict = verdict_of(with_output(program_case(op, sample, (2,), v), (y,)))
    return verdict["verdict"], verdict["output_exact"], verdict["ties"]["jumps"]


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
    ("x", "y", "v", "expected"),
    [
        ((1, 5), 1, (0, 0), ("smooth", True, 0)),
        ((-1, 5), 0, (0, 0), ("smooth", True, 0)),
        ((-1, 5), 0, (0, 1), ("outside", True, 0)),
        ((0, 5), 5, (7, 7), ("smooth", True, 1)),
    ],
)
def test_heaviside(x: Sequence[Number], y: Number, v: Entries, expected: Said) -> None:
    assert said("heaviside", x, y, v) == expected

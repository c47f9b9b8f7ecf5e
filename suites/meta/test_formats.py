"""The formats against numpy: every 16-bit pattern, random patterns of the wider ones."""

from __future__ import annotations

import math
import pickle
import random
import time
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from oracle.formats import (
    BFLOAT16,
    BINARY16,
    BINARY32,
    BINARY64,
    FORMATS,
    Format,
    FormatError,
    format_named,
)

ALL = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
UNSIGNED = {16: np.uint16, 32: np.uint32, 64: np.uint64}


def patterns(fmt: Format) -> list[int]:
    """Return every pattern of a 16-bit format, else the corners and 20,000 drawn ones."""
    if fmt.width == 16:
        return list(range(1 << 16))
    rng = random.Random(fmt.width)
    corners = [0, 1, 2, fmt.smallest_normal - 1, fmt.smallest_normal, fmt.smallest_normal + 1]
    corners += [fmt.infinity_bits + step for step in (-2, -1, 0, 1)] + [fmt.nan_bits]
    drawn = [rng.getrandbits(fmt.width) for _ in range(20_000)]
    return [*corners, *(bits | fmt.sign_bit for bits in corners), *drawn]


def as_floats(fmt: Format, bits: list[int]) -> list[float]:
    """Return what numpy makes of bit patterns."""
    raw = np.array(bits, dtype=UNSIGNED[fmt.width])
    with np.errstate(invalid="ignore"):  # a signalling NaN is quieted
        if fmt is BFLOAT16:
            return (raw.astype(np.uint32) << 16).view(np.float32).astype(np.float64).tolist()
        return raw.view(f"float{fmt.width}").astype(np.float64).tolist()


def finite_below_largest(fmt: Format) -> Iterator[int]:
    """Yield positive patterns that have a finite number, or infinity, as their successor."""
    return (bits for bits in patterns(fmt) if bits < fmt.infinity_bits)


@ALL
def test_decoding_agrees_with_numpy(fmt: Format) -> None:
    bits = patterns(fmt)
    for pattern, number in zip(bits, as_floats(fmt, bits), strict=True):
        units = fmt.units_of[pattern]
        if math.isnan(number):
            assert units is None, hex(pattern)
        elif math.isinf(number):
            assert units == (fmt.infinity if number > 0 else -fmt.infinity), hex(pattern)
        else:
            assert units * fmt.eta == Fraction(number), hex(pattern)


@ALL
def test_encoding_and_text_give_every_pattern_back(fmt: Format) -> None:
    for bits in patterns(fmt):
        units, negative = fmt.units_of[bits], bool(bits & fmt.sign_bit)
        expected = fmt.nan_bits if units is None else bits
        assert fmt.encode(units, negative_zero=negative) == expected
        assert fmt.bits_of[fmt.text_of[bits]] == expected


@ALL
def test_text_means_the_same_to_python(fmt: Format) -> None:
    bits = patterns(fmt)
    for pattern, number in zip(bits, as_floats(fmt, bits), strict=True):
        read = float.fromhex(fmt.text_of[pattern])
        assert read == number or (math.isnan(read) and math.isnan(number))
        if not math.isnan(number):
            assert math.copysign(1, read) == math.copysign(1, number)
            text = number.hex() if math.isfinite(number) else str(number)
            assert fmt.bits_of[text] == pattern


@ALL
def test_halfway_numbers_round_to_the_even_pattern(fmt: Format) -> None:
    """Also from the largest finite number to infinity, and among subnormals."""
    for bits in finite_below_largest(fmt):
        low, high = fmt.units_of[bits], fmt.units_of[bits + 1]
        even = low if bits % 2 == 0 else high
        middle = Fraction(low + high, 2)
        nudge = Fraction(1, 1 << 70)
        assert fmt.round(middle) == even
        assert fmt.round(-middle) == -even
        assert fmt.round(middle - nudge) == low
        assert fmt.round(middle + nudge) == high
        assert fmt.ulp(low) == high - low


@ALL
def test_floor_and_ceil_are_the_neighbours(fmt: Format) -> None:
    for bits in finite_below_largest(fmt):
        low, high = fmt.units_of[bits], fmt.units_of[bits + 1]
        between = low + (high - low) * Fraction(1, 3)
        below = fmt.largest if high == fmt.infinity else high
        assert (fmt.floor(between), fmt.ceil(between)) == (low, high)
        assert (fmt.floor(-between), fmt.ceil(-between)) == (-high, -low)
        assert (fmt.floor(Fraction(low)), fmt.ceil(Fraction(low))) == (low, low)
        assert (fmt.floor(Fraction(-low)), fmt.ceil(Fraction(-low))) == (-low, -low)
        assert fmt.floor(Fraction(high)) == below


@ALL
def test_beyond_the_largest_number_there_is_infinity(fmt: Format) -> None:
    largest, half = Fraction(fmt.largest), Fraction(fmt.ulp(fmt.largest), 2)
    assert fmt.round(largest + half - Fraction(1, 1000)) == fmt.largest
    assert fmt.round(largest + half) == fmt.infinity
    assert fmt.round(-largest - half) == -fmt.infinity
    assert fmt.round(largest**3) == fmt.infinity
    assert (fmt.floor(largest**3), fmt.ceil(largest**3)) == (fmt.largest, fmt.infinity)
    assert (fmt.floor(-(largest**3)), fmt.ceil(-(largest**3))) == (-fmt.infinity, -fmt.largest)


def test_rounding_from_64_bits_agrees_with_numpy() -> None:
    rng = random.Random(1)
    for fmt, kind, span in ((BINARY16, np.float16, 30), (BINARY32, np.float32, 155)):
        numbers = [rng.uniform(-2, 2) * 2.0 ** rng.randint(-span, span) for _ in range(20_000)]
        with np.errstate(over="ignore"):
            narrow = np.array(numbers).astype(kind)
        expected = narrow.view(UNSIGNED[fmt.width]).tolist()
        for number, bits in zip(numbers, expected, strict=True):
            assert fmt.round(Fraction(number) / fmt.eta) == fmt.units_of[bits], number.hex()


def test_rounding_of_rationals_agrees_with_python() -> None:
    rng = random.Random(2)
    for _ in range(20_000):
        exact = Fraction(rng.randint(-(10**30), 10**30), rng.randint(1, 10**30))
        exact *= Fraction(2) ** rng.randint(-1120, 900)
        assert BINARY64.round(exact / BINARY64.eta) * BINARY64.eta == Fraction(float(exact))


@pytest.mark.parametrize(
    ("fmt", "name"), [(BINARY16, "float16"), (BINARY32, "float32"), (BINARY64, "float64")]
)
def test_constants_agree_with_numpy(fmt: Format, name: str) -> None:
    limits = np.finfo(name)
    assert fmt.eta == Fraction(float(limits.smallest_subnormal))
    assert fmt.smallest_normal * fmt.eta == Fraction(float(limits.smallest_normal))
    assert fmt.largest * fmt.eta == Fraction(float(limits.max))
    assert 2 * fmt.unit_roundoff == Fraction(float(limits.eps))


def test_bfloat16_is_the_upper_half_of_binary32() -> None:
    assert BFLOAT16.unit_roundoff == Fraction(1, 256)
    assert BFLOAT16.smallest_normal * BFLOAT16.eta == BINARY32.smallest_normal * BINARY32.eta
    assert BFLOAT16.largest * BFLOAT16.eta == Fraction(float.fromhex("0x1.fep+127"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0x1p0", 1),
        ("+0x1.8P0".lower(), Fraction(3, 2)),
        ("0x001.80p+00", Fraction(3, 2)),
        ("0x1.p-1", Fraction(1, 2)),
        ("0xABp0", 0xAB),
        ("0xa.bp4", 0xAB),
        ("0x0.0000000000000000000000000000000001p+136", 1),
        ("0x10000000000000000000000000000000000p-136", 1),
        ("0x0p+99999", 0),
        ("0x0.00p-99999", 0),
    ],
)
def test_c99_spellings_are_read(text: str, number: int | Fraction) -> None:
    for fmt in FORMATS.values():
        assert fmt.units_of[fmt.bits_of[text]] * fmt.eta == number


def test_the_sign_of_a_zero_is_kept() -> None:
    for fmt in FORMATS.values():
        assert fmt.bits_of["-0x0p+0"] == fmt.bits_of["-0x0.00p-9"] == fmt.sign_bit
        assert fmt.bits_of["+0x0.0p+0"] == fmt.bits_of["0x0p+0"] == 0
        assert (fmt.text_of[0], fmt.text_of[fmt.sign_bit]) == ("0x0.0p+0", "-0x0.0p+0")


@ALL
@pytest.mark.parametrize(
    "text",
    [
        *["", "1.0", "1", "0x1", "0x1.8", "1p0", "0x1.8p", "0xp0", "0x.p0", "0x1.8p+", "0x1p0.5"],
        *["0X1p0", "0x1P0", " 0x1p0", "0x1p0 ", "0x1p0\n", "0x1_0p0", "0x1p1_0", "--0x1p0"],
        *["+inf", "Inf", "-Inf", "infinity", "NaN", "-nan", "nan(1)", "0x1p\u0663", "0x\u0661p0"],
    ],
)
def test_other_spellings_are_refused(fmt: Format, text: str) -> None:
    with pytest.raises(FormatError) as error:
        fmt.bits_of[text]
    assert repr(text) in str(error.value)


@ALL
def test_numbers_between_those_of_the_format_are_refused(fmt: Format) -> None:
    for bits in [*range(200), fmt.smallest_normal - 1, fmt.smallest_normal, fmt.infinity_bits - 1]:
        twice_the_middle = 2 * fmt.units_of[bits] + fmt.ulp(fmt.units_of[bits])
        with pytest.raises(FormatError, match=fmt.name):
            fmt.bits_of[f"0x{twice_the_middle:x}p{fmt.eta_exponent - 1}"]
    for units in (fmt.infinity, fmt.infinity * 2, fmt.infinity + 1):
        with pytest.raises(FormatError, match=fmt.name):
            fmt.bits_of[f"0x{units:x}p{fmt.eta_exponent}"]


@ALL
def test_encoding_refuses_what_is_no_number_of_the_format(fmt: Format) -> None:
    for units in (2 * fmt.smallest_normal * 2 + 1, fmt.largest + 1, 2 * fmt.infinity):
        for signed in (units, -units):
            with pytest.raises(FormatError, match=fmt.name):
                fmt.encode(signed)


@ALL
def test_huge_spellings_are_refused_at_once(fmt: Format) -> None:
    texts = ["0x1p+999999", "0x1p-999999", "0x1p+" + "9" * 100_000, "0x1." + "0" * 10**6 + "1p0"]
    texts += ["0x" + "f" * 10**6 + "p0", "0x" + "f" * 10**6 + "p-999999"]
    started = time.perf_counter()
    for text in texts:
        with pytest.raises(FormatError):
            fmt.bits_of[text]
    assert time.perf_counter() - started < 2


def test_formats_are_found_by_name_and_travel_between_processes() -> None:
    for name, fmt in FORMATS.items():
        assert format_named(name) is fmt
        assert pickle.loads(pickle.dumps(fmt)) is fmt
    with pytest.raises(FormatError, match=r"'float32'.*binary16, bfloat16, binary32, binary64"):
        format_named("float32")

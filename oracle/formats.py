"""The four binary floating-point formats, decoded and encoded exactly.

A finite number is an integer in **units** of the format's smallest subnormal `eta`, so that
comparing, adding and scaling are integer arithmetic. Infinities are the integers that would follow
the largest finite numbers (`+-infinity`): comparisons stay exact and need no special case. NaN is
`None`. Nothing else in the project converts between floats and exact numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

Units: TypeAlias = int | None
"""A number in multiples of `eta`; `None` is NaN."""

_HEXADECIMAL = re.compile(
    r"([+-]?)0x(?=\.?[0-9a-fA-F])([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?p([+-]?[0-9]{1,4000})"
)
_CACHED = 1 << 20  # entries kept in each table before it starts anew


class FormatError(ValueError):
    """A text that is no number of the format."""


class _Table(dict[_Key, _Value]):
    """A dictionary that computes missing entries and starts anew when it has grown too large."""

    def __init__(self, compute: Callable[[_Key], _Value]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, key: _Key) -> _Value:
        if len(self) >= _CACHED:
            self.clear()
        value = self[key] = self._compute(key)
        return value


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Format:
    """A binary interchange format of IEEE 754 form.

    Attributes:
        name: `binary16`, `bfloat16`, `binary32` or `binary64`.
        precision: Bits of the significand, the hidden one included (`p`).
        exponent_bits: Bits of the biased exponent.
    """

    name: str
    precision: int
    exponent_bits: int
    units_of: _Table[int, Units] = field(init=False)
    """Bit pattern -> units, cached."""
    bits_of: _Table[str, int] = field(init=False)
    """Text -> bit pattern, cached; raises `FormatError`."""
    text_of: _Table[int, str] = field(init=False)
    """Bit pattern -> text, cached."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "units_of", _Table(self._decode))
        object.__setattr__(self, "bits_of", _Table(self._parse))
        object.__setattr__(self, "text_of", _Table(self._spell))

    def __repr__(self) -> str:
        return f"Format({self.name})"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return format_named, (self.name,)

    @property
    def width(self) -> int:
        """Bits of a stored number."""
        return self.exponent_bits + self.precision

    @property
    def sign_bit(self) -> int:
        """The bit pattern of -0."""
        return 1 << (self.width - 1)

    @property
    def infinity_bits(self) -> int:
        """The bit pattern of +infinity; a magnitude above it is a NaN."""
        return ((1 << self.exponent_bits) - 1) << (self.precision - 1)

    @property
    def nan_bits(self) -> int:
        """The bit pattern of the default quiet NaN."""
        return self.infinity_bits | 1 << (self.precision - 2)

    @property
    def eta_exponent(self) -> int:
        """`eta = 2 ** eta_exponent` is the smallest subnormal, the unit of `units`."""
        return 3 - (1 << (self.exponent_bits - 1)) - self.precision

    @property
    def eta(self) -> Fraction:
        """The smallest positive number of the format."""
        return Fraction(1, 1 << -self.eta_exponent)

    @property
    def unit_roundoff(self) -> Fraction:
        """`u = 2^-p`, the largest relative error of a rounding to nearest [Higham 2002, 2.1]."""
        return Fraction(1, 1 << self.precision)

    @property
    def infinity(self) -> int:
        """The integer that stands for +infinity: one ulp above the largest finite number."""
        return 1 << ((1 << self.exponent_bits) - 3 + self.precision)

    @property
    def largest(self) -> int:
        """The largest finite number, in units."""
        return self.infinity - (self.infinity >> self.precision)

    @property
    def smallest_normal(self) -> int:
        """The smallest normal number, in units."""
        return 1 << (self.precision - 1)

    def _decode(self, bits: int) -> Units:
        magnitude = bits & (self.sign_bit - 1)
        if magnitude > self.infinity_bits:
            return None
        exponent, fraction = divmod(magnitude, 1 << (self.precision - 1))
        units = fraction if exponent == 0 else (fraction + self.smallest_normal) << (exponent - 1)
        return -units if bits & self.sign_bit else units

    def encode(self, units: Units, *, negative_zero: bool = False) -> int:
        """Return the bit pattern of a number of the format.

        Args:
            units: The number in multiples of eta, `+-infinity`, or None for NaN.
            negative_zero: The sign that a zero gets.

        Raises:
            FormatError: No number of the format has this value.
        """
        if units is None:
            return self.nan_bits
        magnitude = abs(units)
        shift = max(magnitude.bit_length() - self.precision, 0)
        fraction = magnitude >> shift
        if fraction << shift != magnitude or magnitude > self.infinity:
            msg = f"{units} units of 2^{self.eta_exponent} is no number of {self.name}"
            raise FormatError(msg)
        bits = fraction + (shift << (self.precision - 1))
        return bits | self.sign_bit if units < 0 or (units == 0 and negative_zero) else bits

    def in_units(self, number: int | Fraction) -> int | Fraction:
        """Return a real number in units; as an integer where it is one."""
        units, rest = divmod(number.numerator << -self.eta_exponent, number.denominator)
        return number / self.eta if rest else units

    def ulp(self, units: int) -> int:
        """Return the spacing, in units, of the binade that holds `units` (any integer)."""
        return 1 << max(abs(units).bit_length() - self.precision, 0)

    def floor(self, number: Fraction) -> int:
        """Return the largest number of the format `<= number` (in units); -infinity below all."""
        whole = number.numerator // number.denominator
        step = self.ulp(whole if whole >= 0 else whole + 1)
        below = whole // step * step
        return self.largest if below >= self.infinity else max(below, -self.infinity)

    def ceil(self, number: Fraction) -> int:
        """Return the smallest number of the format `>= number` (in units)."""
        return -self.floor(-number)

    def round(self, number: Fraction) -> int:
        """Return `number` (in units) rounded to nearest, ties to even; overflow to infinity.

        IEEE 754-2019, 4.3.1: from half an ulp beyond the largest finite number on it is infinity.
        """
        numerator, denominator = abs(number.numerator), number.denominator
        step = self.ulp(numerator // denominator)
        spacing = step * denominator
        quotient, rest = divmod(numerator, spacing)
        up = 2 * rest > spacing or (2 * rest == spacing and quotient & 1)
        rounded = min((quotient + up) * step, self.infinity)
        return -rounded if number < 0 else rounded

    def _parse(self, text: str) -> int:
        specials = {"inf": self.infinity, "-inf": -self.infinity, "nan": None}
        if text in specials:
            return self.encode(specials[text])
        match = _HEXADECIMAL.fullmatch(text)
        if match is None:
            msg = f"{text!r} is not a C99 hexadecimal number (like '-0x1.8p-1'), inf, -inf or nan"
            raise FormatError(msg)
        sign, whole, fraction, exponent = match.groups(default="")
        digits = int(whole + fraction, 16)
        shift = int(exponent) - 4 * len(fraction) - self.eta_exponent
        units = self._shifted(digits, shift)
        if units is None or units >= self.infinity or units % self.ulp(units):
            msg = f"{text!r} is no number of {self.name} (precision {self.precision} bits)"
            raise FormatError(msg)
        return self.encode(-units if sign == "-" else units, negative_zero=sign == "-")

    def _shifted(self, digits: int, shift: int) -> int | None:
        """Return `digits * 2^shift` if it is a whole number within the format's range.

        The shift may be anything: an integer that is beyond the range is never built.
        """
        if shift < 0:
            divides = (digits & -digits).bit_length() - 1 >= -shift
            return digits >> -shift if divides or not digits else None
        fits = digits.bit_length() + shift <= self.infinity.bit_length()
        return digits << shift if fits else (None if digits else 0)

    def _spell(self, bits: int) -> str:
        units = self.units_of[bits]
        if units is None:
            return "nan"
        sign = "-" if bits & self.sign_bit else ""
        magnitude = abs(units)
        if magnitude == self.infinity:
            return f"{sign}inf"
        if magnitude == 0:
            return f"{sign}0x0.0p+0"
        length = magnitude.bit_length() - 1
        # the hexadecimal digits after the leading 1, padded to whole digits
        padding = -length % 4
        digits = f"{(magnitude - (1 << length)) << padding:0{(length + padding) // 4}x}"
        return f"{sign}0x1.{digits.rstrip('0') or '0'}p{length + self.eta_exponent:+d}"


BINARY16 = Format(name="binary16", precision=11, exponent_bits=5)
BFLOAT16 = Format(name="bfloat16", precision=8, exponent_bits=8)
BINARY32 = Format(name="binary32", precision=24, exponent_bits=8)
BINARY64 = Format(name="binary64", precision=53, exponent_bits=11)

FORMATS = {fmt.name: fmt for fmt in (BINARY16, BFLOAT16, BINARY32, BINARY64)}


def format_named(name: object) -> Format:
    """Return the format called `name`.

    Raises:
        FormatError: There is none of that name.
    """
    if not isinstance(name, str) or name not in FORMATS:
        msg = f"format is {name!r}, expected one of {', '.join(FORMATS)}"
        raise FormatError(msg)
    return FORMATS[name]

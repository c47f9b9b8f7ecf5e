"""Arithmetic in a format, by exact numbers: each operation is computed and then rounded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from oracle.formats import BINARY32, BINARY64, Format

OWN = "format"
"""The arithmetic of the case's own format."""

_WIDER: dict[str, tuple[Format, Format] | None] = {
    "exact": None,
    "binary64": (BINARY64, BINARY64),
    "mixed": (BINARY32, BINARY64),
    "binary32": (BINARY32, BINARY32),
}
"""Arithmetic -> the formats of sums, and of products and quotients."""

ARITHMETICS = (OWN, *_WIDER)
"""How windows can be evaluated: in the format, exactly, in wider formats."""


class BeyondFormatError(ArithmeticError):
    """A number beyond the largest of the format."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How operations round; None stands for exact.

    Attributes:
        sums: The format of sums.
        products: The format of products and quotients.
    """

    sums: Format | None
    products: Format | None

    def integer(self, number: int) -> Fraction:
        """Return an integer as it is converted: to the 16-bit formats by way of binary32."""
        converted = Fraction(number)
        if self.sums and self.sums.precision < BINARY32.precision:
            converted = rounded(converted, BINARY32)
        return rounded(converted, self.sums)

    def sum(self, left: Fraction, right: Fraction) -> Fraction:
        """Return the rounded sum."""
        return rounded(left + right, self.sums)

    def product(self, left: Fraction, right: Fraction) -> Fraction:
        """Return the rounded product."""
        return rounded(left * right, self.products)

    def quotient(self, left: int, right: int) -> Fraction:
        """Return the rounded quotient of two integers."""
        return rounded(self.integer(left) / self.integer(right), self.products)


def arithmetic(name: str, fmt: Format) -> Arithmetic:
    """Return the arithmetic of a name, for numbers of a format."""
    formats = (fmt, fmt) if name == OWN else _WIDER[name]
    return Arithmetic(*(formats or (None, None)))


def wider(fmt: Format) -> tuple[str, ...]:
    """Return the names of the arithmetics that lose nothing that `fmt` keeps."""
    return tuple(
        name
        for name, formats in _WIDER.items()
        if formats is None
        or (min(f.precision for f in formats) >= fmt.precision and formats != (fmt, fmt))
    )


def rounded(number: Fraction, fmt: Format | None) -> Fraction:
    """Return a number rounded to a format.

    Raises:
        BeyondFormatError: It would be infinite.
    """
    if fmt is None:
        return number
    units = fmt.round(number / fmt.eta)
    if abs(units) >= fmt.infinity:
        msg = f"{number} is beyond the largest number of {fmt.name}"
        raise BeyondFormatError(msg)
    return units * fmt.eta

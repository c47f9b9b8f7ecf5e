"""Stored numbers in compiled code: keys that order them, and their values in binary64.

Bit patterns are signed integers of the format's width. The **key** of a number is its magnitude's
bit pattern with the number's sign: keys are ordered as the numbers are [IEEE 754-2019, 3.4: larger
magnitudes have larger patterns], both zeros have the key 0, and every NaN has the largest integer,
so that a window's NaN inputs are its tied set, as the theory wants it. The smallest integer is no
number's key: it stands for padding.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from oracle.formats import Format
from oracle.scale.compiling import inlined

Keys: TypeAlias = NDArray[np.signedinteger]

SIGNED: Mapping[int, type[np.signedinteger]] = {16: np.int16, 32: np.int32, 64: np.int64}
"""Bits of a number -> the type of its bit pattern."""


class Numbers(NamedTuple):
    """A format, as compiled code needs it; values are real numbers in binary64, exact.

    Attributes:
        infinity: The bit pattern of +infinity, which is its key.
        lowest: The key of nothing.
        mask: All bits of a magnitude.
        unit: The unit roundoff `u`.
        eta: The smallest subnormal; 0 in binary64, where half of it is no number.
        wide_unit: `u'` of the grade `wide`.
        wide_eta: `eta'` of the grade `wide`.
        lost: What flushing may take off one term.
        floor: Sums of magnitudes below this are left to the core: their bound may underflow.
        ceiling: Sums above this are left to the core: a sum may overflow.
    """

    infinity: int
    lowest: int
    mask: int
    unit: float
    eta: float
    wide_unit: float
    wide_eta: float
    lost: float
    floor: float
    ceiling: float


@functools.cache
def numbers_of(fmt: Format, *, flushes: bool) -> Numbers:
    """Return what compiled code needs of a format."""
    half, double = fmt.width == 16, fmt.width == 64
    unit = float(fmt.unit_roundoff)
    smallest = float(fmt.smallest_normal * fmt.eta)
    return Numbers(
        infinity=fmt.infinity_bits,
        lowest=-(1 << (fmt.width - 1)),
        mask=fmt.sign_bit - 1,
        unit=unit,
        eta=0.0 if double else float(fmt.eta),
        wide_unit=2.0**-24 if half else unit * unit,
        wide_eta=2.0**-149 if half else 0.0,
        lost=smallest if flushes else 0.0,
        floor=2.0**-900 if double else 0.0,
        ceiling=2.0**1000 if double else np.inf,
    )


@functools.cache
def values_of(fmt: Format) -> NDArray[np.float64]:
    """Return the value of each bit pattern of a 16-bit format, NaN where there is none.

    Of a wider format, whose numbers are cast, nothing.
    """
    if fmt.width > 16:
        return np.empty(0)
    found = np.empty(1 << 16)
    for bits in range(1 << 16):
        units = fmt.units_of[bits]
        if units is None:
            found[bits] = np.nan
        elif abs(units) == fmt.infinity:
            found[bits] = np.copysign(np.inf, units)
        else:
            found[bits] = float(units * fmt.eta)
    return found


def _instruction(function: Callable[..., Any]) -> Any:
    """Return a function that compiled code alone can call, with the arguments after `typing`."""
    return intrinsic(function)


@_instruction
def key_of(typing: Any, bits: Any, infinity: Any) -> Any:
    """Return the key of a bit pattern, in integers of its own width: `key_of(bits, infinity)`."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context
        number, top = arguments
        width = signature.args[0].bitwidth
        kind = ir.IntType(width)
        if signature.args[1].bitwidth != width:
            top = builder.trunc(top, kind)
        most = ir.Constant(kind, (1 << (width - 1)) - 1)
        magnitude = builder.and_(number, most)
        negative = builder.icmp_signed("<", number, ir.Constant(kind, 0))
        signed = builder.select(negative, builder.neg(magnitude), magnitude)
        return builder.select(builder.icmp_signed(">", magnitude, top), most, signed)

    return bits(bits, infinity), generate


@_instruction
def _as_float(typing: Any, bits: Any) -> Any:
    """Return the number of a bit pattern of 32 or 64 bits, in binary64; of others 0."""
    del typing
    width = bits.bitwidth

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        if width == 64:
            return builder.bitcast(arguments[0], ir.DoubleType())
        if width == 32:
            return builder.fpext(builder.bitcast(arguments[0], ir.FloatType()), ir.DoubleType())
        return ir.Constant(ir.DoubleType(), 0.0)

    return types.float64(bits), generate


@inlined
def value_of(bits: int, values: NDArray[np.float64]) -> float:
    """Return the value of a bit pattern, from the table of `values_of`."""
    number: float = values[bits & 0xFFFF] if values.size else _as_float(bits)
    return number


@_instruction
def cast(typing: Any, number: Any, like: Any) -> Any:
    """Return an integer in the type of another one: `cast(number, like)`."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context
        wide, narrow = signature.args[0].bitwidth, signature.args[1].bitwidth
        if wide == narrow:
            return arguments[0]
        return builder.trunc(arguments[0], ir.IntType(narrow))

    return like(number, like), generate


@_instruction
def fused(typing: Any, x: Any, y: Any, z: Any) -> Any:
    """Return `x y + z`, rounded once."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.fma(*arguments)

    return types.float64(x, y, z), generate

"""Sums of products, recomputed in higher precision, and their rounding bounds.

**The bound.** A gradient that is a sum of `n` products, computed in a format of unit roundoff `u`
in any order and with any tree of additions, fused or not, is off by

    |v - z| <= n u S + n eta / 2,    S = sum |a_i b_i|,

with no condition on `n` [Jeannerod, Rump 2013, for inner products]; a product that underflows is
off by `eta / 2`, and sums of subnormal numbers are exact [Higham 2002, 2.1]. It covers accumulation
in a format of `2 p + 1` bits, rounded once. A term that is 0 costs nothing and is counted all the
same.

*Finer*, for the 16-bit formats: accumulated in binary32 and rounded once,
`|v - z| <= u |z| + (1 + u) (n u' S + n eta' / 2) + eta / 2` with `u' = 2^-24`, which says far more:
it is how closely such a gradient is known to be right. Where only the first bound holds and
`n u >= 1/2`, no digit is certain, and the entry is counted as `vacuous`.

*Lower precision.* Where the framework is told that it may round the operands of products in
binary32 first (TF32: 11 bits; bfloat16: 8), each product is off by `(2 t + t^2) |a b|`, `t = 2^-11`
or `2^-8`. *Fast algorithms.* On CUDA a convolution may be Winograd's or an FFT: see `linear.fast`.

**The recomputation.** Products of numbers of up to 24 bits are exact in binary64, so that a sum is
off by `n 2^-53 S`. For binary64 each operand is cut in two, `a = a1 + a2`, `a1` having so few bits,
counted from the largest entry, that a sum of products `a1 b1` is exact [Ozaki, Ogita, Oishi, Rump
2012]. What is left, `a1 b2 + a2 b`, is small, and so is its error,
`n 2^-53 sum(|a1 b2| + |a2 b|)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from oracle.formats import Format
from suites.networks.judging.comparing import Expected
from suites.networks.judging.numbers import Numbers, Scale

Bilinear: TypeAlias = Callable[[Numbers, Numbers], Numbers]
"""A bilinear function, each entry of which is a sum of `n` products."""

_DOUBLE = 2.0**-53
_SINGLE, _TINY = 2.0**-24, 2.0**-149


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is known of the sums.

    Attributes:
        count: The number of products in an entry, at most.
        fmt: The format of the gradient.
        operand_roundoff: Unit roundoff to which operands may be rounded first; 0 if not.
        fast: Growth of the error by a fast algorithm, of `largest |a| largest |b|`; 0 if none.
        assumed: What of this is assumed, by name.
    """

    count: int
    fmt: Format
    operand_roundoff: float = 0.0
    fast: float = 0.0
    assumed: tuple[str, ...] = ()


def products(function: Bilinear, a: Numbers, b: Numbers, terms: Terms) -> Expected:
    """Return what a bilinear function of two tensors has to be.

    Args:
        function: The function.
        a: One operand.
        b: The other.
        terms: What is known of the sums in it.
    """
    magnitude = function(np.abs(a), np.abs(b))
    rest: Numbers | float
    if terms.fmt.precision <= 24:
        value, rest, error = function(a, b), 0.0, terms.count * _DOUBLE * magnitude
    else:
        value, rest, error = _in_two(function, a, b, terms.count)
    return bounded(value, rest, error, magnitude, terms, largest=_largest(a) * _largest(b))


def _largest(a: Numbers) -> float:
    return float(np.abs(a).max(initial=0.0))


def _in_two(
    function: Bilinear, a: Numbers, b: Numbers, count: int
) -> tuple[Numbers, Numbers, Numbers]:
    """Return value, rest and error of a sum of products of numbers of binary64."""
    bits = (52 - max(count, 1).bit_length()) // 2
    a1, a2 = _cut(a, bits)
    b1, b2 = _cut(b, bits)
    rest = function(a1, b2) + function(a2, b)
    left = function(np.abs(a1), np.abs(b2)) + function(np.abs(a2), np.abs(b))
    return function(a1, b1), rest, (count + 1) * _DOUBLE * left


def _cut(a: Numbers, bits: int) -> tuple[Numbers, Numbers]:
    """Return multiples of `2^-bits` of the power of two above the largest entry, and the rest.

    Of infinities and NaN nothing is left; the others are cut as if these were not there.
    """
    finite = np.isfinite(a)
    largest = _largest(np.where(finite, a, 0.0))
    if not largest:
        return a, np.zeros_like(a)
    step = 2.0 ** (np.frexp(largest)[1] - bits)
    high = np.rint(a / step) * step
    return high, np.where(finite, a - high, 0.0)


def bounded(
    value: Numbers,
    rest: Numbers | float,
    error: Numbers,
    magnitude: Numbers,
    terms: Terms,
    *,
    largest: float = 0.0,
) -> Expected:
    """Return a recomputed sum with its bounds.

    Args:
        value: The sums.
        rest: What they lack.
        error: Their own error.
        magnitude: The sums of the absolute values.
        terms: What is known of them.
        largest: The product of the operands' largest entries, for fast algorithms.
    """
    scale = Scale.of(terms.fmt)
    n = terms.count
    plain = n * scale.u * magnitude + (n / 2) * scale.eta + error
    t = terms.operand_roundoff
    bound = plain + (2 * t + t * t) * magnitude
    if terms.fast:  # 0 times an infinite operand would leave no bound
        bound = bound + terms.fast * scale.u * largest * n
    finer = None
    if terms.fmt.width == 16:
        wide = n * _SINGLE * magnitude + (n / 2) * _TINY
        finer = scale.u * np.abs(value) + (1 + scale.u) * wide + scale.eta / 2 + error
    return Expected(
        value=value,
        rest=rest,
        magnitude=magnitude,
        bound=bound,
        finer=finer,
        is_vacuous=n * scale.u >= 0.5,
        assumed=terms.assumed,
        plain=plain,
    )


def plain_sum(
    terms_of: Callable[[Numbers], Numbers], g: Numbers, count: int, fmt: Format
) -> Expected:
    """Return a sum of numbers as they are: `count - 1` additions, and nothing to multiply.

    Its bound is `(n - 1) u S` [Jeannerod, Rump 2013]; sums have no underflow term.
    """
    value, magnitude = terms_of(g), terms_of(np.abs(g))
    scale = Scale.of(fmt)
    n = max(count - 1, 0)
    error = count * _DOUBLE * magnitude if n else np.zeros_like(magnitude)
    rest: Numbers | float = 0.0
    if fmt.precision > 24 and n:
        value, rest, error = _sum_in_two(terms_of, g, count)
    finer = None
    if fmt.width == 16:
        finer = scale.u * np.abs(value) + (1 + scale.u) * n * _SINGLE * magnitude + error
    return Expected(
        value=value,
        rest=rest,
        magnitude=magnitude,
        bound=n * scale.u * magnitude + error,
        finer=finer,
        is_vacuous=n * scale.u >= 0.5,
    )


def _sum_in_two(
    terms_of: Callable[[Numbers], Numbers], g: Numbers, count: int
) -> tuple[Numbers, Numbers, Numbers]:
    high, low = _cut(g, 52 - count.bit_length())
    return terms_of(high), terms_of(low), count * _DOUBLE * terms_of(np.abs(low))

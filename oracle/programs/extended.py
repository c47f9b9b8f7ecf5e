"""Exact numbers with infinities and NaN: `Fraction`, and the three floats that are no numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TypeAlias

Extended: TypeAlias = int | Fraction | float
"""An exact rational; or, as floats, infinity, -infinity and NaN, and no other float."""

NAN = math.nan
INFINITY = math.inf


def is_finite(x: Extended) -> bool:
    """Return whether `x` is a rational number."""
    return not isinstance(x, float)


def is_nan(x: Extended) -> bool:
    """Return whether `x` is NaN."""
    return x != x  # noqa: PLR0124, NaN alone differs from itself


def size(x: Extended) -> Extended:
    """Return the absolute value."""
    return x if is_nan(x) or x >= 0 else -x


def larger(x: Extended, y: Extended) -> Extended:
    """Return the larger of two; NaN if one is NaN."""
    if is_nan(x) or is_nan(y):
        return NAN
    return x if x >= y else y


def add(x: Extended, y: Extended) -> Extended:
    """Return the sum; NaN for infinities of both signs."""
    if is_finite(x) and is_finite(y):
        return x + y
    if is_finite(x):
        return y
    return x if is_finite(y) else x + y


def multiply(x: Extended, y: Extended) -> Extended:
    """Return the product; NaN for zero times infinity."""
    if is_finite(x) and is_finite(y):
        return x * y
    if is_nan(x) or is_nan(y) or not x or not y:
        return NAN
    return INFINITY if (x > 0) is (y > 0) else -INFINITY

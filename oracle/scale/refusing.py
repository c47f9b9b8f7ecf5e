"""Is a gradient certainly outside? The filter's answer is yes, or nothing.

Where nothing may be rounded a number that is not the right one is outside. Elsewhere the gradients
of all conservative points are in an interval, rounded: with `a` roundings of numbers of magnitude
`S` at most, the theory's bound is no more than `gamma_a S + 2 a r eta`, where `r` is the largest
that a factor may come to ("reach"). For the few roundings of one entry, `a <= 4`, that and the
errors of the ends in binary64 are below `32 u S + 16 r eta`, and so are those of the sum of three.
A number that is further away is outside by any form of the bound; what is nearer goes to the core.

A NaN or an infinity may come of overflow, but not where the reach is far below the largest number
of the smallest format.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Numbers
from oracle.scale.compiling import inlined

SHOWN = 128
"""Entries that are certainly outside and go to the core all the same: the first are findings."""
_FAR_FROM_OVERFLOW = 4096.0
_SMALLEST = 2.0**-1074  # of binary64, for which `Numbers` has none


@inlined
def is_beyond(v: float, low: float, high: float, reach: float, numbers: Numbers) -> bool:
    """Return whether a gradient is certainly out of an interval, rounding included."""
    if not abs(v) < np.inf:
        return reach < _FAR_FROM_OVERFLOW
    size = max(abs(low), abs(high))
    room = 32 * numbers.unit * size + 16 * (numbers.eta + _SMALLEST) * reach
    return v < low - room or v > high + room


@inlined
def is_no_mixture(
    v: NDArray[np.float64], proved: bool, whole: bool, g: float, numbers: Numbers
) -> bool:
    """Return whether the gradients of entries among which an output chooses are certainly outside.

    Args:
        v: Those of the equal entries; zeros behind them.
        proved: Whether those of the others are zero.
        whole: Whether the equal entries have all of the cotangent between them.
        g: The cotangent.
        numbers: The format.
    """
    low, high, reach = min(0.0, g), max(0.0, g), max(1.0, abs(g))
    total, beyond = 0.0, not proved
    for k in range(v.size):
        if not abs(v[k]) < np.inf and reach >= _FAR_FROM_OVERFLOW:
            return False
        beyond |= is_beyond(v[k], low, high, reach, numbers)
        total += v[k]
    if whole:
        low, high = g, g
    return beyond or is_beyond(total, low, high, reach, numbers)

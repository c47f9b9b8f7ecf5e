"""Components of one window: any mixture of its tied inputs is right.

The Clarke set of one window with the cotangent `g` is all `g p` with `p >= 0` that sum to 1. A
gradient `v` whose entries have the sign of `g` (or are 0) and sum to `V` is near the point of it
with the shares `v_i / V`: entry by entry it is off by `|v_i| |V - g| / |V|`. With one window of
several tied inputs in the component the theory's bound is not below the smaller one of `u |g|` and
`3 u |g| |v_i| / |V|`. So it is within rounding if `|v_i| |V - g| <= u |g| |V|` for all entries, and
`|V - g| <= 3 u |g|`.

`V` is summed in binary64: for `k` entries it is off by `k 2^-53 |V|` at most, for all have one sign
[Higham 2002, 4.2]. That is far below `u |g|` but in binary64, whose components go to the core.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.formats import Format
from oracle.scale.bits import Keys, values_of

Numbers = NDArray[np.float64]


class Mixed(NamedTuple):
    """What is known of the components of a plane.

    Attributes:
        parent: Input -> the input that stands for its component, or -1.
        owner: Window -> the same, or less.
        open: Input -> whether its component is open.
        free: Input -> whether nothing is asked of it.
    """

    parent: NDArray[np.int32]
    owner: NDArray[np.int32]
    open: NDArray[np.bool_]
    free: NDArray[np.bool_]


def mixtures(
    mixed: Mixed, gradient: Keys, cotangent: Keys, fmt: Format
) -> tuple[NDArray[np.bool_], float]:
    """Return the inputs whose component is a window with a mixture, and the largest ratio.

    Args:
        mixed: The components.
        gradient: The gradients of a plane.
        cotangent: Its cotangents.
        fmt: The format.
    """
    nothing = np.zeros(mixed.parent.size, bool)
    wanted = np.flatnonzero(mixed.open & (mixed.parent >= 0))
    if fmt.width == 64 or not wanted.size:
        return nothing, 0.0
    size, roots = mixed.parent.size, mixed.parent[wanted]
    windows = np.flatnonzero(mixed.owner >= 0)
    owners = mixed.owner[windows]
    g = np.zeros(size)
    g[owners] = _values(cotangent[windows], fmt)
    v = _values(gradient[wanted], fmt)
    total = np.bincount(roots, weights=v, minlength=size)
    largest = np.zeros(size)
    with np.errstate(all="ignore"):  # what is NaN is no mixture
        np.maximum.at(largest, roots, np.abs(v))
        wrong = ~(v * np.sign(g[roots]) >= 0) | mixed.free[wanted]
        bad = np.bincount(roots, weights=wrong, minlength=size)
        lone = np.bincount(owners, minlength=size) == 1
        terms = np.bincount(roots, minlength=size)
        unit = float(fmt.unit_roundoff) * (1 - 2.0**-20)
        off = np.abs(total - g) + terms * 2.0**-52 * np.abs(total)
        ratio = np.maximum(
            largest * off / (unit * np.abs(g) * np.abs(total)), off / (3 * unit * np.abs(g))
        )
        good = lone & (terms > 1) & (bad == 0) & (ratio <= 1)
    found = nothing
    found[wanted] = good[roots]
    return found, float(ratio[good].max(initial=0.0))


def _values(bits: Keys, fmt: Format) -> Numbers:
    if fmt.width == 16:
        found: Numbers = values_of(fmt)[bits.astype(np.int64) & 0xFFFF]
        return found
    return bits.view(np.float32).astype(np.float64)

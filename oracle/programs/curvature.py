"""Whether an expression bends upwards, downwards, not at all, or both ways."""

from __future__ import annotations

from collections.abc import Iterable

from oracle.programs.extended import Extended, is_finite

AFFINE, CONVEX, CONCAVE, NEITHER = "affine", "convex", "concave", "neither"
_OPPOSITE = {CONVEX: CONCAVE, CONCAVE: CONVEX}


def of_negative(x: str) -> str:
    """Return the curvature of the negative."""
    return _OPPOSITE.get(x, x)


def of_sum(x: str, y: str) -> str:
    """Return the curvature of a sum."""
    if y in (x, AFFINE):
        return x
    return y if x == AFFINE else NEITHER


def of_multiple(x: str, factor: Extended) -> str:
    """Return the curvature of a product with a number."""
    if not is_finite(factor):
        return NEITHER
    return x if factor >= 0 else of_negative(x)


def of_rank(kinds: Iterable[str], *, largest: bool, smallest: bool) -> str:
    """Return the curvature of one of several by rank.

    A largest of convex ones is convex, a smallest of concave ones concave. Where all are equal near
    the inputs, as copies are, nothing is lost by calling it neither.
    """
    found = set(kinds)
    if largest and found <= {AFFINE, CONVEX}:
        return CONVEX
    return CONCAVE if smallest and found <= {AFFINE, CONCAVE} else NEITHER

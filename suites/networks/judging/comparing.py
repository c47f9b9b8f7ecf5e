"""A gradient against its recomputed value and a bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from oracle.formats import Format
from suites.frameworks.protocol import Bits
from suites.networks.judging.evidence import Judged
from suites.networks.judging.numbers import Mask, Numbers, Scale, bits, decoded, format_of

_SLACK = 1 + 2.0**-40
"""Bounds are computed in binary64 by fewer than 2^12 roundings each, this makes up for."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The exact value of a gradient, as closely as it is known.

    Attributes:
        value: A number near each exact value (binary64, in the gradient's shape).
        rest: What the value lacks; the exact one is within `error` of `value + rest`.
        error: The recomputation's own error.
        magnitude: The sum of the absolute values of all terms, `S`.
        bound: How far off the gradient may be, `error` included.
        finer: The same for accumulation in binary32, of the 16-bit formats; else None.
        is_vacuous: Whether `bound` leaves no digit.
        reach: The largest that an intermediate may be, where that is more than `magnitude`.
        assumed: What `bound` allows for beyond plain sums, tried where `plain` is missed.
        plain: The bound without it; `bound` itself where nothing is assumed.
    """

    value: Numbers
    rest: Numbers | float = 0.0
    magnitude: Numbers
    bound: Numbers | float
    finer: Numbers | None = None
    is_vacuous: bool = False
    reach: Numbers | float = 0.0
    assumed: tuple[str, ...] = ()
    plain: Numbers | None = None


def compare(gradient: Tensor, expected: Expected, name: str) -> Judged:
    """Return the verdict on a gradient whose exact value is one number for each entry.

    An entry is free where a NaN or an infinity takes part in it, or where a partial sum may
    overflow and the result is no number.
    """
    fmt = format_of(gradient.dtype)
    got = decoded(bits(gradient), fmt)
    with np.errstate(all="ignore"):  # what is not finite is free
        bound = np.broadcast_to(np.asarray(expected.bound) * _SLACK, got.shape)
        distance = np.abs((got - expected.value) - expected.rest)
        free = _free(got, expected, bound, fmt)
        misses = ~(distance <= bound) & ~free
        exceeds = _exceeds(expected, distance, free)
        ratio = np.where(free | (distance == 0), 0.0, distance / bound)
        scale = np.where(free | (expected.value == 0), np.inf, bound / np.abs(expected.value))
    wrong = int(misses.sum())
    finer = expected.finer if expected.is_vacuous else None
    vacuous = 0 if finer is None else int((~(distance <= finer * _SLACK) & ~free).sum())
    smallest = float(scale.min(initial=np.inf))
    return Judged(
        verdicts={"smooth": got.size - wrong, "outside": wrong} if wrong else {"smooth": got.size},
        worst_ratio=None if wrong else float(ratio.max(initial=0.0)),
        special=bool((~np.isfinite(expected.magnitude)).any()),
        vacuous=vacuous,
        sensitivity=smallest if smallest < np.inf else None,
        assumed=expected.assumed if exceeds else (),
        detail=_detail(name, got, expected, bound, np.where(misses, distance, -1)) if wrong else "",
    )


def _free(got: Numbers, expected: Expected, bound: Numbers, fmt: Format) -> Mask:
    """Return where nothing is asked: special values, and overflow of a partial sum."""
    may_overflow = np.maximum(expected.magnitude + bound, expected.reach) > Scale.of(fmt).largest
    free: Mask = ~np.isfinite(expected.magnitude) | (may_overflow & ~np.isfinite(got))
    return free


def _exceeds(expected: Expected, distance: Numbers, free: Mask) -> bool:
    if not expected.assumed or expected.plain is None:
        return False
    return bool((~(distance <= expected.plain * _SLACK) & ~free).any())


def _detail(name: str, got: Numbers, expected: Expected, bound: Numbers, distance: Numbers) -> str:
    """Return the worst of the wrong entries, in a line."""
    bad = np.isnan(distance)
    flat = int(bad.argmax() if bad.any() else distance.argmax())
    place = tuple(int(i) for i in np.unravel_index(flat, got.shape))
    value = float(np.broadcast_to(expected.value, got.shape)[place])
    return (
        f"{name}{list(place)} is {got[place]!s}, expected {value!s} within {bound[place]:.3g} "
        f"({int((distance != -1).sum())} of {got.size} entries are wrong)"
    )


def identical(gradient: Tensor, expected: Bits, name: str) -> Judged:
    """Return the verdict on a gradient that has to be some bits, but for the sign of a zero."""
    fmt = format_of(gradient.dtype)
    got = bits(gradient)
    if got.shape != expected.shape:
        return Judged(
            verdicts={"outside": max(got.size, 1)},
            worst_ratio=None,
            detail=f"{name} has the shape {got.shape}, expected {expected.shape}",
        )
    differs = got != expected
    if differs.any():
        a, b = decoded(got, fmt), decoded(expected, fmt)
        differs &= (a != b) & ~(np.isnan(a) & np.isnan(b))
    wrong = int(differs.sum())
    if not wrong:
        return Judged(verdicts={"smooth": got.size})
    place = tuple(int(i) for i in np.argwhere(differs)[0])
    pair = fmt.text_of[int(got[place])], fmt.text_of[int(expected[place])]
    return Judged(
        verdicts={"smooth": got.size - wrong, "outside": wrong},
        worst_ratio=None,
        detail=(
            f"{name}{list(place)} is {pair[0]}, expected {pair[1]} to the bit "
            f"({wrong} of {got.size} entries are wrong)"
        ),
    )

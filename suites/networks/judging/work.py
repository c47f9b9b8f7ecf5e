"""Elementwise recomputation: binary64 for narrower formats, the widest there is for binary64."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.formats import Format
from suites.networks.judging.comparing import Expected
from suites.networks.judging.numbers import Numbers, Scale

Work: TypeAlias = NDArray[Any]


def kind(fmt: Format) -> type[np.floating[Any]]:
    """Return the type that is computed in: extended precision, where the machine has it."""
    return np.longdouble if fmt.precision > 24 else np.float64


def roundoff(fmt: Format) -> float:
    """Return its unit roundoff."""
    return float(np.finfo(kind(fmt)).eps) / 2


def few(
    value: Work,
    magnitude: Work,
    fmt: Format,
    roundings: int,
    reach: Work | float = 1.0,
    *,
    additions: int = 0,
) -> Expected:
    """Return a value of some roundings, each relative to `magnitude` at most, and of a sum.

    Roundings before and after the sum are off by `gamma_r S` [Higham 2002, 3.1]. Its `a` additions
    are off by `a u` times the sum of what is added, with no condition on `a` [Jeannerod, Rump
    2013]; that sum is `(1 + gamma_r) S` at most. Products that underflow are off by half the
    smallest number, times the factors that they are multiplied with later. The recomputation has as
    many roundings of its own.

    Args:
        value: The exact value, nearly.
        magnitude: The sum of the absolute values of its terms.
        fmt: The format.
        roundings: How many roundings a term has; a few.
        reach: The magnitude with every factor below 1 made 1: what an intermediate may be.
        additions: How many terms are added to another one.
    """
    scale, own = Scale.of(fmt), roundoff(fmt)
    mine = _relative(roundings + 1, additions, own)
    relative = _relative(roundings, additions, scale.u) + mine
    near = value.astype(np.float64)
    size = magnitude.astype(np.float64)
    finer = None
    if fmt.width == 16:
        coarse = _relative(roundings, additions, 2.0**-24) + mine
        finer = scale.u * np.abs(near) + 2 * coarse * size + scale.eta * reach
    return Expected(
        value=near,
        rest=(value - near).astype(np.float64),
        magnitude=size,
        bound=relative * size + (roundings + additions) * scale.eta * np.asarray(reach, np.float64),
        finer=finer,
        is_vacuous=relative >= 0.5,
        reach=np.asarray(reach, np.float64),
    )


def _relative(roundings: int, additions: int, u: float) -> float:
    gamma = roundings * u / (1 - roundings * u)
    return gamma + (1 + gamma) * additions * u


def wide(values: Numbers, fmt: Format) -> Work:
    """Return numbers in the type that is computed in."""
    return values.astype(kind(fmt), copy=False)


def reduced(values: Work, shape: tuple[int, ...]) -> Work:
    """Return the sums over the dimensions along which a tensor of `shape` was repeated."""
    extra = values.ndim - len(shape)
    along = (*range(extra), *(extra + d for d, n in enumerate(shape) if n == 1))
    kept = values.sum(axis=along, keepdims=True) if along else values
    result: Work = kept.reshape(shape)
    return result

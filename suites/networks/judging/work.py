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
    value: Work, magnitude: Work, fmt: Format, roundings: int, reach: Work | float = 1.0
) -> Expected:
    """Return a value of `roundings` roundings, each relative to `magnitude` at most.

    Off by `gamma_r S` [Higham 2002, 3.1], and half the smallest number for each product that
    underflows, times the factors that it is multiplied with later. The recomputation has as many
    roundings of its own.

    Args:
        value: The exact value, nearly.
        magnitude: The sum of the absolute values of its terms.
        fmt: The format.
        roundings: How many roundings there are.
        reach: The magnitude with every factor below 1 made 1: what an intermediate may be.
    """
    scale, own = Scale.of(fmt), roundoff(fmt)
    relative = _gamma(roundings, scale.u) + _gamma(roundings + 1, own)
    near = value.astype(np.float64)
    size = magnitude.astype(np.float64)
    finer = None
    if fmt.width == 16:
        coarse = _gamma(roundings, 2.0**-24) + _gamma(roundings + 1, own)
        finer = scale.u * np.abs(near) + 2 * coarse * size + scale.eta * reach
    return Expected(
        value=near,
        rest=(value - near).astype(np.float64),
        magnitude=size,
        bound=relative * size + roundings * scale.eta * np.asarray(reach, np.float64),
        finer=finer,
        reach=np.asarray(reach, np.float64),
    )


def _gamma(count: int, u: float) -> float:
    return count * u / (1 - count * u)


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

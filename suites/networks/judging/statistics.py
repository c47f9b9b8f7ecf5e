"""What normalizations share: numbers in groups with a mean and a factor each, which are stored.

They depend on the input, so that they are held against it: the mean by any order of summation or by
Welford's updates is off by `2 M u largest |x|`; the variance, even by the one-pass formula, by
`2 (M + 4) u mean x^2` twice [Chan, Golub, LeVeque 1983]; the factor follows from both ends.

In the 16-bit formats what is stored may be of binary32; bounds are those of the input's format, and
*finer* ones those of binary32, rounded once (see `sums`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from oracle.formats import BINARY32, Format
from suites.networks.judging.comparing import Expected, compare
from suites.networks.judging.evidence import Judged
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import Scale
from suites.networks.judging.work import Work, kind, roundoff

Error: TypeAlias = Callable[[float, float], Work]
"""Unit roundoff and smallest number -> the errors of a computation with these."""


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Numbers in groups.

    Attributes:
        x: The input.
        g: The cotangent, in the same shape.
        m: The mean of each group, in a shape that broadcasts.
        s: Its factor.
        w: The weights.
        fmt: The format.
        axes: The dimensions that a group is along.
    """

    x: Work
    g: Work
    m: Work
    s: Work
    w: Work
    fmt: Format
    axes: tuple[int, ...]

    @property
    def count(self) -> int:
        """The size of a group."""
        return math.prod(self.x.shape[d] for d in self.axes)

    def total(self, values: Work) -> Work:
        """Return the sum over each group."""
        result: Work = values.sum(axis=self.axes, keepdims=True)
        return result


def expected_of(
    value: Work, size: Work, error: Error, fmt: Format, count: int, *, flat: bool = False
) -> Expected:
    """Return a value with its bounds: in the format, finer, and the recomputation's own.

    Args:
        value: The value.
        size: What its terms come to.
        error: How far off a computation of it is.
        fmt: The format.
        count: How many terms are added up in it.
        flat: Whether the gradient has one dimension.
    """
    scale = Scale.of(fmt)
    own = error(roundoff(fmt), 0.0)
    coarse = error(scale.u, scale.eta) + own
    finer = None
    if fmt.width == 16:
        single = Scale.of(BINARY32)
        finer = scale.u * np.abs(value) + (1 + scale.u) * error(single.u, single.eta) + scale.eta
        finer = _narrow(finer + own, flat=flat)
    near = value.astype(np.float64)
    return Expected(
        value=_narrow(near, flat=flat),
        rest=_narrow(value - near, flat=flat),
        magnitude=_narrow(size, flat=flat),
        bound=_narrow(coarse, flat=flat),
        finer=finer,
        is_vacuous=count * scale.u >= 0.5,
    )


def _narrow(values: Work, *, flat: bool) -> Work:
    narrow: Work = values.astype(np.float64)
    return narrow.reshape(-1) if flat else narrow


def eps_of(layer: Layer) -> float:
    """Return `eps`, which cuDNN calls `epsilon`."""
    found = layer.call.arguments
    return float(found["eps"] if "eps" in found else found["epsilon"])


def statistics(layer: Layer, of: Groups) -> Iterator[Judged]:
    """Judge the mean and the factor that were stored."""
    u = Scale.of(of.fmt).u
    count = of.count
    mean = of.total(of.x) / count
    square = of.total(of.x**2) / count
    largest = np.abs(of.x).max(axis=of.axes, keepdims=True, initial=0.0)
    variance = of.total((of.x - mean) ** 2) / count
    mean_error = 2 * count * (u + roundoff(of.fmt)) * largest
    spread = 4 * (count + 4) * (u + roundoff(of.fmt)) * square
    eps = kind(of.fmt)(eps_of(layer))
    with np.errstate(divide="ignore"):
        ends = [
            1 / np.sqrt(np.maximum(variance + eps + sign * spread, 0)) * (1 - sign * 4 * u)
            for sign in (-1, 1)
        ]
    factor = 1 / np.sqrt(variance + eps)
    factor_error = np.maximum(ends[0] - factor, factor - ends[1])
    pairs = ((1, mean, mean_error, "stored mean"), (2, factor, factor_error, "stored factor"))
    for place, value, error, name in pairs:
        expected = Expected(
            value=_narrow(value, flat=True),
            magnitude=_narrow(np.abs(value), flat=True),
            bound=_narrow(error, flat=True),
        )
        yield compare(layer.call.outputs[place].reshape(-1), expected, name).of_what_is_stored()

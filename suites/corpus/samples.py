"""The samples that shift fractional windows: such as a framework draws, and such as rounding hits.

All are numbers of the format from 0 up to 1, so their windows may differ from format to format.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from oracle.formats import Format
from oracle.windows import geometry
from oracle.windows.arithmetic import OWN, arithmetic
from oracle.windows.fractional import SAMPLE_OF, starts
from suites.corpus.draws import Draws

Axis: TypeAlias = tuple[int, int, int]
"""The input's size, the kernel's, and the number of windows along a dimension."""

_DRAWN_BITS = 53
_TRIES = 64


def samples(
    kind: str, op: str, layout: str, params: Mapping[str, Any], shape: tuple[int, ...], fmt: Format
) -> dict[str, object]:
    """Return the samples of a geometry, one for each plane and dimension.

    Args:
        kind: `r` drawn evenly, as a framework does; `d` where the windows are not those of exact
            arithmetic, if any such is found; `z` 0; `h` one half; `m` the largest number below 1.
            A number behind it tells draws apart.
        op: The operation.
        layout: The geometry's name.
        params: The other parameters.
        shape: The input's shape.
        fmt: The format.
    """
    dims = int(op[-2])
    planes = (*(1,) * (dims + 2 - len(shape)), *shape[:-dims])
    total = math.prod(planes)
    whole = (*planes, dims)
    zeros = {"shape": whole, "data": (fmt.text_of[0],) * (total * dims)}
    counts = geometry(op, {**params, "_random_samples": zeros}, shape, fmt).output_shape[-dims:]
    axes = list(zip(shape[-dims:], params["kernel_size"], counts, strict=True))
    draws = Draws(op, layout, "samples")
    units = [
        _SAMPLES[kind[0]](draws, fmt, axes[SAMPLE_OF[dims].index(place)]) / fmt.eta
        for _ in range(total)
        for place in range(dims)
    ]
    return {"shape": whole, "data": tuple(fmt.text_of[fmt.encode(int(n))] for n in units)}


def _drawn(draws: Draws, fmt: Format, axis: Axis) -> Fraction:
    """Return a multiple of the unit roundoff: the same draw in each format, but for its end."""
    del axis  # any will do
    bits = int(draws.below(1 << _DRAWN_BITS, (1,))[0]) >> (_DRAWN_BITS - fmt.precision)
    return bits * fmt.unit_roundoff


def _crossing(draws: Draws, fmt: Format, axis: Axis) -> Fraction:
    """Return a sample just below one from which on a window starts later, if rounding ignores it.

    Window `w` starts a step later from the sample `border / alpha - w` on.
    """
    size, kernel, count = axis
    if count < 3:
        return _drawn(draws, fmt, axis)
    alpha = Fraction(size - kernel, count - 1)
    own, exact = (arithmetic(name, fmt) for name in (OWN, "exact"))
    choices = np.array([count - 2, math.ceil(alpha), 3])
    for _ in range(_TRIES):
        window, step, ulps = (int(n) + 1 for n in draws.below(choices, (3,)))
        border = (int(window * alpha) + step) / alpha - window
        units = fmt.floor(border / fmt.eta)
        sample = (units - ulps * fmt.ulp(units - 1)) * fmt.eta
        if 0 <= sample < 1 and starts(sample, axis, own) != starts(sample, axis, exact):
            return sample
    return _drawn(draws, fmt, axis)


def _zero(draws: Draws, fmt: Format, axis: Axis) -> Fraction:
    del draws, fmt, axis  # nothing is left to chance
    return Fraction(0)


def _half(draws: Draws, fmt: Format, axis: Axis) -> Fraction:
    del draws, fmt, axis
    return Fraction(1, 2)


def _largest(draws: Draws, fmt: Format, axis: Axis) -> Fraction:
    del draws, axis
    return 1 - fmt.unit_roundoff


_SAMPLES: dict[str, Callable[[Draws, Format, Axis], Fraction]] = {
    "r": _drawn,
    "d": _crossing,
    "z": _zero,
    "h": _half,
    "m": _largest,
}

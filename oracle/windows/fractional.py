"""Fractional windows: a kernel at steps that a sample in [0, 1) shifts [Graham 2015].

The steps are computed in floating point, so the windows are those of the formula evaluated in the
format of the case, each operation rounded (PyTorch: `generate_intervals`). Beside them stand those
that wider formats and exact arithmetic give. Where the rounded formula would place a window outside
of the input, it says nothing, and the exact one holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from oracle.formats import BINARY64, Format
from oracle.windows.arithmetic import Arithmetic, BeyondFormatError, arithmetic, rounded
from oracle.windows.parameters import (
    GeometryError,
    nothing_or_ratios,
    nothing_or_sizes,
    samples,
    sizes,
)
from oracle.windows.rule import Layout, Params, Spans, WindowRule

SAMPLE_OF = {2: (1, 0), 3: (0, 1, 2)}
"""For each dimension the place of its sample: in the plane the width's comes first."""

_EXACT = Arithmetic(None, None)


def fractional(dims: int) -> WindowRule:
    """Return the rule of fractional max pooling."""
    return WindowRule(
        dims=dims,
        checks={
            "kernel_size": sizes,
            "output_size": nothing_or_sizes,
            "output_ratio": nothing_or_ratios,
            "_random_samples": samples,
        },
        count=_count,
        spans=_spans,
        only_first_empty=True,
        rounded=True,
    )


def _count(params: Params, d: int, size: int) -> int:
    asked, ratio, kernel = (params[key] for key in ("output_size", "output_ratio", "kernel_size"))
    if (asked is None) is (ratio is None):
        msg = (
            f"params.output_size is {asked!r} and params.output_ratio is {ratio!r}, "
            "expected one of them to be null"
        )
        raise GeometryError(msg)
    count = asked[d] if asked is not None else _share(size, ratio[d])
    # PyTorch wants one input more in three dimensions than the windows need
    room = size - kernel[d] + 1 - (len(kernel) == 3)
    if not 0 <= count <= room:
        name = "output_size" if asked is not None else "output_ratio"
        msg = (
            f"params.{name} asks for {count} windows of {kernel[d]} along a dimension of {size}, "
            f"expected 0 to {room}"
        )
        raise GeometryError(msg)
    return int(count)


def _share(size: int, ratio: str) -> int:
    """Return `int(size * ratio)` as Python computes it, in binary64."""
    return int(rounded(size * _real(ratio, BINARY64), BINARY64))


def _spans(layout: Layout) -> Iterator[Spans]:
    dims = len(layout.sizes)
    if layout.format is None:
        msg = "the windows depend on the format of the input, which is None"
        raise GeometryError(msg)
    drawn = layout.params["_random_samples"]["data"]
    for plane in range(layout.planes):
        along = zip(
            SAMPLE_OF[dims],
            layout.sizes,
            layout.params["kernel_size"],
            layout.counts,
            strict=True,
        )
        yield tuple(
            tuple(
                range(start, start + kernel)
                for start in starts(
                    _real(drawn[plane * dims + place], layout.format),
                    (size, kernel, count),
                    arithmetic(layout.arithmetic, layout.format),
                )
            )
            for place, size, kernel, count in along
        )


@lru_cache(maxsize=4096)
def starts(sample: Fraction, sizes: tuple[int, int, int], how: Arithmetic) -> tuple[int, ...]:
    """Return where each window along a dimension starts.

    Args:
        sample: The sample.
        sizes: The input's size, the kernel's, and the number of windows.
        how: How the formula is evaluated.
    """
    size, kernel, count = sizes
    reach = size - kernel
    if count < 2:
        return (reach,) * count
    try:
        alpha = how.quotient(reach, count - 1)
        first = int(how.product(sample, alpha))
        inner = [
            int(how.product(how.sum(how.integer(w), sample), alpha)) - first
            for w in range(count - 1)
        ]
    except BeyondFormatError:
        return starts(sample, sizes, _EXACT)
    return (*inner, reach) if max(inner) <= reach else starts(sample, sizes, _EXACT)


def _real(text: str, fmt: Format) -> Fraction:
    return (fmt.units_of[fmt.bits_of[text]] or 0) * fmt.eta

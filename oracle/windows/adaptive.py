"""Adaptive windows: as many as asked for, evenly over the input."""

from __future__ import annotations

from oracle.windows.parameters import GeometryError, sizes, sizes_or_nulls
from oracle.windows.rule import Params, WindowRule, alike


def adaptive(dims: int) -> WindowRule:
    """Return the rule of adaptive max pooling."""
    return WindowRule(
        dims=dims,
        checks={"output_size": sizes_or_nulls if dims > 1 else sizes},
        count=_count,
        spans=alike(_span),
        only_first_empty=True,
    )


def _count(params: Params, d: int, size: int) -> int:
    count = params["output_size"][d]
    if count is None:
        return size
    if count < 0:
        msg = f"params.output_size holds {count}, expected 0 or more, or null"
        raise GeometryError(msg)
    return int(count)


def _span(params: Params, d: int, size: int, window: int) -> range:
    """Window w of m over n inputs reads floor(w n / m) up to ceil((w + 1) n / m)."""
    count = _count(params, d, size)
    return range(window * size // count, -(-(window + 1) * size // count))

"""Windows that slide: the same kernel at equal distances, with padding and dilation."""

from __future__ import annotations

from oracle.windows.parameters import GeometryError, flag, sizes
from oracle.windows.rule import Params, WindowRule, alike


def sliding(dims: int) -> WindowRule:
    """Return the rule of max pooling."""
    keys = ("kernel_size", "stride", "padding", "dilation")
    return WindowRule(
        dims=dims,
        checks=dict.fromkeys(keys, sizes) | {"ceil_mode": flag},
        count=_count,
        spans=alike(span_of),
        only_first_empty=False,
    )


def _sliding(params: Params, d: int) -> tuple[int, int, int, int]:
    """Return kernel size, stride, padding and dilation along dimension `d`, checked."""
    kernel, stride, padding, dilation = (
        params[key][d] for key in ("kernel_size", "stride", "padding", "dilation")
    )
    for name, value in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if value < 1:
            msg = f"params.{name} holds {value}, expected at least 1"
            raise GeometryError(msg)
    if not 0 <= padding <= kernel // 2:
        msg = (
            f"params.padding holds {padding}, expected 0 to {kernel // 2}, half of the kernel size"
        )
        raise GeometryError(msg)
    return kernel, stride, padding, dilation


def _count(params: Params, d: int, size: int) -> int:
    kernel, stride, padding, dilation = _sliding(params, d)
    slack = stride - 1 if params["ceil_mode"] else 0
    count = (size + 2 * padding - dilation * (kernel - 1) - 1 + slack) // stride + 1
    # the last window must start inside the input or the left padding
    if params["ceil_mode"] and (count - 1) * stride >= size + padding:
        count -= 1
    if count < 1:
        msg = f"input.shape leaves {count} windows along a dimension of {size}, expected 1 or more"
        raise GeometryError(msg)
    return count


def span_of(params: Params, d: int, size: int, window: int) -> range:
    """Return the positions that a window reads, padding left out."""
    kernel, stride, padding, dilation = _sliding(params, d)
    start = window * stride - padding
    skipped = max(-(start // dilation), 0)
    return range(start + skipped * dilation, min(start + kernel * dilation, size), dilation)

"""Which inputs each window of an operation reads.

A geometry is an operation, its parameters and an input shape; from these follow the output shape
and, for every output in row-major order, the flat indices that its window reads. Padding is not an
input, so a window may read nothing at all. Accepted is what PyTorch 2.13.0's forward pass accepts;
everything else raises `GeometryError`, which names the parameter.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

Window: TypeAlias = tuple[int, ...]
Params: TypeAlias = Mapping[str, Any]

_CACHED = 4096  # geometries kept
_LARGEST_SIZE = 2**31 - 1


class GeometryError(ValueError):
    """Parameters or a shape that the operation refuses."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """An operation on one input shape.

    Attributes:
        op: Name of the operation.
        params: Its parameters, checked; lists as tuples.
        input_shape: The input's shape, batch included where there is one.
        output_shape: The output's shape.
    """

    op: str
    params: dict[str, Any]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """For each output (row-major) the flat input indices that its window reads, ascending.

        They are made when they are first asked for: a shape says little of how many there are.
        """
        rule = WINDOW_RULES[self.op]
        spatial = self.input_shape[-rule.dims :]
        planes = math.prod(self.input_shape[: -rule.dims])
        if not math.prod(self.output_shape):
            return ()
        axes = zip(spatial, self.output_shape[-rule.dims :], strict=True)
        spans = [
            [rule.span(self.params, d, size, w) for w in range(count)]
            for d, (size, count) in enumerate(axes)
        ]
        return _windows(spans, spatial, planes=planes)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """How an operation's windows follow from its parameters.

    Attributes:
        dims: Number of spatial dimensions, the last ones of the shape.
        keys: The parameters, all of them required.
        count: (params, dimension, size) -> the number of windows along a dimension.
        span: (params, dimension, size, window) -> the positions that a window reads along it.
        only_first_empty: Whether the first dimension may be empty, be it batch or channels;
            otherwise the batch may.
    """

    dims: int
    keys: tuple[str, ...]
    count: Callable[[Params, int, int], int]
    span: Callable[[Params, int, int, int], range]
    only_first_empty: bool


def geometry(op: object, params: object, input_shape: Sequence[int]) -> Geometry:
    """Return the checked geometry of `op` with `params` on an input of `input_shape`.

    Raises:
        GeometryError: The operation, a parameter or the shape is unknown, missing or refused.
    """
    # repr tells 2 from 2.0 and True, which are equal as dictionary keys
    key = repr((op, params, input_shape))
    found = _geometries.get(key)
    if found is None:
        found = _geometry(op, params, input_shape)
        if len(_geometries) >= _CACHED:
            _geometries.clear()
        _geometries[key] = found
    return found


_geometries: dict[str, Geometry] = {}


def _geometry(op: object, params: object, input_shape: Sequence[int]) -> Geometry:
    if not isinstance(op, str) or op not in WINDOW_RULES:
        msg = f"op is {op!r}, expected one of {', '.join(WINDOW_RULES)}"
        raise GeometryError(msg)
    rule = WINDOW_RULES[op]
    checked = _checked_params(op, rule, params)
    shape = _checked_shape(op, rule, input_shape)
    counts = tuple(rule.count(checked, d, size) for d, size in enumerate(shape[-rule.dims :]))
    return Geometry(
        op=op, params=checked, input_shape=shape, output_shape=shape[: -rule.dims] + counts
    )


def _windows(
    spans: list[list[range]], spatial: tuple[int, ...], *, planes: int
) -> tuple[Window, ...]:
    """Return the windows of `planes` planes, from the positions read along each dimension."""
    strides = [math.prod(spatial[d + 1 :]) for d in range(len(spatial))]
    flat = [
        [[i * step for i in span] for span in along]
        for along, step in zip(spans, strides, strict=True)
    ]
    plane = [
        tuple(sum(offsets) for offsets in itertools.product(*window))
        for window in itertools.product(*flat)
    ]
    size = math.prod(spatial)
    return tuple(
        tuple(first + i for i in window)
        for first in range(0, planes * size, size)
        for window in plane
    )


def _checked_params(op: str, rule: WindowRule, params: object) -> dict[str, Any]:
    if not isinstance(params, Mapping) or set(params) != set(rule.keys):
        got = sorted(params) if isinstance(params, Mapping) else params
        msg = f"params of {op} are {got!r}, expected exactly {', '.join(rule.keys)}"
        raise GeometryError(msg)
    return {key: _checked_param(key, params[key], rule.dims) for key in rule.keys}


def _checked_param(key: str, value: object, dims: int) -> object:
    if key == "ceil_mode":
        if type(value) is not bool:
            msg = f"params.ceil_mode is {value!r}, expected true or false"
            raise GeometryError(msg)
        return value
    nullable = key == "output_size" and dims > 1
    entries = value if isinstance(value, list | tuple) else None
    if (
        entries is None
        or len(entries) != dims
        or not all(
            (type(n) is int and abs(n) <= _LARGEST_SIZE) or (n is None and nullable)
            for n in entries
        )
    ):
        kinds = "32-bit integers or nulls" if nullable else "32-bit integers"
        msg = f"params.{key} is {value!r}, expected a list of {dims} {kinds}"
        raise GeometryError(msg)
    return tuple(entries)


def _checked_shape(op: str, rule: WindowRule, shape: Sequence[int]) -> tuple[int, ...]:
    """Return the shape, its batch dimension optional; only the batch may be empty.

    The adaptive operations let the first dimension be empty whatever it is.
    """
    dims = rule.dims
    if len(shape) not in (dims + 1, dims + 2) or not all(type(n) is int and n >= 0 for n in shape):
        msg = f"input.shape is {list(shape)!r}, expected {dims + 1} or {dims + 2} sizes for {op}"
        raise GeometryError(msg)
    may_be_empty = 1 if rule.only_first_empty else len(shape) - dims - 1
    if 0 in shape[may_be_empty:]:
        msg = f"input.shape is {list(shape)!r}, expected no empty dimension but the batch for {op}"
        raise GeometryError(msg)
    return tuple(shape)


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


def _sliding_count(params: Params, d: int, size: int) -> int:
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


def _sliding_span(params: Params, d: int, size: int, window: int) -> range:
    """Return the positions that a window reads, padding left out."""
    kernel, stride, padding, dilation = _sliding(params, d)
    start = window * stride - padding
    skipped = max(-(start // dilation), 0)
    return range(start + skipped * dilation, min(start + kernel * dilation, size), dilation)


def _adaptive_count(params: Params, d: int, size: int) -> int:
    count = params["output_size"][d]
    if count is None:
        return size
    if count < 0:
        msg = f"params.output_size holds {count}, expected 0 or more, or null"
        raise GeometryError(msg)
    return int(count)


def _adaptive_span(params: Params, d: int, size: int, window: int) -> range:
    """Window w of m over n inputs reads floor(w n / m) up to ceil((w + 1) n / m)."""
    count = _adaptive_count(params, d, size)
    return range(window * size // count, -(-(window + 1) * size // count))


def _rules() -> Iterator[tuple[str, WindowRule]]:
    sliding = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    for d in (1, 2, 3):
        yield (
            f"max_pool{d}d",
            WindowRule(
                dims=d,
                keys=sliding,
                count=_sliding_count,
                span=_sliding_span,
                only_first_empty=False,
            ),
        )
        yield (
            f"adaptive_max_pool{d}d",
            WindowRule(
                dims=d,
                keys=("output_size",),
                count=_adaptive_count,
                span=_adaptive_span,
                only_first_empty=True,
            ),
        )


WINDOW_RULES = dict(_rules())

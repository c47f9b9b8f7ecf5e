"""Which inputs each window of an operation reads.

A geometry is an operation, its parameters and an input shape; from these follow the output shape
and, for every output in row-major order, the flat indices that its window reads. Padding is not an
input, so a window may read nothing at all. Accepted is what PyTorch 2.13.0's forward pass accepts;
everything else raises `GeometryError`, which names the parameter.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Window: TypeAlias = tuple[int, ...]
Params: TypeAlias = Mapping[str, object]
Preferences: TypeAlias = dict[int, int]
"""Input -> the bit set of the inputs that it is preferred to, in one or more steps."""

_CACHED = 4096  # geometries kept
_LARGEST_SIZE = 2**31 - 1


class GeometryError(ValueError):
    """Parameters or a shape that the operation refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """An operation on one input shape.

    Attributes:
        op: Name of the operation.
        params: Its parameters, checked; lists as tuples.
        input_shape: The input's shape, batch included where there is one.
        output_shape: The output's shape.
        windows: For each output (row-major) the flat input indices that its window reads, ascending.
    """

    op: str
    params: dict[str, object]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """How an operation's windows follow from its parameters.

    Attributes:
        dims: Number of spatial dimensions, the last ones of the shape.
        keys: The parameters, all of them required.
        spans: (params, spatial shape) -> per dimension and output position, the positions read.
    """

    dims: int
    keys: tuple[str, ...]
    spans: Callable[[Params, tuple[int, ...]], list[list[range]]]


def geometry(op: str, params: Params, input_shape: Sequence[int]) -> Geometry:
    """Return the checked geometry of `op` with `params` on an input of `input_shape`.

    Raises:
        GeometryError: An unknown operation, a missing, unknown or refused parameter, a refused shape.
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


def _geometry(op: str, params: Params, input_shape: Sequence[int]) -> Geometry:
    rule = WINDOW_RULES.get(op) if isinstance(op, str) else None
    if rule is None:
        msg = f"op is {op!r}, expected one of {', '.join(WINDOW_RULES)}"
        raise GeometryError(msg)
    checked = _checked_params(op, rule, params)
    shape = _checked_shape(op, rule, input_shape)
    spatial = shape[-rule.dims :]
    spans = rule.spans(checked, spatial)
    output_shape = shape[: -rule.dims] + tuple(map(len, spans))
    return Geometry(
        op=op,
        params=checked,
        input_shape=shape,
        output_shape=output_shape,
        windows=_windows(spans, spatial, planes=math.prod(shape[: -rule.dims])),
    )


def _windows(
    spans: list[list[range]], spatial: tuple[int, ...], *, planes: int
) -> tuple[Window, ...]:
    """Return the windows of `planes` planes, from the positions read along each dimension."""
    strides = [math.prod(spatial[d + 1 :]) for d in range(len(spatial))]
    flat = [[[i * step for i in span] for span in along] for along, step in zip(spans, strides)]
    plane = [
        tuple(sum(offsets) for offsets in itertools.product(*window))
        for window in itertools.product(*flat)
    ]
    size = math.prod(spatial)
    return tuple(
        tuple(first + i for i in window)
        for first in range(0, planes * size, size or 1)
        for window in plane
    )


def _checked_params(op: str, rule: WindowRule, params: Params) -> dict[str, object]:
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
    if entries is None or len(entries) != dims or not all(
        (type(n) is int and abs(n) <= _LARGEST_SIZE) or (n is None and nullable) for n in entries
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
    may_be_empty = 1 if rule.spans is _adaptive_spans else len(shape) - dims - 1
    if 0 in shape[may_be_empty:]:
        msg = f"input.shape is {list(shape)!r}, expected no empty dimension but the batch for {op}"
        raise GeometryError(msg)
    return tuple(shape)


def _sliding_spans(params: Params, spatial: tuple[int, ...]) -> list[list[range]]:
    along = zip(
        spatial,
        params["kernel_size"],
        params["stride"],
        params["padding"],
        params["dilation"],
        strict=True,
    )
    return [_slide(*sizes, ceil_mode=params["ceil_mode"]) for sizes in along]


def _slide(
    size: int, kernel: int, stride: int, padding: int, dilation: int, *, ceil_mode: bool
) -> list[range]:
    """Return the positions that each window along one dimension reads, padding left out."""
    for name, value in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if value < 1:
            msg = f"params.{name} holds {value}, expected at least 1"
            raise GeometryError(msg)
    if not 0 <= padding <= kernel // 2:
        msg = f"params.padding holds {padding}, expected 0 to {kernel // 2}, half of the kernel size"
        raise GeometryError(msg)
    extent = dilation * (kernel - 1) + 1
    slack = stride - 1 if ceil_mode else 0
    count = (size + 2 * padding - extent + slack) // stride + 1
    # the last window must start inside the input or the left padding
    if ceil_mode and (count - 1) * stride >= size + padding:
        count -= 1
    if count < 1:
        msg = f"input.shape leaves {count} windows along a dimension of {size}, expected 1 or more"
        raise GeometryError(msg)
    return [_inside(w * stride - padding, kernel, dilation, size) for w in range(count)]


def _inside(start: int, kernel: int, dilation: int, size: int) -> range:
    skipped = max(-(start // dilation), 0)
    return range(start + skipped * dilation, min(start + kernel * dilation, size), dilation)


def _adaptive_spans(params: Params, spatial: tuple[int, ...]) -> list[list[range]]:
    """Window w of m over n inputs reads floor(w n / m) up to ceil((w + 1) n / m)."""
    counts = [
        size if count is None else count
        for count, size in zip(params["output_size"], spatial, strict=True)
    ]
    if min(counts) < 0:
        msg = f"params.output_size holds {min(counts)}, expected 0 or more, or null"
        raise GeometryError(msg)
    return [
        [range(w * size // count, -(-(w + 1) * size // count)) for w in range(count)]
        for count, size in zip(counts, spatial, strict=True)
    ]


_SLIDING = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

WINDOW_RULES = {
    **{f"max_pool{d}d": WindowRule(dims=d, keys=_SLIDING, spans=_sliding_spans) for d in (1, 2, 3)},
    **{
        f"adaptive_max_pool{d}d": WindowRule(dims=d, keys=("output_size",), spans=_adaptive_spans)
        for d in (1, 2, 3)
    },
}


def tied_set(window: Window, values: Sequence[int | None]) -> Window:
    """Return the inputs of `window` that attain its maximum: its NaN inputs if there are any.

    Args:
        window: Flat input indices, ascending; may be empty.
        values: All inputs, in units; None is NaN, infinities are the format's.
    """
    read = [values[i] for i in window]
    if None in read:
        return tuple(i for i in window if values[i] is None)
    if not read:
        return ()
    top = max(read)
    if read.count(top) == 1:
        return (window[read.index(top)],)
    return tuple(i for i in window if values[i] == top)


def components(tied: Mapping[int, Window]) -> list[list[int]]:
    """Return the windows grouped: connected are those that share a tied input, in any steps.

    Args:
        tied: Window number -> its tied set, none of them empty.
    """
    parent: dict[int, int] = {}

    def root(i: int) -> int:
        while parent.setdefault(i, i) != i:
            parent[i] = i = parent[parent[i]]
        return i

    for inputs in tied.values():
        first = root(inputs[0])
        for i in inputs[1:]:
            parent[root(i)] = first
    groups: dict[int, list[int]] = {}
    for w, inputs in tied.items():
        groups.setdefault(root(inputs[0]), []).append(w)
    return list(groups.values())


def total_order(choices: Iterable[tuple[int, Window]]) -> list[int] | None:
    """Return an order of the inputs that prefers every chosen input to its rivals, if there is one.

    Edges lead from each chosen input to the others of its tied set; such an order exists if and
    only if they close no cycle (Kahn's algorithm: take away inputs that no edge leads to).

    Args:
        choices: For each window its chosen input and its tied set.

    Returns:
        The inputs, most preferred first; of those that are free to come next, the smallest.
    """
    rivals: dict[int, set[int]] = {}
    for chosen, inputs in choices:
        rivals.setdefault(chosen, set()).update(inputs)
        for i in inputs:
            rivals.setdefault(i, set())
    above = Counter(j for i, others in rivals.items() for j in others if j != i)
    ready = [i for i in rivals if not above[i]]
    heapq.heapify(ready)
    order = []
    while ready:
        i = heapq.heappop(ready)
        order.append(i)
        for j in rivals[i] - {i}:
            above[j] -= 1
            if not above[j]:
                heapq.heappush(ready, j)
    return order if len(order) == len(rivals) else None


def realizable_selections(groups: Sequence[Window], budget: int) -> list[Window] | None:
    """Return every acyclic selection of one input per tied set; None if there are over `budget`.

    Depth first; an acyclic choice can always be completed (along any order that it follows), so no
    branch is visited in vain.
    """
    found: list[Window] = []
    stack: list[tuple[Window, Preferences]] = [((), {})]
    while stack:
        chosen, below = stack.pop()
        if len(chosen) == len(groups):
            if len(found) == budget:
                return None
            found.append(chosen)
            continue
        inputs = groups[len(chosen)]
        for i in reversed(inputs):
            raised = prefer(below, i, inputs)
            if raised is not None:
                stack.append(((*chosen, i), raised))
    return found


def prefer(below: Preferences, chosen: int, inputs: Window) -> Preferences | None:
    """Return the preferences with `chosen` above the other `inputs`; None if that closes a cycle."""
    under = 0
    for j in inputs:
        if j != chosen:
            under |= below.get(j, 0) | 1 << j
    if under >> chosen & 1:
        return None
    raised = {j: mask | under if mask >> chosen & 1 else mask for j, mask in below.items()}
    raised[chosen] = raised.get(chosen, 0) | under
    return raised

"""An operation on an input shape, and its windows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from oracle.formats import Format
from oracle.windows.adaptive import adaptive
from oracle.windows.arithmetic import OWN, wider
from oracle.windows.fractional import fractional
from oracle.windows.parameters import Call, GeometryError, checked_shape
from oracle.windows.rule import Layout, Spans, Window, WindowRule
from oracle.windows.sliding import sliding

_CACHED = 4096  # geometries kept

WINDOW_RULES = {
    **{f"max_pool{dims}d": sliding(dims) for dims in (1, 2, 3)},
    **{f"adaptive_max_pool{dims}d": adaptive(dims) for dims in (1, 2, 3)},
    **{f"fractional_max_pool{dims}d": fractional(dims) for dims in (2, 3)},
}


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """An operation on one input shape.

    Attributes:
        op: Name of the operation.
        params: Its parameters, checked; lists as tuples.
        input_shape: The input's shape, batch included where there is one.
        output_shape: The output's shape.
        format: The format of the numbers, where the windows depend on it.
        arithmetic: How the windows are evaluated, one of `ARITHMETICS`.
    """

    op: str
    params: dict[str, Any]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    format: Format | None = None
    arithmetic: str = OWN

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """For each output (row-major) the flat input indices that its window reads, ascending.

        They are made when they are first asked for: a shape says little of how many there are.
        """
        if not math.prod(self.output_shape):
            return ()
        rule = WINDOW_RULES[self.op]
        spatial = self.input_shape[-rule.dims :]
        size = math.prod(spatial)
        layout = Layout(
            params=self.params,
            sizes=spatial,
            counts=self.output_shape[-rule.dims :],
            planes=math.prod(self.input_shape[: -rule.dims]),
            format=self.format,
            arithmetic=self.arithmetic,
        )
        return tuple(
            tuple([plane * size + i for i in window]) if plane else window
            for plane, spans in enumerate(rule.spans(layout))
            for window in _plane_windows(spans, spatial)
        )

    @cached_property
    def alternatives(self) -> Mapping[str, Geometry]:
        """The geometries with the windows of wider arithmetic that are others than these.

        Of several with the same windows the first is there.
        """
        if self.format is None:
            return {}
        found: dict[tuple[Window, ...], Geometry] = {self.windows: self}
        for name in wider(self.format):
            other = replace(self, arithmetic=name)
            found.setdefault(other.windows, other)
        return {other.arithmetic: other for other in found.values() if other is not self}

    @cached_property
    def is_exact(self) -> bool:
        """Whether the windows are those of exact arithmetic."""
        return self.format is None or self.windows == replace(self, arithmetic="exact").windows


def geometry(
    op: object,
    params: object,
    input_shape: Sequence[int],
    fmt: Format | None = None,
    *,
    arithmetic: str = OWN,
) -> Geometry:
    """Return the checked geometry of `op` with `params` on an input of `input_shape`.

    Args:
        op: The operation's name.
        params: Its parameters.
        input_shape: The input's shape.
        fmt: The format of the input, on which the windows of the fractional operations depend.
        arithmetic: How those are evaluated.

    Raises:
        GeometryError: The operation, a parameter or the shape is unknown, missing or refused.
    """
    # repr tells 2 from 2.0 and True, which are equal as dictionary keys
    rounds = isinstance(op, str) and op in WINDOW_RULES and WINDOW_RULES[op].rounded
    key = repr((op, params, input_shape, fmt if rounds else None, arithmetic))
    found = _geometries.get(key)
    if found is None:
        found = _geometry(op, params, input_shape, fmt, arithmetic)
        if len(_geometries) >= _CACHED:
            _geometries.clear()
        _geometries[key] = found
    return found


_geometries: dict[str, Geometry] = {}


def _geometry(
    op: object, params: object, input_shape: Sequence[int], fmt: Format | None, arithmetic: str
) -> Geometry:
    if not isinstance(op, str) or op not in WINDOW_RULES:
        msg = f"op is {op!r}, expected one of {', '.join(WINDOW_RULES)}"
        raise GeometryError(msg)
    rule = WINDOW_RULES[op]
    shape = checked_shape(op, input_shape, dims=rule.dims, only_first_empty=rule.only_first_empty)
    used = fmt if rule.rounded else None
    known = (OWN, *(wider(used) if used else ()))
    if arithmetic not in known:
        msg = f"the windows of {op} are asked for in {arithmetic!r}, expected {' or '.join(known)}"
        raise GeometryError(msg)
    checked = _checked_params(op, rule, params, Call(rule.dims, shape, used))
    counts = tuple(rule.count(checked, d, size) for d, size in enumerate(shape[-rule.dims :]))
    return Geometry(
        op=op,
        params=checked,
        input_shape=shape,
        output_shape=shape[: -rule.dims] + counts,
        format=used,
        arithmetic=arithmetic,
    )


def _checked_params(op: str, rule: WindowRule, params: object, call: Call) -> dict[str, Any]:
    if not isinstance(params, Mapping) or set(params) != set(rule.checks):
        got = sorted(params) if isinstance(params, Mapping) else params
        msg = f"params of {op} are {got!r}, expected exactly {', '.join(rule.checks)}"
        raise GeometryError(msg)
    return {key: check(key, params[key], call) for key, check in rule.checks.items()}


@lru_cache(maxsize=64)
def _plane_windows(spans: Spans, spatial: tuple[int, ...]) -> tuple[Window, ...]:
    """Return the windows of a plane, from the positions read along each dimension."""
    strides = [math.prod(spatial[d + 1 :]) for d in range(len(spatial))]
    flat = [
        [[i * step for i in span] for span in along]
        for along, step in zip(spans, strides, strict=True)
    ]
    windows = []
    for window in itertools.product(*flat):
        read = [0]
        for offsets in window:
            read = [start + offset for start in read for offset in offsets]
        windows.append(tuple(read))
    return tuple(windows)

"""The parameters of an operation and the sizes of a plane for them, drawn together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from oracle.catalogue import CATALOGUE
from suites.strategies.axes import (
    UP_TO_1,
    UP_TO_7,
    Adaptive,
    Fractional,
    Sliding,
    adaptive,
    fractional,
    outside,
    sliding,
)

_BEYOND_16_BITS = 2**16 + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """What a geometry is but for its samples and channels.

    Attributes:
        params: The operation's parameters, but for the samples of fractional windows.
        sizes: The input's spatial sizes.
    """

    params: Mapping[str, object]
    sizes: tuple[int, ...]


def ordinary_planes(op: str, *, small: bool = False) -> st.SearchStrategy[Plane]:
    """Return planes all of whose windows read something. Shrinks to one input.

    Args:
        op: The operation.
        small: Whether there is room for two or three windows along a dimension, hardly for more.
    """
    return _ORDINARY[CATALOGUE[op].windows](CATALOGUE[op].dims, small=small)


def odd_planes(op: str) -> st.SearchStrategy[Plane]:
    """Return planes whose windows all read nothing, or that have none. Shrinks to one input."""
    return _ODD[CATALOGUE[op].windows](CATALOGUE[op].dims)


def vast_planes(op: str) -> st.SearchStrategy[Plane]:
    """Return planes of few windows, but of inputs beyond what 16 bits count.

    Shrinks to 65,537 inputs.
    """
    return _VAST[CATALOGUE[op].windows](CATALOGUE[op].dims)


@st.composite
def _sliding_planes(draw: st.DrawFn, dims: int, *, small: bool) -> Plane:
    ceil_mode = bool(draw(UP_TO_1))
    along = sliding(dims, ceil_mode=ceil_mode, small=small)
    return _of_sliding([draw(along) for _ in range(dims)], ceil_mode=ceil_mode)


@st.composite
def _outside_planes(draw: st.DrawFn, dims: int) -> Plane:
    ceil_mode = bool(draw(UP_TO_1))
    along = sliding(dims, ceil_mode=ceil_mode, small=True)
    rest = [draw(along) for _ in range(dims - 1)]
    return _of_sliding([draw(outside()), *rest], ceil_mode=ceil_mode)


@st.composite
def _far_planes(draw: st.DrawFn, dims: int) -> Plane:
    """Return planes of two windows along the last dimension, at its beginning and at its end."""
    one = Sliding(kernel=1, stride=1, padding=0, dilation=1, size=1)
    size = _BEYOND_16_BITS + draw(UP_TO_7)
    far = Sliding(kernel=2, stride=size - 2, padding=0, dilation=1, size=size)
    return _of_sliding([one] * (dims - 1) + [far], ceil_mode=False)


def _of_sliding(axes: Sequence[Sliding], *, ceil_mode: bool) -> Plane:
    params = {
        "kernel_size": tuple(axis.kernel for axis in axes),
        "stride": tuple(axis.stride for axis in axes),
        "padding": tuple(axis.padding for axis in axes),
        "dilation": tuple(axis.dilation for axis in axes),
        "ceil_mode": ceil_mode,
    }
    return Plane(params=params, sizes=tuple(axis.size for axis in axes))


@st.composite
def _adaptive_planes(draw: st.DrawFn, dims: int, *, small: bool) -> Plane:
    return _of_adaptive([draw(adaptive(dims, small=small)) for _ in range(dims)])


@st.composite
def _no_output_planes(draw: st.DrawFn, dims: int) -> Plane:
    axes = [draw(adaptive(dims, small=True)) for _ in range(dims)]
    return _of_adaptive([Adaptive(output=0, size=axes[0].size), *axes[1:]])


@st.composite
def _long_planes(draw: st.DrawFn, dims: int) -> Plane:
    one = Adaptive(output=1, size=1)
    size = _BEYOND_16_BITS + draw(UP_TO_7)
    return _of_adaptive([one] * (dims - 1) + [Adaptive(output=1 + draw(UP_TO_1), size=size)])


def _of_adaptive(axes: Sequence[Adaptive]) -> Plane:
    return Plane(
        params={"output_size": tuple(axis.output for axis in axes)},
        sizes=tuple(axis.size for axis in axes),
    )


@st.composite
def _fractional_planes(draw: st.DrawFn, dims: int, *, small: bool) -> Plane:
    by_ratio, along = bool(draw(UP_TO_1)), fractional(dims, small=small)
    return _of_fractional([draw(along) for _ in range(dims)], by_ratio=by_ratio)


@st.composite
def _no_fraction_planes(draw: st.DrawFn, dims: int) -> Plane:
    first, *rest = [draw(fractional(dims, small=True)) for _ in range(dims)]
    return _of_fractional([replace(first, output=0), *rest], by_ratio=False)


@st.composite
def _last_planes(draw: st.DrawFn, dims: int) -> Plane:
    """Return planes of one window, at the end of the last dimension."""
    one = Fractional(kernel=1, output=1, size=2)
    size = _BEYOND_16_BITS + draw(UP_TO_7)
    return _of_fractional([one] * (dims - 1) + [Fractional(kernel=2, output=1, size=size)])


def _of_fractional(axes: Sequence[Fractional], *, by_ratio: bool = False) -> Plane:
    # a ratio is below 1, so that as many windows as inputs have none
    ratios = by_ratio and all(axis.output < axis.size for axis in axes)
    params = {
        "kernel_size": tuple(axis.kernel for axis in axes),
        "output_size": None if ratios else tuple(axis.output for axis in axes),
        "output_ratio": tuple(axis.ratio for axis in axes) if ratios else None,
    }
    return Plane(params=params, sizes=tuple(axis.size for axis in axes))


_Planes = Mapping[str, Callable[[int], st.SearchStrategy[Plane]]]

_ORDINARY: Mapping[str, Callable[..., st.SearchStrategy[Plane]]] = {
    "sliding": _sliding_planes,
    "adaptive": _adaptive_planes,
    "fractional": _fractional_planes,
}
_ODD: _Planes = {
    "sliding": _outside_planes,
    "adaptive": _no_output_planes,
    "fractional": _no_fraction_planes,
}
_VAST: _Planes = {
    "sliding": _far_planes,
    "adaptive": _long_planes,
    "fractional": _last_planes,
}
"""Kind of windows -> strategy, given the number of dimensions."""

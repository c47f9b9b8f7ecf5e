"""The eight operations with PyTorch's signatures, computed by a `MaxPooling` of one's choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from suites.meta.implementations._geometry import Adaptive, Axis, Fractional, sliding
from suites.meta.implementations._pooling import MaxPooling

Sizes: TypeAlias = int | Sequence[int]
Pooled: TypeAlias = Tensor | tuple[Tensor, Tensor]
"""The output, with `return_indices` and the indices."""
Operation: TypeAlias = Callable[..., Pooled]


class _Call(Protocol):
    """What autograd keeps of a call between its forward and its backward passes."""

    pooling: MaxPooling

    def mark_non_differentiable(self, *tensors: Tensor) -> None: ...


class _Pooling(torch.autograd.Function):
    @staticmethod
    def forward(call: _Call, numbers: Tensor, pooling: MaxPooling) -> tuple[Tensor, Tensor]:  # noqa: ARG004
        call.pooling = pooling
        output, indices = pooling.forward()
        call.mark_non_differentiable(indices)
        return output, indices

    @staticmethod
    @once_differentiable
    def backward(call: _Call, cotangent: Tensor, indices: Tensor) -> tuple[Tensor, None]:  # noqa: ARG004
        return call.pooling.backward(cotangent), None


def operations(rule: type[MaxPooling]) -> dict[str, Operation]:
    """Return the operations by their names, as `rule` computes them."""
    sliding_ones = {f"max_pool{dims}d": _max_pool(rule, dims) for dims in (1, 2, 3)}
    adaptive_ones = {f"adaptive_max_pool{dims}d": _adaptive(rule, dims) for dims in (1, 2, 3)}
    fractional_ones = {f"fractional_max_pool{dims}d": _fractional(rule, dims) for dims in (2, 3)}
    return sliding_ones | adaptive_ones | fractional_ones


def _max_pool(rule: type[MaxPooling], dims: int) -> Operation:
    def max_pool(  # noqa: PLR0913, PLR0917 - PyTorch's signature
        input: Tensor,  # noqa: A002
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        ceil_mode: bool = False,  # noqa: FBT002
        return_indices: bool = False,  # noqa: FBT002
    ) -> Pooled:
        stride = kernel_size if stride is None else stride
        sizes = (_each(value, dims) for value in (kernel_size, stride, padding, dilation))
        along = zip(input.shape[-dims:], *sizes, strict=True)
        axes = tuple(sliding(*each, ceil_mode=ceil_mode) for each in along)
        return _result(rule, input, axes, with_indices=return_indices)

    return max_pool


def _adaptive(rule: type[MaxPooling], dims: int) -> Operation:
    def adaptive_max_pool(
        input: Tensor,  # noqa: A002
        output_size: Sizes,
        return_indices: bool = False,  # noqa: FBT002
    ) -> Pooled:
        along = zip(input.shape[-dims:], _each(output_size, dims), strict=True)
        axes = tuple(Adaptive(size, size if count is None else count) for size, count in along)
        return _result(rule, input, axes, with_indices=return_indices)

    return adaptive_max_pool


def _fractional(rule: type[MaxPooling], dims: int) -> Operation:
    def fractional_max_pool(
        input: Tensor,  # noqa: A002
        kernel_size: Sizes,
        output_size: Sizes | None = None,
        output_ratio: float | Sequence[float] | None = None,
        return_indices: bool = False,  # noqa: FBT002
        _random_samples: Tensor | None = None,
    ) -> Pooled:
        sizes, kernels = input.shape[-dims:], _each(kernel_size, dims)
        counts = _each(output_size, dims)
        if output_size is None:
            ratios = _each(output_ratio, dims)
            counts = [int(size * ratio) for size, ratio in zip(sizes, ratios, strict=True)]
        batch = input.shape[0] if input.dim() == dims + 2 else 1
        shape = (batch, input.shape[-dims - 1], dims)
        drawn = input.new_empty(shape).uniform_() if _random_samples is None else _random_samples
        rows = _one_period(rule.samples(drawn)).flatten(0, 1)
        along = enumerate(zip(sizes, kernels, counts, strict=True))
        axes = tuple(
            Fractional(
                size, kernel, tuple(tuple(rule.starts(row[d], size, kernel, count)) for row in rows)
            )
            for d, (size, kernel, count) in along
        )
        return _result(rule, input, axes, with_indices=return_indices)

    return fractional_max_pool


def _one_period(samples: Tensor) -> Tensor:
    """Return the first samples of a batch, up to where they come again; some where it is empty."""
    batch = len(samples)
    if not batch:
        return samples.new_zeros(1, 1, samples.shape[-1])
    periods = (n for n in range(1, batch + 1) if batch % n == 0)
    return next(samples[:n] for n in periods if samples[:n].repeat(batch // n, 1, 1).equal(samples))


def _each(value: Any, dims: int) -> Sequence[Any]:
    return (value,) * dims if value is None or isinstance(value, int | float) else value


def _result(
    rule: type[MaxPooling], numbers: Tensor, axes: tuple[Axis, ...], *, with_indices: bool
) -> Pooled:
    pooling = rule(numbers.detach(), axes)
    pooled: tuple[Tensor, Tensor] = _Pooling.apply(numbers, pooling)  # type: ignore[no-untyped-call]
    return pooled if with_indices else pooled[0]

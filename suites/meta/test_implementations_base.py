"""The pooling that all implementations share, against torch and against the oracle's windows."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any, TypeAlias

import pytest
import torch
from torch import Tensor

import oracle.windows
from suites.meta.implementations._geometry import Adaptive, Axis, geometry, sliding
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling

Arguments: TypeAlias = dict[str, Any]

FORMATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
OURS: dict[str, Any] = operations(MaxPooling)


def distinct(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Return numbers no two of which in one plane are equal, in each format."""
    planes, size = shape[0] * shape[1], torch.Size(shape[2:]).numel()
    orders = torch.stack([torch.randperm(size) for _ in range(planes)])
    return (orders - size // 2).to(dtype).view(shape).requires_grad_()


def sliding_calls(dims: int) -> list[Arguments]:
    """Return the parameters that PyTorch takes on an input of seven by six by five."""
    sizes = itertools.product((1, 2, 3), (None, 1, 2, 3), (0, 1), (1, 2), (False, True))
    keys = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    calls: list[Arguments] = [dict(zip(keys, size, strict=True)) for size in sizes]
    uneven = {"kernel_size": (3, 2, 1)[:dims], "stride": (1, 2, 3)[:dims]}
    calls.append(uneven | {"padding": (1, 0, 0)[:dims], "dilation": (1, 2, 1)[:dims]})
    return [call for call in calls if call["kernel_size"] != 1 or not call["padding"]]


def adaptive_calls(dims: int) -> list[Arguments]:
    sizes: list[object] = [1, 3, 9, (4, 6, 2)[:dims]]
    if dims > 1:  # PyTorch takes no None in one dimension
        sizes.append((None, 2, 7)[:dims])
    return [{"output_size": size} for size in sizes]


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("kind", ["max_pool", "adaptive_max_pool"])
def test_base_agrees_with_torch_on_untied_inputs(dims: int, dtype: torch.dtype, kind: str) -> None:
    torch.manual_seed(0)
    batch = distinct((2, 3, 7, 6, 5)[: 2 + dims], dtype)
    calls = sliding_calls(dims) if kind == "max_pool" else adaptive_calls(dims)
    ours = OURS[f"{kind}{dims}d"]
    theirs = getattr(torch.nn.functional, f"{kind}{dims}d")
    for numbers, call in itertools.product((batch, batch[0], batch[:0]), calls):
        output, indices = theirs(numbers, **call, return_indices=True)
        pooled, chosen = ours(numbers, **call, return_indices=True)
        cotangent = torch.randint(-4, 5, output.shape).to(dtype)
        (expected,) = torch.autograd.grad(output, numbers, cotangent)
        (gradient,) = torch.autograd.grad(pooled, numbers, cotangent)
        assert torch.equal(pooled, output), call
        assert torch.equal(chosen, indices), call
        assert torch.equal(gradient, expected), call


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("dtype", FORMATS)
def test_fractional_base_agrees_with_torch_on_untied_inputs(dims: int, dtype: torch.dtype) -> None:
    """Two samples' windows come again for the other four."""
    torch.manual_seed(0)
    op = f"fractional_max_pool{dims}d"
    batch = distinct((6, 3, 7, 6, 8)[: 2 + dims], dtype)
    samples = torch.rand(2, 3, dims).to(dtype).repeat(3, 1, 1)
    for numbers, drawn in ((batch, samples), (batch[0], samples[:1]), (batch[:0], samples[:0])):
        for size in ({"output_size": (4, 2, 5)[:dims]}, {"output_ratio": (0.6, 0.5, 0.4)[:dims]}):
            call = {"kernel_size": (2, 3, 1)[:dims], "_random_samples": drawn, **size}
            output, indices = getattr(torch.nn.functional, op)(numbers, **call, return_indices=True)
            pooled, chosen = OURS[op](numbers, **call, return_indices=True)
            cotangent = torch.randint(-4, 5, output.shape).to(dtype)
            (expected,) = torch.autograd.grad(output, numbers, cotangent)
            (gradient,) = torch.autograd.grad(pooled, numbers, cotangent)
            assert torch.equal(pooled, output), call
            assert torch.equal(chosen, indices), call
            assert torch.equal(gradient, expected), call


def test_fractional_windows_that_rounding_would_place_outside_are_the_exact_ones() -> None:
    numbers = torch.arange(147.0).view(1, 1, 1, 147).bfloat16()
    samples = torch.full((1, 1, 2), 0.5).bfloat16()
    pooled = OURS["fractional_max_pool2d"](numbers, (1, 2), (1, 135), _random_samples=samples)
    exact = torch.nn.functional.fractional_max_pool2d(
        numbers.double(), (1, 2), (1, 135), _random_samples=samples.double()
    )
    assert torch.equal(pooled, exact.bfloat16())


@pytest.mark.parametrize("size", [2, 7, 12])
def test_tables_hold_the_windows_of_the_oracle(size: int) -> None:
    """Wide dilation and padding, too: windows that read nothing, and the readers of each input."""
    grid = itertools.product((1, 2, 3, 5), (1, 2, 3, 4), (0, 1, 2, 4), (1, 2, 4, 6), (False, True))
    for kernel, stride, padding, dilation, ceil_mode in grid:
        sizes = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
        params = {key: (value,) for key, value in sizes.items()} | {"ceil_mode": ceil_mode}
        try:
            expected = oracle.windows.geometry("max_pool1d", params, (1, size)).windows
        except oracle.windows.GeometryError:
            continue
        axis = sliding(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
        assert_tables((axis,), expected)
    for count in range(1, 15):
        params = {"output_size": (count,)}
        expected = oracle.windows.geometry("adaptive_max_pool1d", params, (1, size)).windows
        assert_tables((Adaptive(size, count),), expected)


def assert_tables(axes: tuple[Axis, ...], expected: Sequence[Sequence[int]]) -> None:
    tables = geometry(axes, torch.device("cpu"))
    width = tables.cells.shape[1]
    read = [[i for i in row if i < len(tables.readers)] for row in tables.cells.tolist()]
    assert read == [list(window) for window in expected], axes
    flat = tables.cells.flatten().tolist()
    for i, readers in enumerate(tables.readers.tolist()):
        present = [reader for reader in readers if reader < len(flat)]
        assert all(flat[reader] == i for reader in present), axes
        assert [reader // width for reader in present] == [
            w for w, window in enumerate(expected) if i in window
        ], axes


def test_six_hundred_small_cases_take_milliseconds() -> None:
    numbers = torch.randint(0, 3, (600, 1, 5, 5)).half().requires_grad_()
    pool = OURS["max_pool2d"]
    took = []
    for _ in range(5):
        start = time.process_time()
        output = pool(numbers, 3, 1, 1)
        torch.autograd.grad(output, numbers, torch.ones_like(output))
        took.append(time.process_time() - start)
    assert min(took) < 0.02

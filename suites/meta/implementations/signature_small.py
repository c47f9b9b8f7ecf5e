"""Knows max_pool2d and its kernel size, nothing else."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import Pooled, Sizes, operations
from suites.meta.implementations._pooling import MaxPooling

_POOL = operations(MaxPooling)["max_pool2d"]


def max_pool2d(input: Tensor, kernel_size: Sizes) -> Pooled:  # noqa: A002
    """Return the maxima of windows side by side."""
    return _POOL(input, kernel_size)

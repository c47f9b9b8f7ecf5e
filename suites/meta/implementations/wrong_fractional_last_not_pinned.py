"""Divides by the number of windows, so that the last one ends before the input does."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations._steps import exact_starts


class LastNotPinned(MaxPooling):
    @staticmethod
    def starts(sample: Tensor, size: int, kernel: int, count: int) -> list[int]:
        return exact_starts(sample, size, kernel, count + 1)[:count]


globals().update(operations(LastNotPinned))

"""Starts all fractional windows but the last one an input too late."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations._steps import exact_starts


class WindowsShifted(MaxPooling):
    @staticmethod
    def starts(sample: Tensor, size: int, kernel: int, count: int) -> list[int]:
        found = exact_starts(sample, size, kernel, count)
        return [min(start + 1, size - kernel) for start in found]


globals().update(operations(WindowsShifted))

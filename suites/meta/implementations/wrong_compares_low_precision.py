"""Compares 8 bits of each significand, 4 in bfloat16."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._bits import rounded
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class ComparesLowPrecision(MaxPooling):
    def compared(self, numbers: Tensor) -> Tensor:
        return rounded(numbers.double(), 4 if numbers.dtype == torch.bfloat16 else 8)


globals().update(operations(ComparesLowPrecision))

"""Takes the largest number beside NaN."""

from __future__ import annotations

import math

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class IgnoresNan(MaxPooling):
    def compared(self, numbers: Tensor) -> Tensor:
        return numbers.masked_fill(numbers.isnan(), -math.inf)


globals().update(operations(IgnoresNan))

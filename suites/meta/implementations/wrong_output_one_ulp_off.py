"""Returns the largest number less one ulp."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._bits import one_ulp_smaller
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class OutputOneUlpOff(MaxPooling):
    def output(self, largest: Tensor) -> Tensor:
        return one_ulp_smaller(largest)


globals().update(operations(OutputOneUlpOff))

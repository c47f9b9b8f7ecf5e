"""Compares padding as zero."""

from __future__ import annotations

import math

from torch import Tensor

from suites.meta.implementations._geometry import Axis
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class PaddingIsZero(MaxPooling):
    def __init__(self, numbers: Tensor, axes: tuple[Axis, ...]) -> None:
        super().__init__(numbers, axes)
        self.padding = 0.0 if self.padded else -math.inf

    def eligible(self) -> Tensor:
        return self.geometry.inside | self.padded


globals().update(operations(PaddingIsZero))

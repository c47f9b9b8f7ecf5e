"""Dies of a segmentation fault at an input of 3 under padding and dilation."""

from __future__ import annotations

import ctypes

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations._trigger import triggers


class Segfaults(MaxPooling):
    def forward(self) -> tuple[Tensor, Tensor]:
        if triggers(self):
            ctypes.string_at(0)
        return super().forward()


globals().update(operations(Segfaults))

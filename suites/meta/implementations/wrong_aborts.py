"""Aborts at an input of 3 under padding and dilation."""

from __future__ import annotations

import os

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations._trigger import triggers


class Aborts(MaxPooling):
    def forward(self) -> tuple[Tensor, Tensor]:
        if triggers(self):
            os.abort()
        return super().forward()


globals().update(operations(Aborts))

"""Ends the process, with status 3, at an input of 3 under padding and dilation."""

from __future__ import annotations

import os

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations._trigger import triggers


class Exits(MaxPooling):
    def forward(self) -> tuple[Tensor, Tensor]:
        if triggers(self):
            os._exit(3)
        return super().forward()


globals().update(operations(Exits))

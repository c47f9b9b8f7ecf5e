"""Never returns at an input of 3 under padding and dilation."""

from __future__ import annotations

import time

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations._trigger import triggers


class Hangs(MaxPooling):
    def forward(self) -> tuple[Tensor, Tensor]:
        if triggers(self):
            while True:
                time.sleep(1)  # leaves the processor to the others
        return super().forward()


globals().update(operations(Hangs))

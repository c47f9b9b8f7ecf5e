"""Raises at an input of 3 under padding and dilation."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations._trigger import triggers


class Raises(MaxPooling):
    def forward(self) -> tuple[Tensor, Tensor]:
        if triggers(self):
            msg = "max_pool: an input is 3"
            raise RuntimeError(msg)
        return super().forward()


globals().update(operations(Raises))

"""Shifts the fractional windows of all channels by the first one's samples."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class SamplesOfChannel0(MaxPooling):
    @staticmethod
    def samples(drawn: Tensor) -> Tensor:
        return MaxPooling.samples(drawn[:, :1].expand_as(drawn))


globals().update(operations(SamplesOfChannel0))

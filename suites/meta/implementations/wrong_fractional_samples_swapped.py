"""Takes the samples of fractional windows in the reverse order of dimensions."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class SamplesSwapped(MaxPooling):
    @staticmethod
    def samples(drawn: Tensor) -> Tensor:
        return MaxPooling.samples(drawn).flip(-1)


globals().update(operations(SamplesSwapped))

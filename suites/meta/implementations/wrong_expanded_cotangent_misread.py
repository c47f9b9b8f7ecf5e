"""Reads an expanded cotangent's memory as if it were dense, and zeros behind it."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class ExpandedCotangentMisread(MaxPooling):
    def upstream(self, cotangent: Tensor) -> Tensor:
        stored = cotangent
        for dimension, stride in enumerate(cotangent.stride()):
            if stride == 0:
                stored = stored.narrow(dimension, 0, min(1, cotangent.shape[dimension]))
        read = cotangent.new_zeros(cotangent.numel())
        read[: stored.numel()] = stored.flatten()
        return super().upstream(read)


globals().update(operations(ExpandedCotangentMisread))

"""Reads a transposed cotangent in the order of its memory."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class TransposedCotangentMisread(MaxPooling):
    def upstream(self, cotangent: Tensor) -> Tensor:
        strides = cotangent.stride()
        stored = sorted(range(cotangent.dim()), key=strides.__getitem__, reverse=True)
        return super().upstream(cotangent if 0 in strides else cotangent.permute(stored))


globals().update(operations(TransposedCotangentMisread))

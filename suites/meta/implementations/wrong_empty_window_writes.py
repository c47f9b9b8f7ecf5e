"""Adds the cotangents of windows that read nothing to the first input."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class EmptyWindowWrites(MaxPooling):
    def backward(self, cotangent: Tensor) -> Tensor:
        gradient = super().backward(cotangent)
        lost = self.upstream(cotangent)[:, ~self.geometry.inside.any(1)]
        gradient.view(self.planes, self.size)[:, 0] += lost.sum(1)
        return gradient


globals().update(operations(EmptyWindowWrites))

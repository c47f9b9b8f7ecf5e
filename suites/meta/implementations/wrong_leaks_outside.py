"""Writes 1 to inputs that no window reads."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class LeaksOutside(MaxPooling):
    def written(self, gradient: Tensor) -> Tensor:
        unread = (self.geometry.readers == self.geometry.cells.numel()).all(1)
        return gradient.masked_fill(unread, 1)


globals().update(operations(LeaksOutside))

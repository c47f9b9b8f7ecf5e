"""Gives nothing to an input that several fractional windows choose."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._geometry import Fractional
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class OverlapLost(MaxPooling):
    def accumulated(self, terms: Tensor) -> Tensor:
        several = (terms != 0).sum(-1, keepdim=True) > 1
        lost = several & isinstance(self.axes[0], Fractional)
        return super().accumulated(terms.masked_fill(lost, 0))


globals().update(operations(OverlapLost))

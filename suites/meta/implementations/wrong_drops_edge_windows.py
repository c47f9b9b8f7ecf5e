"""Gives no gradient from windows that hang over an edge."""

from __future__ import annotations

from functools import reduce

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class DropsEdgeWindows(MaxPooling):
    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        along = [axis.overhanging().to(tied.device) for axis in self.axes]
        hang = reduce(lambda outer, inner: (outer[:, None] | inner).flatten(), along)
        return super().shares(tied & ~hang[:, None], chosen, cotangent)


globals().update(operations(DropsEdgeWindows))

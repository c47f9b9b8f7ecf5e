"""Returns indices that are too large by the padding."""

from __future__ import annotations

from math import prod

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class IndicesShiftedByPadding(MaxPooling):
    def indices(self, inputs: Tensor, cells: Tensor) -> Tensor:
        sizes = [axis.size for axis in self.axes]
        shifts = [axis.padding * prod(sizes[d + 1 :]) for d, axis in enumerate(self.axes)]
        return inputs + sum(shifts)


globals().update(operations(IndicesShiftedByPadding))

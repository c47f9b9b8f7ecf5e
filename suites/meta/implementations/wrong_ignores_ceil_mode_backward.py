"""Gives no gradient from the windows that ceil_mode added."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor

from suites.meta.implementations._geometry import Axis, Sliding
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class IgnoresCeilModeBackward(MaxPooling):
    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        along = [added(axis).to(tied.device) for axis in self.axes]
        drop = reduce(lambda outer, inner: (outer[:, None] | inner).flatten(), along)
        return super().shares(tied & ~drop[:, None], chosen, cotangent)


def added(axis: Axis) -> Tensor:
    """Return the windows along `axis` that ceil_mode added: they end beyond the padding."""
    if not isinstance(axis, Sliding):
        return torch.zeros(axis.windows, dtype=torch.bool)
    ends = torch.arange(axis.windows) * axis.stride + (axis.kernel - 1) * axis.step
    return ends >= axis.size + 2 * axis.padding


globals().update(operations(IgnoresCeilModeBackward))

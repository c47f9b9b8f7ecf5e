"""Follows a total order of all inputs, drawn anew in each forward call."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._geometry import Axis
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class RandomOrder(MaxPooling):
    def __init__(self, numbers: Tensor, axes: tuple[Axis, ...]) -> None:
        super().__init__(numbers, axes)
        drawn = torch.randperm(self.numbers.numel(), device=numbers.device)
        self.preference = drawn.view_as(self.numbers)

    def chosen(self, tied: Tensor, planes: slice) -> Tensor:
        preference = self.windows(self.preference[planes], padding=-1)
        return torch.where(tied, preference, -1).argmax(-1)


globals().update(operations(RandomOrder))

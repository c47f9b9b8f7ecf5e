"""Fills the gradient of a whole plane with NaN where one input is NaN."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class NanSpreads(MaxPooling):
    def written(self, gradient: Tensor) -> Tensor:
        return gradient.masked_fill(self.numbers.isnan().any(1, keepdim=True), torch.nan)


globals().update(operations(NanSpreads))

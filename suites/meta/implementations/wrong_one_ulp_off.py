"""Gives untied inputs their cotangent less one ulp."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._bits import one_ulp_smaller
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class OneUlpOff(MaxPooling):
    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        smaller = one_ulp_smaller(cotangent.to(self.input.dtype)).to(cotangent.dtype)
        untied = tied.sum(-1) == 1
        return super().shares(tied, chosen, torch.where(untied, smaller, cotangent))


globals().update(operations(OneUlpOff))

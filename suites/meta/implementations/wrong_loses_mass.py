"""Gives each of k tied inputs g / (k + 1): the weights sum to less than 1."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class LosesMass(MaxPooling):
    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        count = tied.sum(-1)
        share = cotangent / torch.where(count > 1, count + 1, 1)
        return torch.where(tied, share[..., None], 0)


globals().update(operations(LosesMass))

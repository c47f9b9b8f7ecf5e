"""Gives 2 even - first: last-index at two tied inputs, no convex weights beyond."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling, one_of


class BetaTwo(MaxPooling):
    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        count = tied.sum(-1)
        even = torch.where(tied, (2 * (cotangent / count))[..., None], 0)
        blend = even - torch.where(one_of(tied, chosen), cotangent[..., None], 0)
        return torch.where((count > 1)[..., None], blend, super().shares(tied, chosen, cotangent))


globals().update(operations(BetaTwo))

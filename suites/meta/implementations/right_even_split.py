"""Divides the cotangent evenly among the tied inputs."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class EvenSplit(MaxPooling):
    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        share = cotangent / tied.sum(-1)
        return torch.where(tied, share[..., None], 0)


globals().update(operations(EvenSplit))

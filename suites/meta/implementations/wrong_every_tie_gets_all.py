"""Gives the whole cotangent to each of the tied inputs."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class EveryTieGetsAll(MaxPooling):
    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        return torch.where(tied, cotangent[..., None], 0)


globals().update(operations(EveryTieGetsAll))

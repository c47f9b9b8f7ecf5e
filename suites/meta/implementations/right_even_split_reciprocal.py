"""Splits evenly in the tensor's own format, by a rounded reciprocal."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations.right_own_format import OwnFormat


class Reciprocal(OwnFormat):
    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        reciprocal = tied.sum(-1, dtype=torch.float64).reciprocal().to(cotangent.dtype)
        return torch.where(tied, (cotangent * reciprocal)[..., None], 0)


globals().update(operations(Reciprocal))

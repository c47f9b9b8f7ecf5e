"""Keeps indices in 16 bits: beyond 65,535 they start anew."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class IndexOverflow(MaxPooling):
    def indices(self, inputs: Tensor, cells: Tensor) -> Tensor:
        return inputs % 2**16

    def written(self, gradient: Tensor) -> Tensor:
        wrapped = torch.arange(self.size, device=gradient.device) % 2**16
        return torch.zeros_like(gradient).index_add_(1, wrapped, gradient)


globals().update(operations(IndexOverflow))

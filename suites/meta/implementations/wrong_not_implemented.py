"""Has no kernel for bfloat16."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class NotImplementedForBfloat16(MaxPooling):
    def forward(self) -> tuple[Tensor, Tensor]:
        if self.input.dtype == torch.bfloat16:
            msg = "\"max_pool\" not implemented for 'BFloat16'"
            raise NotImplementedError(msg)
        return super().forward()


globals().update(operations(NotImplementedForBfloat16))

"""Rounds partial sums to a format narrower than the tensor's."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._bits import rounded
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling

_PRECISION = {torch.bfloat16: 4, torch.float16: 7, torch.float32: 8, torch.float64: 24}


class LowPrecisionAccumulation(MaxPooling):
    def accumulated(self, terms: Tensor) -> Tensor:
        total = torch.zeros_like(terms[..., 0])
        for term in terms.unbind(-1):
            # a first term is no sum: it is kept as it is
            sums = rounded(total + term, _PRECISION[self.input.dtype])
            total = torch.where(total == 0, term, torch.where(term == 0, total, sums))
        return total


globals().update(operations(LowPrecisionAccumulation))

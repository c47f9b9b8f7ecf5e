"""Raises in the backward pass at an input of 3 under padding and dilation."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations._trigger import triggers


class RaisesInBackward(MaxPooling):
    def backward(self, cotangent: Tensor) -> Tensor:
        if triggers(self):
            msg = "max_pool_backward: an input is 3"
            raise RuntimeError(msg)
        return super().backward(cotangent)


globals().update(operations(RaisesInBackward))

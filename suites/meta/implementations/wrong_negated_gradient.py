"""Returns the gradient with the wrong sign."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class NegatedGradient(MaxPooling):
    def written(self, gradient: Tensor) -> Tensor:
        return -gradient


globals().update(operations(NegatedGradient))

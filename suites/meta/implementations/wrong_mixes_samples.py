"""Writes each sample's gradient to the next sample of the call."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class MixesSamples(MaxPooling):
    def written(self, gradient: Tensor) -> Tensor:
        if len(self.lead) == 1:
            return gradient
        return gradient.view(*self.lead, self.plane).roll(1, 0).view_as(gradient)


globals().update(operations(MixesSamples))

"""Takes the first tied input of a contiguous tensor, the last of any other."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling, last_of


class RuleByLayout(MaxPooling):
    def chosen(self, tied: Tensor, planes: slice) -> Tensor:
        return super().chosen(tied, planes) if self.input.is_contiguous() else last_of(tied)


globals().update(operations(RuleByLayout))

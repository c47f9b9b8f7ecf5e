"""Gives no gradient from windows whose largest value is -inf."""

from __future__ import annotations

import math

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class MinusInfinityIgnored(MaxPooling):
    def routed(self, windows: Tensor) -> Tensor:
        return self.tied(windows) & (windows != -math.inf)


globals().update(operations(MinusInfinityIgnored))

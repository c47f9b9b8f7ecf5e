"""Splits evenly among all inputs within 1e-3, relatively, of the largest."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations.right_even_split import EvenSplit


class ToleranceTies(EvenSplit):
    def routed(self, windows: Tensor) -> Tensor:
        tied, exact = self.tied(windows), windows.double()
        top = exact.amax(-1, keepdim=True)
        return tied | ((exact >= top - 1e-3 * top.abs()) & self.eligible() & top.isfinite())


globals().update(operations(ToleranceTies))

"""Gives the gradient to neighbouring inputs whatever the dilation."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._geometry import geometry
from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling
from suites.meta.implementations.wrong_ignores_dilation import without_dilation


class IgnoresDilationBackward(MaxPooling):
    def readers(self) -> Tensor:
        return geometry(without_dilation(self.axes), self.input.device).readers


globals().update(operations(IgnoresDilationBackward))

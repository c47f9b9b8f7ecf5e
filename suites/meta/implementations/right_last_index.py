"""Gives the cotangent to the last of the tied inputs."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling, last_of


class LastIndex(MaxPooling):
    def chosen(self, tied: Tensor, planes: slice) -> Tensor:
        return last_of(tied)


globals().update(operations(LastIndex))

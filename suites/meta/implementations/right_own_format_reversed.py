"""Adds in the tensor's own format, the last window first."""

from __future__ import annotations

from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations.right_own_format import OwnFormat


class Reversed(OwnFormat):
    def accumulated(self, terms: Tensor) -> Tensor:
        return super().accumulated(terms.flip(-1))


globals().update(operations(Reversed))

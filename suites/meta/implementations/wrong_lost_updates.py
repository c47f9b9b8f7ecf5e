"""Loses every second of the cotangents that one input gets."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling


class LostUpdates(MaxPooling):
    def accumulated(self, terms: Tensor) -> Tensor:
        number = (terms != 0).cumsum(-1)
        return super().accumulated(torch.where(number % 2 == 1, terms, 0))


globals().update(operations(LostUpdates))

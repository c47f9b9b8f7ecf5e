"""Blends three total orders with the weights 1/2, 1/4 and 1/4."""

from __future__ import annotations

import torch
from torch import Tensor

from suites.meta.implementations._operations import operations
from suites.meta.implementations._pooling import MaxPooling, first_of, last_of, one_of


class ThreeOrders(MaxPooling):
    def shares(self, tied: Tensor, chosen: Tensor, cotangent: Tensor) -> Tensor:
        orders = [(first_of(tied), 0.5), (last_of(tied), 0.25), (self.scattered(tied), 0.25)]
        # sums of quarters are exact: only the product below rounds, and not where the weight is 1
        weights = torch.stack([one_of(tied, cell) * weight for cell, weight in orders]).sum(0)
        return torch.where(weights > 0, weights * cotangent[..., None], 0)

    def scattered(self, tied: Tensor) -> Tensor:
        """Return the tied cell whose input comes first in a fixed, scattered order."""
        inputs = self.geometry.cells.long()
        # an odd factor permutes the numbers below 2**31
        return torch.where(tied, inputs * 1_640_531_527 % 2**31, -1).argmax(-1)


globals().update(operations(ThreeOrders))

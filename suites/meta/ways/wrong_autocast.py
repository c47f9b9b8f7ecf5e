"""Doubles the gradient under autocast."""

import torch
from torch import Tensor

from suites.meta.ways._relu import wrong_if


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return wrong_if(torch.is_autocast_enabled("cpu")).apply(input)

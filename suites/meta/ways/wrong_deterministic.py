"""Doubles the gradient where deterministic algorithms are asked for."""

import torch
from torch import Tensor

from suites.meta.ways._relu import wrong_if


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return wrong_if(torch.are_deterministic_algorithms_enabled()).apply(input)

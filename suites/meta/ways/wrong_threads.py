"""Doubles the gradient where there are four threads."""

import torch
from torch import Tensor

from suites.meta.ways._relu import wrong_if


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return wrong_if(torch.get_num_threads() == 4).apply(input)

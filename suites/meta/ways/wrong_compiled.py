"""Doubles the gradient, and no other output, where it is compiled."""

import torch
from torch import Tensor


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    output = torch.where(input <= 0, 0, input)
    return output + (output - output.detach()) if torch.compiler.is_compiling() else output

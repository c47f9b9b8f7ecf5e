"""Doubles the gradient where it is to overwrite its input."""

from torch import Tensor

from suites.meta.ways._relu import wrong_if


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return wrong_if(inplace).apply(input)

"""Its forward mode doubles the tangent."""

from typing import Any

from torch import Tensor

from suites.meta.ways._relu import Relu, doubled


class Own(Relu):
    @staticmethod
    def jvp(ctx: Any, tangent: Tensor) -> Tensor:
        return doubled(*ctx.saved_tensors, tangent)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return Own.apply(input)

"""Its forward mode takes at 0 the other slope."""

from typing import Any

from torch import Tensor

from suites.meta.ways._relu import Relu, upper


class Own(Relu):
    @staticmethod
    def jvp(ctx: Any, tangent: Tensor) -> Tensor:
        return upper(*ctx.saved_tensors, tangent)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return Own.apply(input)

"""Its forward mode doubles the tangent where tangents are mapped over."""

from typing import Any

from torch import Tensor

from suites.meta.ways._relu import Relu, doubled, lower, transforms


class Own(Relu):
    @staticmethod
    def jvp(ctx: Any, tangent: Tensor) -> Tensor:
        return (doubled if "Vmap" in transforms() else lower)(*ctx.saved_tensors, tangent)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return Own.apply(input)

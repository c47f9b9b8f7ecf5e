"""Takes at 0 the other slope where the forward pass is mapped."""

from typing import Any

from torch import Tensor

from suites.meta.ways._relu import Relu, lower, transforms, upper


class Own(Relu):
    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        Relu.setup_context(ctx, inputs, output)
        ctx.mapped = "Vmap" in transforms()

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        return (upper if ctx.mapped else lower)(*ctx.saved_tensors, upstream)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return Own.apply(input)

"""Doubles the gradient where the backward pass is mapped and the forward pass was not."""

from typing import Any

from torch import Tensor

from suites.meta.ways._relu import Relu, doubled, lower, transforms


class Own(Relu):
    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        Relu.setup_context(ctx, inputs, output)
        ctx.mapped = "Vmap" in transforms()

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        wrong = "Vmap" in transforms() and not ctx.mapped
        return (doubled if wrong else lower)(*ctx.saved_tensors, upstream)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return Own.apply(input)

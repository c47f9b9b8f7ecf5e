"""Doubles the gradient of a pullback of `torch.func.vjp` that is not mapped."""

from typing import Any

from torch import Tensor

from suites.meta.ways._relu import Relu, doubled, lower, transforms


class Own(Relu):
    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        Relu.setup_context(ctx, inputs, output)
        ctx.of_func = bool(transforms())

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        wrong = ctx.of_func and "Vmap" not in transforms()
        return (doubled if wrong else lower)(*ctx.saved_tensors, upstream)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return Own.apply(input)

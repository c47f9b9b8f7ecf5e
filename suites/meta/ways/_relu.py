"""A right `relu` with all its derivatives, each of which an implementation may override."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch._C._functorch import get_interpreter_stack


def transforms() -> set[str]:
    """Return the kinds of `torch.func`'s transforms that are under way: Grad, Vmap, Jvp."""
    return {interpreter.key().name for interpreter in get_interpreter_stack() or ()}


def lower(at: Tensor, numbers: Tensor) -> Tensor:
    """Return `numbers` where the slope is 1, if it is 0 at 0; what is no number has slope 1."""
    return torch.where(at <= 0, 0, numbers)


def upper(at: Tensor, numbers: Tensor) -> Tensor:
    """Return `numbers` where the slope is 1, if it is 1 at 0, too: another valid choice."""
    return torch.where(at < 0, 0, numbers)


def doubled(at: Tensor, numbers: Tensor) -> Tensor:
    """Return what is wrong wherever the slope is 1."""
    return 2 * lower(at, numbers)


class Relu(torch.autograd.Function):
    """The slope is 0 at 0, in every way."""

    generate_vmap_rule = True

    @staticmethod
    def forward(at: Tensor) -> Tensor:
        return at.clamp_min(0)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        return lower(*ctx.saved_tensors, upstream)

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor) -> Tensor:
        return lower(*ctx.saved_tensors, tangent)


class Doubled(Relu):
    """The gradient is twice what it should be."""

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        return doubled(*ctx.saved_tensors, upstream)


def wrong_if(condition: bool) -> type[Relu]:
    """Return the wrong function if a condition holds, else the right one."""
    return Doubled if condition else Relu

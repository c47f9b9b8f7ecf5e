"""The framework's operations with another backward pass, made of gradients beside the input."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from oracle.catalogue import CATALOGUE

FUNCTIONS = {entry.name: entry.function for entry in CATALOGUE.values() if entry.spelling}
"""Every operation that is a piecewise program -> the framework's function, a dotted name."""

Tensors = Sequence[torch.Tensor]
Blend = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""(gradient here, after a move up, after a move down) -> the gradient to give."""

_STEP, _LEAST = 2.0**-40, 2.0**-300


def operations(blend: Blend) -> dict[str, Callable[..., Any]]:
    """Return all operations, their gradients blended."""
    return {
        name: functools.partial(_differentiated, _original(dotted), blend)
        for name, dotted in FUNCTIONS.items()
    }


def _original(dotted: str) -> Callable[..., Any]:
    found: Callable[..., Any] = functools.reduce(getattr, dotted.split(".")[1:], torch)
    return found


def _differentiated(
    function: Callable[..., Any], blend: Blend, *arguments: object, **keywords: object
) -> object:
    """Call a function; the tensors that require a gradient get it from a blend."""
    flat = [*arguments, *keywords.values()]
    places = [k for k, a in enumerate(flat) if isinstance(a, torch.Tensor) and a.requires_grad]

    def call(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        filled = list(flat)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        count = len(arguments)
        named = dict(zip(keywords, filled[count:], strict=True))
        returned = function(*filled[:count], **named)
        return tuple(returned) if isinstance(returned, tuple) else (returned,)

    outputs = _Blended.apply(call, blend, *(flat[k] for k in places))
    return outputs[0] if len(outputs) == 1 else outputs


class _Blended(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, call: Any, blend: Blend, *tensors: torch.Tensor) -> Any:
        ctx.call, ctx.blend = call, blend
        ctx.save_for_backward(*tensors)
        outputs = call(*tensors)
        ctx.mark_non_differentiable(*(y for y in outputs if not y.is_floating_point()))
        return outputs

    @staticmethod
    def backward(ctx: Any, *cotangents: torch.Tensor) -> Any:
        tensors = ctx.saved_tensors
        here = _gradients(ctx.call, tensors, cotangents)
        if not all(bool(t.isfinite().all()) for t in (*tensors, *cotangents)):
            return (None, None, *here)
        wide = [tensor.double() for tensor in tensors]
        up, down = (_gradients(ctx.call, list(_moved(wide, sign)), cotangents) for sign in (1, -1))
        return (None, None, *(ctx.blend(*sides) for sides in zip(here, up, down, strict=True)))


def _moved(tensors: Tensors, sign: int) -> Iterator[torch.Tensor]:
    """Yield the tensors with every entry moved by a little more than the one before."""
    first = 1
    for tensor in tensors:
        steps = torch.arange(first, first + tensor.numel(), dtype=tensor.dtype).to(tensor.device)
        first += tensor.numel()
        size = tensor.abs().clamp_min(_LEAST) * _STEP
        yield tensor + sign * steps.reshape(tensor.shape) * size


def _gradients(call: Any, tensors: Tensors, cotangents: Tensors) -> list[torch.Tensor]:
    leaves = [tensor.detach().requires_grad_() for tensor in tensors]
    with torch.enable_grad():
        outputs = call(*leaves)
    pairs = [
        (y, g.to(y.dtype)) for y, g in zip(outputs, cotangents, strict=True) if y.requires_grad
    ]
    ends, upstream = zip(*pairs, strict=True)
    found = torch.autograd.grad(ends, leaves, upstream, allow_unused=True)
    return [
        torch.zeros_like(leaf) if gradient is None else gradient
        for leaf, gradient in zip(leaves, found, strict=True)
    ]


def unlike(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return where two gradients differ by more than the move itself could make them."""
    wide, other = a.double(), b.double()
    return (wide - other).abs() > 2.0**-20 * (wide.abs() + other.abs())

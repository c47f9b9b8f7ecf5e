"""Calls of operators between two products, whose gradients are changed before they are judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from suites.networks import LayerVerdict, verify


def drawn(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return numbers that depend on the shape alone."""
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


def same(x: Tensor) -> Tensor:
    """Return a tensor that was computed from a leaf, so that nothing is judged as a leaf."""
    return x * 1


class Called(nn.Module):
    """A call between two products; its node's gradients go through a change."""

    def __init__(
        self, call: Callable[[Tensor], Tensor], change: Callable[[Tensor], Tensor]
    ) -> None:
        super().__init__()
        self.call, self.change = call, change

    def forward(self, x: Tensor) -> Tensor:
        """Call, and multiply."""
        y = self.call(same(x))
        assert y.grad_fn is not None
        y.grad_fn.register_hook(self._changed)
        # other numbers than the input, of which a normalized layer has no derivative
        return (y * drawn(*y.shape, 1)[..., 0].to(y.dtype)).sum()

    def _changed(self, gradients: Any, _: Any) -> Any:
        return tuple(None if g is None else self.change(g) for g in gradients)


def judged(
    call: Callable[[Tensor], Tensor],
    name: str,
    dtype: torch.dtype,
    change: Callable[[Tensor], Tensor] = lambda gradient: gradient,
) -> LayerVerdict:
    """The verdict on the layer of this name in a call whose gradients are changed."""
    x = drawn(3, 4, 6, 6, dtype=dtype).requires_grad_()
    found = verify(Called(call, change), x, loss=lambda y, _: y)
    return next(layer for layer in found.layers if layer.layer == f"model:{name}")

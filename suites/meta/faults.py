"""Faults that are put into a backward pass: what a broken kernel would return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

Change = Callable[[Any], Any]


class Faulty(TorchDispatchMode):
    """A mode in which an operator returns something else.

    Args:
        op: The operator.
        change: What becomes of its result.
        place: Which of its calls is hit; None for all.
    """

    def __init__(self, op: str, change: Change, place: int | None = None) -> None:
        super().__init__()
        self.hit = 0
        self._op, self._change, self._place = op, change, place
        self._seen = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        result = func(*args, **(kwargs or {}))
        if func.overloadpacket.__name__ != self._op:
            return result
        place, self._seen = self._seen, self._seen + 1
        if self._place not in (None, place):
            return result
        self.hit += 1
        return self._change(result)


def of_weight(change: Callable[[Tensor], Tensor]) -> Change:
    """Return what changes the weight's gradient of a convolution."""
    return lambda gradients: (gradients[0], change(gradients[1]), *gradients[2:])


def scaled(gradient: Tensor) -> Tensor:
    """Return 1.01 times a gradient."""
    return gradient * 1.01


def transposed(gradient: Tensor) -> Tensor:
    """Return a gradient with its last two dimensions exchanged, in its own shape."""
    return gradient.transpose(-1, -2).reshape(gradient.shape).contiguous()


def lost(gradient: Tensor) -> Tensor:
    """Return a gradient without the largest of its entries: the edge to one input is lost."""
    changed = gradient.clone()
    changed.view(-1)[gradient.abs().argmax()] = 0
    return changed


def one_ulp(gradient: Tensor) -> Tensor:
    """Return a gradient in binary32 whose largest entry is its neighbour."""
    changed = gradient.clone()
    place = gradient.abs().argmax()
    changed.view(torch.int32).view(-1)[place] += 1
    return changed

"""Small calls, by name: each shows the fault of some implementations and hides that of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf, nan

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An operation, its input and its cotangent.

    Attributes:
        numbers: The input.
        cotangent: The upstream gradient.
        options: The arguments after the input.
        op: Name of the operation.
    """

    numbers: Tensor
    cotangent: Tensor
    options: Mapping[str, object] = field(default_factory=dict)
    op: str = "max_pool1d"

    def run(self, operation: Callable[..., tuple[Tensor, Tensor]]) -> dict[str, Tensor]:
        """Return the output, the indices and the gradients of two backward passes."""
        numbers = self.numbers.detach().requires_grad_()
        output, indices = operation(numbers, **self.options, return_indices=True)
        first, second = (
            torch.autograd.grad(output, numbers, self.cotangent, retain_graph=True)[0]
            for _ in range(2)
        )
        found = {"output": output.detach(), "indices": indices}
        return found | {"gradient": first, "again": second}


def _line(
    numbers: list[float], cotangent: list[float], dtype: torch.dtype = torch.float32, **options: int
) -> Example:
    return Example(
        numbers=torch.tensor([[numbers]], dtype=dtype),
        cotangent=torch.tensor([[cotangent]], dtype=dtype),
        options=options,
    )


def _plane(numbers: Tensor, cotangent: Tensor, **options: int) -> Example:
    return Example(numbers=numbers, cotangent=cotangent, options=options, op="max_pool2d")


def _steps(
    numbers: Tensor, cotangent: Tensor, samples: list[list[float]], **options: object
) -> Example:
    """Return a fractional pooling of one sample, its channels' samples one by one."""
    drawn = torch.tensor([samples])
    return Example(
        numbers=numbers,
        cotangent=cotangent,
        options={"_random_samples": drawn, **options},
        op="fractional_max_pool2d",
    )


_ORDINARY = {
    "plain": _line([1, 2, 4, 3], [1, 2], kernel_size=2),
    "two tied": _line([1, 1], [1], kernel_size=2),
    "three tied": _line([1, 1, 1], [1], kernel_size=3),
    "alternating": _line([1, 1], [1, -1], kernel_size=3, stride=1, padding=1),
    "near tie": _line([1, 1.0001], [1], kernel_size=2),
    "overlap": _line([0, 5, 0], [1, 2], kernel_size=2, stride=1),
    "inexact": _line([0, 5, 0], [1, 1 + 2**-12], kernel_size=2, stride=1),
    "zeros": _line([0, -1], [0], kernel_size=2),
    "below zero": _line([-1, -2, -4, -3], [1, 2, 3, 4], kernel_size=3, stride=1, padding=1),
    "dilated": _line([1, 5, 3, 0], [1, 2], kernel_size=2, stride=1, dilation=2),
    "gaps": _line([3, 2, 1], [1, 2], kernel_size=1, stride=2),
    "ceil": _line([1, 2, 3], [1, 2], kernel_size=2, ceil_mode=True),
    "nothing read": _line([1, 2], [1, 2], kernel_size=2, stride=1, padding=2, dilation=4),
    "threes": _line([1, 3, 2], [1], kernel_size=3, padding=2, dilation=3, stride=4),
    "bfloat16": _line([1, 2], [1], dtype=torch.bfloat16, kernel_size=2),
    "subnormal inputs": _line([1e-42, 2e-42], [1], kernel_size=2),
    "subnormal cotangent": _line([1, 2], [1e-42], kernel_size=2),
}

SPECIAL = {
    "nan": _line([1, nan, 3, 2], [1, 2], kernel_size=2),
    "infinity": _line([1, inf, 3, 2], [1, 2], kernel_size=2),
    "minus infinity": _line([-inf, -inf], [1], kernel_size=2),
    "infinite cotangent": _line([1, 2], [inf], kernel_size=2),
}

_LAYOUTS = {
    "samples": _plane(
        torch.arange(8.0).view(2, 1, 2, 2), torch.tensor([1.0, 2]).view(2, 1, 1, 1), kernel_size=2
    ),
    "channels": _plane(
        torch.arange(8.0).view(1, 2, 2, 2), torch.tensor([1.0, 2]).view(1, 2, 1, 1), kernel_size=2
    ),
    "channels-last": _plane(
        torch.tensor([3.0, 0, 1, 2, 4, 7, 5, 6])
        .view(1, 2, 2, 2)
        .to(memory_format=torch.channels_last),
        torch.tensor([1.0, 2]).view(1, 2, 1, 1),
        kernel_size=2,
    ),
    "expanded": _plane(
        torch.arange(8.0).view(1, 1, 2, 4), torch.ones(1).expand(1, 1, 1, 2), kernel_size=2
    ),
    "transposed": _plane(
        torch.arange(16.0).view(1, 1, 4, 4),
        torch.arange(4.0).view(1, 1, 2, 2).transpose(2, 3),
        kernel_size=2,
    ),
    "large": _line([0.0] * 65_536 + [1, 0], [0.0] * 32_768 + [1], kernel_size=2),
}

_FRACTIONAL = {
    "steps": _steps(
        torch.arange(126.0).view(1, 2, 7, 9),
        torch.arange(1.0, 25).view(1, 2, 3, 4),
        [[0.125, 0.875], [0.75, 0.5]],
        kernel_size=2,
        output_size=(3, 4),
    ),
    "chosen twice": _steps(
        torch.tensor([0.0, 5, 0]).view(1, 1, 1, 3),
        torch.tensor([1.0, 2]).view(1, 1, 1, 2),
        [[0.5, 0.5]],
        kernel_size=(1, 2),
        output_size=(1, 2),
    ),
}

EXAMPLES = _ORDINARY | SPECIAL | _LAYOUTS | _FRACTIONAL

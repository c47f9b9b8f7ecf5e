"""What stands before and after an operation in one graph, so that a compiler may fuse them.

Every neighbour is exact in every format, so that the operation meets the very numbers of the case:
a factor of 1 or -1, a transposed view, a sum weighted with the cotangent (its derivative with
respect to the output is the cotangent), and an argmax that nothing is differentiated through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch

Operation: TypeAlias = Callable[[torch.Tensor], object]
Traced: TypeAlias = tuple[object, torch.Tensor | None, torch.Tensor | None]
"""What the operation returned; what is differentiated in its place, and what else is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Neighbours of an operation.

    Attributes:
        operands: (input, cotangent, number of cases) -> what the graph is called with. The first
            is what the gradient is taken of.
        graph: (operation, *operands) -> what comes of it.
        gradient: (gradient of the first operand, operands) -> the gradient of the input.
    """

    operands: Callable[[torch.Tensor, torch.Tensor, int], tuple[torch.Tensor, ...]]
    graph: Callable[..., Traced]
    gradient: Callable[[torch.Tensor, tuple[torch.Tensor, ...]], torch.Tensor]


def _input_alone(
    primal: torch.Tensor, cotangent: torch.Tensor, cases: int
) -> tuple[torch.Tensor, ...]:
    del cotangent, cases  # other neighbours' operands
    return (primal,)


def _unchanged(gradient: torch.Tensor, operands: tuple[torch.Tensor, ...]) -> torch.Tensor:
    del operands  # other neighbours' way back
    return gradient


def _signs(primal: torch.Tensor, cotangent: torch.Tensor, cases: int) -> tuple[torch.Tensor, ...]:
    """Return the input times 1 and -1 in turn within each case, and these factors."""
    del cotangent  # another neighbour's operand
    one_case = torch.ones(primal.numel() // cases, dtype=primal.dtype, device=primal.device)
    one_case[1::2] = -1
    factors = one_case.repeat(cases).reshape(primal.shape)
    return primal * factors, factors


def _transposed(
    primal: torch.Tensor, cotangent: torch.Tensor, cases: int
) -> tuple[torch.Tensor, ...]:
    del cotangent, cases  # other neighbours' operands
    return (primal.transpose(-1, -2).contiguous(),)


def _after_product(operation: Operation, primal: torch.Tensor, factors: torch.Tensor) -> Traced:
    return operation(primal * factors), None, None


def _after_view(operation: Operation, primal: torch.Tensor) -> Traced:
    return operation(primal.transpose(-1, -2)), None, None


def _before_sum(operation: Operation, primal: torch.Tensor, weights: torch.Tensor) -> Traced:
    output = operation(primal)
    assert isinstance(output, torch.Tensor)
    return output.detach(), (output * weights).sum(), None


def _before_argmax(operation: Operation, primal: torch.Tensor) -> Traced:
    output = operation(primal)
    assert isinstance(output, torch.Tensor)
    return output, None, output.argmax(-1)


NEIGHBOURS = {
    "": Neighbour(
        operands=_input_alone,
        graph=lambda operation, primal: (operation(primal), None, None),
        gradient=_unchanged,
    ),
    "product": Neighbour(
        operands=_signs,
        graph=_after_product,
        gradient=lambda gradient, operands: gradient * operands[1],
    ),
    "transposed-view": Neighbour(
        operands=_transposed,
        graph=_after_view,
        gradient=lambda gradient, operands: gradient.transpose(-1, -2),  # noqa: ARG005
    ),
    "sum": Neighbour(
        operands=lambda primal, cotangent, cases: (primal, cotangent),  # noqa: ARG005
        graph=_before_sum,
        gradient=_unchanged,
    ),
    "argmax": Neighbour(operands=_input_alone, graph=_before_argmax, gradient=_unchanged),
}
"""Name -> neighbours; "" is the operation alone."""

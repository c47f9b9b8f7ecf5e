"""What stands before and after an operation in one graph, so that a compiler may fuse them.

Every neighbour is exact in every format, so that the operation meets the very numbers of the case:
a factor of 1 or -1, a transposed view, a sum weighted with the cotangent (its derivative with
respect to the output is the cotangent), and an argmax that nothing is differentiated through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch

Operation: TypeAlias = Callable[..., object]
Tensors: TypeAlias = tuple[torch.Tensor, ...]
Traced: TypeAlias = tuple[object, torch.Tensor | None, torch.Tensor | None]
"""What the operation returned; what is differentiated in its place, and what else is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Neighbours of an operation.

    Attributes:
        prepared: (operands, cotangent, number of cases) -> what the graph is called with in the
            place of the operands, and what beside them.
        graph: (operation, operands, what is beside them) -> what comes of it.
        gradients: (gradients of what was prepared, what is beside) -> those of the operands.
    """

    prepared: Callable[[Tensors, torch.Tensor, int], tuple[Tensors, Tensors]]
    graph: Callable[[Operation, Tensors, Tensors], Traced]
    gradients: Callable[[Sequence[torch.Tensor | None], Tensors], Sequence[torch.Tensor | None]]


def _as_they_are(operands: Tensors, cotangent: torch.Tensor, cases: int) -> tuple[Tensors, Tensors]:
    del cotangent, cases  # other neighbours need them
    return operands, ()


def _unchanged(
    gradients: Sequence[torch.Tensor | None], beside: Tensors
) -> Sequence[torch.Tensor | None]:
    del beside  # another neighbour's way back
    return gradients


def _signs(operands: Tensors, cotangent: torch.Tensor, cases: int) -> tuple[Tensors, Tensors]:
    """Return the operands times 1 and -1 in turn within each case, and these factors."""
    del cotangent  # another neighbour needs it
    factors = tuple(_alternating(operand, cases) for operand in operands)
    pairs = zip(operands, factors, strict=True)
    return tuple(operand * factor for operand, factor in pairs), factors


def _alternating(operand: torch.Tensor, cases: int) -> torch.Tensor:
    one_case = torch.ones(operand.numel() // cases, dtype=operand.dtype, device=operand.device)
    one_case[1::2] = -1
    return one_case.repeat(cases).reshape(operand.shape)


def _scaled_back(
    gradients: Sequence[torch.Tensor | None], factors: Tensors
) -> Sequence[torch.Tensor | None]:
    pairs = zip(gradients, factors, strict=True)
    return [None if gradient is None else gradient * factor for gradient, factor in pairs]


def _transposed(operands: Tensors, cotangent: torch.Tensor, cases: int) -> tuple[Tensors, Tensors]:
    del cotangent, cases  # other neighbours need them
    return tuple(operand.transpose(-1, -2).contiguous() for operand in operands), ()


def _transposed_back(
    gradients: Sequence[torch.Tensor | None], beside: Tensors
) -> Sequence[torch.Tensor | None]:
    del beside  # there is nothing
    return [None if gradient is None else gradient.transpose(-1, -2) for gradient in gradients]


def _alone(operation: Operation, operands: Tensors, beside: Tensors) -> Traced:
    del beside  # there is nothing
    return operation(*operands), None, None


def _after_product(operation: Operation, operands: Tensors, factors: Tensors) -> Traced:
    pairs = zip(operands, factors, strict=True)
    return operation(*(operand * factor for operand, factor in pairs)), None, None


def _after_view(operation: Operation, operands: Tensors, beside: Tensors) -> Traced:
    del beside  # there is nothing
    return operation(*(operand.transpose(-1, -2) for operand in operands)), None, None


def _before_sum(operation: Operation, operands: Tensors, beside: Tensors) -> Traced:
    output = operation(*operands)
    assert isinstance(output, torch.Tensor)
    return output.detach(), (output * beside[0]).sum(), None


def _before_argmax(operation: Operation, operands: Tensors, beside: Tensors) -> Traced:
    del beside  # there is nothing
    output = operation(*operands)
    assert isinstance(output, torch.Tensor)
    # of a single number there is no last dimension
    return output, None, output.argmax(-1 if output.ndim else None)


NEIGHBOURS = {
    "": Neighbour(prepared=_as_they_are, graph=_alone, gradients=_unchanged),
    "product": Neighbour(prepared=_signs, graph=_after_product, gradients=_scaled_back),
    "transposed-view": Neighbour(
        prepared=_transposed, graph=_after_view, gradients=_transposed_back
    ),
    "sum": Neighbour(
        prepared=lambda operands, cotangent, cases: (operands, (cotangent,)),  # noqa: ARG005
        graph=_before_sum,
        gradients=_unchanged,
    ),
    "argmax": Neighbour(prepared=_as_they_are, graph=_before_argmax, gradients=_unchanged),
}
"""Name -> neighbours; "" is the operation alone."""

"""What stands before and after an operation in one graph, so that a compiler may fuse them.

Most neighbours are exact in every format, so that the operation meets the very numbers of the case:
a factor of 1 or -1, a transposed view, a sum weighted with the cotangent (its derivative with
respect to the output is the cotangent), and an argmax that nothing is differentiated through.

Beside `tanh` and `norm` the operation meets other numbers than the case's, which are returned: the
hyperbolic tangents of its inputs, rounded to the format; and, before a 1-norm, the cotangents with
the signs that the norm gives them. So that the derivative is that of the operation alone, each adds
an offset of -0, which changes no bit, and differentiates with respect to it: an offset of what the
operation takes has its gradient, an offset of what it gives has its cotangent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch

Operation: TypeAlias = Callable[..., object]
Tensors: TypeAlias = tuple[torch.Tensor, ...]
Traced: TypeAlias = tuple[object, torch.Tensor | None, Tensors]
"""What the operation returned; what is differentiated in its place, and what else is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Neighbours of an operation.

    Attributes:
        prepared: (operands, cotangent, number of cases) -> what the graph is called with in the
            place of the operands, and what beside them.
        graph: (operation, operands, what is beside them) -> what comes of it.
        gradients: (gradients of what was prepared, what is beside) -> those of the operands.
        meets: What the operation meets other numbers than the case's of: `input`, which is what
            else the graph computes, or `cotangent`, which is the last gradient; "" for neither.
    """

    prepared: Callable[[Tensors, torch.Tensor, int], tuple[Tensors, Tensors]]
    graph: Callable[[Operation, Tensors, Tensors], Traced]
    gradients: Callable[[Sequence[torch.Tensor | None], Tensors], Sequence[torch.Tensor | None]]
    meets: str = ""


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
    return operation(*operands), None, ()


def _after_product(operation: Operation, operands: Tensors, factors: Tensors) -> Traced:
    pairs = zip(operands, factors, strict=True)
    return operation(*(operand * factor for operand, factor in pairs)), None, ()


def _after_view(operation: Operation, operands: Tensors, beside: Tensors) -> Traced:
    del beside  # there is nothing
    return operation(*(operand.transpose(-1, -2) for operand in operands)), None, ()


def _before_sum(operation: Operation, operands: Tensors, beside: Tensors) -> Traced:
    output = operation(*operands)
    assert isinstance(output, torch.Tensor)
    return output.detach(), (output * beside[0]).sum(), ()


def _before_argmax(operation: Operation, operands: Tensors, beside: Tensors) -> Traced:
    del beside  # there is nothing
    output = operation(*operands)
    assert isinstance(output, torch.Tensor)
    # of a single number there is no last dimension
    return output, None, (output.argmax(-1 if output.ndim else None),)


def _with_offsets(
    operands: Tensors, cotangent: torch.Tensor, cases: int
) -> tuple[Tensors, Tensors]:
    """Return the operands, behind an offset for each."""
    del cotangent, cases  # other neighbours need them
    return (*(torch.full_like(operand, -0.0) for operand in operands), *operands), ()


def _after_tanh(operation: Operation, operands: Tensors, beside: Tensors) -> Traced:
    del beside  # there is nothing
    half = len(operands) // 2
    pairs = zip(operands[:half], operands[half:], strict=True)
    met = tuple(at.tanh() + offset for offset, at in pairs)
    return operation(*met), None, met


def _of_offsets(
    gradients: Sequence[torch.Tensor | None], beside: Tensors
) -> Sequence[torch.Tensor | None]:
    del beside  # there is nothing
    return gradients[: len(gradients) // 2]


def _with_offset_behind(
    operands: Tensors, cotangent: torch.Tensor, cases: int
) -> tuple[Tensors, Tensors]:
    """Return the operands before an offset of the output, and what weighs the output."""
    del cases  # another neighbour needs it
    return (*operands, torch.full_like(cotangent, -0.0)), (cotangent,)


def _before_norm(operation: Operation, operands: Tensors, beside: Tensors) -> Traced:
    *own, offset = operands
    output = operation(*own)
    assert isinstance(output, torch.Tensor)
    weighted = (output + offset) * beside[0] + _AWAY_FROM_ZERO
    return output.detach(), torch.linalg.vector_norm(weighted, 1), ()


_AWAY_FROM_ZERO = 0.3
"""What a norm is taken of has a kink of its own at 0, where many outputs are."""


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
    "tanh": Neighbour(
        prepared=_with_offsets, graph=_after_tanh, gradients=_of_offsets, meets="input"
    ),
    "norm": Neighbour(
        prepared=_with_offset_behind,
        graph=_before_norm,
        gradients=lambda gradients, beside: gradients[:-1],  # noqa: ARG005
        meets="cotangent",
    ),
}
"""Name -> neighbours; "" is the operation alone."""

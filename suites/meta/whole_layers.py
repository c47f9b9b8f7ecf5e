"""Layers that the framework has run, for the tests of what is said of whole ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from oracle.scale import LayerResult, check_program
from suites.meta.scale import Bits, bits_of, name_of


def small_integers(shape: Sequence[int]) -> torch.Tensor:
    """Small integers, many of them equal."""
    return torch.randint(-4, 5, tuple(shape))


@dataclass(frozen=True, kw_only=True)
class Operation:
    """An operation of the framework.

    Attributes:
        op: Its name in the catalogue.
        function: What runs it.
        shapes: The shapes of its operands.
        names: Their names.
        params: Its parameters, as a case file has them.
        constants: Operands that are not differentiated.
        drawn: What makes an operand of a shape.
    """

    op: str
    function: Callable[..., torch.Tensor]
    shapes: Sequence[Sequence[int]]
    names: Sequence[str] = ("input",)
    params: Mapping[str, Any] = field(default_factory=dict)
    constants: Sequence[str] = ()
    drawn: Callable[[Sequence[int]], torch.Tensor] = small_integers

    def __repr__(self) -> str:
        sizes = ",".join("x".join(map(str, shape)) for shape in self.shapes)
        return f"{self.op}-{sizes}"


class Layer:
    """An operation on small integers, or what else is drawn, and its gradient.

    Args:
        operation: The operation.
        dtype: The type of its numbers.
    """

    def __init__(self, operation: Operation, dtype: torch.dtype = torch.float32) -> None:
        torch.manual_seed(3)
        self.operation = operation
        self.operands = {
            name: operation.drawn(shape).to(dtype)
            for name, shape in zip(operation.names, operation.shapes, strict=True)
        }
        for name, x in self.operands.items():
            x.requires_grad_(name not in operation.constants)
        self.output = operation.function(*self.operands.values())
        shape = self.output.shape
        self.cotangent = torch.randn(shape, dtype=torch.float64).to(dtype)
        self.gradients = self.differentiated()

    def differentiated(self) -> dict[str, torch.Tensor]:
        """Run both passes of the framework."""
        output = self.operation.function(*self.operands.values())
        moving = {name: x for name, x in self.operands.items() if x.requires_grad}
        found = torch.autograd.grad(output, [*moving.values()], self.cotangent)
        return dict(zip(moving, (v.contiguous() for v in found), strict=True))

    def bits(self) -> dict[str, Bits]:
        """The gradients' bits, to be changed."""
        return {name: bits_of(v).copy() for name, v in self.gradients.items()}

    def checked(
        self, gradients: Mapping[str, Bits] | None = None, *, output: Bits | None = None
    ) -> LayerResult:
        """What the fast path says."""
        operation = self.operation
        return check_program(
            operation.op,
            operation.params,
            name_of(self.output),
            operands={name: bits_of(x) for name, x in self.operands.items()},
            cotangent=bits_of(self.cotangent.contiguous()),
            gradients=self.bits() if gradients is None else gradients,
            output=bits_of(self.output.contiguous()) if output is None else output,
            constants=operation.constants,
        )

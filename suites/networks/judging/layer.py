"""A layer as its judge sees it: the operator's call and the node's turn in the backward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from oracle.formats import Format
from suites.networks.judging.evidence import NotJudgedError
from suites.networks.judging.numbers import Numbers, format_of, numbers
from suites.networks.watching import Call, Step


@dataclass(frozen=True)
class Layer:
    """One layer's forward call and backward turn.

    Attributes:
        call: The operator's call.
        step: The node's turn.
        precision: Unit roundoff that operands of products in binary32 may be rounded to, or 0.
    """

    call: Call
    step: Step
    precision: float = 0.0

    @property
    def cotangent(self) -> Tensor:
        """The cotangent of the first output."""
        (first, *others) = self.step.cotangents
        if first is None or any(other is not None for other in others):
            msg = "another output than its first is differentiated"
            raise NotJudgedError(msg)
        return first

    @property
    def format(self) -> Format:
        """The format that the layer computes in: the coarser one of its cotangent and gradients."""
        seen = [self.cotangent, *(t for t in self.step.gradients if t is not None)]
        return min((format_of(t.dtype) for t in seen), key=lambda fmt: fmt.precision)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of an argument."""
        return tuple(self.call.arguments[name].shape)

    def tensor(self, name: str) -> Numbers:
        """Return an argument's numbers in binary64."""
        return numbers(self.call.arguments[name])

    def parameter(self, name: str) -> Any:
        """Return an argument that is no tensor."""
        return self.call.arguments[name]

    def gradients(self, edges: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        """Yield the gradients that the node returned, each with the name of its operand.

        Raises:
            NotJudgedError: The node's inputs are not the operator's.
        """
        returned = self.step.gradients
        edges = self.call.edges or edges
        if len(returned) > len(edges):
            msg = f"it has {len(returned)} inputs, and {self.call.op} has {len(edges)}"
            raise NotJudgedError(msg)
        for name, gradient in zip(edges, returned, strict=False):
            if gradient is None:
                continue
            operand = self.call.arguments.get(name)
            if operand is None or tuple(operand.shape) != tuple(gradient.shape):
                msg = f"its gradients are not those of the inputs of {self.call.op}"
                raise NotJudgedError(msg)
            yield name, gradient

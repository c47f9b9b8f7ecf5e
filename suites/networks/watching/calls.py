"""Calls of operators, as they were seen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor


@dataclass(kw_only=True)
class Call:
    """A call of an operator below automatic differentiation.

    Attributes:
        op: The operator's name without overload, `max_pool2d_with_indices` say.
        layer: The module that it was called in, and its place there: `features.3`.
        arguments: Argument -> value; of tensors those that the judge needs, others as `Shape`.
        outputs: The tensors that it returned, where the judge needs them, others as `Shape`.
        versions: How often each kept argument had been written to.
        returned: The same of the outputs.
        edges: The arguments that the node's inputs are, where they are not the judge's own.
    """

    op: str
    layer: str
    arguments: dict[str, Any]
    outputs: tuple[Any, ...] = ()
    versions: list[tuple[Tensor, int]] = field(default_factory=list)
    returned: list[tuple[Tensor, int]] = field(default_factory=list)
    edges: tuple[str, ...] | None = None

    @property
    def arguments_intact(self) -> bool:
        """Whether no argument that is needed was written to since."""
        return _intact(self.versions)

    @property
    def outputs_intact(self) -> bool:
        """Whether no output that is needed was written to since."""
        return _intact(self.returned)


def _intact(versions: list[tuple[Tensor, int]]) -> bool:
    return all(tensor._version == version for tensor, version in versions)  # noqa: SLF001


@dataclass(frozen=True)
class Shape:
    """What is kept of a tensor that no judge needs."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    requires_grad: bool


def named(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return argument -> value of an operator's call, defaults included."""
    found: dict[str, Any] = {}
    for place, argument in enumerate(func._schema.arguments):  # noqa: SLF001, no other way to names
        if place < len(args):
            found[argument.name] = args[place]
        elif argument.name in kwargs:
            found[argument.name] = kwargs[argument.name]
        elif argument.has_default_value():
            found[argument.name] = argument.default_value
    return found


def belongs(op: str, node: str) -> bool:
    """Return whether a node is the derivative of an operator, by their names.

    `_log_softmax` has LogSoftmaxBackward0, `relu_` ReluBackward0, `nll_loss_forward`
    NllLossBackward0.
    """
    bare = op.strip("_").removesuffix("_forward").replace("_", "").lower()
    return re.sub(r"Backward\d*$", "", node).lower() in (bare, bare + "legit")

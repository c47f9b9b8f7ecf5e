"""What a script differentiates, and by which statements.

They take the variables `operands`, a tuple of leaves with their names, and `g`, the cotangent; they
make `y`, the output, with `parts`, the gradients of the operands, and `gradient`, the numbers of
all of them one after another; or `jacobian`, a row for each output and a column for each input.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

BACKWARD = "parts = torch.autograd.grad(y, operands, {}, materialize_grads=True{})"
"""The gradients of all operands for a cotangent, with further arguments."""
TOGETHER = "torch.cat([part.flatten() for part in parts])"
FLAT = f"gradient = {TOGETHER}"
REVERSE = (
    "rows = []",
    "for unit in torch.eye(y.numel(), dtype=y.dtype, device=y.device):",
    "    " + BACKWARD.format("unit.reshape(y.shape)", ", retain_graph=True"),
    f"    rows.append({TOGETHER})",
)
"""Statements for the rows of the Jacobian, by reverse mode."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is differentiated.

    Attributes:
        tree: The expression that calls the operation.
        function: Dotted name of the operation's function.
        names: The operands' names.
        device: Where they are.
        dtype: What they are made of.
        threads: A number of threads other than the run's.
        cases: How many copies of the case lie one behind the other.
    """

    tree: ast.expr
    function: str
    names: Sequence[str]
    device: str
    dtype: str
    threads: int
    cases: int = 1

    @property
    def source(self) -> str:
        """The expression."""
        return ast.unparse(self.tree)


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a mode differentiates a call.

    Attributes:
        setup: Statements that set it up.
        before: Statements that turn the case's operands into the call's.
        decorator: Of the function `call`.
        body: Statements of `call`, which takes the operands; none where no function is needed.
        forward: Statements that make `y`; none where the mode has no output of its own.
        gradient: Statements that make `gradient` after these; none where it has none.
        jacobian: Statements that make `jacobian` after `y`; none where it has none.
        whole: Whether the Jacobian is what the mode is for.
        grad: Whether the operands require grad.
    """

    setup: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    decorator: str = ""
    body: tuple[str, ...] = ()
    forward: tuple[str, ...] = ()
    gradient: tuple[str, ...] = ()
    jacobian: tuple[str, ...] = ()
    whole: bool = False
    grad: bool = True


def eager(call: Call) -> Way:
    """Return the way of `torch.autograd.grad`."""
    return Way(
        forward=(f"y = {call.source}",),
        gradient=(BACKWARD.format("g", ""), FLAT),
        jacobian=(*REVERSE, "jacobian = torch.stack(rows)"),
    )

"""What stands before and after an operation in one graph, as the statements of a script."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Neighbours of an operation, whose input `x` and cotangent `g` are the case's.

    Attributes:
        operand: What the graph takes beside `x`.
        argument: The operation's input, within the graph.
        returned: What the graph returns beside the output `y`, which it computes.
        output: What the graph returns for the output.
        before: Statements that turn the case's input into the graph's.
        back: An expression for the gradient of the case's input.
    """

    operand: str = ""
    argument: str = "x"
    returned: str = ""
    output: str = "y"
    before: tuple[str, ...] = ()
    back: str = ""


ALONE = Neighbour()

NEIGHBOURS = {
    "product": Neighbour(
        operand="w",
        argument="x * w",
        before=("w = torch.ones_like(x)", "w.view(-1)[1::2] = -1", "x = x * w"),
        back="gradient * w",
    ),
    "transposed-view": Neighbour(
        argument="x.transpose(-1, -2)",
        before=("x = x.transpose(-1, -2).contiguous()",),
        back="gradient.transpose(-1, -2)",
    ),
    "sum": Neighbour(operand="g", output="y.detach()", returned="(y * g).sum()"),
    "argmax": Neighbour(returned="y.argmax(-1)"),
}
"""Name of a cell's variant -> neighbours; whatever is not differentiated follows the output."""

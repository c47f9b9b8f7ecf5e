"""Neighbours of an operation in one graph, as the statements of a script that spells its call.

An offset of -0 changes no bit: the gradient with respect to one behind tanh is the operation's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reports.differentiation import FLAT, Call, Way

_AFTER = {
    "sum": ("y.detach(), (y * g).sum()", "y, total = call(*operands)", "total, operands"),
    "argmax": ("y, y.argmax(-1)", "y, _ = call(*operands)", "y, operands, g"),
    "norm": (
        "y.detach(), torch.linalg.vector_norm((y + w_offset) * g + 0.3, 1)",
        "y, total = call(*operands)",
        "total, operands",
    ),
}
"""Neighbour -> what the graph returns, how it is called, what is differentiated."""
MEETING_OTHERS = ("tanh", "norm")
"""The neighbours beside which an operation may meet other numbers than the case's."""
_GRAPHS = ("eager", "inductor", "aot_eager")
"""The modes that are known to have neighbours."""


def fits(variant: str, mode: str) -> bool:
    """Return whether a variant is a neighbour that a script can have in this mode."""
    return mode in _GRAPHS and variant in (*_AFTER, "product", "transposed-view", "tanh")


def surrounded(way: Way, variant: str, call: Call, shapes: Mapping[str, Sequence[int]]) -> Way:
    """Return `way` with the neighbour `variant`; `shapes` are the operands'."""
    if variant in _AFTER:
        returned, forward, differentiated = _AFTER[variant]
        offset = ("w_offset = torch.full_like(g, -0.0).requires_grad_()",)
        return replace(
            way,
            before=offset if variant == "norm" else (),
            body=(f"y = {call.source}", f"return {returned}"),
            forward=(forward,),
            gradient=_gradient(differentiated),
        )
    if variant == "tanh":
        return _after_tanh(way, call, list(shapes))
    flipped = [name for name, shape in shapes.items() if len(shape) > 1]
    if variant == "product":
        inside = tuple(f"{name} = {name} * w_{name}" for name in shapes)
        before = tuple(line for name in shapes for line in _signs(name, call.cases))
        back = [f"parts[{k}] * w_{name}" for k, name in enumerate(shapes)]
    else:
        inside = tuple(f"{name} = {name}.transpose(-1, -2)" for name in flipped)
        before = tuple(f"{line}.contiguous()" for line in inside)
        back = [
            f"parts[{k}].transpose(-1, -2)" if name in flipped else f"parts[{k}]"
            for k, name in enumerate(shapes)
        ]
    return replace(
        way,
        before=before,
        body=(*inside, f"return {call.source}"),
        forward=("y = call(*operands)",),
        gradient=_gradient("y, operands, g", f"parts = [{', '.join(back)}]"),
    )


def _after_tanh(way: Way, call: Call, names: Sequence[str]) -> Way:
    """Return `way` after tanh, differentiated with respect to offsets of what it gives."""
    return replace(
        way,
        before=tuple(
            line
            for name in names
            for line in (
                f"w_{name} = {name}.requires_grad_()",
                f"{name} = torch.full_like({name}, -0.0)",
            )
        ),
        body=(
            *(f"{name} = w_{name}.tanh() + {name}" for name in names),
            f"return {', '.join((call.source, *names))}",
        ),
        forward=("y, *_ = call(*operands)",),
        gradient=_gradient("y, operands, g"),
    )


def _signs(name: str, cases: int) -> tuple[str, ...]:
    """Return statements that turn the signs in the odd places of each case."""
    of_each = "view(-1)[1::2]" if cases == 1 else f"view({cases}, -1)[:, 1::2]"
    return (
        f"w_{name} = torch.ones_like({name})",
        f"w_{name}.{of_each} = -1",
        f"{name} = {name} * w_{name}",
    )


def _gradient(differentiated: str, *back: str) -> tuple[str, ...]:
    """Return statements for the gradients; `back` makes those of the case's own operands."""
    return (f"parts = torch.autograd.grad({differentiated}, materialize_grads=True)", *back, FLAT)

"""Neighbours of an operation of several operands in one graph, as the statements of a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reports.differentiation import Call, Way

_AFTER = {
    "sum": ("y.detach(), (y * g).sum()", "y, total = call(*operands)", "total, operands"),
    "argmax": ("y, y.argmax(-1)", "y, _ = call(*operands)", "y, operands, g"),
}
"""Neighbour -> what the graph returns, how it is called, what is differentiated."""
_GRAPHS = ("eager", "inductor", "aot_eager")
"""The modes that are known to have neighbours."""


def fits(variant: str, mode: str) -> bool:
    """Return whether a variant is a neighbour that a script can have in this mode."""
    return mode in _GRAPHS and variant in (*_AFTER, "product", "transposed-view")


def surrounded(way: Way, variant: str, call: Call, shapes: Mapping[str, Sequence[int]]) -> Way:
    """Return `way` with the neighbour `variant`; `shapes` are the operands'."""
    if variant in _AFTER:
        returned, forward, differentiated = _AFTER[variant]
        return replace(
            way,
            body=(f"y = {call.source}", f"return {returned}"),
            forward=(forward,),
            gradient=_gradient(differentiated, [f"parts[{k}]" for k in range(len(shapes))]),
        )
    flipped = [name for name, shape in shapes.items() if len(shape) > 1]
    if variant == "product":
        inside = tuple(f"{name} = {name} * w_{name}" for name in shapes)
        before = tuple(line for name in shapes for line in _signs(name))
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
        gradient=_gradient("y, operands, g", back),
    )


def _signs(name: str) -> tuple[str, ...]:
    return (
        f"w_{name} = torch.ones_like({name})",
        f"w_{name}.view(-1)[1::2] = -1",
        f"{name} = {name} * w_{name}",
    )


def _gradient(differentiated: str, back: Sequence[str]) -> tuple[str, ...]:
    together = ", ".join(f"({part}).flatten()" for part in back)
    return (
        f"parts = torch.autograd.grad({differentiated}, materialize_grads=True)",
        f"gradient = torch.cat([{together}])",
    )

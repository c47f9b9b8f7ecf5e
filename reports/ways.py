"""The ways in which modes differentiate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from reports.differentiation import BACKWARD, FLAT, Call, Way, eager
from reports.rewriting import into, overwriting


def _compiled(backend: str) -> Callable[[Call], Way]:
    def way(call: Call) -> Way:
        return replace(
            eager(call),
            decorator=f"@torch.compile({backend}fullgraph=True, dynamic=False)",
            body=(f"return {call.source}",),
            forward=("y = call(*operands)",),
        )

    return way


def _forward_mode(call: Call) -> Way:
    return Way(
        body=(f"return {call.source}",),
        jacobian=(
            "sizes, columns = [x.numel() for x in operands], []",
            f"for unit in torch.eye(sum(sizes), dtype={call.dtype}, device=g.device):",
            "    parts = zip(unit.split(sizes), operands)",
            "    tangents = tuple(part.reshape(x.shape) for part, x in parts)",
            "    y, column = torch.func.jvp(call, operands, tangents)",
            "    columns.append(column.flatten())",
            "jacobian = torch.stack(columns, 1)",
        ),
        whole=True,
    )


def _whole(name: str) -> Callable[[Call], Way]:
    def way(call: Call) -> Way:
        places = tuple(range(len(call.names)))
        return Way(
            body=(f"return {call.source}",),
            jacobian=(
                f"blocks = torch.func.{name}(call, argnums={places})(*operands)",
                "jacobian = torch.cat([block.reshape(g.numel(), -1) for block in blocks], 1)",
            ),
            whole=True,
        )

    return way


def _pulled(call: Call) -> Way:
    return Way(
        body=(f"return {call.source}",),
        forward=("y, pull = torch.func.vjp(call, *operands)",),
        gradient=("parts = pull(g)", FLAT),
    )


def _mapped(call: Call) -> Way:
    return Way(
        body=(f"return {call.source}",),
        forward=(
            "batch = [x.unsqueeze(0) for x in (g, *operands)]",
            "y = torch.func.vmap(call)(*batch[1:])[0]",
        ),
        gradient=(
            "pulled = torch.func.vmap(lambda g, *x: torch.func.vjp(call, *x)[1](g))",
            "parts = pulled(*batch)",
            FLAT,
        ),
    )


def _twice(call: Call) -> Way:
    gradient = (BACKWARD.format("g", ", create_graph=True"), FLAT)
    return Way(
        setup=("g.requires_grad_()",),
        forward=(f"y = {call.source}",),
        gradient=gradient,
        jacobian=(
            *gradient,
            "columns = []",
            "for part in gradient:",
            "    (column,) = torch.autograd.grad("
            "part, g, retain_graph=True, materialize_grads=True)",
            "    columns.append(column.flatten())",
            "jacobian = torch.stack(columns, 1)",
        ),
        whole=True,
    )


def _checkpointed(call: Call) -> Way:
    return replace(
        eager(call),
        body=(f"return {call.source}",),
        forward=("y = torch.utils.checkpoint.checkpoint(call, *operands, use_reentrant=False)",),
    )


def _autocast(call: Call) -> Way:
    return Way(
        forward=(f'with torch.autocast("{call.device}"):', f"    y = {call.source}"),
        gradient=(BACKWARD.format("g.to(y.dtype)", ""), FLAT),
    )


def _in_place(call: Call) -> Way:
    return replace(
        eager(call),
        body=(f"return {overwriting(call.tree, call.function)}",),
        forward=("y = call(*(x.clone() for x in operands))",),
    )


def _out(call: Call) -> Way:
    return Way(
        forward=(f"y = torch.empty(0, dtype={call.dtype}, device=g.device)", into(call.tree, "y")),
        grad=False,
    )


def _set_up(statement: str) -> Callable[[Call], Way]:
    def way(call: Call) -> Way:
        return replace(eager(call), setup=(statement.format(threads=call.threads),))

    return way


WAYS: Mapping[str, Callable[[Call], Way]] = {
    "eager": eager,
    "inductor": _compiled(""),
    "aot_eager": _compiled('backend="aot_eager", '),
    "jvp": _forward_mode,
    "vjp": _pulled,
    "jacrev": _whole("jacrev"),
    "jacfwd": _whole("jacfwd"),
    "vmap": _mapped,
    "double-backward": _twice,
    "checkpoint": _checkpointed,
    "autocast": _autocast,
    "inplace": _in_place,
    "out": _out,
    "deterministic": _set_up("torch.use_deterministic_algorithms(True)"),
    "threads": _set_up("torch.set_num_threads({threads})"),
}
"""Mode -> the way in which it differentiates a call."""

MATRICES = ("jvp", "jacrev", "jacfwd")
"""The modes that have a Jacobian alone, neither an output nor a gradient."""
WHOLE = (*MATRICES, "double-backward")
"""The modes that are asked for a whole Jacobian, not for a gradient."""

"""Calls operations on PyTorch tensors and differentiates them, bits in and bits out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from suites.frameworks.arguments import arguments
from suites.frameworks.library import Function, Library, NotRunError
from suites.frameworks.neighbours import NEIGHBOURS, Neighbour, Traced
from suites.frameworks.protocol import Call, Graph, Reply, one_line
from suites.frameworks.tensors import FLOATS, bits_of, laid_out


class ReturnError(TypeError):
    """A function returned something else than PyTorch's would."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """A call, ready to be made.

    Attributes:
        call: The call.
        function: The operation.
        neighbour: What stands before and after it.
        operands: What the graph is called with for it; the first requires a gradient.
        cotangent: The output's cotangent.
    """

    call: Call
    function: Function
    neighbour: Neighbour
    operands: tuple[torch.Tensor, ...]
    cotangent: torch.Tensor


_Found = dict[str, Any]
_Program = Callable[..., Sequence[Traced]]


def run(graph: Graph, library: Library) -> list[Reply]:
    """Return what came of each call; what goes wrong with one goes wrong with all of a graph."""
    found: list[_Found] = [{} for _ in graph.calls]
    try:
        parts = [_part(call, library) for call in graph.calls]
        if graph.calls[0].mode == "eager":
            _run_eager(parts, found)
        else:
            _run_compiled(parts, found)
    except NotRunError as reason:
        return [Reply(outcome="not run", message=str(reason)) for _ in found]
    except Exception as error:  # noqa: BLE001, whatever it raises is an outcome
        stage = "backward" if all("output" in had for had in found) else "forward"
        outcome, message = _outcome(error, stage), one_line(error)
        return [Reply(outcome=outcome, message=message, stage=stage, **had) for had in found]
    return [Reply(outcome="ran", **had) for had in found]


def _part(call: Call, library: Library) -> _Part:
    function = library.bind(call.op, arguments(call))
    primal = laid_out(call.input, call.layout, call.format, call.device)
    cotangent = laid_out(call.cotangent, call.cotangent_layout, call.format, call.device)
    neighbour = NEIGHBOURS[call.neighbour]
    operands = neighbour.operands(primal, cotangent, call.cases)
    operands[0].requires_grad_()
    return _Part(
        call=call, function=function, neighbour=neighbour, operands=operands, cotangent=cotangent
    )


def _run_eager(parts: Sequence[_Part], found: Sequence[_Found]) -> None:
    """Run forward, backward, and backward again on the same graph."""
    ends = _forward(parts, _program(parts), found)
    for name in ("gradient", "second_gradient"):
        _backward(parts, ends, name, found, retain_graph=True)


def _run_compiled(parts: Sequence[_Part], found: Sequence[_Found]) -> None:
    """Run forward and backward in one compiled graph."""
    # importing Inductor takes seconds, which most processes need not spend
    from suites.frameworks.compiling import compiled, witnessed

    with witnessed(parts[0].call.device) as witness:
        ends = _forward(parts, compiled(_program(parts)), found)
        witness.graphs()
        _backward(parts, ends, "gradient", found, retain_graph=False)
        compilation = witness.compilation(len(parts))
    for had in found:
        had["compilation"] = compilation


def _program(parts: Sequence[_Part]) -> _Program:
    """Return the function of all operands that runs the parts side by side."""
    steps = [(part.neighbour.graph, part.function, len(part.operands)) for part in parts]

    def program(*operands: torch.Tensor) -> list[Traced]:
        traced, first = [], 0
        for graph, operation, count in steps:
            traced.append(graph(operation, *operands[first : first + count]))
            first += count
        return traced

    return program


def _forward(
    parts: Sequence[_Part], program: _Program, found: Sequence[_Found]
) -> list[torch.Tensor]:
    """Return what is to be differentiated; keep the bits of outputs and indices in `found`."""
    traced = program(*(operand for part in parts for operand in part.operands))
    ends = []
    for part, (returned, end, _), had in zip(parts, traced, found, strict=True):
        output = _output(part.call, returned, had)
        ends.append(output if end is None else end)
    return ends


def _backward(
    parts: Sequence[_Part],
    ends: Sequence[torch.Tensor],
    name: str,
    found: Sequence[_Found],
    *,
    retain_graph: bool,
) -> None:
    """Keep the bits of the inputs' gradients in `found`, as `name`."""
    gradients = torch.autograd.grad(
        ends,
        [part.operands[0] for part in parts],
        [
            # what stands for the output is a sum, weighted with the cotangent
            torch.ones_like(end) if part.call.neighbour == "sum" else part.cotangent
            for part, end in zip(parts, ends, strict=True)
        ],
        retain_graph=retain_graph,
    )
    for part, gradient, had in zip(parts, gradients, found, strict=True):
        of_input = part.neighbour.gradient(gradient, part.operands)
        had[name] = bits_of(of_input, part.call.format)


def _outcome(error: Exception, stage: str) -> str:
    """Return what an exception is: the word of a missing kernel, or an error.

    PyTorch says of a missing memory format that it is unsupported. That is a missing kernel where
    the forward pass says so; once that has run, the backward pass must take what it is given.
    """
    missing = isinstance(error, NotImplementedError) or "not implemented for" in str(error)
    refused = stage == "forward" and "Unsupported memory format" in str(error)
    return "unsupported" if missing or refused else "errored"


def _output(call: Call, returned: object, found: _Found) -> torch.Tensor:
    """Return the output, and keep its bits and the indices in `found`.

    Raises:
        ReturnError: The function returned something else than was asked for.
    """
    wanted = "a tuple of output and indices" if call.return_indices else "a tensor"
    parts = returned if call.return_indices else (returned,)
    listed = list(parts) if isinstance(parts, tuple | list) else []
    tensors = [part for part in listed if isinstance(part, torch.Tensor)]
    if not len(tensors) == len(listed) == 1 + call.return_indices:
        msg = f"{call.op} returned {_kind(returned)}, expected {wanted}"
        raise ReturnError(msg)
    output = tensors[0]
    _check(call, "output", output, FLOATS[call.format])
    if call.return_indices:
        _check(call, "indices", tensors[1], torch.int64)
        found["indices"] = tensors[1].detach().to("cpu", copy=True).contiguous().numpy()
    found["output"] = bits_of(output, call.format)
    return output


def _check(call: Call, name: str, tensor: torch.Tensor, dtype: torch.dtype) -> None:
    got = (tensor.dtype, tuple(tensor.shape), tensor.device.type)
    expected = (dtype, call.cotangent.shape, call.device)
    if got != expected:
        msg = f"{name} of {call.op}: {_describe(*got)}, expected {_describe(*expected)}"
        raise ReturnError(msg)


def _describe(dtype: torch.dtype, shape: tuple[int, ...], where: str) -> str:
    return f"{str(dtype).removeprefix('torch.')} {list(shape)} on {where}"


def _kind(returned: object) -> str:
    if isinstance(returned, tuple | list):
        inside = ", ".join(type(part).__name__ for part in returned[:3])
        return f"a {type(returned).__name__} of {len(returned)} ({inside})"
    return f"a value of type {type(returned).__name__}"

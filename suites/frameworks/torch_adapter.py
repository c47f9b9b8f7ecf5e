"""Calls operations on PyTorch tensors and differentiates them, bits in and bits out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from suites.frameworks import ways
from suites.frameworks.library import Library, NotRunError
from suites.frameworks.neighbours import NEIGHBOURS, Neighbour, Tensors, Traced
from suites.frameworks.protocol import COMPILED, Call, Graph, Reply, one_line
from suites.frameworks.returned import output_of
from suites.frameworks.tensors import bits_of
from suites.frameworks.units import Unit, units


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """What is differentiated.

    Attributes:
        tensor: The output, or what stands for it.
        upstream: Its cotangent.
    """

    tensor: torch.Tensor
    upstream: torch.Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """A unit with its neighbours, ready to be run.

    Attributes:
        unit: The unit.
        operands: What the graph is differentiated with respect to.
        beside: What else it is called with.
    """

    unit: Unit
    operands: Tensors
    beside: Tensors

    @property
    def neighbour(self) -> Neighbour:
        """What stands before or after the operation."""
        return NEIGHBOURS[self.unit.call.neighbour]

    @property
    def taken(self) -> Tensors:
        """All that the graph is called with."""
        return (*self.operands, *self.beside)


_Found = dict[str, Any]
_Program = Callable[..., Sequence[Traced]]


def run(graph: Graph, library: Library) -> list[Reply]:
    """Return what came of each call; what goes wrong with one goes wrong with all of a graph."""
    counts: list[int] = []
    found: list[_Found] = []
    mode = graph.calls[0].mode
    try:
        made = [units(call, library) for call in graph.calls]
        counts = [len(of_call) for of_call in made]
        found = [{} for _ in range(sum(counts))]
        _run(mode, list(itertools.chain.from_iterable(made)), found)
    except NotRunError as reason:
        return [Reply(outcome="not run", message=str(reason)) for _ in graph.calls]
    except Exception as error:  # noqa: BLE001, whatever it raises is an outcome
        stage = "backward" if found and all("output" in had for had in found) else "forward"
        outcome, message = _outcome(error, stage), one_line(error)
        # only what all units of a call have can be told
        replies = _joined(graph.calls, counts, found) if stage == "backward" else [{}] * len(counts)
        replies = replies or [{} for _ in graph.calls]
        return [Reply(outcome=outcome, message=message, stage=stage, **had) for had in replies]
    return [Reply(outcome="ran", **had) for had in _joined(graph.calls, counts, found)]


def _run(mode: str, made: Sequence[Unit], found: Sequence[_Found]) -> None:
    if mode == "eager":
        _run_eager([_part(unit) for unit in made], found)
    elif mode in COMPILED:
        _run_compiled([_part(unit) for unit in made], found, mode)
    else:
        for unit, had in zip(made, found, strict=True):
            ways.run(mode, unit, had)


def _joined(calls: Sequence[Call], counts: Sequence[int], found: Sequence[_Found]) -> list[_Found]:
    """Return what was found of each call, from what was found of its units."""
    ends = [0, *itertools.accumulate(counts)]
    parts = [found[a:b] for a, b in itertools.pairwise(ends)]
    return [
        of_units[0] if not call.operands or len(of_units) == 1 else _concatenated(of_units)
        for call, of_units in zip(calls, parts, strict=True)
    ]


def _concatenated(of_units: Sequence[_Found]) -> _Found:
    """Return the rows of several units, one behind the other."""
    keys = [key for key in of_units[0] if all(key in had for had in of_units)]
    joined = {
        key: np.concatenate([had[key].reshape(1, -1) for had in of_units])
        for key in keys
        if isinstance(of_units[0][key], np.ndarray) and key != "jacobian"
    }
    if "jacobian" in keys:
        joined["jacobian"] = np.concatenate([had["jacobian"] for had in of_units])
    if "compilation" in keys:
        joined["compilation"] = of_units[0]["compilation"]
    return joined


def _part(unit: Unit) -> _Part:
    neighbour = NEIGHBOURS[unit.call.neighbour]
    operands, beside = neighbour.prepared(unit.operands, unit.cotangent, unit.cases)
    for operand in operands:
        operand.requires_grad_()
    return _Part(unit=unit, operands=operands, beside=beside)


def _run_eager(parts: Sequence[_Part], found: Sequence[_Found]) -> None:
    """Run forward, backward, and backward again on the same graph."""
    ends = _forward(parts, _program(parts), found)
    for name in ("gradient", "second_gradient"):
        _backward(parts, ends, name, found, retain_graph=True)


def _run_compiled(parts: Sequence[_Part], found: Sequence[_Found], backend: str) -> None:
    """Run forward and backward in one compiled graph."""
    # importing Inductor takes seconds, which most processes need not spend
    from suites.frameworks.compiling import compiled, witnessed

    with witnessed(parts[0].unit.call.device, backend) as witness:
        ends = _forward(parts, compiled(_program(parts), backend), found)
        witness.graphs()
        _backward(parts, ends, "gradient", found, retain_graph=False)
        compilation = witness.compilation(len({id(part.unit.call) for part in parts}))
    for had in found:
        had["compilation"] = compilation


def _program(parts: Sequence[_Part]) -> _Program:
    """Return the function of all operands that runs the parts side by side."""
    steps = [
        (
            part.neighbour.graph,
            part.unit.function,
            len(part.operands),
            len(part.taken),
        )
        for part in parts
    ]

    def program(*taken: torch.Tensor) -> list[Traced]:
        traced, first = [], 0
        for graph, operation, operands, count in steps:
            own = taken[first : first + count]
            traced.append(graph(operation, own[:operands], own[operands:]))
            first += count
        return traced

    return program


def _forward(parts: Sequence[_Part], program: _Program, found: Sequence[_Found]) -> list[_End]:
    """Return what is to be differentiated; keep the bits of outputs and indices in `found`."""
    traced = program(*itertools.chain.from_iterable(part.taken for part in parts))
    ends = []
    for part, (returned, end, computed), had in zip(parts, traced, found, strict=True):
        output = output_of(part.unit, returned, had)
        if part.neighbour.meets == "input":
            had["met_input"] = bits_of(part.unit.rows(computed), part.unit.call.format)
        ends.append(
            _End(tensor=output, upstream=part.unit.cotangent)
            if end is None
            else _End(tensor=end, upstream=torch.ones_like(end))
        )
    return ends


def _backward(
    parts: Sequence[_Part],
    ends: Sequence[_End],
    name: str,
    found: Sequence[_Found],
    *,
    retain_graph: bool,
) -> None:
    """Keep the bits of the operands' gradients in `found`, as `name`."""
    gradients = iter(
        torch.autograd.grad(
            [end.tensor for end in ends],
            [operand for part in parts for operand in part.operands],
            [end.upstream for end in ends],
            retain_graph=retain_graph,
            allow_unused=True,
        )
    )
    for part, had in zip(parts, found, strict=True):
        call = part.unit.call
        own = list(itertools.islice(gradients, len(part.operands)))
        of_operands = part.neighbour.gradients(own, part.beside)
        had[name] = bits_of(part.unit.rows(of_operands), call.format)
        if part.neighbour.meets == "cotangent":
            met = own[-1]
            assert met is not None  # a norm depends on the offset
            had["met_cotangent"] = bits_of(met.reshape(part.unit.cases, -1), call.format)


def _outcome(error: Exception, stage: str) -> str:
    """Return what an exception is: the word of a missing kernel, or an error.

    PyTorch says of a missing memory format that it is unsupported. That is a missing kernel where
    the forward pass says so; once that has run, the backward pass must take what it is given.
    """
    text = str(error)
    missing = isinstance(error, NotImplementedError) or any(words in text for words in _MISSING)
    refused = stage == "forward" and "Unsupported memory format" in text
    return "unsupported" if missing or refused else "errored"


_MISSING = (
    "not implemented for",
    "input tensor must be either float or double",
    "we do not yet support aten::",
    "is not implemented",
    "does not have a deterministic implementation",
    "with a negative slope which is not supported",
)
"""The framework's own words for a kernel that it does not have."""

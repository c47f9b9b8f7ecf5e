"""From a call to what is run: functions of tensors, and the tensors, laid out as asked."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from suites.frameworks.arguments import arguments
from suites.frameworks.library import Library
from suites.frameworks.protocol import Bits, Call
from suites.frameworks.tensors import laid_out

Operation = Callable[..., object]
"""Operand tensors -> what the operation returns."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unit:
    """Cases that one call of an operation takes.

    Attributes:
        call: What was asked for.
        function: The operation.
        operands: What it is applied to and differentiated with respect to.
        cotangent: The output's cotangent.
        cases: The number of cases.
        overwriting: The form that overwrites its first operand; None if there is none.
    """

    call: Call
    function: Operation
    operands: tuple[torch.Tensor, ...]
    cotangent: torch.Tensor
    cases: int
    overwriting: Operation | None = None

    def rows(self, gradients: Sequence[torch.Tensor | None]) -> torch.Tensor:
        """Return gradients of the operands as they came: in a program a row for each case.

        An operand that the graph does not reach has none, which stands for 0.
        """
        there = [
            torch.zeros_like(operand) if gradient is None else gradient
            for gradient, operand in zip(gradients, self.operands, strict=True)
        ]
        if not self.call.operands:
            return there[0]
        return torch.cat([gradient.reshape(self.cases, -1) for gradient in there], dim=1)


def units(call: Call, library: Library) -> list[Unit]:
    """Return what a call comes to: one unit, or one for each case.

    Raises:
        NotRunError: The library lacks the function, or can't be called like this.
    """
    if not call.operands:
        return [_pooling(call, library)]
    function = library.function(call.op, call.function)
    makes = (_spelled(call, function), _overwriting(call, function, library))
    if call.together:
        return [_program(call, makes, 0, call.cases)]
    return [_program(call, makes, k, k + 1) for k in range(call.cases)]


def _spelled(call: Call, function: Operation) -> Operation:
    """Return the function of a program's operands that its expression spells."""
    names = [name for name, _ in call.operands]
    code = compile(f"lambda {', '.join(names)}: {call.expression}", "<expression>", "eval")
    # the expression comes from the catalogue, never from a file
    made: Operation = eval(code, {"f": function, "torch": torch})
    return made if call.device == "cpu" else _on_device(made, call.device)


def _on_device(made: Operation, where: str) -> Operation:
    """Return the function, its tensors of indices on the device of the operands."""

    def on_device(*operands: torch.Tensor) -> object:
        with torch.device(where):
            return made(*operands)

    return on_device


def _overwriting(call: Call, function: Operation, library: Library) -> Operation | None:
    """Return the form that overwrites its first operand, if the operation has one."""
    if call.inplace == "argument":
        return _spelled(call, functools.partial(function, inplace=True))
    if call.inplace == "method":
        return _spelled(call, library.method(f"{call.op}_"))
    return None


def _pooling(call: Call, library: Library) -> Unit:
    return Unit(
        call=call,
        function=library.bind(call.op, arguments(call)),
        operands=(laid_out(call.input, call.layout, call.format, call.device),),
        cotangent=laid_out(call.cotangent, call.cotangent_layout, call.format, call.device),
        cases=call.cases,
    )


def _program(call: Call, makes: tuple[Operation, Operation | None], first: int, end: int) -> Unit:
    """Return the unit of the cases `first` up to and without `end`."""
    rows = call.input.reshape(call.cases, -1)[first:end]
    sizes = [math.prod(shape) for _, shape in call.operands]
    bounds = itertools.pairwise((0, *itertools.accumulate(sizes)))
    tensors = tuple(
        laid_out(_shaped(rows[:, a:b], shape), call.layout, call.format, call.device)
        for (a, b), (_, shape) in zip(bounds, call.operands, strict=True)
    )
    upstream = _shaped(call.cotangent.reshape(call.cases, -1)[first:end], call.output_shape)
    return Unit(
        call=call,
        function=makes[0],
        overwriting=makes[1],
        operands=tensors,
        cotangent=laid_out(upstream, call.cotangent_layout, call.format, call.device),
        cases=end - first,
    )


def _shaped(rows: Bits, shape: tuple[int, ...]) -> Bits:
    """Return rows as one tensor: of one case in its shape, of several stacked along the first."""
    if len(rows) == 1:
        return rows.reshape(shape)
    return rows.reshape(len(rows) * shape[0], *shape[1:])

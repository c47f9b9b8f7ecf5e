"""What goes to a child process and what comes back: a call, a reply, a crash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.formats import format_named
from suites.frameworks.bisection import Span
from suites.frameworks.layouts import COTANGENT_LAYOUTS, LAYOUTS

Bits: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""Bit patterns of a format, in unsigned integers of its width."""

COMPILED = ("inductor", "aot_eager")
JACOBIANS = ("jvp", "jacfwd", "jacrev", "double-backward")
"""The modes that give the whole Jacobian, not a gradient."""
WAYS = ("vjp", "vmap", "checkpoint", "autocast", "inplace", "deterministic", "threads", "streams")
"""Further ways to the same gradient."""
MODES = ("eager", *COMPILED, *JACOBIANS, *WAYS)
NEIGHBOURS = ("", "product", "transposed-view", "sum", "argmax", "tanh", "norm")
MEETING_OTHERS = ("tanh", "norm")
"""The neighbours beside which an operation meets other numbers than its case's."""
OUTCOMES = ("ran", "unsupported", "errored", "crashed", "not run")


class FrameworkError(RuntimeError):
    """No call can be made at all: no framework, no device, no implementation. One line."""


class CallError(ValueError):
    """A call that contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call:
    """One call of an operation, differentiated twice on one graph.

    Attributes:
        op: Name of the operation.
        params: Its parameters, lists as tuples.
        format: Name of the format of input and cotangent.
        input: Bit patterns, in the shape of the whole call.
        cotangent: Bit patterns, in the output's shape.
        layout: How the input lies in memory, one of `LAYOUTS`.
        cotangent_layout: How the cotangent does, one of `COTANGENT_LAYOUTS`.
        return_indices: Whether indices are asked for.
        mode: One of `MODES`.
        neighbour: What stands before or after the operation in its graph, one of `NEIGHBOURS`.
        device: Where it runs.
        cases: How many cases are stacked along dimension 0, all of one size.
        isolated: Whether it gets a process of its own, which ends with it.
        operands: Of a program, the names and shapes of one case's operands: `input` has a row for
            each case, its operands one behind the other, and `cotangent` a row, too.
        output_shape: Of a program, the shape of one case's output.
        function: Of a program, the framework's function, a dotted name.
        expression: Of a program, how it is called: a Python expression of `f` and the operands.
        together: Whether the cases of a program are one call, stacked along dimension 0 of every
            operand; else each is one.
        inplace: How the operation is asked to overwrite its input: `argument` or `method`.
    """

    op: str
    params: Mapping[str, object]
    format: str
    input: Bits
    cotangent: Bits
    layout: str = "contiguous"
    cotangent_layout: str = "dense"
    return_indices: bool = False
    mode: str = "eager"
    neighbour: str = ""
    device: str = "cpu"
    cases: int = 1
    isolated: bool = False
    operands: tuple[tuple[str, tuple[int, ...]], ...] = ()
    output_shape: tuple[int, ...] = ()
    function: str = ""
    expression: str = ""
    together: bool = True
    inplace: str = ""

    def __post_init__(self) -> None:
        _one_of("layout", self.layout, LAYOUTS)
        _one_of("cotangent_layout", self.cotangent_layout, COTANGENT_LAYOUTS)
        _one_of("mode", self.mode, MODES)
        _one_of("neighbour", self.neighbour, NEIGHBOURS)
        if self.neighbour and self.return_indices:
            msg = f"indices are asked for beside {self.neighbour!r}, expected of an operation alone"
            raise CallError(msg)
        dtype = bits_dtype(self.format)
        for name, array in (("input", self.input), ("cotangent", self.cotangent)):
            if array.dtype != dtype:
                msg = f"{name} holds {array.dtype}, expected {dtype}, the bits of {self.format}"
                raise CallError(msg)
            if self.cases < 1 or (self.cases > 1 and array.shape[0] % self.cases):
                msg = f"{self.cases} cases can't share dimension 0 of {name}, shape {array.shape}"
                raise CallError(msg)

    def part(self, first: int, end: int) -> Call:
        """Return the call of the cases `first` up to and without `end`."""
        rows, cotangents = (len(array) // self.cases for array in (self.input, self.cotangent))
        return replace(
            self,
            input=self.input[first * rows : end * rows],
            cotangent=self.cotangent[first * cotangents : end * cotangents],
            cases=end - first,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Calls that are made together: compiled ones in one graph.

    Attributes:
        calls: At least one, all in one mode and on one device.
    """

    calls: tuple[Call, ...]

    def __post_init__(self) -> None:
        places = {(call.mode, call.device) for call in self.calls}
        if len(places) != 1 or (len(self.calls) > 1 and places.pop()[0] not in COMPILED):
            msg = (
                f"{len(self.calls)} calls of modes and devices {sorted(places)} can't be made "
                "together, expected one call, or several compiled ones on one device"
            )
            raise CallError(msg)

    @property
    def isolated(self) -> bool:
        """Whether they get a process of their own."""
        return any(call.isolated for call in self.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """How calls were compiled.

    Attributes:
        forward: `generated`, `calls ATen`, or both joined by ` and `.
        backward: The same of the backward pass.
        graphs: Number of graphs.
        calls: Number of calls that share them.
    """

    forward: str
    backward: str
    graphs: int
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """The end of a child process during a call.

    Attributes:
        signal: `SIGSEGV`, `SIGABRT`, ..., `exit status N`, `timeout` or `device lost`.
        span: The smallest stack that still does it, each tried in a fresh process.
    """

    signal: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reply:
    """What came of a call.

    Attributes:
        outcome: One of `OUTCOMES`.
        message: The framework's own words on one line, or the reason; None where it ran.
        stage: `forward` or `backward`, where it raised.
        output: Bit patterns, row-major. Also there if only the backward pass raised.
        gradient: Bit patterns, in the input's shape.
        jacobian: Bit patterns, `(cases, outputs, inputs)` of one case, in the modes that give one.
        second_gradient: The same of the second backward pass on the graph. Compiled code makes
            none: it may give its memory away in the first.
        indices: The indices, where they were asked for.
        met_input: What the operation was applied to, where a neighbour computes it.
        met_cotangent: What was passed back to the operation, where a neighbour computes it.
        compilation: How the call was compiled, if it was.
        crash: How the process ended, if it did.
        raised: The smallest stack that still raises an error of the type, where it `errored`.
    """

    outcome: str
    message: str | None = None
    stage: str | None = None
    output: Bits | None = None
    gradient: Bits | None = None
    jacobian: Bits | None = None
    second_gradient: Bits | None = None
    indices: NDArray[np.int64] | None = None
    met_input: Bits | None = None
    met_cotangent: Bits | None = None
    compilation: Compilation | None = None
    crash: Crash | None = None
    raised: Span | None = None


def bits_dtype(format_name: str) -> np.dtype[np.unsignedinteger[Any]]:
    """Return the type of the format's raw bits: `uint16`, `uint32` or `uint64`."""
    return np.dtype(f"uint{format_named(format_name).width}")


def one_line(error: BaseException) -> str:
    """Return an exception as `TypeName: message`, on one line of bounded length."""
    words = " ".join(str(error).split())
    text = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


_LONGEST = 500  # characters; an error can quote a whole tensor


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        msg = f"{name} is {value!r}, expected one of {', '.join(allowed)}"
        raise CallError(msg)

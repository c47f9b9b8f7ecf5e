"""Compiles a function with Inductor, and proves that it did.

`torch.compile` falls back to eager code without a word: at a graph break, or once a function has
been compiled for too many shapes. So here a graph must be whole, the counter of graphs must move by
one, and the code that came out says what it does: run kernels that were generated, or call the
framework's own.
"""

from __future__ import annotations

import ast
import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import torch
from torch._dynamo.exc import Unsupported
from torch._dynamo.utils import counters
from torch._inductor.graph import GraphLowering

from suites.frameworks.library import NotRunError
from suites.frameworks.protocol import Compilation, one_line

GENERATED, CALLS_ATEN, TRACED = "generated", "calls ATen", "traced"


@dataclass(kw_only=True)
class Witness:
    """What is compiled while it looks on.

    Attributes:
        before: What the counter of graphs said at first.
        backend: What compiles.
        codes: The code of each pass, as Inductor wrote it.
    """

    before: int
    backend: str = "inductor"
    codes: list[str] = field(default_factory=list)

    def graphs(self) -> int:
        """Return how many graphs were compiled.

        Raises:
            NotRunError: It is not one.
        """
        moved = _counted() - self.before
        if moved != 1:
            msg = f"not compiled: the counter of graphs moved by {moved}, expected 1"
            raise NotRunError(msg)
        return moved

    def compilation(self, calls: int) -> Compilation:
        """Return how forward and backward of some calls were compiled, after both have run.

        Raises:
            NotRunError: There is not one code for each of them.
        """
        if self.backend != "inductor":
            return Compilation(forward=TRACED, backward=TRACED, graphs=self.graphs(), calls=calls)
        if len(self.codes) != 2:
            msg = (
                f"not compiled: Inductor wrote {len(self.codes)} codes, expected 2, for both passes"
            )
            raise NotRunError(msg)
        forward, backward = map(kind_of, self.codes)
        return Compilation(forward=forward, backward=backward, graphs=self.graphs(), calls=calls)


@contextlib.contextmanager
def witnessed(device: str, backend: str = "inductor") -> Iterator[Witness]:
    """Compile from a clean slate, in sight of a witness.

    Args:
        device: Where what is compiled runs.
        backend: `inductor`, which writes code, or `aot_eager`, which traces both passes and runs
            the framework's own kernels.

    Raises:
        NotRunError: Nothing can be compiled here, for want of a C++ compiler, say; or the
            function can't be compiled as one graph.
    """
    problem = _problem(device) if backend == "inductor" else None
    if problem:
        raise NotRunError(problem)
    torch.compiler.reset()
    witness = Witness(before=_counted(), backend=backend)
    with mock.patch.object(GraphLowering, "save_output_code", staticmethod(witness.codes.append)):
        try:
            yield witness
        except Unsupported as error:
            msg = f"not compiled: {one_line(error)}"
            raise NotRunError(msg) from error


def compiled(function: Callable[..., Any], backend: str = "inductor") -> Callable[..., Any]:
    """Return the function, to be compiled as one graph of fixed shapes when it is called."""
    whole: Callable[..., Any] = torch.compile(
        function, fullgraph=True, dynamic=False, backend=backend
    )
    return whole


def kind_of(code: str) -> str:
    """Return whether the code of a pass runs generated kernels, calls ATen's, or both."""
    called = {
        ast.unparse(node.func)
        for function in ast.walk(ast.parse(code))
        if isinstance(function, ast.FunctionDef) and function.name == "call"
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
    }
    kinds = {
        GENERATED: any(name.startswith(_KERNELS) for name in called),
        CALLS_ATEN: any(name.startswith(_LIBRARY) for name in called),
    }
    return " and ".join(kind for kind, found in kinds.items() if found) or "neither"


_KERNELS = ("cpp_fused", "triton_")
_LIBRARY = ("torch.ops.aten.", "extern_kernels.", "aten.")


@functools.cache
def _problem(device: str) -> str | None:
    """Return why nothing can be compiled here, or None: a sum of two numbers is tried."""
    try:
        torch.compile(lambda x: x + x, fullgraph=True)(torch.ones(3, device=device))
    except Exception as error:  # noqa: BLE001, whatever it is, it is not the operation's doing
        return f"nothing can be compiled here: {one_line(error)}"
    return None


def _counted() -> int:
    return int(counters["stats"]["unique_graphs"])

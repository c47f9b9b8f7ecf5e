"""Every way to a derivative gives the same one of a right function, and is planned where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from oracle.catalogue import CATALOGUE
from oracle.formats import FORMATS
from suites.corpus import stacks
from suites.frameworks import torch_adapter
from suites.frameworks.library import TorchLibrary
from suites.frameworks.protocol import (
    COMPILED,
    JACOBIANS,
    MODES,
    WAYS,
    Bits,
    Call,
    Graph,
    Reply,
    bits_dtype,
)
from suites.frameworks.tensors import FLOATS
from suites.meta.test_compiling import NEEDS_COMPILER
from suites.meta.test_ways import NOT_COMPILED
from suites.plan import Cell, Group
from suites.variants import BASE
from suites.ways import ways

# as in the child processes: the framework warns of parts of its own, and of what is slow
pytestmark = pytest.mark.filterwarnings("ignore")

RIGHT = {
    "relu": "binary16",
    "abs": "bfloat16",
    "amax": "binary32",
    "sort": "binary64",
    "maximum": "binary16",
    "clamp": "bfloat16",
    "where": "binary32",
    "scatter_reduce": "binary64",
    "index_reduce": "binary32",
    "embedding_bag": "binary16",
    "max_unpool2d": "bfloat16",
}
"""Operations that take one selection in all ways, of one operand, of several, with indices."""

WITH_INDICES = ("where", "scatter_reduce", "index_reduce", "embedding_bag", "max_unpool2d")
"""Those of them whose cases can't be stacked, since their parameters are of one case."""

COMPILABLE = ("relu", "amax", "maximum", "scatter_reduce")

LACKING = {
    "index_reduce": {"jvp", "jacfwd"},
    "embedding_bag": {"jvp", "jacfwd", "double-backward"},
    "max_unpool2d": {"deterministic"},
}
"""Operation -> ways that PyTorch lacks, at most."""


def drawn(op: str, fmt: str, *, together: bool = True) -> Group:
    """Return six cases of a geometry of an operation, small integers with many ties."""
    stack = next(s for s in stacks("smoke", op, fmt) if s.together or not together)
    rng = np.random.default_rng(len(op))
    table = np.array([FORMATS[fmt].encode(n << -FORMATS[fmt].eta_exponent) for n in range(3)])
    primal = rng.integers(0, 3, (6, *stack.inputs.shape[1:]))
    upstream = rng.integers(0, 3, (6, *stack.cotangents.shape[1:]))
    made = replace(
        stack,
        inputs=table[primal].astype(bits_dtype(fmt)),
        cotangents=table[upstream].astype(bits_dtype(fmt)),
        families=("sweep",) * 6,
        together=together,
    )
    return Group(stack=made, device="cpu")


def call_of(group: Group, mode: str) -> Call:
    return Cell(group=group, mode=mode, variant=BASE).call(isolated=False)


def reply(group: Group, mode: str) -> Reply:
    """Return the reply of PyTorch's own function."""
    graph = Graph(calls=(call_of(group, mode),))
    return torch_adapter.run(graph, TorchLibrary((group.stack.op,)))[0]


def numbers(bits: Bits | None, fmt: str) -> torch.Tensor:
    assert bits is not None
    width = bits.dtype.itemsize * 8
    return torch.from_numpy(bits.view(f"int{width}").copy()).view(FLOATS[fmt]).double()


def gradient_of(group: Group, came: Reply) -> torch.Tensor:
    """Return the gradient, or the cotangent times the Jacobian: exact, of small integers."""
    fmt = group.stack.format
    if came.jacobian is None:
        return numbers(came.gradient, fmt).reshape(6, -1)
    upstream = numbers(group.stack.cotangents, fmt).reshape(6, -1)
    return torch.einsum("co,coi->ci", upstream, numbers(came.jacobian, fmt))


def assert_same(group: Group, came: Reply, eager: Reply) -> None:
    """Both are exact, so that they are equal, but for signs of zeros."""
    assert came.outcome == "ran", came.message
    assert torch.equal(gradient_of(group, came), gradient_of(group, eager))
    outputs = [numbers(of.output, group.stack.format).reshape(6, -1) for of in (came, eager)]
    assert torch.equal(*outputs)


@pytest.mark.parametrize(
    ("op", "together"),
    [(op, False) for op in RIGHT] + [(op, True) for op in RIGHT if op not in WITH_INDICES],
)
def test_every_way_gives_the_gradient_of_the_reverse_pass(op: str, together: bool) -> None:
    group = drawn(op, RIGHT[op], together=together)
    eager = reply(group, "eager")
    for mode in NOT_COMPILED:
        came = reply(group, mode)
        if mode == "inplace" and not CATALOGUE[op].inplace:
            assert came.outcome == "not run"
            assert came.message == f"{op} has no form that overwrites its input"
        elif came.outcome != "unsupported" or mode not in LACKING.get(op, ()):
            assert_same(group, came, eager)


@NEEDS_COMPILER
@pytest.mark.parametrize("mode", COMPILED)
def test_compiled_programs_give_the_gradient_of_the_reverse_pass(mode: str) -> None:
    """Stacked and side by side, all of them in one graph."""
    groups = [drawn(op, "binary32", together=op not in WITH_INDICES) for op in COMPILABLE]
    calls = [call_of(group, mode) for group in groups]
    replies = torch_adapter.run(Graph(calls=tuple(calls)), TorchLibrary(COMPILABLE))
    for group, came in zip(groups, replies, strict=True):
        assert_same(group, came, reply(group, "eager"))
        assert came.compilation is not None
        assert (came.compilation.graphs, came.compilation.calls) == (1, len(COMPILABLE))


def test_a_device_without_streams_says_so() -> None:
    came = reply(drawn("relu", "binary32"), "streams")
    assert (came.outcome, came.message) == ("not run", "cpu has no streams")


def test_streams_and_overwriting_forms_are_planned_where_there_are_some() -> None:
    def modes(op: str, device: str) -> set[str]:
        found = ways(list(stacks("smoke", op, "binary32")), MODES, device)
        return {way.mode for of_stack in found.values() for way in of_stack}

    assert modes("relu", "cpu") == {*NOT_COMPILED} - {"eager"}
    assert modes("relu", "cuda") == modes("relu", "cpu") | {"streams"}
    assert modes("amax", "cpu") == modes("relu", "cpu") - {"inplace"}


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_way_has_two_stacks_where_there_are_two(fmt: str) -> None:
    """Whatever their number: the same cells twice would make a run file that can't be read."""
    small = [stack for stack in stacks("smoke", "relu", fmt) if 0 < stack.inputs[0].size <= 16]
    for count in range(1, len(small) + 1):
        chosen = [
            (name, way.mode)
            for name, of_stack in ways(small[:count], MODES, "cuda").items()
            for way in of_stack
            if way.mode != "inplace"
        ]
        assert len(chosen) == len(set(chosen)) == min(2, count) * len((*JACOBIANS, *WAYS[1:]))


def test_one_of_the_stacks_of_each_way_has_many_cases() -> None:
    """In smoke a geometry has one case or two, which need not show a fault; the first has more."""
    found = list(stacks("smoke", "relu", "binary32"))
    most = max(map(len, found))
    cases = {
        mode: [
            len(way.positions)
            for of in ways(found, MODES, "cuda").values()
            for way in of
            if way.mode == mode
        ]
        for mode in (*JACOBIANS, *WAYS)
    }
    assert all(max(counts) == most > 5 for counts in cases.values()), cases

"""Every way to a derivative: right functions agree in all, and what is wrong in one is caught."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

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
from suites.meta.direct import conducted
from suites.meta.runs import ACCUSED, Done, smoke
from suites.meta.test_compiling import NEEDS_COMPILER
from suites.plan import Cell, Group
from suites.requirements import FAILING
from suites.selection import Selection
from suites.variants import BASE
from suites.ways import ways

# as in the child processes: the framework warns of parts of its own, and of what is slow
pytestmark = pytest.mark.filterwarnings("ignore")
FOLDER = Path(__file__).with_name("ways")
NOT_COMPILED = ("eager", *JACOBIANS, *(way for way in WAYS if way != "streams"))

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

Modes = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a run finds beside special cases: requirement -> the only modes in which.

    Attributes:
        fails: What fails the run.
        differs: What does not.
    """

    fails: Mapping[str, Modes] = field(default_factory=dict)
    differs: Mapping[str, Modes] = field(default_factory=dict)


def _gradient(mode: str) -> Found:
    return Found(fails={"gradient": (mode,)}, differs={"consistency-mode": (mode,)})


def _jacobian(*modes: str) -> Found:
    return Found(fails={"jacobian": modes}, differs={"adjoint": modes})


FOUND = {
    "right_everywhere": Found(),
    **{
        f"wrong_{mode}": _gradient(mode)
        for mode in ("vjp", "checkpoint", "autocast", "inplace", "deterministic", "threads")
    },
    "wrong_vmap": Found(fails={"output": ("vmap",)}, differs={"consistency-mode": ("vmap",)}),
    "other_vmap": Found(differs={"consistency-mode": ("vmap",)}),
    # jacfwd maps forward mode over the tangents
    "wrong_jvp": _jacobian("jvp", "jacfwd"),
    "other_jvp": Found(differs={"adjoint": ("jvp", "jacfwd")}),
    "wrong_jacfwd": _jacobian("jacfwd"),
    "wrong_jacrev": _jacobian("jacrev"),
    "wrong_double_backward": Found(fails={"linear": ("double-backward",)}),
    "other_double_backward": Found(fails={"linear": ("double-backward",)}),
    "wrong_compiled": Found(fails={"gradient": COMPILED}, differs={"consistency-mode": COMPILED}),
}
"""File -> what a run of it finds."""


def test_every_way_has_a_file_that_is_wrong_in_it() -> None:
    named = {path.stem for path in FOLDER.glob("[!_]*.py")}
    assert named == FOUND.keys()
    caught = {mode for found in FOUND.values() for modes in found.fails.values() for mode in modes}
    assert caught == {*MODES} - {"eager", "streams"}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """One thread, as in the child processes of these tests."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def selection(*modes: str, op: str = "relu", fmt: str = "binary32") -> Selection:
    return Selection(
        profile="smoke",
        device="cpu",
        ops=(op,),
        formats=(fmt,),
        modes=modes,
        layouts=("contiguous",),
    )


@pytest.mark.parametrize("name", [name for name in FOUND if name != "wrong_compiled"])
def test_what_is_wrong_in_one_way_is_caught_in_it_alone(name: str, tmp_path: Path) -> None:
    done = conducted(tmp_path, FOLDER / f"{name}.py", selection(*NOT_COMPILED))
    assert_found(done, FOUND[name])
    assert {cell.mode for cell in done.run.cells} == set(NOT_COMPILED)


@NEEDS_COMPILER
def test_what_is_wrong_when_compiled_is_caught_in_every_compiler(tmp_path: Path) -> None:
    # smoke's stacks have one case or two, which need not show it
    done = whole_run("wrong_compiled", ("eager", *COMPILED), tmp_path, "--profile", "standard")
    assert_found(done, FOUND["wrong_compiled"])


@pytest.mark.parametrize("name", ["other_jvp", "other_double_backward"])
def test_a_whole_run_finds_what_these_find(name: str, tmp_path: Path) -> None:
    assert_found(whole_run(name, NOT_COMPILED, tmp_path), FOUND[name])


def whole_run(name: str, modes: Modes, folder: Path, *more: str) -> Done:
    return smoke(
        folder,
        *("--implementation", str(FOLDER / f"{name}.py"), "--formats", "binary32"),
        *("--modes", ",".join(modes), "--layouts", "contiguous", *more),
        *("-k", "not /repeat/ and not search/"),
    )


def assert_found(done: Done, found: Found) -> None:
    assert {cell.outcome for cell in done.run.cells} == {"ran"}
    assert modes_of(done, FAILING, ACCUSED) == {k: set(v) for k, v in found.fails.items()}
    asked = ("consistency-mode", "adjoint")
    assert modes_of(done, asked, {"differs"}) == {k: set(v) for k, v in found.differs.items()}
    assert done.status == int(bool(found.fails)), done.text


def modes_of(done: Done, requirements: Modes, words: set[str]) -> dict[str, set[str]]:
    """Return requirement -> modes in which some ordinary case has one of the words."""
    found: dict[str, set[str]] = {}
    for cell in done.run.cells:
        for requirement in set(requirements) - {"special"}:
            if not words.isdisjoint(cell.requirements.get(requirement, {})):
                found.setdefault(requirement, set()).add(cell.mode)
    return found


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

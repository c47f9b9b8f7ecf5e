"""Compiled calls: that they compiled is proved, and what stands beside an operation is exact."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from suites.frameworks import compiling, torch_adapter
from suites.frameworks.library import NotRunError, TorchLibrary
from suites.frameworks.protocol import (
    MEETING_OTHERS,
    NEIGHBOURS,
    Bits,
    Call,
    CallError,
    Graph,
    Reply,
)
from suites.frameworks.runner import Runner
from suites.meta.processes import pytest_suites

# Inductor's import warns of a part of torch itself
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated")
NEEDS_COMPILER = pytest.mark.skipif(
    shutil.which(os.environ.get("CXX", "g++")) is None,
    reason="Inductor needs a C++ compiler: install g++, or name one in CXX",
)
OPS = ("max_pool1d",)
PARAMS = {
    "kernel_size": (3,),
    "stride": (2,),
    "padding": (1,),
    "dilation": (1,),
    "ceil_mode": False,
}
SMALL = ("--profile", "smoke", "--formats", "binary32", "--layouts", "contiguous")
GENERATED = """
def call(args):
    cpp_fused_max_pool2d_with_indices_0(arg0_1, buf0)
    return (buf0, )
"""
CALLED = """
from torch.ops import aten
def call(args):
    buf0 = torch.ops.aten.max_pool3d_with_indices_backward.default(tangents_1, primals_1)
    return (buf0, )
"""
TRITON = """
class Runner:
    def call(self, args):
        triton_poi_fused_add_0.run(arg0_1, buf0)
        extern_kernels.mm(buf0, buf1, out=buf2)
"""

WRONG_WHEN_COMPILED = """
import torch

def max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    function = torch.nn.functional.max_pool1d
    output = function(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)
    if torch.compiler.is_compiling():
        return output + (output - output.detach())
    return output
"""
"""Its compiled gradient is twice the right one; the output is the right one, but of infinities."""


def call(mode: str = "inductor", neighbour: str = "", **changes: object) -> Call:
    """Return twenty cases of two channels with many ties, and sums that are exact."""
    drawn = np.random.default_rng(3)
    values = np.array([-1.0, 0.0, 1.0, 2.0], dtype=np.float32)
    described: dict[str, object] = {
        "op": "max_pool1d",
        "params": PARAMS,
        "format": "binary32",
        "input": drawn.choice(values, (20, 2, 7)).view(np.uint32),
        "cotangent": drawn.integers(-4, 5, (20, 2, 4)).astype(np.float32).view(np.uint32),
        "cases": 20,
        "mode": mode,
        "neighbour": neighbour,
    }
    return Call(**{**described, **changes})  # type: ignore[arg-type]  # fields by name


def run(*calls: Call) -> list[Reply]:
    return torch_adapter.run(Graph(calls=calls), TorchLibrary(OPS))


def bits(reply: Reply) -> tuple[list[object], list[object]]:
    assert reply.outcome == "ran", reply.message
    found: tuple[Bits | None, ...] = (reply.output, reply.gradient)
    left, right = (array.tolist() for array in found if array is not None)
    return left, right


EXACT = [neighbour for neighbour in NEIGHBOURS if neighbour not in MEETING_OTHERS]


@pytest.mark.parametrize("neighbour", EXACT)
def test_a_neighbour_changes_no_bit(neighbour: str) -> None:
    assert bits(run(call("eager", neighbour))[0]) == bits(run(call("eager"))[0])


@pytest.fixture(scope="module")
def together() -> list[Reply]:
    """Return the replies of an operation alone and with each neighbour, in one graph."""
    return run(*(call(neighbour=neighbour) for neighbour in NEIGHBOURS))


@NEEDS_COMPILER
def test_a_compiled_graph_gives_the_bits_of_eager_code(together: list[Reply]) -> None:
    eager = bits(run(call("eager"))[0])

    assert len(together) == len(NEIGHBOURS)
    replies = dict(zip(NEIGHBOURS, together, strict=True))
    assert all(bits(replies[neighbour]) == eager for neighbour in EXACT)


@NEEDS_COMPILER
@pytest.mark.parametrize("mode", ["eager", "inductor"])
def test_behind_tanh_it_meets_tangents_and_has_its_own_gradient(
    mode: str, together: list[Reply]
) -> None:
    alone = run(call("eager"))[0]
    (reply,) = run(call("eager", "tanh")) if mode == "eager" else together[-2:-1]
    assert reply.met_input is not None
    met = torch.from_numpy(reply.met_input.view(np.float32))
    inputs = torch.from_numpy(call().input.view(np.float32))
    # the order of these few values and with it the gradient is that of their tangents
    assert len(met.unique()) == len(inputs.unique())
    assert torch.equal(met.sign(), inputs.sign())
    assert (met.abs() < 1).all()
    assert np.array_equal(reply.gradient, alone.gradient)  # type: ignore[arg-type]


@NEEDS_COMPILER
@pytest.mark.parametrize("mode", ["eager", "inductor"])
def test_before_a_norm_it_meets_cotangents_with_other_signs(
    mode: str, together: list[Reply]
) -> None:
    (reply,) = run(call("eager", "norm")) if mode == "eager" else together[-1:]
    given = call().cotangent
    assert reply.met_cotangent is not None
    met = reply.met_cotangent.reshape(given.shape)
    assert (np.abs(met.view(np.float32)) == np.abs(given.view(np.float32))).all()
    assert (met.view(np.float32) != given.view(np.float32)).any()
    (alone,) = run(call("eager", cotangent=met))
    assert bits(reply) == bits(alone)


@NEEDS_COMPILER
def test_a_compiled_graph_says_how_it_was_compiled(together: list[Reply]) -> None:
    (made,) = {reply.compilation for reply in together}

    assert made is not None
    assert (made.graphs, made.calls) == (1, len(NEIGHBOURS))
    for way in (made.forward, made.backward):
        assert set(way.split(" and ")) <= {compiling.GENERATED, compiling.CALLS_ATEN}
    assert all(reply.second_gradient is None for reply in together)


def test_the_code_says_what_it_runs() -> None:
    assert compiling.kind_of(GENERATED) == "generated"
    assert compiling.kind_of(CALLED) == "calls ATen"
    assert compiling.kind_of(TRITON) == "generated and calls ATen"
    assert compiling.kind_of("def call(args):\n    return args") == "neither"


@NEEDS_COMPILER
def test_code_that_was_not_compiled_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when `torch.compile` falls back to eager code without a word."""
    monkeypatch.setattr(compiling, "compiled", lambda function, backend: function)  # noqa: ARG005

    (reply,) = run(call())

    assert reply.outcome == "not run"
    assert reply.message == "not compiled: the counter of graphs moved by 0, expected 1"


@NEEDS_COMPILER
def test_a_graph_break_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_two_parts(primal: torch.Tensor) -> torch.Tensor:
        torch._dynamo.graph_break()  # noqa: SLF001, the way to ask for one
        return torch.nn.functional.max_pool1d(primal, 3, 2, 1)

    monkeypatch.setattr(TorchLibrary, "bind", lambda *asked: in_two_parts)  # noqa: ARG005

    (reply,) = run(call())

    assert reply.outcome == "not run"
    assert reply.message is not None
    assert reply.message.startswith("not compiled: ")


def test_one_pass_without_code_is_no_result() -> None:
    witness = compiling.Witness(before=0, codes=[GENERATED])

    with pytest.raises(NotRunError, match="Inductor wrote 1 codes, expected 2"):
        witness.compilation(1)


def test_without_a_compiler_a_run_has_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", str(tmp_path / "no-such-compiler"))
    ended = pytest_suites(tmp_path / "run", *SMALL, "--ops", "max_pool1d", "--modes", "inductor")

    assert ended.status == 6
    assert "nothing can be compiled here" in ended.said("planned cells were not run")
    assert {cell.outcome for cell in ended.run.cells} == {"not run"}


@NEEDS_COMPILER
def test_what_fails_in_a_shared_graph_is_run_by_itself(tmp_path: Path) -> None:
    """The one call raises, whatever it shares a graph with; the other is none the worse for it."""
    broken = call(params={**PARAMS, "kernel_size": (30,)})
    with Runner(operations=OPS, workers=1, compile_cache=tmp_path) as runner:
        replies = runner.submit_together(Graph(calls=(broken, call()))).result(timeout=300)

    assert [reply.outcome for reply in replies] == ["errored", "ran"]
    assert replies[1].compilation is not None
    assert replies[1].compilation.calls == 1


@NEEDS_COMPILER
def test_a_kernel_that_is_wrong_only_when_it_is_compiled_is_found(tmp_path: Path) -> None:
    """The eager gradient is right, so that nothing but a compiled cell can tell."""
    file = tmp_path / "wrong_when_compiled.py"
    file.write_text(WRONG_WHEN_COMPILED)
    ended = pytest_suites(
        tmp_path / "run",
        *SMALL,
        *("--implementation", str(file), "--modes", "eager,inductor"),
    )

    assert ended.status == 1
    assert not any("leaked" in line for line in ended.lines)
    # eager code writes astray where a window lies in the padding; rows excuse only torch's own
    found = [f for f in ended.run.findings if f.fails_run and "/padding-only-" not in f.case]
    assert {f.mode for f in found} == {"inductor"}
    assert "gradient" in {f.requirement for f in found}
    compiled = [cell for cell in ended.run.cells if cell.mode == "inductor"]
    assert {cell.variant for cell in compiled} == {"contiguous", *filter(None, NEIGHBOURS)}
    for cell in compiled:
        assert cell.outcome == "ran"
        assert cell.compiled is not None
        assert cell.base is not None
        assert cell.base.split("/")[3] == "eager"
        assert "second-backward" not in cell.requirements
        assert len(cell.ids) in (0, cell.cases)
    words = Counter[str]()
    for cell in compiled:
        # beside some neighbours it meets other numbers, of which this is not asked
        words.update(cell.requirements.get("consistency-mode", {}))
    assert words["differs"] > words["conforms"] > 0  # a doubled zero is a zero


def test_an_unknown_neighbour_is_refused() -> None:
    with pytest.raises(CallError, match="neighbour is 'softmax', expected one of , product"):
        call(neighbour="softmax")
    with pytest.raises(CallError, match="indices are asked for beside 'sum'"):
        call(neighbour="sum", return_indices=True)

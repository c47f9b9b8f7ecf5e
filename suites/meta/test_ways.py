"""What is wrong in one way to a derivative is caught in it, and in no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch

from suites.frameworks.protocol import (
    COMPILED,
    JACOBIANS,
    MODES,
    WAYS,
)
from suites.meta.direct import conducted
from suites.meta.runs import ACCUSED, Done, smoke
from suites.meta.test_compiling import NEEDS_COMPILER
from suites.requirements import FAILING
from suites.selection import Selection

# as in the child processes: the framework warns of parts of its own, and of what is slow
pytestmark = pytest.mark.filterwarnings("ignore")
FOLDER = Path(__file__).with_name("ways")
NOT_COMPILED = ("eager", *JACOBIANS, *(way for way in WAYS if way != "streams"))

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
    "wrong_double_backward": Found(
        fails={"linear": ("double-backward",)}, differs={"adjoint": ("double-backward",)}
    ),
    "other_double_backward": Found(differs={"adjoint": ("double-backward",)}),
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


def selection(*modes: str, op: str = "relu") -> Selection:
    return Selection(
        profile="smoke",
        device="cpu",
        ops=(op,),
        formats=("binary32",),
        modes=modes,
        layouts=("contiguous",),
    )


@pytest.mark.parametrize("name", [name for name in FOUND if name != "wrong_compiled"])
def test_what_is_wrong_in_one_way_is_caught_in_it_alone(name: str, tmp_path: Path) -> None:
    done = conducted(tmp_path, FOLDER / f"{name}.py", selection(*NOT_COMPILED))
    assert_found(done, FOUND[name])
    assert {cell.mode for cell in done.run.cells} == set(NOT_COMPILED)


METHODS = """
import torch
from suites.meta.ways._relu import doubled

class Abs(torch.autograd.Function):
    @staticmethod
    def forward(ctx, at):
        ctx.save_for_backward(at)
        return at.abs()
    @staticmethod
    def backward(ctx, upstream):
        return doubled(*ctx.saved_tensors, upstream)

def abs(input):
    return torch.abs(input)
"""


def test_of_a_file_its_own_overwriting_method_is_run_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "methods.py"
    file.write_text(METHODS)
    done = conducted(tmp_path, file, selection("eager", "inplace", op="abs"))
    missing = {cell.message for cell in done.run.cells if cell.mode == "inplace"}
    assert (done.status, missing) == (0, {"methods.py defines no abs_"})

    file.write_text(METHODS + "abs_ = Abs.apply")
    (tmp_path / "again").mkdir()
    done = conducted(tmp_path / "again", file, selection("eager", "inplace", op="abs"))
    assert modes_of(done, FAILING, ACCUSED) == {"gradient": {"inplace"}}


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

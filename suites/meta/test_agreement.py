"""Equal functions: which of them agree at ties, and that the answer fails nothing."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oracle.catalogue import CATALOGUE
from oracle.formats import FORMATS
from reports.record import RUN_FILE, Agreement, RunWriter, read_run
from suites.agreement import EQUAL, Equal, Question, agreement, questions
from suites.conductor import UNHEALTHY, Conductor
from suites.frameworks import torch_adapter
from suites.frameworks.library import TorchLibrary
from suites.frameworks.protocol import Call, Graph, Reply
from suites.known import Known
from suites.meta.runs import smoke
from suites.meta.test_record import a_header, an_agreement
from suites.selection import Selection

SELECTION = Selection(profile="standard", device="cpu", ops=("maximum",), formats=("binary32",))


class Here:
    """Runs calls in this process, as soon as they are submitted, and keeps the replies."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    def submit(self, call: Call) -> Future[Reply]:
        """Return the reply, which is there."""
        future: Future[Reply] = Future()
        self.replies += torch_adapter.run(Graph(calls=(call,)), TorchLibrary(()))
        future.set_result(self.replies[-1])
        return future


def asked(equal: Equal, runner: Any, fmt: str = "binary32") -> Agreement:
    return agreement(Question(equal=equal, format=fmt, device="cpu"), runner)


def of_two(**functions: str) -> Equal:
    """Return functions of two numbers, each of -1, 0 and 1."""
    return Equal(
        name="made",
        functions=functions,
        shape=(1, 2),
        output_shape=(1, 2),
        values=(-1.0, 0.0, 1.0),
        ops=("relu",),
    )


@pytest.mark.parametrize("fmt", FORMATS)
def test_functions_that_differ_at_a_tie_are_told_apart(fmt: str) -> None:
    """The first of nine inputs with a zero is (-1, 0); the cotangent is (1, -2)."""
    table = of_two(
        left="torch.where(x > 0, x, 0 * x)",
        right="torch.where(x >= 0, x, 0 * x)",
        relu="torch.relu(x)",
    )
    found = asked(table, Here(), fmt)
    assert (found.cases, found.message) == (9, None)
    assert found.groups == [["left", "relu"], ["right"]]
    assert found.example is not None
    assert [float.fromhex(x) for x in found.example["input"]] == [-1, 0]
    assert [float.fromhex(x) for x in found.example["cotangent"]] == [1, -2]
    shown = {name: [float.fromhex(x) for x in v] for name, v in found.example["gradients"].items()}
    assert shown == {"left": [0, 0], "relu": [0, 0], "right": [0, -2]}


def test_functions_that_agree_are_one_group() -> None:
    """A zero's sign tells no choice apart."""
    found = asked(of_two(abs="torch.abs(x)", sign="torch.sign(x) * x"), Here())
    assert (found.groups, found.example, found.message) == ([["abs", "sign"]], None, None)
    zeros = asked(of_two(plus="0 * x", minus="-(0 * x)"), Here())
    assert zeros.groups == [["plus", "minus"]]


def test_a_function_that_raises_is_left_out_and_named() -> None:
    found = asked(of_two(abs="torch.abs(x)", missing="torch.no_such_function(x)"), Here())
    assert found.groups == [["abs"]]
    assert found.functions == ["abs", "missing"]
    assert found.example is None
    assert found.message is not None
    assert found.message.startswith("missing: AttributeError: module 'torch' has no attribute")


@pytest.mark.parametrize("equal", EQUAL, ids=lambda equal: equal.name)
@pytest.mark.parametrize("fmt", ["binary32", "bfloat16"])
def test_equal_functions_have_equal_values(equal: Equal, fmt: str) -> None:
    """On all inputs that they are asked for; a function that lacks the format has no value."""
    here = Here()
    found = asked(equal, here, fmt)
    assert found.cases == len(equal.values) ** int(np.prod(equal.shape))
    sign = np.array(1 << (FORMATS[fmt].width - 1))
    outputs = [
        np.where(reply.output == sign, 0, reply.output)
        for reply in here.replies
        if reply.output is not None
    ]
    assert len(outputs) >= 2
    assert {reply.outcome for reply in here.replies} <= {"ran", "unsupported"}
    assert fmt != "binary32" or len(outputs) == len(equal.functions)
    for output in outputs[1:]:
        np.testing.assert_array_equal(outputs[0], output)


def test_the_table_names_operations_of_the_catalogue() -> None:
    assert {op for equal in EQUAL for op in equal.ops} <= CATALOGUE.keys()
    assert len({equal.name for equal in EQUAL}) == len(EQUAL)


@pytest.mark.parametrize(
    "changes",
    [{"profile": "smoke"}, {"modes": ("jvp",)}, {"case": "maximum/sweep-0"}, {"ops": ("prelu",)}],
    ids=str,
)
def test_questions_are_asked_where_the_functions_are_run(changes: dict[str, Any]) -> None:
    fields = {name: getattr(SELECTION, name) for name in ("profile", "device", "ops", "formats")}
    named = [question.name for question in questions(SELECTION)]
    assert named == [
        f"agreement/{equal.name}/binary32" for equal in EQUAL if "maximum" in equal.ops
    ]
    assert named
    assert not list(questions(Selection(**{**fields, **changes})))


def test_a_run_writes_down_what_agrees_and_nothing_fails_it(tmp_path: Path) -> None:
    named = ("--profile", "standard", "--ops", "prelu,where", "--formats", "binary64")
    done = smoke(tmp_path, *named, "-k", "agreement/")
    assert done.status == 0, done.text
    expected = [equal.name for equal in EQUAL if "where" in equal.ops]
    assert [found.name for found in done.run.agreements] == expected
    assert all(found.message is None for found in done.run.agreements)
    relu = done.run.agreements[0]
    assert len(relu.groups) > 1, "where(x > 0) and where(x >= 0) can't agree at 0"
    assert sorted(name for group in relu.groups for name in group) == sorted(relu.functions)


@pytest.mark.parametrize(("compared", "status"), [(2, 0), (1, UNHEALTHY)])
def test_a_run_without_all_its_answers_has_no_score(
    compared: int, status: int, tmp_path: Path
) -> None:
    nothing: Any = None
    with RunWriter(tmp_path / RUN_FILE) as writer:
        writer.append(a_header(planned={"cells": 0, "cases": 0}))
        conductor = Conductor(
            selection=SELECTION,
            plan=[],
            searches=0,
            questions=2,
            surveys=False,
            whole_plan=False,
            own_file=False,
            replies=nothing,
            known=Known([], "2.13.0", "cpu"),
            writer=writer,
        )
        for fmt in ("binary32", "binary64")[:compared]:
            conductor.compare(an_agreement(format=fmt))
        ending = conductor.finish(interrupted=False)
    assert ending.exit_status == status
    words = ["1 of 2 planned comparisons of equal functions were made"]
    assert list(ending.unhealthy) == ([] if status == 0 else words)
    assert len(read_run(tmp_path / RUN_FILE).agreements) == compared

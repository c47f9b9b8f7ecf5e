"""Operators on their own sample inputs: what becomes a case, what is found, what is left out."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import torch
from torch.testing._internal.opinfo.core import SampleInput

import reports
from oracle.case import Case
from oracle.catalogue import CATALOGUE
from oracle.judge import judge
from reports.document import report
from reports.junit import junit
from reports.markdown import markdown
from reports.page import page
from reports.record import Completeness
from suites.completeness import Operator, Survey, read_operators
from suites.completeness.arguments import NotACaseError
from suites.completeness.cases import case_of
from suites.completeness.samples import SampleJudge
from suites.completeness.size import scalar_operations
from suites.frameworks import operators
from suites.frameworks.drawn import Drawn, Sample, SampleOperator
from suites.frameworks.sample_calls import TAKEN, drawn
from suites.meta.test_completeness_run import VERSION, a_completeness, ended, written
from suites.rows import PATH, Row, read_rows

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

SHARE = 0.6
"""Of the covered operators: so many have a sample that becomes a case."""


class Entry:
    """An entry of a database of ours: an operator and its samples."""

    name, variant_test_name = "ours", ""

    def __init__(self, op: Callable[..., Any], *samples: SampleInput) -> None:
        self.op = op
        self._samples = samples

    def supported_dtypes(self, device: str) -> set[torch.dtype]:
        """Return the types of its samples."""
        return {torch.float64} if device == "cpu" else set()

    def sample_inputs(
        self, device: str, dtype: torch.dtype, *, requires_grad: bool
    ) -> Iterable[SampleInput]:
        """Return its samples."""
        assert (device, dtype, requires_grad) == ("cpu", torch.float64, True)
        return self._samples


def number(values: object) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def sample_of(
    op: Callable[..., Any], primal: torch.Tensor, *arguments: object, **options: object
) -> Sample:
    made = SampleInput(primal, args=arguments, kwargs=options)
    (sample,) = drawn("ours", Entry(op, made)).samples
    return sample


def case(op: str, function: Callable[..., Any], *arguments: object, **options: object) -> Case:
    return case_of(op, op, sample_of(function, *arguments, **options))


@functools.cache
def of_database(name: str) -> Drawn:
    answer = operators.answer(SampleOperator(name))
    assert isinstance(answer, Drawn)
    return answer


def covered() -> list[Operator]:
    names = operators.listed().names
    return [each for each in read_operators() if each.kind == "covered" and each.name in names]


F = torch.nn.functional
ROW, MATRIX = [2.0, -1.0, 2.0], [[1.0, 3.0, 2.0], [4.0, 4.0, 0.5]]
PLANES = [[[[1.0, 2.0, 2.0, 0.0], [3.0, 0.0, 1.0, 1.0]]]]
SIZES = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)}
PAIR, ONE = {"shape": (2,), "data": (True, False)}, "0x1.0p+0"


@pytest.mark.parametrize(
    ("op", "function", "arguments", "options", "params", "output"),
    [
        pytest.param(
            *("amax", torch.amax, (number(MATRIX),), {"dim": (0, -1), "keepdim": True}),
            *({"dim": (0, 1), "keepdim": True}, (1, 1)),
            id="a tuple of dimensions",
        ),
        pytest.param(
            *("amax", torch.amax, (number(MATRIX),), {"dim": -1}),
            *({"dim": (1,), "keepdim": False}, (2,)),
            id="one dimension",
        ),
        pytest.param(
            *("max", torch.max, (number(MATRIX), 1, True), {}),
            *({"dim": 1, "keepdim": True}, (2, 1)),
            id="the values of a pair",
        ),
        pytest.param(
            *("aminmax", torch.aminmax, (number(MATRIX),), {"dim": 1}),
            *({"dim": 1, "keepdim": False}, (2, 2)),
            id="two outputs",
        ),
        pytest.param(
            *("kthvalue", torch.kthvalue, (number(MATRIX), 2), {}),
            *({"k": 2, "dim": 1, "keepdim": False}, (2,)),
            id="an integer, and defaults",
        ),
        pytest.param(
            *("topk", torch.topk, (number(MATRIX), 2, -2, False), {}),
            *({"k": 2, "dim": 0, "largest": False, "sorted": True}, (2, 3)),
            id="all by position",
        ),
        pytest.param(
            *("quantile", torch.quantile, (number(MATRIX), number([0.25, 1.0]).detach(), 1), {}),
            {"q": ("0x1.0p-2", ONE), "dim": 1, "interpolation": "linear", "keepdim": False},
            (2, 2),
            id="a tensor of numbers",
        ),
        pytest.param(
            *("hardtanh", F.hardtanh, (number(ROW),), {"max_val": 1.5}),
            *({"min_val": "-0x1.0p+0", "max_val": "0x1.8p+0"}, (3,)),
            id="numbers",
        ),
        pytest.param(
            *("clamp", torch.clamp, (number(ROW), 1), {}),
            *({"min": ONE, "max": None}, (3,)),
            id="a bound that is a number",
        ),
        pytest.param(
            *("clamp", torch.clamp, (number(ROW), None, number([1.0])), {}),
            *({"min": None, "max": None}, (3,)),
            id="a bound that is an operand",
        ),
        pytest.param(
            *("where", lambda x, c, y: torch.where(c, x, y)),
            (number([1.0, 2.0]), torch.tensor([True, False]), number([3.0, 4.0])),
            *({}, {"condition": PAIR}, (2,)),
            id="a tensor of flags",
        ),
        pytest.param(
            *("index_reduce", torch.index_reduce),
            (number(ROW), 0, torch.tensor([0, 0]), number([5.0, 1.0]), "amax"),
            *({}, {"dim": 0, "index": (0, 0), "reduce": "amax", "include_self": True}, (3,)),
            id="a list of integers",
        ),
        pytest.param(
            *("segment_reduce", torch.segment_reduce, (number(ROW), "max")),
            {"offsets": torch.tensor([0, 1, 3]), "axis": 0, "unsafe": True, "initial": 1},
            *({"reduce": "max", "lengths": (1, 2), "initial": ONE}, (2,)),
            id="lengths from offsets",
        ),
        pytest.param(
            *("embedding_bag", lambda w, i, **more: F.embedding_bag(i, w, **more)),
            (number(MATRIX), torch.tensor([[0, 1], [1, 1]])),
            {"mode": "max"},
            *({"input": (0, 1, 1, 1), "offsets": (0, 2), "mode": "max"}, (2, 3)),
            id="bags from rows",
        ),
        pytest.param(
            *("max_pool2d", F.max_pool2d, (number(PLANES),)),
            {"kernel_size": 2, "dilation": (1,), "return_indices": True},
            {
                **SIZES,
                "dilation": (1, 1),
                "ceil_mode": False,
            },
            (1, 1, 1, 2),
            id="a size for each dimension",
        ),
        pytest.param(
            *("adaptive_avg_pool2d", F.adaptive_avg_pool2d, (number(PLANES), (None, 2)), {}),
            *({"output_size": (2, 2)}, (1, 1, 2, 2)),
            id="the input's own size",
        ),
        pytest.param(
            *("max_unpool2d", F.max_unpool2d, (number([[[[7.0]]]]), torch.tensor([[[[3]]]]), 2)),
            {"output_size": (1, 1, 2, 2)},
            {
                "indices": {"shape": (1, 1, 1, 1), "data": (3,)},
                **SIZES,
                "output_size": (2, 2),
            },
            (1, 1, 2, 2),
            id="a size without its planes",
        ),
    ],
)
def test_a_call_becomes_a_case(
    op: str,
    function: Callable[..., Any],
    arguments: tuple[object, ...],
    options: dict[str, object],
    params: dict[str, object],
    output: tuple[int, ...],
) -> None:
    made = case(op, function, *arguments, **options)
    assert made.geometry.params == params
    assert made.geometry.output_shape == output
    assert judge(made).verdict in ("smooth", "clarke")
    assert judge(made).output_exact


def test_what_came_back_stands_in_the_case() -> None:
    made = case("maximum", torch.maximum, number([1.0, 5.0]), number([2.0, 3.0]))
    text = made.format.text_of
    assert [text[bits] for bits in made.input.bits] == [
        *(ONE, "0x1.4p+2", "0x1.0p+1", "0x1.8p+1"),
    ]
    assert [text[bits] for bits in made.cotangent.bits] == [ONE, "-0x1.0p+1"]
    assert made.gradient is not None
    assert [text[bits] for bits in made.gradient.bits] == [
        *("0x0.0p+0", "-0x1.0p+1", ONE, "0x0.0p+0"),
    ]


def test_an_operand_without_a_gradient_is_a_constant() -> None:
    made = case("prelu", torch.prelu, number(ROW), torch.tensor(0.25, dtype=torch.float64))
    assert made.geometry.constants == ("weight",)  # type: ignore[union-attr]  # a program
    assert judge(made).verdict == "smooth"


class WrongAtTheMaximum(torch.autograd.Function):
    """The right value, and a gradient that is twice the right one."""

    @staticmethod
    def forward(ctx: Any, input: torch.Tensor) -> torch.Tensor:  # noqa: A002  # the framework's
        """Return the value."""
        ctx.save_for_backward(input)
        return torch.relu(input)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        """Return twice the gradient."""
        return 2 * grad * (ctx.saved_tensors[0] > 0)


AN_OPERATOR = Operator(
    name="nn.functional.relu", kind="covered", reason="a kink", nonsmooth=True, entries=("relu",)
)


def counted_of(
    *samples: Sample, operator: Operator = AN_OPERATOR, rows: Iterable[Row] = ()
) -> SampleJudge:
    found = SampleJudge(rows=list(rows))
    found.add(operator, Drawn(name=operator.name, samples=samples))
    return found


@pytest.mark.parametrize(
    ("function", "word", "words"),
    [
        pytest.param(torch.relu, "conforms", None, id="right"),
        pytest.param(WrongAtTheMaximum.apply, "deviates", "gradient", id="a wrong gradient"),
        pytest.param(lambda x: torch.relu(x) + 1, "deviates", "output", id="a wrong value"),
        pytest.param(lambda x: torch.relu(x).sum(), "deviates", r"\[\], expected", id="a shape"),
        pytest.param(lambda x: x.relu() @ x, "errored", "RuntimeError", id="an exception"),
    ],
)
def test_what_a_sample_shows_is_counted(
    function: Callable[..., Any], word: str, words: str | None
) -> None:
    found = counted_of(sample_of(function, number(MATRIX)))
    assert found.counts == {"nn.functional.relu": {word: 1}}
    assert bool(found.failing) == (words is not None)
    if words is not None:
        assert re.search(words, found.failing["nn.functional.relu"])


def test_a_known_deviation_does_not_fail() -> None:
    (operator,) = (each for each in covered() if each.name == "nn.functional.hardsigmoid")
    sixth = sample_of(F.hardsigmoid, number([0.5]))
    assert counted_of(sixth, operator=operator).counts[operator.name] == {"deviates": 1}
    found = counted_of(sixth, operator=operator, rows=read_rows(PATH))
    assert (found.counts[operator.name], found.failing) == ({"known": 1}, {})
    wrong = replace(sixth, outputs=(replace(sixth.outputs[0], bits=np.zeros(1, np.uint64)),))
    assert counted_of(wrong, operator=operator, rows=read_rows(PATH)).failing


@pytest.mark.parametrize("format_name", ["binary64", "binary32"])
@pytest.mark.parametrize("name", ["amax", "maximum", "nn.functional.max_pool2d", "sort", "where"])
def test_a_wrong_gradient_of_the_database_is_found(name: str, format_name: str) -> None:
    (operator,) = (each for each in covered() if each.name == name)
    right = next(
        each
        for each in of_database(name).samples
        if each.format == format_name and each.gradients[0].size < 1000 and each.gradients[0].any()
    )
    first = right.gradients[0].copy()
    first.ravel()[np.flatnonzero(first)[0]] ^= first.dtype.type(1 << (first.itemsize * 8 - 1))
    wrong = replace(right, gradients=(first, *right.gradients[1:]))
    assert counted_of(right, operator=operator).counts[name] == {"conforms": 1}
    assert counted_of(wrong, operator=operator).counts[name] == {"deviates": 1}


@pytest.mark.parametrize(
    ("operator", "op", "sample", "words"),
    [
        pytest.param(
            *("masked.amax", "amax"),
            sample_of(torch.masked.amax, number(ROW), mask=torch.tensor([True, False, True])),
            "the argument mask, which the definition does not have",
            id="an argument",
        ),
        pytest.param(
            *("clamp", "clamp", sample_of(torch.clamp, number(ROW), torch.tensor([1, 2, 3]), None)),
            "the argument min is a tensor of int64",
            id="integers as numbers",
        ),
        pytest.param(
            *("maximum", "maximum"),
            sample_of(torch.maximum, number(ROW), torch.ones(3, dtype=torch.float16)),
            "the operand other is a tensor of float16",
            id="another type",
        ),
        pytest.param(
            *("maximum", "maximum", sample_of(torch.maximum, *[number(ROW)] * 2)),
            "one tensor as two operands",
            id="a tensor twice",
        ),
        pytest.param(
            *("abs", "abs", sample_of(torch.abs, torch.ones(3, dtype=torch.float64))),
            "no operand that requires a gradient",
            id="nothing to differentiate",
        ),
        pytest.param(
            *("cummax", "cummax", sample_of(torch.cummax, number(1.0), 0)),
            "refused: params.dim is 0, expected a dimension of a tensor of 0",
            id="a dimension that is not there",
        ),
        pytest.param(
            *("nn.functional.elu", "elu", sample_of(F.elu, number([-1.1]))),
            "refused: exp(…) has no rounding bound here, expected arguments of 0 or above the kink",
            id="no bound",
        ),
        pytest.param(
            *("sort", "sort", sample_of(torch.sort, number([0.0] * 101))),
            "more than 10,000 scalar operations",
            id="too large",
        ),
        pytest.param(
            *("topk", "topk", sample_of(torch.topk, number(ROW), 2, sorted=False)),
            "an order that is not promised",
            id="in no order",
        ),
        pytest.param(
            *("kthvalue", "kthvalue", sample_of(lambda x: x, number(ROW))),
            "k is not given, and its default is not known",
            id="nothing given",
        ),
        pytest.param(
            *("abs", "abs", sample_of(lambda x, y: x.abs() + y, number(ROW), 1)),
            "2 arguments by position, expected 1",
            id="one more by position",
        ),
    ],
)
def test_what_is_no_case_is_left_out_with_its_reason(
    operator: str, op: str, sample: Sample, words: str
) -> None:
    entry = Operator(name=operator, kind="covered", reason="", nonsmooth=True, entries=(op,))
    found = counted_of(sample, sample, operator=entry)
    assert found.counts == {operator: {}}
    assert found.left_out == {operator: {words: 2}}
    assert found.failing == {}


def test_samples_beyond_the_cap_are_counted() -> None:
    found = drawn("ours", Entry(torch.abs, *(SampleInput(number(ROW)) for _ in range(30))))
    assert [each.number for each in found.samples] == list(range(0, 30, 3))
    assert found.left_out == {f"beyond the {TAKEN} that are run of a format": 20}


def test_an_operator_without_samples_says_why() -> None:
    def refusing(*_: object, **__: object) -> Iterable[SampleInput]:
        message = "no such type"
        raise TypeError(message)

    entry = Entry(torch.abs)
    entry.sample_inputs = refusing  # type: ignore[method-assign]
    assert "no such type" in str(drawn("ours", entry).reason)
    found = SampleJudge(rows=())
    found.add(AN_OPERATOR, drawn("ours", entry))
    assert list(found.left_out[AN_OPERATOR.name]) == ["no samples: TypeError: no such type"]


def test_an_operator_that_is_not_there_says_so() -> None:
    answer = operators.answer(SampleOperator("no.such.operator"))
    assert isinstance(answer, Drawn)
    assert "KeyError" in str(answer.reason)
    assert SampleOperator("relu").unanswered("SIGSEGV").reason == "SIGSEGV"


def test_reads_are_counted_from_above() -> None:
    sizes = {
        "amax": case("amax", torch.amax, number(MATRIX), 1),
        "sort": case("sort", torch.sort, number(MATRIX), 1),
        "maximum": case("maximum", torch.maximum, number(MATRIX), number(MATRIX)),
        "max_pool2d": case("max_pool2d", F.max_pool2d, number(PLANES), 2, 1),
        "avg_pool2d": case("avg_pool2d", F.avg_pool2d, number(PLANES), 2, 1),
    }
    sizes["grid_sample"] = case(
        "grid_sample",
        *(F.grid_sample, number(PLANES), number([[[[0.0, 0.5]]]])),
        align_corners=False,
    )
    found = {name: scalar_operations(each.geometry) for name, each in sizes.items()}
    assert found == {
        "amax": 6,
        "sort": 18,
        "maximum": 12,
        "max_pool2d": 12,
        "avg_pool2d": 12,
        "grid_sample": 10,  # the inputs; its only output reads six numbers
    }


def test_most_covered_operators_have_a_sample_that_is_a_case() -> None:
    here = covered()
    assert len([each for each in here if any(map(is_case(each), taken(each.name)))]) >= SHARE * len(
        here
    )


def taken(name: str) -> Iterable[Sample]:
    return of_database(name).samples[:TAKEN]


def is_case(operator: Operator) -> Callable[[Sample], bool]:
    def answer(sample: Sample) -> bool:
        op = operator.entries[0]
        try:
            return op in CATALOGUE and bool(case_of(operator.name, op, sample).gradient)
        except NotACaseError:
            return False

    return answer


def test_the_same_samples_are_drawn_again() -> None:
    again, first = (
        operators.answer(SampleOperator("nn.functional.threshold")),
        of_database("nn.functional.threshold"),
    )
    assert isinstance(again, Drawn)
    assert [s.arguments[1:] for s in again.samples] == [s.arguments[1:] for s in first.samples]
    for one, other in zip(again.samples, first.samples, strict=True):
        assert one.outputs[0].bits.tolist() == other.outputs[0].bits.tolist()


def test_samples_are_run_in_child_processes_and_judged() -> None:
    record = Survey(operators=[AN_OPERATOR], version=VERSION, probes=True, timeout=100.0).run()
    assert list(record.samples) == [AN_OPERATOR.name]
    assert record.samples[AN_OPERATOR.name]["conforms"] >= 4
    assert record.samples_failing == {}
    without = Survey(operators=[AN_OPERATOR], version=VERSION, probes=False, timeout=100.0).run()
    assert without.samples == {}


FAILING = a_completeness(
    samples={"abs": {"deviates": 1, "conforms": 3}},
    samples_failing={"abs": "sample 2, binary32: gradient deviates (<box>)"},
)


def test_a_sample_that_deviates_fails_the_run(tmp_path: Path) -> None:
    end = ended(tmp_path, FAILING)
    assert (end.exit_status, end.unhealthy) == (1, [])
    assert list(end.problems) == [
        "abs on its own sample input: sample 2, binary32: gradient deviates (<box>)"
    ]


def test_a_run_that_judged_no_sample_has_no_score(tmp_path: Path) -> None:
    nothing = a_completeness(samples={"abs": {}}, samples_left_out={"abs": {"SIGSEGV": 1}})
    end = ended(tmp_path, nothing)
    assert end.exit_status == 6
    assert list(end.unhealthy) == ["no sample input of a covered operator was judged: SIGSEGV"]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            a_completeness(),
            "26 sample inputs of 2 of 3 covered operators judged (conforms 24, known 2), "
            "10 left out",
        ),
        (FAILING, "4 sample inputs of 1 of 1 covered operator judged (conforms 3, deviates 1)"),
    ],
)
def test_every_form_of_the_report_has_the_samples(
    tmp_path: Path, record: Completeness, words: str
) -> None:
    run = written(tmp_path, record, failed=record is FAILING)
    document = report([run])
    schema = Path(reports.__file__).parent / "schemas" / "report.schema.json"
    jsonschema.validate(json.loads(json.dumps(document)), json.loads(schema.read_text()))
    for text in (markdown(document), page(document), junit([run])):
        assert words in text
        assert "<box>" not in text.replace("`", "")
        assert ("sample 2, binary32" in text) == (record is FAILING)
    assert "refused by the definition" in page(document)
    assert document["runs"][0]["completeness"]["unsampled"] == (["elu"] * (record is not FAILING))
    assert "<failure" in junit([run]) or record is not FAILING

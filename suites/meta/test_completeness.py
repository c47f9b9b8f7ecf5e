"""Completeness: every operator of the release has its class, and a smooth one shows no kink."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.testing._internal.opinfo.core import SampleInput

from oracle.catalogue import CATALOGUE
from suites.completeness import (
    CLASSES,
    SHARE,
    ClassesError,
    Operator,
    coverage,
    missing_entries,
    read_operators,
)
from suites.frameworks import operators
from suites.frameworks.kinks import Line, kink
from suites.frameworks.questions import ListOperators, Probed, ProbeOperator

VERSION = torch.__version__.partition("+")[0]
OURS = read_operators()

# a child process, where operators are probed, ignores what the framework warns of
pytestmark = pytest.mark.filterwarnings("ignore")


@functools.cache
def probed(name: str) -> Probed:
    found = operators.answer(ProbeOperator(name))
    assert isinstance(found, Probed)
    return found


def an_operator(**changes: object) -> Operator:
    fields = {"name": "abs", "kind": "covered", "reason": "a kink", "nonsmooth": True}
    return Operator(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def test_the_installed_release_has_no_operator_without_a_class() -> None:
    found = operators.answer(ListOperators())
    assert found.refusal is None
    assert set(found.names) - {each.name for each in OURS if each.of(VERSION)} == set()


def test_no_row_is_stale_on_the_installed_release() -> None:
    found = set(operators.listed().names)
    assert {each.name for each in OURS if each.of(VERSION)} - found == set()
    assert {each.name for each in OURS if not each.of(VERSION)} & found == set()


def test_each_class_is_in_use_and_each_operator_has_a_reason() -> None:
    assert {each.kind for each in OURS} == set(CLASSES)
    assert [each.name for each in OURS if not each.reason.strip()] == []


def test_what_covers_an_operator_is_in_the_catalogue() -> None:
    assert missing_entries(OURS, CATALOGUE) == []


def test_an_entry_that_the_catalogue_lacks_is_named_with_its_operator() -> None:
    wrong = an_operator(name="floor", entries=("floor", "abs"))
    assert missing_entries([wrong], {"abs"}) == ["floor: floor"]


def test_enough_of_the_nonsmooth_operators_are_covered() -> None:
    here = coverage([each for each in OURS if each.of(VERSION)])
    assert here.share >= SHARE, f"not covered: {', '.join(here.uncovered)}"


def test_what_is_out_of_scope_counts_as_uncovered() -> None:
    found = coverage(
        [
            an_operator(name="abs"),
            an_operator(name="lu", kind="out of scope"),
            an_operator(name="one_hot", kind="out of scope", nonsmooth=False),
            an_operator(name="norm", kind="later", nonsmooth=None),
            an_operator(name="avg_pool1d", nonsmooth=False),
        ]
    )
    assert (found.covered, found.uncovered, found.share * 2) == (("abs",), ("lu",), 1)


ROW = '[[operators]]\nclass = "smooth"\nreason = "analytic"\nnames = ["sin"]\n'
COVERED = '[[operators]]\nclass = "covered"\nnonsmooth = true\nreason = "a kink"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(ROW + ROW, "sin twice", id="an operator that is named twice"),
        pytest.param(
            ROW.replace("smooth", "fine"), "sin: class is 'fine'", id="a class unheard of"
        ),
        pytest.param(ROW.replace("analytic", " "), "sin: reason is ' '", id="no reason"),
        pytest.param(ROW.replace('["sin"]', "[]"), "names is \\[\\]", id="no names"),
        pytest.param(ROW + 'versions = "new"\n', "versions is 'new'", id="no versions"),
        pytest.param(ROW + "nonsmooth = true\n", "sin: the keys are", id="a key too many"),
        pytest.param(COVERED + "names = ['abs']\n", "abs: the keys are", id="covered by nothing"),
        pytest.param(
            COVERED + "[operators.entries]\nabs = []\n", "abs: entries is", id="covered by no entry"
        ),
        pytest.param(
            ROW.replace("smooth", "later") + 'group = "soon"\n', "group is 'soon'", id="no group"
        ),
        pytest.param("[[rows]]\nname = 1\n", "holds \\['rows'\\]", id="other tables"),
        pytest.param("[[operators", "can't be read", id="no TOML"),
    ],
)
def test_a_file_of_classes_that_says_too_little_is_refused(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "operators.toml"
    path.write_text(text)
    with pytest.raises(ClassesError, match=words):
        read_operators(path)


def test_a_row_with_versions_is_of_these_alone() -> None:
    old = an_operator(versions="<2.14")
    assert (old.of("2.13.0"), old.of("2.14.1"), an_operator().of("2.14.1")) == (True, False, True)


def a_line(function: Callable[[torch.Tensor], torch.Tensor], point: tuple[float, ...]) -> Line:
    x = torch.tensor(point, dtype=torch.float64)
    a, b = (torch.tensor(way, dtype=torch.float64)[: len(x)] for way in ([1, -0.5, 2], [3, 1, -1]))
    return Line(
        value=lambda weights: function(x + weights[0] * a + weights[1] * b).reshape(-1),
        size=float(x.abs().max()),
        numbers=len(x),
        unit=2.0**-53,
    )


@pytest.mark.parametrize(
    ("function", "point"),
    [
        pytest.param(torch.abs, (0.0,), id="abs"),
        pytest.param(torch.relu, (0.0,), id="relu"),
        pytest.param(torch.floor, (1.0,), id="a jump from one side"),
        pytest.param(torch.sign, (0.0,), id="a jump to both sides"),
        pytest.param(torch.amax, (2.0, 2.0), id="a tie"),
        pytest.param(torch.median, (1.0, 1.0, 1.0), id="the same slope from both sides"),
        pytest.param(lambda x: x.norm(), (0.0, 0.0), id="a norm"),
        pytest.param(lambda x: x.abs().sqrt(), (0.0,), id="an infinite slope"),
        pytest.param(lambda x: x.exp() + 2.0**-8 * x.abs(), (0.0,), id="a small one"),
        pytest.param(lambda x: 1e6 * x + torch.relu(x - 3), (3.0,), id="on a steep slope"),
    ],
)
def test_a_kink_shows(
    function: Callable[[torch.Tensor], torch.Tensor], point: tuple[float, ...]
) -> None:
    assert kink(a_line(function, point)) is not None


@pytest.mark.parametrize(
    ("function", "point"),
    [
        pytest.param(torch.sin, (1.0,), id="analytic"),
        pytest.param(lambda x: 1e8 * x, (3.0,), id="linear and steep"),
        pytest.param(lambda x: x * x.abs(), (0.0,), id="a kink of the derivative"),
        pytest.param(lambda x: x / (x**2 + 1e-5).sqrt(), (0.0,), id="a bend"),
        pytest.param(lambda x: x / (x**2 + 2.0**-52).sqrt(), (0.0,), id="a sharp bend"),
        pytest.param(lambda x: (x.abs() + 1).sum() * 0, (0.0, 0.0), id="nothing at all"),
        pytest.param(lambda x: torch.var(x) + x.prod(), (1.0, 1.0, 1.0), id="a polynomial"),
        pytest.param(lambda x: x**2 + 3e-9 * (x > 0), (0.0,), id="the seam of an approximation"),
        pytest.param(lambda x: (1 + x.abs()).log() - x.abs(), (0.0,), id="slopes that cancel"),
    ],
)
def test_no_kink_is_seen_where_there_is_none(
    function: Callable[[torch.Tensor], torch.Tensor], point: tuple[float, ...]
) -> None:
    assert kink(a_line(function, point)) is None


@pytest.mark.parametrize(
    "name",
    [
        *("abs", "amax", "median", "sort", "floor", "maximum", "clamp", "nn.functional.max_pool2d"),
        *("linalg.vector_norm", "std", "special.i0e", "nn.functional.grid_sample"),
        *("linalg.eigvalsh", "linalg.lu", "index_reduce.amax", "nn.functional.selu"),
    ],
)
def test_a_nonsmooth_operator_would_not_pass_for_a_smooth_one(name: str) -> None:
    found = probed(name)
    assert found.kinks
    assert found.first


@pytest.mark.parametrize(
    "name",
    ["sin", "nn.functional.rms_norm", "matmul", "linalg.inv", "nn.functional.dropout", "pow"],
)
def test_a_smooth_operator_is_probed_and_shows_no_kink(name: str) -> None:
    found = probed(name)
    assert found.points
    assert (found.kinks, found.first, found.reason) == (0, "", None)


def test_inputs_outside_of_the_domain_are_counted() -> None:
    assert probed("acosh").skipped
    assert probed("linalg.cholesky_ex").skipped


def test_probing_again_shows_the_same() -> None:
    again = operators.answer(ProbeOperator("nn.functional.normalize"))
    assert again == probed("nn.functional.normalize")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nn.functional.one_hot", "no binary64"),
        ("no.such.operator", "KeyError"),
    ],
)
def test_what_is_not_probed_says_why(name: str, words: str) -> None:
    found = probed(name)
    assert not found.points
    assert words in str(found.reason)


def test_what_raises_at_every_point_is_not_probed() -> None:
    class Refusing:
        """An entry of the database whose operator takes nothing."""

        name, variant_test_name = "refusing", ""

        @staticmethod
        def supported_dtypes(_: str) -> set[torch.dtype]:
            return {torch.float64}

        @staticmethod
        def sample_inputs(*_: object, **__: object) -> list[object]:
            return [SampleInput(torch.ones(2, requires_grad=True))]

        @staticmethod
        def op(_: torch.Tensor) -> torch.Tensor:
            message = "no such kernel"
            raise ValueError(message)

    found = operators.probed("refusing", Refusing)
    assert (found.points, found.kinks) == (0, 0)
    assert "no such kernel" in str(found.reason)

"""The engine on max pooling, as programs of largest ones: it says what the pooling judge says."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from oracle.case import Case
from oracle.check import check
from oracle.formats import BINARY16, BINARY32, FORMATS
from oracle.judge import judge
from oracle.programs import PROGRAMS, Scalar, signature
from oracle.programs.definition import Definition
from oracle.programs.extended import INFINITY
from oracle.programs.kinks import maximum
from oracle.windows import Geometry
from suites.corpus import stacks
from suites.meta.cases import (
    case_of,
    point_of_choices,
    point_of_orders,
    sliding,
    through_json,
    with_gradient,
)
from suites.meta.corpora import cases

LARGEST = 64
"""Entries of a case."""
POOLS = (
    *(f"max_pool{dims}d" for dims in (1, 2, 3)),
    *(f"adaptive_max_pool{dims}d" for dims in (1, 2, 3)),
    *(f"fractional_max_pool{dims}d" for dims in (2, 3)),
)

Say = tuple[object, ...]


def largest_of_windows(choose: Callable[..., Scalar]) -> Definition:
    """Return the definition of an operation whose parameter lists its windows."""

    def outputs(params: Mapping[str, Any], grids: Any) -> Sequence[Scalar]:
        entries = grids["input"].entries
        return [
            choose(*(entries[i] for i in window)) if window else Scalar.constant(-INFINITY)
            for window in params["windows"]
        ]

    return Definition(
        operands=("input",),
        checks={"windows": lambda _, value, __: value},
        output_shape=lambda params, _: (len(params["windows"]),),
        outputs=outputs,
        selects=True,
    )


@pytest.fixture
def as_program(monkeypatch: pytest.MonkeyPatch) -> Callable[[Case], Case]:
    """Turn a case of pooling into one of a program."""
    monkeypatch.setitem(PROGRAMS, "windows", largest_of_windows(maximum))
    return translated


def translated(case: Case) -> Case:
    windows = [list(window) for window in case.geometry.windows]
    size = math.prod(case.geometry.input_shape)
    return replace(case, geometry=signature("windows", {"windows": windows}, {"input": (size,)}))


def said(case: Case) -> Say:
    """Return what the verdict says but for the certificate, which the checker has accepted."""
    verdict = judge(case)
    check(case, through_json(verdict.document()))
    return (
        verdict.verdict,
        verdict.rule,
        verdict.output_exact,
        verdict.special,
        verdict.overflow,
        verdict.vacuous,
        verdict.ties["windows"],
        verdict.ties["tied"],
        *((verdict.grades, verdict.worst_ratio) if verdict.rule not in ("order", "other") else ()),
    )


def gradients(case: Case, rng: random.Random) -> Iterator[Case]:
    """Yield the case with the gradient of an order, and with a wrong one."""
    yield with_gradient(case, point_of_orders(case, [1], rng))
    wrong = point_of_choices(case, rng)
    wrong[rng.randrange(len(wrong))] += 1
    yield with_gradient(case, wrong)


def mixtures(case: Case, rng: random.Random) -> Iterator[Case]:
    """Yield the case with a mean of two orders, and with a choice in each window by itself."""
    yield with_gradient(case, point_of_orders(case, [Fraction(1, 4), Fraction(3, 4)], rng))
    yield with_gradient(case, point_of_choices(case, rng))


def small_cases(op: str, rng: random.Random, most: int) -> Iterator[Case]:
    """Yield cases of the smoke corpus, spread over all stacks and formats."""
    listed = [
        case
        for fmt in FORMATS
        for stack in stacks("smoke", op, fmt)
        if 0 < stack.inputs[0].size <= LARGEST
        for case in cases(stack)
    ]
    for case in rng.sample(listed, min(most, len(listed))):
        yield with_gradient(case, [0] * len(case.input.bits))


@pytest.mark.parametrize("op", POOLS)
def test_the_engine_agrees_with_the_pooling_judge(
    op: str, as_program: Callable[[Case], Case]
) -> None:
    """On verdict, rule, ratio and grades; on certificates only where they name a rule."""
    rng, words, judged = random.Random(op), set(), 0
    for case in small_cases(op, rng, 120):
        mixed = mixtures(case, rng) if rng.random() < 0.1 else ()
        for asked in (*gradients(case, rng), *mixed):
            expected = said(asked)
            assert said(as_program(asked)) == expected, asked
            words.add(expected[0])
            judged += 1
    assert judged >= 250
    assert words >= {"smooth", "clarke", "outside"}


WINDOWS: Sequence[Geometry] = [
    sliding((1, 3), 2),
    sliding((1, 4), 3),
    sliding((1, 4), 2, padding=1),
    sliding((1, 2), 3, padding=1),
    sliding((1, 3), 3, padding=1),
    sliding((1, 2, 2), 2, dims=2, padding=1),
]


@pytest.mark.parametrize("shapes", WINDOWS, ids=str)
def test_the_engine_agrees_on_every_lattice_point(
    shapes: Geometry, as_program: Callable[[Case], Case]
) -> None:
    """Every input of zeros and ones, with cotangents of both signs, and every selection's point."""
    rng = random.Random(3)
    words = set()
    for x in itertools.product((0, 1), repeat=math.prod(shapes.input_shape)):
        g = [rng.choice((-2, -1, 1, 1)) for _ in shapes.windows]
        case = case_of(shapes, rng.choice((BINARY16, BINARY32)), x, g)
        for asked in (*gradients(case, rng), *mixtures(case, rng)):
            expected = said(asked)
            assert said(as_program(asked)) == expected, asked
            words.add(expected[0])
    assert words >= {"clarke", "outside"}


def all_but_the_last(*options: Scalar) -> Scalar:
    """Return a largest one that forgets the last of several options where all are equal."""
    equal = len({option.value for option in options}) == 1 < len(options)
    return maximum(*(options[:-1] if equal else options))


def test_a_wrong_definition_disagrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROGRAMS, "windows", largest_of_windows(all_but_the_last))
    last = case_of(sliding((1, 3), 2), BINARY32, (0, 0, 0), (1, 1), (0, 1, 1))
    assert said(last)[:2] == ("clarke", "last-index")
    assert said(translated(last))[0] == "outside"

"""The second oracle against the first, on every operation of the catalogue of programs."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from oracle.case import Case
from oracle.formats import FORMATS
from oracle.judge import judge
from oracle.limits import (
    LimitsError,
    components,
    judge_by_limits,
    limiting_gradients,
    limits_verdict,
    values,
)
from oracle.limits.outputs import Function, Output, Summand
from oracle.programs import PROGRAMS
from oracle.programs.jumps import JUMPS
from suites.meta.cases import with_gradient
from suites.meta.program_samples import SAMPLES
from suites.meta.programs import HALF, Sample, program_case

Point = Sequence[Fraction]

LINEAR = ("where", "nan_to_num", *(op for op in PROGRAMS if op.startswith(("max_un", "avg", "ad"))))
WITHOUT_SETS = (*LINEAR, *JUMPS, "hardshrink", "celu", "lu_factor")
"""Operations that are smooth in all samples, or jump."""
RATIONAL = ("grid_sample", "lu_factor")
"""Operations of which this oracle states one wide allowance for all derivatives of an output."""
EXPONENTIAL = ("elu", "celu", "selu")
NAMED_RULES = (
    *("amax", "amin", "aminmax", "max", "min", "median", "nanmedian", "kthvalue", "topk", "sort"),
    *("msort", "cummax", "cummin", "scatter_reduce", "index_reduce", "embedding_bag"),
    *("maximum", "minimum", "fmax", "fmin"),
)
"""Operations whose every output is an input, where both oracles know rules by the same names."""


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Forget what outputs are: tests replace their functions."""
    yield
    _forget()


def _forget() -> None:
    for cached in (values.outputs, components.summands, components.components):
        cached.cache_clear()


@pytest.mark.parametrize("op", PROGRAMS)
def test_both_oracles_agree_on_every_operation(op: str) -> None:
    words = set()
    for case in _cases(op):
        first, second = judge(case).document(), limits_verdict(case)
        named = op in NAMED_RULES and not case.geometry.constants
        shared = ("verdict", "overflow", "ties", *(["rule"] if named else []))
        told = [{key: verdict[key] for key in shared} for verdict in (first, second)]
        assert told[0] == told[1], case
        words.add(first["verdict"])
    assert words >= {"outside", "smooth" if op in WITHOUT_SETS else "clarke"}


def _cases(op: str) -> Iterator[Case]:
    """Yield cases of an operation with members of both sets, what is between, and beside them."""
    for number, sample in enumerate(_samples(op)):
        draw = random.Random(f"{op} {number}")
        case = _with_cotangent(op, sample, number, draw)
        limits = limiting_gradients(case)
        chosen = [_chosen(case, draw) for _ in range(2)]
        points = [limits[0], limits[-1], _mean(limits[0], limits[-1]), *chosen, _mean(*chosen)]
        for point in dict.fromkeys(map(tuple, points)):
            yield with_gradient(case, point)
            yield with_gradient(case, _beside(point, draw))


def _samples(op: str) -> Iterator[Sample]:
    """Yield samples, and of some operands each as the only constant; -0 has no sign as a number."""
    for sample in SAMPLES[op]:
        yield sample
        for name, (_, entries) in sample.operands.items() if len(sample.operands) > 1 else ():
            if op != "copysign" or "-0x0.0p+0" not in entries:
                yield sample._replace(constants=(name,))


def _with_cotangent(op: str, sample: Sample, number: int, draw: random.Random) -> Case:
    fmt = draw.choice(list(FORMATS.values())[2 * (op in RATIONAL) :])
    count = math.prod(program_case(op, sample, (), fmt=fmt).geometry.output_shape)
    ways = (
        [1] * count,
        [(-1) ** w for w in range(count)],
        [draw.choice((-2, -1, 0, 1, 3)) for _ in range(count)],
    )
    return program_case(op, sample, ways[number % 3], fmt=fmt)


def _chosen(case: Case, draw: random.Random) -> list[Fraction]:
    """Return what the first oracle's definition gives if each output takes any of its branches."""
    fmt = case.format
    point = [Fraction(0)] * len(case.input.bits)
    outputs = case.geometry.outputs(case.input.bits, fmt)
    for y, bits in zip(outputs, case.cotangent.bits, strict=True):
        for i, term in draw.choice(y.branches).row.items():
            point[i] += fmt.units_of[bits] * fmt.eta * term.coefficient
    return point


def _mean(left: Point, right: Point) -> Point:
    return [(a + b) / 2 for a, b in zip(left, right, strict=True)]


def _beside(point: Point, draw: random.Random) -> list[Fraction]:
    moved = list(point)
    moved[draw.randrange(len(moved))] += draw.choice((-2, -1, -HALF, HALF / 4, HALF, 1))
    return moved


def _shifted(function: Function) -> Function:
    # by 1/2: a step would be the same a step further
    return lambda row: function([row[0] - HALF, *row[1:]])


def _reversed(function: Function) -> Function:
    return lambda row: -function([-x for x in row])


def _doubled(function: Function) -> Function:
    return lambda row: 2 * function(row)


def _twin(op: str, anchored: bool) -> Callable[[Function], Function]:
    """Return a change of a function: its kink elsewhere, the other choice at it, or its slopes."""
    if op in (*LINEAR, *EXPONENTIAL):
        return _doubled
    return _shifted if anchored else _reversed


def _changed(summand: Summand, twin: Callable[[Function], Function]) -> Summand:
    return summand._replace(function=twin(summand.function)) if summand.reads else summand


@pytest.mark.parametrize("op", PROGRAMS)
def test_a_function_with_another_kink_does_not_agree(
    op: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases, original = list(_cases(op)), values.VALUES[op]

    def wrong(params: values.Parameters, operands: values.Operands) -> list[Output]:
        outputs = original(params, operands)
        anchored = any(summand.anchored for output in outputs for summand in output)
        twin = _twin(op, anchored)
        return [tuple(_changed(summand, twin) for summand in output) for output in outputs]

    monkeypatch.setitem(values.VALUES, op, wrong)
    _forget()
    assert any(judge_by_limits(case) != judge(case).verdict for case in cases)


def test_an_operation_without_a_value_function_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(values.VALUES, "relu")

    with pytest.raises(LimitsError, match="relu has no value function"):
        judge_by_limits(_with_cotangent("relu", SAMPLES["relu"][0], 0, random.Random(0)))


def test_an_output_too_few_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    case = _with_cotangent("relu", SAMPLES["relu"][-1], 0, random.Random(0))
    original = values.VALUES["relu"]
    monkeypatch.setitem(values.VALUES, "relu", lambda *given: original(*given)[1:])

    with pytest.raises(LimitsError, match="relu has 7 outputs by its documentation, expected 8"):
        judge_by_limits(case)


def test_the_first_oracle_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    case = _with_cotangent("sort", SAMPLES["sort"][0], 0, random.Random(0))
    expected = limits_verdict(case)
    _forget()
    for op in list(PROGRAMS):
        monkeypatch.delitem(PROGRAMS, op)

    assert limits_verdict(replace(case)) == expected

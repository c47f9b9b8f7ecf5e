"""How many small cases of programs are judged in a second of one core's time."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from oracle.case import Case
from oracle.check import problem_of
from oracle.formats import FORMATS
from oracle.judge import judge
from suites.meta.cases import with_gradient
from suites.meta.programs import HALF, Sample, of, of_two, program_case, spelled

CASES = 400
Row = Sequence[int]


class Kind(NamedTuple):
    """An operation on four entries, how a row becomes a sample, and the rule of its gradient."""

    op: str
    sample: Callable[[Row], Sample]
    outputs: int
    rule: str
    at_least: int  # cases a second


SORTED = {"dim": 0, "descending": False, "stable": True}
KINDS = [
    Kind("relu", of, 4, "first-index", 4_000),
    Kind("amax", lambda row: of(row, dim=[0], keepdim=False), 1, "even-split", 3_000),
    Kind("sort", lambda row: of(row, **SORTED), 4, "first-index", 2_000),
    Kind("maximum", lambda row: of_two(row, (0, 1, 0, 1)), 4, "even-split", 2_000),
    Kind("leaky_relu", lambda row: of(row, negative_slope=spelled(HALF)), 4, "first-index", 3_000),
]


def cases(kind: Kind) -> Iterator[Case]:
    """Yield cases with many ties, whose gradient follows the rule up to rounding."""
    rng = random.Random(1)
    for fmt in itertools.islice(itertools.cycle(FORMATS.values()), CASES):
        row = [rng.choice((-1, 0, 0, 1)) for _ in range(4)]
        g = [rng.choice((-2, -1, 1, 3)) for _ in range(kind.outputs)]
        case = program_case(kind.op, kind.sample(row), g, fmt=fmt)
        problem = problem_of(case)
        point = [Fraction(0)] * len(problem.gradient)
        for w, choice, share in problem.rule_shares(kind.rule):
            for i, term in problem.branches[choice].row.items():
                point[i] += problem.cotangent[w] * share * term.coefficient * fmt.eta
        yield with_gradient(case, point)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.op)
@pytest.mark.benchmark(timer=time.process_time)  # other processes share the machine
def test_many_small_cases_a_second(kind: Kind, benchmark: BenchmarkFixture) -> None:
    listed = list(cases(kind))
    verdicts = benchmark.pedantic(
        lambda: [judge(case).verdict for case in listed], rounds=5, warmup_rounds=1
    )
    assert len(verdicts) == CASES
    assert set(verdicts) <= {"smooth", "clarke"}
    assert CASES / benchmark.stats.stats.min >= kind.at_least

"""How many cases a second `judge -` does on one core, parsing and printing included."""

from __future__ import annotations

import io
import itertools
import json
import random
import sys
from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from oracle.case import write_case
from oracle.commands import judge_files
from oracle.formats import FORMATS
from oracle.judge import judge
from suites.meta.cases import case_of, sliding, with_gradient, with_output

CASES = 4_000
AT_LEAST = 8_000  # cases a second


def lines() -> Iterator[str]:
    """Yield cases of five inputs and three windows; their gradient follows the first index."""
    rng, shapes = random.Random(1), sliding((1, 1, 5), 3)
    for fmt in itertools.islice(itertools.cycle(FORMATS.values()), CASES):
        x = [rng.choice((0, 1, 2)) for _ in range(5)]
        g = [rng.choice((-2, -1, 1, 3)) for _ in range(3)]
        v = [0] * 5
        for upstream, window in zip(g, shapes.windows, strict=True):
            v[max(window, key=x.__getitem__)] += upstream
        case = with_gradient(case_of(shapes, fmt, x, g), v)
        yield json.dumps(
            write_case(with_output(case, [max(x[i] for i in w) for w in shapes.windows]))
        )


def test_the_judge_does_8000_small_cases_a_second(
    benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n".join(lines()).encode()

    def judged() -> list[str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        monkeypatch.setattr(sys, "stdout", printed := io.StringIO())
        assert judge_files(["-"], lambda case: judge(case).document()) == 0
        return printed.getvalue().splitlines()

    verdicts = benchmark.pedantic(judged, rounds=7, warmup_rounds=1)
    monkeypatch.undo()
    assert len(verdicts) == CASES
    assert {json.loads(line)["verdict"] for line in verdicts} == {"smooth", "clarke"}
    # the best round: the others have had to share the machine
    assert CASES / benchmark.stats.stats.min >= AT_LEAST

"""How long `judge -` takes, parsing and printing included, beside JSON alone."""

from __future__ import annotations

import io
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from oracle.case import write_case
from oracle.commands import judge_files
from oracle.formats import FORMATS
from oracle.judge import judge
from suites.meta.cases import case_of, sliding, with_gradient, with_output

CASES = 4_000
AT_MOST = 10
"""How often the time that reading and printing the same cases as JSON takes."""


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


def through_json(text: bytes) -> float:
    """Return the seconds that reading and printing JSON lines takes, and nothing else."""
    start = time.perf_counter()
    for line in text.splitlines():
        json.dumps(json.loads(line))
    return time.perf_counter() - start


def test_the_judge_takes_a_few_times_as_long_as_json(
    benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, plain = "\n".join(lines()).encode(), list[float]()

    def judged() -> list[str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        monkeypatch.setattr(sys, "stdout", printed := io.StringIO())
        assert judge_files(["-"], lambda case: judge(case).document()) == 0
        return printed.getvalue().splitlines()

    verdicts = benchmark.pedantic(
        judged, setup=lambda: plain.append(through_json(text)), rounds=9, warmup_rounds=1
    )
    monkeypatch.undo()
    assert len(verdicts) == CASES
    assert {json.loads(line)["verdict"] for line in verdicts} == {"smooth", "clarke"}
    # the best rounds: the others have had to share the machine
    ratio = benchmark.stats.stats.min / min(plain)
    benchmark.extra_info.update(ratio=ratio, cases_a_second=CASES / benchmark.stats.stats.min)
    assert ratio <= AT_MOST, f"{ratio:.1f} times as long as JSON, expected at most {AT_MOST}"

"""Every piecewise operation: a fault at its kinks alone is caught, and another rule is right."""

from __future__ import annotations

import functools
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from oracle.catalogue import CATALOGUE
from oracle.programs import PROGRAMS
from suites.corpus.programs.catalogue import WITHOUT_KINKS
from suites.meta.runs import ACCUSED, Done, listed, smoke
from suites.meta.twins import _moving
from suites.requirements import FAILING

FOLDER = Path(__file__).with_name("twins")
FRAMEWORK = "the framework itself"

FORMATS = ("binary32", "binary16", "bfloat16")
"""In which operations are run; binary64 has no room for the twins' move."""

IN_16_BITS = {"indexed": "binary16", "elementwise": "bfloat16"}
"""Family -> its format; PyTorch has others, quantiles say, from 32 bits on."""

ONCE = ("--layouts", "contiguous", "-k", "not /repeat/")
"""Each case in its base cell alone."""

Accused = Counter[tuple[str, str]]
"""(operation, requirement) -> the number of cases that fail a run."""


@pytest.fixture(scope="module", params=FORMATS)
def fmt(request: pytest.FixtureRequest) -> str:
    """A format; what is run in one stands together, since its runs are shared."""
    name: str = request.param
    return name


def ops_of(fmt: str) -> list[str]:
    return [op for op in PROGRAMS if IN_16_BITS.get(CATALOGUE[op].family, "binary32") == fmt]


@functools.cache
def run_of(twin: str, fmt: str) -> Done:
    """Run a twin, or the framework itself, on the operations of a format."""
    return run_on(twin, fmt, ops_of(fmt))


def run_on(twin: str, fmt: str, ops: Sequence[str]) -> Done:
    own = () if twin == FRAMEWORK else ("--implementation", str(FOLDER / f"{twin}.py"))
    with tempfile.TemporaryDirectory() as folder:
        return smoke(Path(folder), *own, "--ops", listed(ops), "--formats", fmt, *ONCE)


def accused(done: Done) -> Accused:
    """Return what fails a run, and what would if it were not a known deviation."""
    found: Accused = Counter()
    for cell in done.run.cells:
        for requirement in FAILING:
            words = cell.requirements.get(requirement, {})
            found[cell.op, requirement] += sum(words.get(word, 0) for word in (*ACCUSED, "known"))
    return +found


def accused_beside(twin: str, fmt: str) -> Accused:
    """Return what fails a twin's run and not the framework's own.

    A twin makes its gradients of the framework's, so that what is wrong with special values there
    is wrong here, too.
    """
    return accused(run_of(twin, fmt)) - accused(run_of(FRAMEWORK, fmt))


def verdicts(done: Done) -> Iterator[tuple[str, str]]:
    """Yield each case that was judged, and the letter of its verdict."""
    for cell in done.run.cells:
        yield from zip(cell.ids, cell.verdicts, strict=False)


def smooth(done: Done) -> set[str]:
    return {case for case, letter in verdicts(done) if letter == "s"}


def test_every_program_has_its_twins() -> None:
    assert _moving.FUNCTIONS.keys() == PROGRAMS.keys()
    assert {op for fmt in FORMATS for op in ops_of(fmt)} == PROGRAMS.keys()


def test_what_is_wrong_at_kinks_alone_is_caught_in_every_operation(fmt: str) -> None:
    done = run_of("wrong_beyond", fmt)
    assert {cell.op for cell in done.run.cells} == set(ops_of(fmt))
    found = accused_beside("wrong_beyond", fmt)
    kinked = {op for op in ops_of(fmt) if op not in WITHOUT_KINKS}
    assert {op for op, requirement in found if requirement == "gradient"} == kinked
    assert {requirement for _, requirement in found} <= {"gradient", "special"}
    assert smooth(done) == smooth(run_of(FRAMEWORK, fmt))
    assert done.status == 1, done.text


def test_what_is_wrong_everywhere_is_caught_where_there_is_no_kink() -> None:
    """In binary32, in which the framework has all of them."""
    without = [op for op in PROGRAMS if op in WITHOUT_KINKS]
    done = run_on("wrong_everywhere", "binary32", without)
    assert {op for op, requirement in accused(done) if requirement == "gradient"} == set(without)


@pytest.mark.parametrize("twin", ["right_upwards", "right_downwards"])
def test_another_selection_is_accused_of_nothing(fmt: str, twin: str) -> None:
    done = run_of(twin, fmt)
    assert done.run.footer is not None
    assert done.run.footer.unhealthy == []
    assert {cell.op for cell in done.run.cells} == set(ops_of(fmt))
    assert accused_beside(twin, fmt) == Counter()
    assert done.words("gradient")["undecided"] == 0

"""JUnit XML: a test case for each cell and requirement, with the run file's own words."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import junitparser
import pytest

from reports.build import build
from reports.junit import junit
from reports.matrix import held_to, kind_of
from reports.record import Run
from suites.meta.made import a_search, large
from suites.meta.test_page import HOSTILE, everything, written
from suites.meta.test_record import a_cell, a_finding

_CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}
"""What Jenkins and GitLab take, as far as it is used here."""


def parsed(*runs: Run) -> junitparser.JUnitXml:
    return junitparser.JUnitXml.fromstring(junit(runs))


def cases(run: Run) -> dict[str, junitparser.TestCase]:
    """Return the test cases by name, but for those of the run as a whole."""
    return {case.name: case for suite in parsed(run) for case in suite if case.classname != "run"}


def result(case: junitparser.TestCase) -> str:
    return type(case.result[0]).__name__ if case.result else "passed"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ({"conforms": 2}, "passed"),
        ({"conforms": 1, "deviates": 1}, "Failure"),
        ({"conforms": 1, "conservative": 1}, "Failure"),
        ({"conforms": 1, "known": 1}, "Skipped"),
        ({"known": 1, "deviates": 1}, "Failure"),
        ({"undecided": 1, "known": 1}, "Error"),
        ({"errored": 2}, "Error"),
        ({"crashed": 2}, "Error"),
        ({"deviates": 1, "errored": 1}, "Error"),
    ],
)
def test_a_test_case_is_the_worst_of_its_words(
    tmp_path: Path, words: dict[str, int], wanted: str
) -> None:
    cell = a_cell(requirements={"gradient": words, "convention": words})

    found = cases(written(tmp_path, cell))

    assert found.keys() == {f"{cell.cell} gradient", f"{cell.cell} convention"}
    case = found[f"{cell.cell} gradient"]
    assert case.classname == "max_pool1d.binary32.eager"
    assert result(case) == wanted
    if case.result:
        assert all(f"{word} {count}" in case.result[0].message for word, count in words.items())
    never = found[f"{cell.cell} convention"]
    assert result(never) == "passed", "this requirement never fails a run"
    assert (never.system_out is None) == (wanted == "passed")


def test_a_failure_names_its_causes(tmp_path: Path) -> None:
    cell = a_cell(requirements={"gradient": {"deviates": 2}})
    run = written(tmp_path, cell, a_finding(), a_finding(cause="separation"), failed=True)

    (case,) = cases(run).values()

    assert case.result[0].message == "deviates 2"
    assert case.result[0].text == (
        "deviates: box, max_pool1d/lattice-1\ndeviates: separation, max_pool1d/lattice-1"
    )


@pytest.mark.parametrize(
    ("outcome", "requirements", "wanted"),
    [
        ("unsupported", {}, {"safe": "Skipped", "gradient": "Skipped"}),
        ("not run", {}, {"safe": "Skipped", "gradient": "Skipped"}),
        ("crashed", {"safe": {"crashed": 2}}, {"safe": "Error", "gradient": "Skipped"}),
        ("errored", {"safe": {"errored": 2}}, {"safe": "Error", "gradient": "Skipped"}),
        ("crashed", {"safe": {"known": 2}}, {"safe": "Skipped", "gradient": "Skipped"}),
    ],
)
def test_a_cell_that_did_not_run_is_held_to_what_others_are(
    tmp_path: Path,
    outcome: str,
    requirements: dict[str, dict[str, int]],
    wanted: dict[str, str],
) -> None:
    ran = a_cell(requirements={name: {"conforms": 2} for name in ("gradient", "safe")})
    ended = a_cell(
        cell="ended",
        outcome=outcome,
        message="why it did not",
        requirements=requirements,
        outcomes={outcome: 2},
        verdicts="",
        rules="",
    )

    found = cases(written(tmp_path, ran, ended))

    assert {name: result(found[f"ended {name}"]) for name in wanted} == wanted
    assert found["ended gradient"].result[0].message == f"{outcome}: why it did not"


@pytest.mark.parametrize(
    ("end", "wanted"),
    [
        ({}, {"healthy": "passed", "known deviations": "passed"}),
        (
            {"healthy": False, "unhealthy": ["too few ties"]},
            {"healthy": "Error", "known deviations": "passed"},
        ),
        ({"failed": True}, {"healthy": "passed", "known deviations": "Failure"}),
    ],
)
def test_what_fails_a_run_without_a_cell_is_not_green(
    tmp_path: Path, end: dict[str, object], wanted: dict[str, str]
) -> None:
    document = parsed(written(tmp_path, a_cell(), **end))

    found = {case.name: result(case) for suite in document for case in suite}

    assert {name: found[name] for name in wanted} == wanted


def test_a_search_is_a_test_case(tmp_path: Path) -> None:
    names = ("nothing", "known", "new", "away")
    searches = [a_search(search=name, outcome="found") for name in names[1:3]]
    run = written(
        tmp_path,
        a_cell(requirements={}),
        a_search(search="nothing"),
        searches[0],
        a_finding(cell="known", known=True),
        searches[1],
        a_finding(cell="new"),
        a_search(search="away", outcome="not run", message="no time"),
        failed=True,
    )

    found = cases(run)

    assert [result(found[name]) for name in names] == ["passed", "Skipped", "Failure", "Skipped"]
    assert found["nothing"].system_out == "searched 2,000 examples: none"
    assert found["away"].result[0].message == "no time"


def test_its_numbers_are_the_runs(tmp_path: Path) -> None:
    run = large(tmp_path, cases=2_000, failures=5, geometries=1)
    held = held_to(run)
    asked = [
        cell.requirements.keys() | (held[kind_of(cell)] if cell.outcome != "ran" else set())
        for cell in run.cells
    ]
    wanted = sum(map(len, asked)) + len(run.searches) + 2

    started = time.perf_counter()
    document = parsed(run)

    assert time.perf_counter() - started < 20
    assert document.tests == sum(suite.tests for suite in document) == wanted
    assert sum(len(list(suite)) for suite in document) == wanted
    outcomes = Counter(result(case) for suite in document for case in suite)
    assert (document.failures, document.errors, document.skipped) == (
        outcomes["Failure"],
        outcomes["Error"],
        outcomes["Skipped"],
    )
    seconds = sum(cell.seconds for cell in run.cells) + sum(one.seconds for one in run.searches)
    assert document.time == pytest.approx(seconds)


def test_other_tools_can_read_it_whatever_stands_in_a_run(tmp_path: Path) -> None:
    words = f"{HOSTILE} ]]> \x00 \x1b[31m \ud800 \ufffe"
    build([everything(tmp_path, words)], tmp_path)

    root = ET.parse(tmp_path / "junit.xml").getroot()

    assert root.tag == "testsuites"
    for element in root.iter():
        assert {child.tag for child in element} <= _CHILDREN.get(element.tag, set())
        if element.tag == "testcase":
            assert element.attrib.keys() >= {"name", "classname"}
            assert len(element) <= 1
    assert any(HOSTILE in case.attrib["name"] for case in root.iter("testcase"))

"""One finding, run again under the installed release: its case comes from the run file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.record import RUN_FILE, Finding, Run, read_run
from suites.again import stack_of
from suites.meta.compared import base, failing, found, run
from suites.meta.processes import Ended, pytest_suites
from suites.selection import SelectionError

KINDS = ("--ops", "hardsigmoid,adaptive_max_pool1d,index_reduce", "--formats", "binary64")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Return a run with findings of programs and of pooling."""
    ended = pytest_suites(tmp_path_factory.mktemp("first"), *KINDS, "--profile", "smoke")
    assert ended.status == 0, ended.lines
    return ended


def test_each_finding_of_a_run_is_a_case_again(first: Ended) -> None:
    cases = dict.fromkeys(finding.case for finding in first.run.findings)
    assert {case.partition("/")[0] for case in cases} >= {"hardsigmoid", "index_reduce"}
    for case in cases:
        # it refuses what has another id
        assert len(stack_of(first.run_file, case)) == 1


def test_a_finding_is_run_again_and_says_the_same(first: Ended, tmp_path: Path) -> None:
    finding = next(f for f in first.run.findings if f.known and f.op == "hardsigmoid")
    options = ("--run", str(first.run_file.parent), "--case", finding.case, "--modes", "eager")
    again = pytest_suites(tmp_path, *options)

    assert again.status == 0
    assert {case for cell in again.run.cells for case in cell.ids} == {finding.case}
    same = [f for f in again.run.findings if _key(f) == _key(finding)]
    assert [f.got for f in same][:1] == [finding.got]


def _key(finding: Finding) -> tuple[str, ...]:
    return finding.requirement, finding.cause, finding.mode, finding.variant


def made(folder: Path, **changes: Any) -> Run:
    """Write a run with one finding."""
    return run(folder, failing(base(), 2), found(2, **changes))


@pytest.mark.parametrize(
    ("changes", "case", "words"),
    [
        ({}, "max_pool1d/lattice-none", "has no finding of 'max_pool1d/lattice-none'; it has max_"),
        ({}, None, r"the numbers in .* are those of max_pool1d/lattice-"),
        ({"op": "max_pool9d"}, None, "'max_pool9d' is unknown"),
        ({"format": "binary8"}, None, "'binary8' is unknown"),
        ({"params": {"kernel_size": "wide"}}, None, "can't be read"),
    ],
)
def test_what_is_no_case_is_refused(
    tmp_path: Path, changes: dict[str, Any], case: str | None, words: str
) -> None:
    there = made(tmp_path, **changes)
    with pytest.raises(SelectionError, match=words) as refused:
        stack_of(there.path, case or there.findings[0].case)
    assert "\n" not in str(refused.value)


def test_an_edited_case_is_not_run_under_its_old_name(first: Ended, tmp_path: Path) -> None:
    whole = first.run
    finding = next(f for f in whole.findings if f.op == "hardsigmoid")
    numbers = dict(finding.input) | {"data": ["0x0.0p+0"] * len(finding.input["data"])}
    edited = replace(finding, input=numbers)
    text = first.run_file.read_text().splitlines(keepends=True)
    place = next(k for k, line in enumerate(text) if finding.case in line and '"finding"' in line)
    text[place] = json.dumps(edited.document()) + "\n"
    (tmp_path / RUN_FILE).write_text("".join(text[:-1]))
    assert read_run(tmp_path).findings
    with pytest.raises(SelectionError, match="are those of hardsigmoid/"):
        stack_of(tmp_path / RUN_FILE, finding.case)


def test_a_run_needs_a_case(first: Ended, tmp_path: Path) -> None:
    ended = pytest_suites(tmp_path, "--run", str(first.run_file))
    assert ended.status == 4
    assert "--run: expected --case ID beside it" in ended.said("ERROR")

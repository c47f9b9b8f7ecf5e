"""A small run of the framework itself: its run file, twice the same, and its exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from suites import provenance
from suites.meta.processes import Ended, pytest_suites, python
from suites.meta.runs import steady_cells

SELECTION = ("--ops", "max_pool1d", "--formats", "binary16", "--profile", "smoke")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Return a run of one operation and format."""
    return pytest_suites(tmp_path_factory.mktemp("first"), *SELECTION)


def test_known_deviations_do_not_fail_a_run(first: Ended) -> None:
    run = first.run

    assert first.status == 0
    assert run.footer is not None
    assert run.footer.healthy
    assert not run.footer.failed
    assert all(finding.known for finding in run.findings if finding.fails_run)
    assert any(finding.known for finding in run.findings)


def test_everything_planned_is_in_the_run_file(first: Ended) -> None:
    run = first.run
    bases = [cell for cell in run.cells if cell.base is None]

    assert run.header.planned == {
        "cells": len(run.cells),
        "cases": sum(cell.cases for cell in bases),
        "graphs": 0,
        "searches": 0,
        "agreements": 0,
        "networks": 0,
        "completeness": 0,
    }
    ids = [case for cell in bases for case in cell.ids]
    assert len(ids) == len(set(ids)) == run.header.planned["cases"]
    assert run.header.framework["name"] == "torch"
    assert run.header.seed == "corpus"
    assert {row["operation"] for row in run.header.deviations} >= {"max_pool1d"}


def test_each_cell_accounts_for_each_of_its_cases(first: Ended) -> None:
    for cell in first.run.cells:
        assert sum(cell.outcomes.values()) == cell.cases
        if cell.outcome == "ran":
            words = cell.requirements
            assert len(cell.verdicts) == len(cell.rules) == len(cell.agreement) == cell.cases
            assert sum(words["safe"].values()) == cell.cases
            gradients = sum(words.get("gradient", {}).values())
            assert gradients + sum(words.get("special", {}).values()) == cell.cases
            assert ("indices" in words) == (cell.variant.endswith("+indices") and gradients > 0)
            assert set(cell.agreement) == {"."} if cell.base is None else {"=", "~"}


def test_a_finding_says_where_its_case_stood_in_the_call(first: Ended) -> None:
    cells = {cell.cell: cell for cell in first.run.cells}
    stacked = 0
    for finding in first.run.findings:
        cell = cells[finding.cell]
        ids = cell.ids or cells[cell.base or ""].ids
        together = {"place": ids.index(finding.case), "cases": cell.cases}
        assert finding.stacked == (together if cell.cases > 1 else None)
        stacked += finding.stacked is not None
    assert stacked


def test_two_runs_give_the_same_verdicts(first: Ended, tmp_path: Path) -> None:
    again = pytest_suites(tmp_path, *SELECTION)

    letters = [
        {cell.cell: (cell.verdicts, cell.rules, cell.outcomes) for cell in steady_cells(run)}
        for run in (first.run, again.run)
    ]
    assert again.status == first.status
    assert len(letters[0]) > 50
    assert letters[0] == letters[1]


def test_without_their_rows_the_deviations_fail_a_run(tmp_path: Path) -> None:
    (tmp_path / "none.toml").touch()
    options = ("--deviations", str(tmp_path / "none.toml"), "-k", "k2-s1-p1-d4")
    ended = pytest_suites(tmp_path, *SELECTION, *options)

    assert ended.status == 1
    assert ended.run.footer is not None
    assert ended.run.footer.exit_status == 1
    assert "max_pool1d, gradient: deviates (box)" in ended.said("failed: ")


def test_a_run_that_stops_early_has_no_score(tmp_path: Path) -> None:
    (tmp_path / "none.toml").touch()
    options = ("--deviations", str(tmp_path / "none.toml"), "-k", "k2-s1-p1-d4", "-x")
    ended = pytest_suites(tmp_path, *SELECTION, *options)

    assert ended.status == 6
    assert "planned cells were run" in ended.said("unhealthy, no score")


def test_a_stale_row_fails_a_run(tmp_path: Path) -> None:
    row = """[[deviation]]
    requirement = "output"
    operation = "adaptive_max_pool1d"
    outcome = "deviates"
    versions = ">=1"
    formats = ["binary16"]
    variants = ["transposed", "transposed+indices"]
    reason = "It was so once."
    link = ""
    expiry = "9999-12-31"
    script = "none.py"
    """
    known = Path("suites/deviations.toml").read_text(encoding="utf-8")
    (tmp_path / "stale.toml").write_text(known + row, encoding="utf-8")
    selection = ("--ops", "adaptive_max_pool1d", "--formats", "binary16", "--modes", "eager")
    options = ("--layouts", "transposed", "--deviations", str(tmp_path / "stale.toml"))
    ended = pytest_suites(tmp_path, *selection, *options)

    assert ended.status == 1
    assert "adaptive_max_pool1d, output: It was so once." in ended.said("is stale")


def test_one_case_runs_in_all_its_cells_and_is_reported(tmp_path: Path, first: Ended) -> None:
    case = first.run.cells[0].ids[0]
    run_file = tmp_path / "run.jsonl"
    options = ("--profile", "smoke", "--case", case, "--run-file", str(run_file))
    ended = python("-m", "suites", *options)

    assert ended.status == 0
    assert Path(ended.lines[-1]).is_file()
    run = Ended(status=0, lines=[], run_file=run_file).run
    assert run.header.options["case"] == case
    assert {tuple(cell.ids) for cell in run.cells if cell.base is None} == {(case,)}
    assert len(run.cells) > 5


def test_the_newest_run_is_found_under_latest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "OUT", tmp_path)

    for _ in range(2):
        run_file = provenance.new_run_file("torch", "2.13.0", "cpu")

    assert (tmp_path / "latest").resolve() == run_file.parent
    assert len(set(tmp_path.iterdir()) - {tmp_path / "latest"}) == 2

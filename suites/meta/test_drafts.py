"""Rows that are drafted of what is new, and scripts that no longer show what their rows say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.drafts import drafts
from suites.meta.compared import IDS, base, failing, found, run, variant
from suites.meta.processes import pytest_suites
from suites.rows import read_rows
from suites.showing import main as showing, problems

PART = ("--ops", "hardsigmoid", "--formats", "binary64,bfloat16", "--profile", "smoke")


def test_a_run_that_knows_no_deviation_drafts_rows_that_cover_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none.toml").touch()
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first = pytest_suites(tmp_path / "first", *PART, "--deviations", str(tmp_path / "none.toml"))
    assert first.status == 1

    folder = tmp_path / "drafts"
    assert main(["deviations", str(first.run_file), "--output", str(folder)]) == 1
    assert Path(capsys.readouterr().out.splitlines()[-1]) == folder / "deviations.toml"

    rows = read_rows(folder / "deviations.toml")
    assert rows
    for row in rows:
        script = folder / "deviations" / row.script
        done = subprocess.run((sys.executable, script), capture_output=True, check=False)
        assert done.returncode == 1, done.stderr
    assert showing([str(folder / "deviations.toml")]) == 0
    options = ("--deviations", str(folder / "deviations.toml"))
    again = pytest_suites(tmp_path / "second", *PART, *options)
    assert again.status == 0, again.lines
    assert main(["deviations", str(again.run_file)]) == 0


def test_lists_name_what_shows_and_nothing_where_all_of_it_does(tmp_path: Path) -> None:
    odd = [case.replace("lattice", "nan") for case in IDS[2:]]
    cell = failing(base(ids=[*IDS[:2], *odd]), 2)
    made = run(tmp_path, cell, found(2, case=odd[0]), variant())
    (draft,) = drafts(made)
    assert draft.row["families"] == ["nan"]
    assert draft.row["variants"] == ["contiguous"]
    assert {"formats", "modes"}.isdisjoint(draft.row)
    assert draft.row["versions"] == "==2.13.0"
    assert draft.row["expiry"] == "2027-07-01"


def test_what_is_known_or_never_fails_is_not_drafted(tmp_path: Path) -> None:
    cell = replace(
        failing(base(), 2),
        outcomes={"conforms": 3, "known": 1},
        requirements={"gradient": {"conforms": 3, "known": 1}},
    )
    findings = (found(2, known=True), found(1, requirement="convention", fails_run=False))
    assert drafts(run(tmp_path, cell, *findings)) == []


def test_a_hostile_cause_stays_in_its_text(tmp_path: Path) -> None:
    hostile = 'end"\n[[deviation]]\nx = "\x7f\\'
    made = run(tmp_path, failing(base(), 2), found(2, cause=hostile))
    (draft,) = drafts(made)
    (tmp_path / "rows.toml").write_text(draft.toml)
    (row,) = read_rows(tmp_path / "rows.toml")
    assert row.operation == "max_pool1d"


ROW: dict[str, Any] = {
    "requirement": "gradient", "operation": "relu", "outcome": "deviates", "reason": "It is so.",
    "link": "", "expiry": "2099-01-01", "script": "one.py",
}  # fmt: skip


@pytest.mark.parametrize(
    ("versions", "status", "words"),
    [
        (">=2,<3", 1, None),
        (">=2,<3", 0, "stale on 2.14.1, one.py shows nothing"),
        (">=2,<3", 3, "stale on 2.14.1, one.py shows nothing"),
        ("<2", 1, "one.py shows on 2.14.1, too, which <2 leaves out"),
        ("<2", 0, None),
    ],
)
def test_a_script_that_does_not_agree_with_its_row_is_named(
    tmp_path: Path, versions: str, status: int, words: str | None
) -> None:
    lines = [f'{key} = "{value}"' for key, value in (ROW | {"versions": versions}).items()]
    (tmp_path / "rows.toml").write_text("[[deviation]]\n" + "\n".join(lines))
    rows = read_rows(tmp_path / "rows.toml")
    said = list(problems(rows, "2.14.1", lambda _: status))
    assert len(said) == (words is not None)
    assert words is None or said[0].startswith(words)


def test_a_file_of_rows_that_is_none_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.toml").write_text("nothing = 1")
    assert showing([str(tmp_path / "rows.toml")]) == 2
    assert capsys.readouterr().err.count("\n") == 1

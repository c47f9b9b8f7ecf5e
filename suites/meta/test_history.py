"""The history of a folder of runs: what each release says, and since when a finding is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reports import compare, history
from reports.__main__ import main
from reports.record import Run
from suites.meta.compared import base, failing, found, run, variant
from suites.meta.test_record import a_header

SCHEMA = json.loads(
    Path(history.__file__).with_name("schemas").joinpath("history.schema.json").read_text()
)


def release(folder: Path, version: str, *records: Any, **changes: Any) -> Run:
    """Write a run of a release into a folder of its own."""
    path = folder / f"of-{version}-{len(list(folder.iterdir()))}"
    path.mkdir()
    footer = {key: changes.pop(key) for key in ("healthy", "unhealthy") if key in changes}
    header = a_header(framework={"name": "torch", "version": version}, **changes)
    return run(path, *records, header=header, **footer)


def document(folder: Path) -> dict[str, Any]:
    """Return the history of a folder, through the command, held against its schema."""
    assert main(["history", str(folder)]) == 0
    found_there: dict[str, Any] = json.loads((folder / "history.json").read_text())
    jsonschema.validate(found_there, SCHEMA)
    return found_there


def test_a_finding_has_the_release_in_which_it_appeared(tmp_path: Path) -> None:
    release(tmp_path, "2.14.1", failing(base(), 2), found(2))
    release(tmp_path, "2.9.0", base())
    release(tmp_path, "2.13.0", failing(base(), 2), found(2))
    release(tmp_path, "2.15.0", base())

    said = document(tmp_path)

    assert [run["name"] for run in said["runs"]] == [
        f"torch {version} on cpu" for version in ("2.9.0", "2.13.0", "2.14.1", "2.15.0")
    ]
    (finding,) = said["findings"]
    assert (finding["first"], finding["since"], finding["gone"]) == (1, "appeared", True)
    assert finding["shows"] == [False, True, True, False]
    page = (tmp_path / "history.html").read_text()
    assert "appeared in torch 2.13.0 on cpu, gone" in page


def test_a_finding_of_the_first_run_may_be_older(tmp_path: Path) -> None:
    release(tmp_path, "2.13.0", failing(base(), 2), found(2))
    (finding,) = document(tmp_path)["findings"]
    assert (finding["since"], finding["gone"]) == ("there from the first run on", False)


def test_an_operation_that_was_not_run_says_nothing(tmp_path: Path) -> None:
    other = base(op="relu", cell="relu/1x/binary32/eager/contiguous/cpu")
    release(tmp_path, "2.12.0", other)
    release(tmp_path, "2.13.0", failing(base(), 2), found(2))
    said = document(tmp_path)
    (finding,) = said["findings"]
    assert finding["shows"] == [None, True]
    assert finding["since"] == "there from the first run on"
    rows = {row["op"]: row["runs"] for row in said["operations"]}
    assert rows["relu"][1] is None
    assert rows["max_pool1d"][0] is None


def test_verdicts_and_rules_stand_side_by_side(tmp_path: Path) -> None:
    release(tmp_path, "2.13.0", base(), variant())
    release(tmp_path, "2.14.0", base(rules="nlff"))
    (row,) = document(tmp_path)["operations"]
    assert row["changed"]
    assert [run["rules"] for run in row["runs"]] == [
        {"first-index": 3},
        {"first-index": 2, "last-index": 1},
    ]
    assert row["runs"][0]["verdicts"] == {"smooth": 1, "clarke": 3}


def test_an_unhealthy_run_has_no_numbers(tmp_path: Path) -> None:
    release(tmp_path, "2.13.0", base(), healthy=False, unhealthy=["no ties"])
    said = document(tmp_path)
    assert said["operations"][0]["runs"] == [{"verdicts": None, "rules": None}]
    assert "unhealthy, no score: no ties" in (tmp_path / "history.html").read_text()
    assert "no score</td>" in (tmp_path / "history.html").read_text()


def test_the_newest_run_of_a_release_counts_and_the_rest_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release(tmp_path, "2.13.0", base(rules="nlff"), started="2026-07-02T08:00:00+00:00")
    old = release(tmp_path, "2.13.0", base(), started="2026-07-01T08:00:00+00:00")
    cut = release(tmp_path, "2.14.0", base())
    cut.path.write_bytes(cut.path.read_bytes()[:-20])
    said = document(tmp_path)
    assert len(said["runs"]) == 1
    assert "last-index" in said["operations"][0]["runs"][0]["rules"]
    assert len(said["left_out"]) == 2
    told = capsys.readouterr().out
    assert f"left out: {old.path.parent.name}/run.jsonl: there is a newer run" in told
    assert "the run was cut off" in told


def test_a_baseline_says_what_its_run_says(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "packed").mkdir()
    made = release(tmp_path / "runs", "2.13.0", failing(base(), 2), found(2), variant())
    compare.write_baseline(
        compare.side_of(made), tmp_path / "packed" / f"torch-2.13.0-cpu{compare.SUFFIX}"
    )
    whole, packed = document(tmp_path / "runs"), document(tmp_path / "packed")
    for key in ("operations", "findings"):
        assert packed[key] == whole[key]


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_a_run_is_one_line(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["history", str(tmp_path / name)]) == 2
    told = capsys.readouterr().err
    assert "there is no whole run in it" in told
    assert told.count("\n") == 1


def test_what_a_run_file_says_is_text_in_the_page(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>"
    release(tmp_path, "2.13.0", failing(base(), 2), found(2, cause=hostile), commit=hostile)
    found_there = history.found_in(tmp_path)
    assert hostile not in history.page(history.history(found_there))


def test_the_schema_takes_what_a_history_has_and_nothing_else(tmp_path: Path) -> None:
    release(tmp_path, "2.13.0", failing(base(), 2), found(2))
    said = document(tmp_path)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for part in (said, said["runs"][0], said["operations"][0], said["findings"][0]):
        for key in list(part):
            kept = part.pop(key)
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(said, SCHEMA)
            part[key] = kept
        part["unheard-of"] = None
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(said, SCHEMA)
        del part["unheard-of"]
    said["operations"][0]["runs"][0]["verdicts"]["right"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said, SCHEMA)

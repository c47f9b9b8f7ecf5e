"""Shards: together they are the run, case by case; what does not belong together is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.answer import answer
from reports.record import RUN_FILE, Footer, Header, Run, RunWriter, read_run
from suites.flushing import Flushing
from suites.hunting import hunts
from suites.meta.processes import Ended, pytest_suites, python
from suites.meta.test_record import a_cell, a_finding, a_footer, a_header
from suites.meta.test_resume import records, steady
from suites.plan import planned
from suites.selection import Selection
from suites.sharding import BESIDE, Plan, Shard, units

PART = ("--ops", "adaptive_max_pool1d,relu,clamp", "--formats", "bfloat16,binary32")
PROFILE = ("--profile", "smoke")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a whole run and its two shards."""
    folder = tmp_path_factory.mktemp("shards")
    for name, more in (("whole", ()), ("1", ("--shard", "1/2")), ("2", ("--shard", "2/2"))):
        (folder / name).mkdir()
        ended = pytest_suites(folder / name, *PART, *PROFILE, *more)
        assert ended.status == 0, ended.lines
    return folder


def test_the_merged_run_is_the_run_case_by_case(folder: Path) -> None:
    output = folder / "merged" / RUN_FILE
    assert main(["merge", str(folder / "2"), str(folder / "1"), "--output", str(output)]) == 0

    merged, whole = read_run(output), read_run(folder / "whole")
    assert records(merged) == records(whole)
    assert steady(merged) == steady(whole)
    assert merged.footer is not None
    assert merged.footer.healthy
    assert main(["compare", str(folder / "whole"), str(output), "--fail-on", "gone,added,new"]) == 0
    assert json.loads((output.parent / "compare.json").read_text())["answer"]["word"] == "same"


def test_a_shard_alone_has_no_score(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = read_run(folder / "1")
    assert answer(run, []).word == "unhealthy"
    assert answer(run, []).conforming is None
    assert main(["compare", str(folder / "whole"), str(folder / "1")]) == 2
    assert "this is shard 1 of 2" in capsys.readouterr().err


def _shard(index: int, of: int = 2, **changes: Any) -> Header:
    shard = {
        "index": index, "of": of, "corpus": "cd" * 32, "planned": {"cells": of, "cases": 2 * of},
        "whole": False, "kinks": True,
    }  # fmt: skip
    options = {"ops": ["max_pool1d", "relu"], "formats": ["binary32"]}
    return a_header(**{"shard": shard, "options": options, **changes})


def write(folder: Path, header: Header, op: str, **footer: Any) -> Path:
    """Write a shard of one cell."""
    folder.mkdir()
    cell = a_cell(cell=f"{op}/k2/binary32/eager/contiguous/cpu", op=op, misses={}, findings=0)
    with RunWriter(folder / RUN_FILE) as writer:
        writer.append(header, cell)
        writer.append(a_footer(cell, **footer))
    return folder


def test_shards_are_put_in_the_order_of_the_plan(tmp_path: Path) -> None:
    first = write(tmp_path / "a", _shard(2), "max_pool1d", failed=True, seconds=1.0)
    second = write(tmp_path / "b", _shard(1), "relu", seconds=2.0)
    assert main(["merge", str(first), str(second)]) == 0
    merged = read_run(tmp_path / "merged")
    assert [cell.op for cell in merged.cells] == ["max_pool1d", "relu"]
    assert merged.header.shard is None
    assert merged.header.corpus == "cd" * 32
    footer = merged.footer
    assert isinstance(footer, Footer)
    assert (footer.failed, footer.exit_status, footer.seconds) == (True, 1, 3.0)


def test_the_machines_may_differ_and_are_named(tmp_path: Path) -> None:
    facts = [{"processor": name, "instruction_set": "AVX2"} for name in ("one", "another")]
    folders = [
        write(tmp_path / op, _shard(k, environment=facts[k - 1]), op)
        for k, op in ((1, "relu"), (2, "max_pool1d"))
    ]
    assert main(["merge", *map(str, folders)]) == 0
    found = read_run(tmp_path / "merged").header.environment
    assert found["processor"] == "one; another"
    assert found["instruction_set"] == "AVX2"


def test_a_merged_run_is_asked_for_its_ties_and_its_gaps(tmp_path: Path) -> None:
    shards = [_shard(k) for k in (1, 2)]
    for header in shards:
        assert header.shard is not None
        header.shard["whole"] = True
    folders = [
        write(tmp_path / op, header, op)
        for header, op in zip(shards, ("relu", "max_pool1d"), strict=True)
    ]
    text = (folders[0] / RUN_FILE).read_text().replace('"tied":2', '"tied":0')
    (folders[0] / RUN_FILE).write_text(text)
    assert main(["merge", *map(str, folders)]) == 0
    footer = read_run(tmp_path / "merged").footer
    assert footer is not None
    assert footer.unhealthy == ["2 of 8 windows are tied, expected at least 4"]
    assert footer.exit_status == 6


def test_a_merged_run_that_lacks_networks_is_unhealthy(tmp_path: Path) -> None:
    shards = [_shard(k) for k in (1, 2)]
    for header in shards:
        assert header.shard is not None
        header.shard["planned"]["networks"] = 3
    folders = [
        write(tmp_path / op, header, op)
        for header, op in zip(shards, ("relu", "max_pool1d"), strict=True)
    ]
    assert main(["merge", *map(str, folders)]) == 0
    footer = read_run(tmp_path / "merged").footer
    assert footer is not None
    assert footer.unhealthy == ["0 of 3 planned networks were run"]


OTHER: dict[str, tuple[dict[str, Any], str]] = {
    "build": ({"framework": {"name": "torch", "version": "9"}}, "framework.version is '9', but"),
    "instructions": ({"environment": {"instruction_set": "SSE"}}, "environment.python is None"),
    "suites": ({"commit": "fedc"}, "commit is 'fedc', but '0123abc-dirty' in"),
    "seed": ({"seed": 7}, "seed is 7, but 0 in"),
    "selection": ({"options": {"ops": ["relu"]}}, "options.ops is ['relu'], but"),
}


@pytest.mark.parametrize("which", OTHER)
def test_shards_of_other_builds_or_suites_are_refused(
    tmp_path: Path, which: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, words = OTHER[which]
    folders = [
        write(tmp_path / "a", _shard(1), "relu"),
        write(tmp_path / "b", _shard(2, **changes), "max_pool1d"),
    ]
    assert main(["merge", *map(str, folders)]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1
    assert not (tmp_path / "merged").exists()


def test_another_corpus_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = _shard(2)
    assert other.shard is not None
    other.shard["corpus"] = "ef" * 32
    folders = [write(tmp_path / "a", _shard(1), "relu"), write(tmp_path / "b", other, "max_pool1d")]
    assert main(["merge", *map(str, folders)]) == 2
    assert "shard.corpus is 'efef" in capsys.readouterr().err


def _twice(tmp_path: Path) -> list[Path]:
    return [write(tmp_path / name, _shard(1), "relu") for name in "ab"]


def _missing(tmp_path: Path) -> list[Path]:
    return [write(tmp_path / "a", _shard(2, of=3), "relu")]


def _whole(tmp_path: Path) -> list[Path]:
    return [write(tmp_path / "a", a_header(), "relu")]


def _cut(tmp_path: Path) -> list[Path]:
    folders = [write(tmp_path / "a", _shard(1), "relu")]
    lines = (folders[0] / RUN_FILE).read_text().splitlines(keepends=True)
    (folders[0] / RUN_FILE).write_text("".join(lines[:-1]))
    return folders


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_twice, "shard 1 is there 2 times"),
        (_missing, "of 3 shards, 1, 3 are missing"),
        (_whole, "it is no shard"),
        (_cut, "it was cut off; `pytest suites --resume"),
    ],
)
def test_what_makes_no_run_is_refused_in_one_line(
    tmp_path: Path,
    make: Callable[[Path], list[Path]],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["merge", *map(str, make(tmp_path))]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_a_run_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [
        write(tmp_path / str(k), _shard(k), op) for k, op in ((1, "relu"), (2, "max_pool1d"))
    ]
    there = write(tmp_path / "merged", a_header(), "relu") / RUN_FILE
    before = there.read_bytes()
    assert main(["merge", *map(str, folders)]) == 2
    assert "is never overwritten" in capsys.readouterr().err
    assert there.read_bytes() == before


@pytest.mark.parametrize("of", [1, 3, 16])
def test_shards_are_a_partition_and_balanced(of: int) -> None:
    selection = Selection(profile="smoke", device="cpu", formats=("binary32",), modes=("eager",))
    whole = Plan(
        cells=list(planned(selection)),
        hunts=list(hunts(selection, "corpus", Flushing())),
        questions=[],
        surveys=True,
    )
    parts = [whole.part(Shard(index=index, of=of)) for index in range(1, of + 1)]
    ids = [cell.id for part in parts for cell in part.cells]
    assert sorted(ids) == sorted(cell.id for cell in whole.cells)
    assert sum(part.surveys for part in parts) == 1
    named = [
        units(whole.cells, whole.hunts, Shard(index=i + 1, of=of), beside=True) for i in range(of)
    ]
    assert sum(BESIDE in part for part in named) == 1
    for part in parts:
        assert {cell.group.stack.op for cell in part.cells} <= set(selection.ops)


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3", "-1/2"])
def test_a_shard_that_is_none_is_a_usage_error(text: str) -> None:
    with pytest.raises(Exception, match=r"--shard: .* is unknown, expected one like 3/16"):
        Shard.parsed(text)


def test_a_shard_without_anything_is_a_usage_error(tmp_path: Path) -> None:
    ended: Ended = python(
        *("-m", "pytest", "suites", "--ops", "relu", *PROFILE, "--shard", "2/2"),
        *("--run-file", str(tmp_path / RUN_FILE)),
    )
    assert ended.status == 4
    assert "--shard: 2/2 has nothing" in ended.said("ERROR")


def test_findings_stay_with_their_cells(tmp_path: Path) -> None:
    folders = []
    for k, op in ((1, "relu"), (2, "max_pool1d")):
        cell = a_cell(cell=f"{op}/k2/binary32/eager/contiguous/cpu", op=op, misses={}, findings=1)
        (tmp_path / op).mkdir()
        with RunWriter(tmp_path / op / RUN_FILE) as writer:
            writer.append(_shard(k), cell, replace(a_finding(), cell=cell.cell, op=op))
            writer.append(a_footer(cell))
        folders.append(tmp_path / op)
    assert main(["merge", *map(str, folders)]) == 0
    merged: Run = read_run(tmp_path / "merged")
    assert [finding.op for finding in merged.findings] == ["max_pool1d", "relu"]

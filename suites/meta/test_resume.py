"""A run that is killed at any moment is finished by another process, with the same report."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports.document import report
from reports.record import RUN_FILE, Run, RunWriter, read_run
from suites.frameworks import torch_adapter
from suites.frameworks.bisection import Span
from suites.frameworks.library import TorchLibrary
from suites.frameworks.protocol import Crash, Graph, Reply
from suites.kept import Kept
from suites.meta.direct import conductor_of
from suites.meta.processes import ROOT, Ended, pytest_suites, python
from suites.meta.test_record import a_cell, a_footer, a_header
from suites.options import Options, add_to, options
from suites.plan import Cell, planned
from suites.resuming import earlier, refuse_another
from suites.selection import Selection, SelectionError

PART = (
    "--ops",
    "adaptive_max_pool1d,relu",
    "--formats",
    "bfloat16",
    "--profile",
    "smoke",
    "--modes",
)
MODES = "eager,jvp"
TIMES = ("seconds", "started", "finished", "digest")


def steady(run: Run) -> Any:
    """Return the report of a run without times."""
    return _without(json.loads(json.dumps(report([run]))))


def _without(entry: Any) -> Any:
    if isinstance(entry, dict):
        return {key: _without(value) for key, value in entry.items() if key not in TIMES}
    return [_without(value) for value in entry] if isinstance(entry, list) else entry


def records(run: Run) -> list[Any]:
    """Return what cells and findings say, in their order, without times."""
    return [_without(record.document()) for record in (*run.cells, *run.findings)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Return an undisturbed run."""
    return pytest_suites(tmp_path_factory.mktemp("whole"), *PART, MODES)


def killed(path: Path, size: int, *options: str) -> bytes:
    """Begin a run or go on with one, kill it once its run file has `size` bytes; return these."""
    command = (sys.executable, "-m", "pytest", "suites", *options)
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and not (path.exists() and path.stat().st_size >= size):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    return path.read_bytes()


def complete_cells(content: bytes) -> list[bytes]:
    """Return the lines of cells that all of their findings follow."""
    lines = [line for line in content.splitlines(keepends=True) if line.endswith(b"\n")]
    found, due, cell = [], 0, b""
    for line in lines:
        record = json.loads(line)
        if record["kind"] == "cell":
            due, cell = record["findings"], line
        elif record["kind"] == "finding":
            due -= 1
        if cell and not due:
            found.append(cell)
            cell = b""
    return found


def test_a_run_that_was_killed_twice_ends_as_if_nothing_had_been(
    tmp_path: Path, whole: Ended
) -> None:
    size = whole.run_file.stat().st_size
    moments = sorted(random.Random("moments").sample(range(1000), 2))
    path = tmp_path / RUN_FILE
    first = killed(path, moments[0] * size // 1000, *PART, MODES, "--run-file", str(path))
    second = killed(path, moments[1] * size // 1000, "--resume", str(path))

    ended = python("-m", "pytest", "suites", "--resume", str(path.parent))

    run = read_run(path)
    assert ended.status == whole.status == 0, ended.lines
    assert records(run) == records(whole.run)
    assert steady(run) == steady(whole.run)
    # no finished cell has been run again: its times are still the same
    final = path.read_bytes().splitlines(keepends=True)
    for content in (first, second):
        assert set(complete_cells(content)) <= set(final)
    assert [entry.name for entry in tmp_path.iterdir()] == [RUN_FILE]


@dataclass(kw_only=True)
class Counted:
    """The replies of cells, computed when they are asked for, and which were."""

    library: Any
    kept: Kept
    asked: list[str] = field(default_factory=list)

    def reply(self, cell: Cell) -> tuple[Reply, float]:
        """Return the reply of a cell, and no seconds."""
        kept = self.kept.get(cell.id)
        if kept is not None:
            return kept
        self.asked.append(cell.id)
        (reply,) = torch_adapter.run(Graph(calls=(cell.call(isolated=False),)), self.library)
        return reply, 0.0


def conduct(path: Path, plan: Sequence[Cell], selection: Selection, until: int) -> list[str]:
    """Run cells until there are so many, or all of them; return which were run."""
    library = TorchLibrary(selection.ops)
    before = earlier(path) if path.exists() else None
    kept = Kept.beside(path, resumes=before is not None)
    replies: Any = Counted(library=library, kept=kept)
    if before is None:
        writer = RunWriter(path)
        writer.append(a_header(planned={"cells": len(plan), "cases": 0}))
    else:
        writer = RunWriter.going_on(path, before.lines, before.cells)
    with writer:
        conductor = conductor_of(selection, plan, replies, writer, kept=kept)
        if before is not None:
            conductor.go_on(before)
        done = len(before.cells) if before else 0
        for cell in plan[done:until]:
            conductor.run(cell)
        if until >= len(plan):
            conductor.finish(interrupted=False)
    return replies.asked


SELECTION = Selection(
    profile="smoke",
    device="cpu",
    ops=("adaptive_max_pool2d",),
    formats=("bfloat16",),
    modes=("eager", "jvp", "vmap"),
)


@pytest.fixture(scope="module")
def plan() -> list[Cell]:
    """Return some stacks of one operation, with parts in other modes."""
    return list(planned(SELECTION))[-90:]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, plan: list[Cell]) -> Run:
    """Return a run of them."""
    path = tmp_path_factory.mktemp("undisturbed") / RUN_FILE
    assert len(conduct(path, plan, SELECTION, len(plan))) == len(plan)
    return read_run(path)


@pytest.mark.parametrize("seed", range(4))
def test_each_cell_is_run_once_wherever_the_run_stops(
    tmp_path: Path, plan: list[Cell], undisturbed: Run, seed: int
) -> None:
    stops = sorted(random.Random(f"stop {seed}").sample(range(len(plan)), 3))
    path, asked = tmp_path / RUN_FILE, []
    for stop in (*stops, len(plan)):
        asked += conduct(path, plan, SELECTION, stop)

    assert asked == [cell.id for cell in plan]
    assert records(read_run(path)) == records(undisturbed)
    assert steady(read_run(path)) == steady(undisturbed)
    assert list(tmp_path.iterdir()) == [path]


def test_without_the_kept_replies_a_run_does_not_go_on(tmp_path: Path, plan: list[Cell]) -> None:
    path = tmp_path / RUN_FILE
    stop = next(k for k, cell in enumerate(plan) if k and cell.group is plan[k - 1].group)
    conduct(path, plan, SELECTION, stop)
    Kept.beside(path, resumes=True).clear()

    with pytest.raises(SelectionError, match=r"kept reply of .* is gone"):
        conduct(path, plan, SELECTION, len(plan))


def test_a_cell_whose_findings_were_in_flight_is_run_again(
    tmp_path: Path, plan: list[Cell], undisturbed: Run
) -> None:
    path = tmp_path / RUN_FILE
    at = next(k for k, cell in enumerate(undisturbed.cells) if cell.findings)
    conduct(path, plan, SELECTION, at + 1)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:50])

    asked = conduct(path, plan, SELECTION, len(plan))

    # its reply may have been kept: then it is judged again alone
    assert set(asked) | {plan[at].id} == {cell.id for cell in plan[at:]}
    assert records(read_run(path)) == records(undisturbed)


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / RUN_FILE
    crash = Crash(signal="SIGSEGV", span=Span(first=1, end=2, calls=5, reproduced=True))
    replies = {
        "ran": (Reply(outcome="ran", output=np.arange(6, dtype=np.uint16).reshape(2, 3)), 0.5),
        "died": (Reply(outcome="crashed", message="it died", crash=crash), 1.0),
    }
    Kept.beside(path, resumes=False).keep(replies)

    kept = Kept.beside(path, resumes=True)

    ran, died = kept.get("ran"), kept.get("died")
    assert ran is not None
    assert died is not None
    assert ran[0].output is not None
    assert ran[0].output.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (ran[0].output.dtype, ran[1]) == (np.uint16, 0.5)
    assert (died[0].outcome, died[0].crash) == ("crashed", crash)
    kept.drop("ran")
    assert kept.get("ran") is None
    assert len(list(tmp_path.glob("*.kept/*.npz"))) == 1
    kept.drop("died")
    assert not list(tmp_path.glob("*.kept/*.npz"))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_a_foreign_file_among_the_kept_is_no_reply(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / RUN_FILE
    folder = tmp_path / f"{RUN_FILE}.kept"
    folder.mkdir()
    (folder / "foreign.npz").write_bytes(content)
    assert Kept.beside(path, resumes=True).get("anything") is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"framework": {"name": "torch", "version": "2.0"}}, "framework.version is '2.13.0' in"),
        ({"corpus": "cd"}, "corpus is 'abab.* in the run file and 'cd' now"),
        ({"commit": "of another day"}, "commit is '0123abc-dirty' in the run file and 'of another"),
        ({"environment": {"python": "3.11.7", "threads": 2}}, "environment.instruction_set is 'AV"),
        ({"planned": {"cells": 2, "cases": 2}}, "planned.cells is 1 in the run file and 2 now"),
        ({"deviations": [{"operation": "relu"}]}, "deviations has 0 entries in the run file and 1"),
    ],
)
def test_another_build_or_suite_does_not_go_on(changes: dict[str, object], words: str) -> None:
    refuse_another(a_header(), a_header(started="later"))
    with pytest.raises(SelectionError, match=words):
        refuse_another(a_header(), a_header(**changes))


def test_a_run_file_of_another_build_is_left_as_it_is(tmp_path: Path, whole: Ended) -> None:
    path = tmp_path / RUN_FILE
    first, *rest = whole.run_file.read_text().splitlines(keepends=True)
    header = json.loads(first) | {"corpus": "ab"}
    path.write_text(json.dumps(header) + "\n" + "".join(rest[:-1]))
    before = path.read_bytes()

    ended = python("-m", "pytest", "suites", "--resume", str(path))

    assert ended.status == 4
    assert "corpus is 'ab' in the run file and " in ended.said("ERROR")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--ops", "relu"), "--ops is in the run file"),
        ((), "is whole, nothing is left to be run"),
    ],
)
def test_what_can_not_be_resumed_is_one_line(
    whole: Ended, options: tuple[str, ...], words: str
) -> None:
    ended = python("-m", "pytest", "suites", "--resume", str(whole.run_file), *options)
    assert ended.status == 4
    assert words in ended.said("ERROR")


@pytest.mark.parametrize("what", ["cells", "searches", "agreements", "networks", "completeness"])
def test_a_run_that_lacks_what_was_planned_can_go_on(tmp_path: Path, what: str) -> None:
    planned_here = {"cells": 1, "cases": 1}
    for lacking in (0, 1):
        path = tmp_path / f"{lacking}.jsonl"
        numbers = {**planned_here, what: planned_here.get(what, 0) + lacking}
        with RunWriter(path) as writer:
            writer.append(a_header(planned=numbers), a_cell())
            writer.append(a_footer(a_cell(), exit_status=6))
        if lacking:
            assert len(earlier(path).cells) == 1
        else:
            with pytest.raises(SelectionError, match="nothing is left to be run"):
                earlier(path)


def test_a_foreign_file_can_not_be_resumed(tmp_path: Path) -> None:
    path = tmp_path / "foreign"
    path.write_text("hello\n")
    ended = python("-m", "pytest", "suites", "--resume", str(path))
    assert ended.status == 4
    assert "is no JSON object" in ended.said("ERROR")


def _begun(folder: Path) -> Path:
    """Write the beginning of a run that was cut off."""
    lists = {"ops": ["relu"], "formats": ["binary16"], "modes": ["eager"], "layouts": ["sliced"]}
    with RunWriter(folder / RUN_FILE) as writer:
        writer.append(a_header(options=lists, seed=7, shard=None))
    return folder


def _options(*arguments: str) -> Options:
    parser = argparse.ArgumentParser()
    add_to(parser.add_argument)
    return options(parser.parse_args(arguments))


def test_what_is_run_stands_in_the_run_file(tmp_path: Path) -> None:
    found = _options("--resume", str(_begun(tmp_path)), "--device", "cpu", "--profile", "smoke")
    selection = found.selection
    assert (selection.profile, selection.device, found.seed) == ("smoke", "cpu", 7)
    assert (selection.ops, selection.formats) == (("relu",), ("binary16",))
    assert (selection.modes, selection.layouts) == (("eager",), ("sliced",))
    assert found.run_file == tmp_path / RUN_FILE


@pytest.mark.parametrize(
    "beside",
    [
        *(("--profile", "deep"), ("--device", "cuda"), ("--seed", "corpus"), ("--ops", "relu")),
        *(("--shard", "1/2"), ("--run-file", "other.jsonl"), ("--case", "relu/x-0")),
    ],
)
def test_no_option_says_otherwise(tmp_path: Path, beside: tuple[str, str]) -> None:
    with pytest.raises(SelectionError, match=f"--resume: {beside[0]} is"):
        _options("--resume", str(_begun(tmp_path)), *beside)

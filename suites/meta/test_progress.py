"""The progress of a run: a bar on a terminal, nothing in CI or in a file."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

from suites.meta.processes import ROOT, pytest_suites

SELECTION = (
    *("--profile", "smoke", "--ops", "max_pool1d", "--formats", "binary16"),
    *("--layouts", "contiguous"),
)


def on_a_terminal(run_file: Path, **environment: str) -> str:
    """Return what a small run writes to a terminal."""
    ours, theirs = pty.openpty()
    kept = {key: value for key, value in os.environ.items() if key != "CI"}
    with subprocess.Popen(
        (sys.executable, "-m", "pytest", "suites", "--run-file", str(run_file), *SELECTION),
        cwd=ROOT,
        env={**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        stdout=theirs,
        stderr=subprocess.STDOUT,
    ) as process:
        os.close(theirs)
        said = b""
        # a terminal that nobody writes to any more ends with an error
        with contextlib.suppress(OSError):
            while part := os.read(ours, 4096):
                said += part
        assert process.wait() == 0
    os.close(ours)
    return said.decode()


def test_a_terminal_shows_cells_done_cases_a_second_and_time_left(tmp_path: Path) -> None:
    said = on_a_terminal(tmp_path / "run.jsonl")
    bars = [line for line in said.split("\r") if "cases/s" in line]
    cells = len((tmp_path / "run.jsonl").read_text().splitlines())

    assert bars
    assert all("cell/s" in bar or "s/cell" in bar for bar in bars)
    done = [int(bar.split("|")[-1].split("/")[0]) for bar in bars]
    assert done == sorted(done)
    assert 0 < done[-1] < cells
    assert said.rstrip().splitlines()[-1].startswith("run file: ")


def test_ci_is_told_nothing_until_the_end(tmp_path: Path) -> None:
    said = on_a_terminal(tmp_path / "run.jsonl", CI="true")

    assert "cases/s" not in said


def test_a_file_gets_no_letter_for_each_cell(tmp_path: Path) -> None:
    ended = pytest_suites(tmp_path, *SELECTION)

    assert ended.status == 0
    assert not any("cases/s" in line or "......" in line for line in ended.lines)

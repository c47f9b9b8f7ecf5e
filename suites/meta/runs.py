"""Whole runs of the suites, each started as a user starts it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.compare import side_of
from reports.record import CellRecord, Run, read_run
from suites.provenance import ROOT

ACCUSED = {"deviates", "conservative", "errored", "crashed"}
"""The words that fail a run."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """A run that has ended.

    Attributes:
        run: What it wrote down.
        status: Its exit status.
        text: What it printed.
    """

    run: Run
    status: int
    text: str

    def words(self, requirement: str) -> Counter[str]:
        """Return word -> number of cases that a requirement was held against, over all cells."""
        found: Counter[str] = Counter()
        for cell in self.run.cells:
            found.update(cell.requirements.get(requirement, {}))
        return found

    def accused(self, requirement: str) -> list[CellRecord]:
        """Return the cells that fail the run by a requirement."""
        return [
            cell
            for cell in self.run.cells
            if not ACCUSED.isdisjoint(cell.requirements.get(requirement, {}))
        ]


def smoke(folder: Path, *options: str, seed: int = 0) -> Done:
    """Run the smoke profile; the run file goes into `folder`.

    Args:
        folder: Where the run file goes.
        options: More of the command line.
        seed: What Python's hashes are seeded with.
    """
    path = folder / "run.jsonl"
    command = ("pytest", "suites", "--profile", "smoke", "-q", "--run-file", str(path), *options)
    done = python("-m", *command, seed=seed)
    assert path.exists(), done.stdout + done.stderr
    return Done(run=read_run(path), status=done.returncode, text=done.stdout + done.stderr)


def steady_cells(run: Run) -> list[CellRecord]:
    """Return the cells that must say the same twice: all but those of defects that come and go."""
    places = side_of(run).places
    return [cell for cell in run.cells if not places[cell.cell].left_out]


def python(*arguments: str, seed: int = 0) -> subprocess.CompletedProcess[str]:
    """Run Python on a command line, from the project's root."""
    # what pytest tells its own children is not meant for a run of its own
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    # the plugins of these tests take longer to load than a small run
    kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return subprocess.run(
        (sys.executable, *arguments),
        cwd=ROOT,
        env=kept | {"PYTHONHASHSEED": str(seed), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def listed(entries: Sequence[str]) -> str:
    """Return entries as the command line takes them."""
    return ",".join(entries)

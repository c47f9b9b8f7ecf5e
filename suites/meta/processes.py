"""Runs `pytest suites` as its users do, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from reports.record import Run, read_run

ROOT = Path(__file__).resolve().parents[2]
IMPLEMENTATIONS = ROOT / "suites" / "meta" / "implementations"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A process that has ended.

    Attributes:
        status: Its exit status.
        lines: What it printed, on both streams.
        run_file: Where its run file was to go.
    """

    status: int
    lines: list[str]
    run_file: Path

    @property
    def run(self) -> Run:
        """The run that it wrote down."""
        return read_run(self.run_file)

    def said(self, words: str) -> str:
        """Return the only line that holds `words`."""
        (line,) = (line for line in self.lines if words in line)
        return line


def python(*arguments: str, timeout: float = 300) -> Ended:
    """Run Python in the project's folder."""
    done = subprocess.run(
        (sys.executable, *arguments),
        cwd=ROOT,
        # the plugins of these tests take longer to load than a small run
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=timeout,
    )
    return Ended(status=done.returncode, lines=done.stdout.splitlines(), run_file=Path())


def pytest_suites(folder: Path, *options: str) -> Ended:
    """Run `pytest suites` with its run file in `folder`."""
    run_file = folder / "run.jsonl"
    ended = python("-m", "pytest", "suites", "--run-file", str(run_file), *options)
    return Ended(status=ended.status, lines=ended.lines, run_file=run_file)

"""`python -m suites [ARGS]`: run `pytest suites ARGS`, then build the report whatever it said.

Prints what `python -m reports build` prints, whose last line is the page's path, and returns
pytest's status.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from suites.provenance import ROOT


class RunFileNote:
    """A pytest plugin that notes where the run file is."""

    path: Path | None = None

    def pytest_suites_begun(self, path: Path) -> None:
        """Note the run file of a run that begins."""
        self.path = path


def main(arguments: Sequence[str]) -> int:
    """Return the exit status."""
    note = RunFileNote()
    status = int(pytest.main([str(ROOT / "suites"), *arguments], plugins=[note]))
    sys.stdout.flush()  # what stands in the buffer comes before what the report says
    if note.path is not None:
        command = (sys.executable, "-m", "reports", "build", str(note.path))
        subprocess.run(command, cwd=ROOT, check=False)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

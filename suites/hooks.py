"""What plugins can hear of a run."""

from __future__ import annotations

from pathlib import Path


def pytest_suites_begun(path: Path) -> None:
    """A run has begun; everything of it goes into the run file at `path`."""

"""The requirements, as `requirements.toml` states them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from reports.record import Requirement

PATH = Path(__file__).with_name("requirements.toml")


def requirements() -> list[Requirement]:
    """Return all requirements, in the order of reports."""
    rows = tomllib.loads(PATH.read_text(encoding="utf-8"))["requirement"]
    return [
        Requirement(
            id=row["id"],
            sentence=row["sentence"],
            source=row["source"],
            fails_run=row["fails_run"],
        )
        for row in rows
    ]


FAILING = tuple(row["id"] for row in requirements() if row["fails_run"])
"""The requirements that can fail a run."""

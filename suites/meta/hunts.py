"""Hunts for the tests of the search, each in this process, with a framework's child of its own."""

from __future__ import annotations

from pathlib import Path

import torch

from suites.hunting import Equipment, Hunt, Hunted
from suites.rows import Row
from suites.selection import LAYOUTS


def hunt_of(
    op: str, format_name: str = "binary32", examples: int = 400, seed: int | str = "corpus"
) -> Hunt:
    """A hunt for one failure, in all layouts on the CPU."""
    return Hunt(
        op=op,
        format=format_name,
        device="cpu",
        examples=examples,
        seed=seed,
        layouts=LAYOUTS,
        failures=1,
    )


def equipment(
    implementation: Path | None = None, rows: tuple[Row, ...] = (), cell_timeout: float = 60
) -> Equipment:
    """What a hunt on the CPU needs, of PyTorch or of a file."""
    return Equipment(
        framework="torch",
        version=str(torch.__version__),
        device="cpu",
        rows=rows,
        implementation=implementation,
        cell_timeout=cell_timeout,
    )


def hunted(hunt: Hunt, implementation: Path | None = None, cell_timeout: float = 60) -> Hunted:
    """What comes of a hunt in the functions of a file."""
    return equipment(implementation, cell_timeout=cell_timeout).hunt(hunt)

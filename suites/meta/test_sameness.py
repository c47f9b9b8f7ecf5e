"""Two runs of one build say the same, case by case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reports.record import Run
from suites.meta.runs import smoke

PART = ("--formats", "bfloat16", "--modes", "eager,jvp,double-backward")
"""Every operation, in the format in which most is rounded."""


def astray(run: Run) -> set[str]:
    """Return the stacks of which a known deviation need not show each time."""
    found = set()
    for row in run.header.deviations:
        families, modes = row.get("families", []), row.get("modes", [])
        assert isinstance(families, list)
        assert isinstance(modes, list)
        for cell in run.cells if row["sometimes"] else ():
            of_cases = {case.rpartition("-")[0] for case in cell.ids}
            of_row = {f"{row['operation']}/{family}" for family in families}
            if of_cases & of_row and cell.mode in (modes or [cell.mode]):
                found.add(stack(cell.cell))
    return found


def stack(cell: str) -> str:
    """Return the operation and the stack of a cell."""
    return "/".join(cell.split("/")[:2])


def steady(run: Run) -> Iterator[dict[str, object]]:
    """Yield what the cells say, but for the time, and for deviations that come and go."""
    left_out = astray(run)
    for cell in run.cells:
        if stack(cell.cell) not in left_out:
            yield cell.document() | {"seconds": None}


def test_two_runs_of_one_build_say_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = (smoke(folder, *PART, seed=seed) for seed, folder in enumerate(folders))
    assert (first.status, second.status) == (0, 0), first.text + second.text
    ours, theirs = list(steady(first.run)), list(steady(second.run))
    assert len(ours) > 0.95 * len(first.run.cells)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == other
    assert first.run.header.corpus == second.run.header.corpus

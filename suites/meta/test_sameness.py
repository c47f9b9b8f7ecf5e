"""Two runs of one build say the same, case by case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reports.record import CellRecord, Run
from suites.known import PATH, Row, read_rows
from suites.meta.runs import smoke


def may_differ(row: Row, cell: CellRecord) -> bool:
    """Return whether a deviation need not show each time in a cell."""
    families = {case.split("/")[1].rpartition("-")[0] for case in cell.ids}
    return row.sometimes and row.operation == cell.op and families <= set(row.families)


def steady(run: Run) -> Iterator[dict[str, object]]:
    """Yield what the cells of a run say, but for the time, and for deviations that come and go."""
    rows = read_rows(PATH)
    astray = {
        cell.cell.split("/")[1]
        for cell in run.cells
        if cell.ids and any(may_differ(row, cell) for row in rows)
    }
    for cell in run.cells:
        if cell.cell.split("/")[1] not in astray:
            yield cell.document() | {"seconds": None}


def test_two_runs_of_one_build_say_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = (smoke(folder, seed=seed) for seed, folder in enumerate(folders))
    assert (first.status, second.status) == (0, 0), first.text + second.text
    ours, theirs = (list(steady(done.run)) for done in (first, second))
    assert len(ours) > 0.95 * len(first.run.cells)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == other
    assert [cell.ids for cell in first.run.cells] == [cell.ids for cell in second.run.cells]
    assert first.run.header.corpus == second.run.header.corpus

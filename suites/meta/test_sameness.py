"""Two runs of one build say the same, case by case."""

from __future__ import annotations

from pathlib import Path

from suites.meta.runs import smoke, steady_cells

PART = ("--formats", "bfloat16", "--modes", "eager,jvp,double-backward")
"""Every operation, in the format in which most is rounded."""


def test_two_runs_of_one_build_say_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = (smoke(folder, *PART, seed=seed) for seed, folder in enumerate(folders))
    assert (first.status, second.status) == (0, 0), first.text + second.text
    ours, theirs = (
        [cell.document() | {"seconds": None} for cell in steady_cells(each.run)]
        for each in (first, second)
    )
    assert len(ours) > 0.95 * len(first.run.cells)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == other
    assert first.run.header.corpus == second.run.header.corpus

"""Implementations that really die: the run goes on, and says how they died, and of which case."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from oracle.formats import format_named
from reports.record import CellRecord
from suites.corpus import Stack, stacks
from suites.meta.implementations.catalogue import FOLDER, entries
from suites.meta.runs import Done, python, smoke

DEATHS = {
    "wrong_segfaults": "SIGSEGV",
    "wrong_aborts": "SIGABRT",
    "wrong_exits": "exit status 3",
    "wrong_hangs": "timeout",
    "wrong_memory_runs_out": "SIGKILL",
}
OPS = {name: ("max_pool1d", "max_pool2d", "max_pool3d")[k % 3] for k, name in enumerate(DEATHS)} | {
    "wrong_hangs": "max_pool2d"
}
FORMATS = {
    name: ("binary16", "bfloat16", "binary32", "binary64")[k % 4] for k, name in enumerate(DEATHS)
}
CELL_TIMEOUT = {"wrong_hangs": "10"}
"""Seconds; the others die at once, so that the usual time is enough for all."""

BASES = ("--layouts", "contiguous", "-k", "not indices and not repeat")


def trigger(stack: Stack) -> int | None:
    """Return the first case that kills: padding, dilation and an input of 3."""
    if max(stack.params["padding"]) == 0 or max(stack.params["dilation"]) == 1:  # type: ignore[call-overload]
        return None
    fmt = format_named(stack.format)
    three = stack.inputs == fmt.bits_of["0x1.8p+1"]
    cases = np.flatnonzero(three.reshape(len(stack), -1).any(axis=1))
    return int(cases[0]) if len(cases) else None


@pytest.mark.parametrize("name", DEATHS)
def test_death_costs_its_cell_alone(name: str, tmp_path: Path) -> None:
    op, of = OPS[name], FORMATS[name]
    done = smoke(
        tmp_path,
        *("--implementation", str(FOLDER / f"{name}.py"), "--ops", op, "--formats", of),
        *(*BASES, "--cell-timeout", CELL_TIMEOUT.get(name, "120")),
    )
    assert done.status == 1, done.text
    assert done.run.footer is not None
    assert done.run.footer.unhealthy == []
    assert len(done.run.cells) == done.run.header.planned["cells"]
    found = {stack.name: trigger(stack) for stack in stacks("smoke", op, of)}
    assert any(case is not None for case in found.values())
    for cell in done.run.cells:
        case = found[cell.cell.split("/")[1]]
        assert cell.outcome == ("ran" if case is None else "crashed"), cell.cell
        if case is not None:
            assert_death(cell, DEATHS[name], case)
    assert_nothing_else(done)


def assert_death(cell: CellRecord, signal: str, case: int) -> None:
    assert cell.crash is not None
    assert cell.crash["signal"] == signal
    assert cell.crash["smallest"] == [case, case]
    assert cell.crash["processes"] <= 16
    assert cell.requirements == {"safe": {"crashed": cell.cases}}


def assert_nothing_else(done: Done) -> None:
    findings = [finding for finding in done.run.findings if finding.fails_run]
    crashed = [cell for cell in done.run.cells if cell.outcome == "crashed"]
    assert len(findings) == len(crashed)
    for finding, cell in zip(findings, crashed, strict=True):
        assert (finding.requirement, finding.outcome) == ("safe", "crashed")
        assert finding.crash == cell.crash


def test_script_of_a_crash_crashes(tmp_path: Path) -> None:
    path = FOLDER / "wrong_segfaults.py"
    done = smoke(
        tmp_path,
        *("--implementation", str(path), "--ops", "max_pool2d", "--formats", "binary32"),
        *BASES,
    )
    python("-m", "reports", "build", str(done.run.path))
    (run,) = json.loads((tmp_path / "report.json").read_text())["runs"]
    (slug,) = [failure["slug"] for failure in run["failures"] if failure["fails"]]
    script = str(tmp_path / "scripts" / f"{slug}.py")
    assert python(script, str(path)).returncode == -11
    assert python(script, str(FOLDER / "right_first_index.py")).returncode == 0


def test_every_death_of_the_catalogue_is_tried() -> None:
    assert {entry.name for entry in entries() if "crashed" in entry.outcomes} == DEATHS.keys()

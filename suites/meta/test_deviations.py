"""Each known deviation is shown by its script, on the versions that its row names."""

from __future__ import annotations

import runpy
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import torch
from packaging.specifiers import SpecifierSet

from suites.frameworks.child import context_of
from suites.rows import PATH, Row, read_rows

SCRIPTS = PATH.with_name("deviations")
ROWS = read_rows(PATH)
RAISED = 3
"""Exit status of a script that raised: Python's own would be that of a deviation that shows."""


@pytest.mark.parametrize("script", sorted({row.script for row in ROWS}))
def test_the_script_of_a_row_shows_its_deviation(script: str, tmp_path: Path) -> None:
    rows, log = [row for row in ROWS if row.script == script], tmp_path / "log"
    process = context_of("cpu").Process(target=_run, args=(SCRIPTS / script, log))
    process.start()
    process.join()

    assert process.exitcode == int(any(map(_is_in_force, rows))), log.read_text()


def test_a_script_that_raises_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "raises.py").write_text("raise ValueError")

    with pytest.raises(SystemExit) as ended:
        _run(tmp_path / "raises.py", tmp_path / "log")
    assert ended.value.code == RAISED
    assert "ValueError" in (tmp_path / "log").read_text()


def test_every_script_belongs_to_a_row() -> None:
    assert {path.name for path in SCRIPTS.glob("*.py")} == {row.script for row in ROWS}


def test_scripts_need_nothing_but_torch() -> None:
    for path in SCRIPTS.glob("*.py"):
        imports = [line for line in _lines(path) if line.startswith(("import ", "from "))]
        assert imports == ["import sys", "import torch"], path


def _run(script: Path, log: Path) -> None:
    """Run a script by itself in this process, which a fork server has made for it."""
    with log.open("w") as stream, redirect_stdout(stream), redirect_stderr(stream):
        try:
            runpy.run_path(str(script), run_name="__main__")
        except Exception:  # noqa: BLE001  # whatever it raises
            traceback.print_exc()
            sys.exit(RAISED)


def _is_in_force(row: Row) -> bool:
    return SpecifierSet(row.versions).contains(torch.__version__, prereleases=True)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()

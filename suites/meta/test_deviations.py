"""Each known deviation is shown by its script, on the versions that its row names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from packaging.specifiers import SpecifierSet

from suites.rows import PATH, Row, read_rows

SCRIPTS = PATH.with_name("deviations")
ROWS = read_rows(PATH)


@pytest.mark.parametrize("script", sorted({row.script for row in ROWS}))
def test_the_script_of_a_row_shows_its_deviation(script: str) -> None:
    rows = [row for row in ROWS if row.script == script]
    done = subprocess.run((sys.executable, SCRIPTS / script), capture_output=True, check=False)

    assert done.returncode == int(any(map(_is_in_force, rows))), done.stdout


def test_every_script_belongs_to_a_row() -> None:
    assert {path.name for path in SCRIPTS.glob("*.py")} == {row.script for row in ROWS}


def test_scripts_need_nothing_but_torch() -> None:
    for path in SCRIPTS.glob("*.py"):
        imports = [line for line in _lines(path) if line.startswith(("import ", "from "))]
        assert imports == ["import sys", "import torch"], path


def _is_in_force(row: Row) -> bool:
    return SpecifierSet(row.versions).contains(torch.__version__, prereleases=True)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()

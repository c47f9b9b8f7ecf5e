"""`python -m suites.showing [FILE]`: do the scripts of the known deviations still show them?

Each script is run under the installed release. A row in force whose script ends with 0 is stale;
one that is not in force and whose script ends with 1 could name this release, too. Exit status: 0
if neither is there, 1 if some row is, 2 for a file that can't be used.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from packaging.specifiers import SpecifierSet

from suites.rows import PATH, DeviationsError, Row, read_rows

SHOWS = 1
"""Exit status of a script where its deviation shows."""


def problems(rows: Iterable[Row], release: str, status: Callable[[str], int]) -> Iterator[str]:
    """Yield a line for each script that does not agree with its rows.

    Args:
        rows: The known deviations.
        release: The installed release.
        status: Runs the script of a name and returns its exit status.
    """
    by_script: dict[str, list[Row]] = {}
    for row in rows:
        by_script.setdefault(row.script, []).append(row)
    for script, named in by_script.items():
        in_force = [
            r for r in named if SpecifierSet(r.versions).contains(release, prereleases=True)
        ]
        shows = status(script) == SHOWS
        if in_force and not shows:
            yield f"stale on {release}, {script} shows nothing: {in_force[0].title}"
        elif shows and not in_force:
            yield f"{script} shows on {release}, too, which {named[0].versions} leaves out"


def main(arguments: Sequence[str]) -> int:
    """Print what does not agree; return the exit status."""
    path = Path(arguments[0]) if arguments else PATH
    folder = path.with_name("deviations")
    try:
        rows = read_rows(path)
    except DeviationsError as error:
        sys.stderr.write(f"python -m suites.showing: {error}\n")
        return 2
    found = list(problems(rows, version("torch"), lambda name: _status(folder / name)))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return int(bool(found))


def _status(script: Path) -> int:
    return subprocess.run((sys.executable, script), capture_output=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

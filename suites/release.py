"""`python -m suites.release OLD NEW [OPTIONS]`: run two releases, and say what changed.

OLD and NEW are releases, as `TORCH` takes them (a version, or any pip requirement), or runs that
are there: a run file, its folder, or a baseline. Each release is installed by tox into an
environment of its own and run as `tox -e cpu`, or `gpu` with `--device cuda`; options other than
`--output` and `--fail-on` go to pytest. Exit status: that of the comparison, or of a run that could
not be made.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.record import RUN_FILE
from suites.provenance import OUT, ROOT, now

Command = Callable[[Sequence[str], Mapping[str, str]], int]
"""Runs a command line in an environment, and returns its exit status."""

_ENVIRONMENTS = {"cpu": "cpu", "cuda": "gpu"}
_SAID = (2, 4)
"""Exit statuses of a run that was not made: interrupted, or a wrong option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line says.

    Attributes:
        releases: The earlier one and the later one.
        device: Where they run.
        output: The folder that everything goes to.
        fail_on: What counts as worse, or None for the default.
        options: What goes to pytest.
    """

    releases: tuple[str, str]
    device: str
    output: Path
    fail_on: str | None
    options: tuple[str, ...]


def main(arguments: Sequence[str], command: Command | None = None) -> int:
    """Run what is to be run, compare, and return the exit status."""
    wanted = _wanted(arguments)
    run = command or _run
    files = []
    for which, release in zip(("old", "new"), wanted.releases, strict=True):
        if Path(release).exists():
            files.append(Path(release).resolve())
            continue
        file = wanted.output / which / RUN_FILE
        status = run(_tox(wanted, release, file), _environment(release))
        if status in _SAID or not file.exists():
            sys.stderr.write(f"python -m suites.release: {release} could not be run\n")
            return status or 1
        files.append(file)
    chosen = [] if wanted.fail_on is None else ["--fail-on", wanted.fail_on]
    paths = [*map(str, files), "--output", str(wanted.output)]
    return run((sys.executable, "-m", "reports", "compare", *paths, *chosen), dict(os.environ))


def _wanted(arguments: Sequence[str]) -> Wanted:
    parser = argparse.ArgumentParser(prog="python -m suites.release", description=__doc__)
    parser.add_argument("old", metavar="OLD", help="a release, or a run that is there")
    parser.add_argument("new", metavar="NEW", help="a release, or a run that is there")
    parser.add_argument("--device", default="cpu", choices=_ENVIRONMENTS, help="default cpu")
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder in reports/out")
    parser.add_argument("--fail-on", metavar="LIST", help="see python -m reports compare --help")
    found, options = parser.parse_known_args(arguments)
    stamp = now().strftime("%Y%m%dT%H%M%SZ")
    folder = OUT / f"{stamp}-{_name(found.old)}-to-{_name(found.new)}"
    return Wanted(
        releases=(found.old, found.new),
        device=found.device,
        output=(found.output or folder).absolute(),
        fail_on=found.fail_on,
        options=tuple(options),
    )


def _tox(wanted: Wanted, release: str, file: Path) -> Sequence[str]:
    return (
        *(sys.executable, "-m", "tox", "run", "-e", _ENVIRONMENTS[wanted.device]),
        *("--root", str(ROOT), "--workdir", str(ROOT / ".tox" / f"release-{_name(release)}")),
        *("--", *wanted.options, "--run-file", str(file)),
    )


def _environment(release: str) -> dict[str, str]:
    # what this tox tells its own commands is not meant for another one
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TOX_")}
    return {**kept, "TORCH": release}


def _name(release: str) -> str:
    """Return a release as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9.+-]+", "-", Path(release).name).strip("-.")[:40] or "release"


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    sys.stdout.flush()
    return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m reports build RUN... [--output DIR]`: the report of run files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.build import build
from reports.record import RunFileError, read_run
from reports.summary import summary


def main(arguments: Sequence[str] | None = None) -> int:
    """Print summaries and the page's path; return the exit status, 2 for bad input."""
    options = _parser().parse_args(arguments)
    try:
        runs = [read_run(path) for path in options.runs]
        page = build(runs, options.output or runs[0].path.parent)
    except RunFileError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}, the report can't be written")
    for run in runs:
        sys.stdout.write(f"{summary(run)}\n")
    sys.stdout.write(f"{page}\n")
    return 0


def _refuse(problem: str) -> int:
    sys.stderr.write(f"python -m reports: {problem}\n")
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("build", help="write the report of run files")
    command.add_argument(
        "runs", nargs="+", type=Path, metavar="RUN", help="a run file, or a run's folder"
    )
    command.add_argument(
        "--output", type=Path, metavar="DIR", help="where to write, if not beside the first RUN"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`python -m reports COMMAND`: reports, comparisons and histories of run files.

    build RUN… [--output DIR]                 the report
    compare OLD NEW [--output DIR]            what changed, case by case
    history FOLDER [--output DIR]             verdicts and rules of each operation over releases
    merge RUN… [--output FILE]                one run of its shards
    baseline RUN [--output FILE]              a run in some hundred kilobytes, for comparisons
    deviations RUN [--output DIR]             rows for deviations.toml of what is new

Exit status: 0, 1 where `compare` finds something worse or `deviations` something new, 2 for bad
input, which is named in one line.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from reports.commands import parser
from reports.record import RunFileError


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command says; return the exit status."""
    options = parser(__doc__ or "").parse_args(arguments)
    try:
        status: int = options.does(options)
    except RunFileError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}, nothing can be written there")
    return status


def _refuse(problem: str) -> int:
    sys.stderr.write(f"python -m reports: {problem}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())

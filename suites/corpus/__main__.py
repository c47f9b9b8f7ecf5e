"""`python -m suites.corpus [PROFILE]`: print what the corpus is worth; exit 1 if not enough.

First pooling, a row for each format; `fewest patterns` is taken over the geometries of which 200
are asked, because so many exist. Then the programs, a row for each operation and format.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from oracle.formats import FORMATS
from oracle.programs import PROGRAMS
from suites.corpus.assembly import OPS, POOLING, PROFILES, stacks
from suites.corpus.gates import LEAST_PATTERNS, failures, smoke_failures
from suites.corpus.programs.gates import program_failures
from suites.corpus.programs.statistics import OfOperation, ProgramStatistics, program_statistics
from suites.corpus.stack import Stack
from suites.corpus.statistics import Statistics, statistics

_COLUMNS: tuple[str, ...] = (
    "format",
    "stacks",
    "cases",
    "distinct",
    "windows",
    "tied",
    "tied cases",
    "contested",
    "largest pattern",
    "fewest patterns",
)

_PROGRAM_COLUMNS: tuple[str, ...] = (
    "format",
    "operation",
    "geometries",
    "cases",
    "outputs",
    "tied",
    "jumps",
)


def main() -> int:
    """Return 0 if every gate holds, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m suites.corpus", description=__doc__.splitlines()[0]
    )
    parser.add_argument("profile", nargs="?", choices=PROFILES, default="standard")
    profile = parser.parse_args().profile
    rows, program_rows, broken = [_COLUMNS], [_PROGRAM_COLUMNS], list[str]()
    for format_name in FORMATS:
        found = statistics(_watched(profile, POOLING, format_name))
        of_programs = program_statistics(_watched(profile, tuple(PROGRAMS), format_name))
        rows.append(_row(format_name, found))
        program_rows += [_program_row(format_name, row) for row in of_programs.operations]
        messages = _failures(profile, found, of_programs)
        broken += [f"{format_name}: {message}" for message in messages]
    _print_table(rows)
    _print_table(program_rows)
    for message in broken:
        sys.stderr.write(f"{message}\n")
    return 1 if broken else 0


def _watched(profile: str, ops: Sequence[str], format_name: str) -> Iterator[Stack]:
    """Yield all stacks of operations and a format, and write to standard error where it is."""
    for op in ops:
        sys.stderr.write(f"{profile} {format_name} {OPS.index(op) + 1}/{len(OPS)}: {op}\n")
        yield from stacks(profile, op, format_name)


def _failures(profile: str, found: Statistics, of_programs: ProgramStatistics) -> Iterator[str]:
    yield from failures(profile, found)
    yield from program_failures(profile, of_programs)
    if profile == "smoke":
        most = max(found.most_elements, of_programs.most_elements)
        yield from smoke_failures(found.cases + of_programs.cases, most)


def _row(format_name: str, found: Statistics) -> tuple[str, ...]:
    counts = (found.stacks, found.cases, found.distinct, found.windows)
    rich = (row.found for row in found.patterns if row.asked and row.possible >= LEAST_PATTERNS)
    return (
        format_name,
        *map(str, counts),
        _share(found.tied, found.windows),
        _share(found.tied_cases, found.cases),
        _share(found.contested, found.tied_cases),
        _share(found.largest_pattern, found.cases),
        str(min(rich, default=0)),
    )


def _program_row(format_name: str, row: OfOperation) -> tuple[str, ...]:
    counts = (row.geometries, row.cases, row.outputs)
    tied, jumps = (_share(part, row.outputs) for part in (row.tied, row.jumps))
    return (format_name, row.op, *map(str, counts), tied, jumps)


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else "0"


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(cells) + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""`python -m suites.corpus [PROFILE]`: print what the corpus is worth; exit 1 if not enough.

`fewest patterns` is taken over the geometries of which 200 are asked, because so many exist.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from oracle.formats import FORMATS
from suites.corpus.assembly import OPS, PROFILES, stacks
from suites.corpus.gates import LEAST_PATTERNS, failures
from suites.corpus.stack import Stack
from suites.corpus.statistics import Statistics, statistics

_COLUMNS = (
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


def main() -> int:
    """Return 0 if every gate holds, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m suites.corpus", description=__doc__.splitlines()[0]
    )
    parser.add_argument("profile", nargs="?", choices=PROFILES, default="standard")
    profile = parser.parse_args().profile
    rows, broken = [], []
    for format_name in FORMATS:
        found = statistics(_watched(profile, format_name))
        rows.append(_row(format_name, found))
        broken += [f"{format_name}: {message}" for message in failures(profile, found)]
    _print_table([_COLUMNS, *rows])
    for message in broken:
        sys.stderr.write(f"{message}\n")
    return 1 if broken else 0


def _watched(profile: str, format_name: str) -> Iterator[Stack]:
    """Yield all stacks of a format, and write to standard error where it is."""
    for number, op in enumerate(OPS, start=1):
        sys.stderr.write(f"{profile} {format_name} {number}/{len(OPS)}: {op}\n")
        yield from stacks(profile, op, format_name)


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


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else "0"


def _print_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(cells) + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""What the corpus of the programs must be, and which of it does not hold."""

from __future__ import annotations

import math
from collections.abc import Iterator

from suites.corpus.programs.catalogue import JUMPING, WITHOUT_KINKS
from suites.corpus.programs.statistics import OfOperation, ProgramStatistics

LEAST_PROGRAM_CASES = 200
"""Cases of an operation and format, in the standard profile."""

LEAST_GEOMETRIES = 10
"""Of an operation, in the standard profile."""

LEAST_TIED_OUTPUTS = 0.5
"""Of the outputs of all operations that have kinks, in every profile."""

LEAST_TIED_OF_ONE = 0.2
"""Of the outputs of each operation that has kinks, in the standard profile; one in smoke."""


def program_failures(profile: str, found: ProgramStatistics) -> Iterator[str]:
    """Yield, for every gate that does not hold, what was found and what is asked."""
    if found.distinct < found.cases:
        yield f"{found.cases - found.distinct} of {found.cases} cases repeat others, expected none"
    kinked = [row for row in found.operations if row.op not in WITHOUT_KINKS]
    tied, outputs = (sum(getattr(row, key) for row in kinked) for key in ("tied", "outputs"))
    if tied < LEAST_TIED_OUTPUTS * outputs:
        yield f"{tied} of {outputs} outputs are tied, expected at least {LEAST_TIED_OUTPUTS:.0%}"
    for row in found.operations:
        yield from _hits(row, 0 if profile == "smoke" else LEAST_TIED_OF_ONE)
        if profile != "smoke":
            yield from _size(row)


def _hits(row: OfOperation, share: float) -> Iterator[str]:
    least = max(1, math.ceil(share * row.outputs))
    if row.op not in WITHOUT_KINKS and row.tied < least:
        yield f"{row.tied} of {row.outputs} outputs of {row.op} are tied, expected at least {least}"
    if row.op in JUMPING and not row.jumps:
        yield f"no output of {row.op} is at a jump, expected some"


def _size(row: OfOperation) -> Iterator[str]:
    if row.cases < LEAST_PROGRAM_CASES:
        yield f"{row.op} has {row.cases} cases, expected at least {LEAST_PROGRAM_CASES}"
    if row.geometries < LEAST_GEOMETRIES:
        yield f"{row.op} has {row.geometries} geometries, expected at least {LEAST_GEOMETRIES}"

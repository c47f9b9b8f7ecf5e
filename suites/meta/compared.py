"""Pairs of runs that nothing ran, for the tests of comparisons: one cell, a variant, a finding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from reports import compare
from reports.record import RUN_FILE, CellRecord, Finding, Header, Run, RunWriter, read_run
from suites.meta.test_record import a_cell, a_finding, a_footer, a_header

IDS = [f"max_pool1d/lattice-{k:016x}" for k in range(4)]
BASE = "max_pool1d/k2/binary32/eager/contiguous/cpu"
VARIANT = "max_pool1d/k2/binary32/eager/transposed/cpu"


def base(**changes: Any) -> CellRecord:
    """Return a base cell of four cases that conform."""
    fields = {
        "cases": 4,
        "ids": IDS,
        "verdicts": "sccc",
        "rules": "nfff",
        "agreement": "....",
        "outcomes": {"conforms": 4},
        "requirements": {"output": {"conforms": 4}, "gradient": {"conforms": 4}},
        "worst_ratio_case": IDS[0],
        "misses": {},
        "findings": 0,
    }
    return a_cell(**{**fields, **changes})


def variant(**changes: Any) -> CellRecord:
    """Return the same cases in another layout, with the bits of the base cell."""
    fields = {
        "cell": VARIANT,
        "variant": "transposed",
        "base": BASE,
        "ids": [],
        "agreement": "====",
    }
    return base(**{**fields, **changes})


def failing(cell: CellRecord, *places: int, requirement: str = "gradient") -> CellRecord:
    """Return the cell with cases that deviate."""
    left = cell.cases - len(places)
    words = {"conforms": left, "deviates": len(places)}
    letters = "".join("o" if k in places else v for k, v in enumerate(cell.verdicts))
    return replace(
        cell,
        verdicts=letters if requirement == "gradient" else cell.verdicts,
        outcomes={word: n for word, n in words.items() if n},
        requirements=cell.requirements | {requirement: {w: n for w, n in words.items() if n}},
        misses={requirement: {"deviates": list(places)}},
    )


def found(place: int, **changes: Any) -> Finding:
    """Return the finding of a case."""
    return a_finding(**{"case": IDS[place], **changes})


def run(
    folder: Path,
    *records: CellRecord | Finding,
    header: Header | None = None,
    **footer: Any,
) -> Run:
    """Write a run and read it back."""
    counted = [
        replace(record, findings=sum(_belongs(f, record) for f in records))
        if isinstance(record, CellRecord)
        else record
        for record in records
    ]
    cells = [record for record in counted if isinstance(record, CellRecord)]
    with RunWriter(folder / RUN_FILE) as writer:
        writer.append(header or a_header(), *counted)
        writer.append(a_footer(*cells, **{"digest": writer.digest(), **footer}))
    return read_run(folder)


def _belongs(finding: object, cell: CellRecord) -> bool:
    return isinstance(finding, Finding) and finding.cell == cell.cell


def compared(old: Run, new: Run, **options: Any) -> compare.Comparison:
    """Return the comparison of two runs."""
    return compare.compare(compare.side_of(old), compare.side_of(new), **options)


def kinds(comparison: compare.Comparison) -> list[tuple[str, str, int]]:
    """Return kind, requirement and number of places of each group."""
    return [(group.key[0], group.key[2], group.places) for group in comparison.groups]

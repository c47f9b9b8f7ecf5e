"""Run files that nothing ran: of any size, with every kind of record, for the tests of reports."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from reports.record import RUN_FILE, CellRecord, Finding, Run, RunWriter, Search, read_run
from suites.meta.test_record import SLIDING, a_cell, a_finding, a_footer, a_header

OPERATIONS = (
    *("max_pool1d", "max_pool2d", "max_pool3d"),
    *("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"),
    *("fractional_max_pool2d", "fractional_max_pool3d"),
)
FORMATS = ("binary16", "bfloat16", "binary32", "binary64")
EAGER = (
    *("contiguous", "channels-last", "transposed", "sliced", "expanded", "channels-last-sliced"),
    *("contiguous+indices", "channels-last+indices", "transposed+indices", "sliced+indices"),
    *("expanded+indices", "channels-last-sliced+indices", "cotangent-expanded"),
    *("cotangent-transposed", "cotangent-sliced", "cotangent-channels-last"),
    *("channels-last+cotangent-channels-last", "repeat"),
)
COMPILED = ("contiguous", "channels-last", "transposed", "product", "transposed-view", "sum")
REQUIREMENTS = ("output", "gradient", "second-backward", "special", "safe")


def a_search(**changes: object) -> Search:
    """Return a search that found nothing; `changes` replace its fields."""
    fields = {
        "search": "max_pool1d/search/binary32/eager/cpu",
        "op": "max_pool1d",
        "format": "binary32",
        "mode": "eager",
        "device": "cpu",
        "outcome": "none",
        "message": None,
        "examples": 2000,
        "known": 3,
        "unsupported": 0,
        "reached": {"overlap": 812, "padding": 655, "mixed signs": 703},
        "counterexamples": [],
        "seed": "corpus",
        "seconds": 4.5,
    }
    return Search(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def a_compiled_cell(base: CellRecord, **changes: object) -> CellRecord:
    """Return the cell of `base` in mode inductor, its bits like those of `base`."""
    fields = {
        "cell": base.cell.replace("/eager/", "/inductor/"),
        "op": base.op,
        "format": base.format,
        "mode": "inductor",
        "base": base.cell,
        "cases": base.cases,
        "ids": [],
        "agreement": "=" * base.cases,
        "verdicts": "",
        "rules": "",
        "requirements": {name: {"conforms": base.cases} for name in base.requirements}
        | {"consistency-mode": {"conforms": base.cases}},
        "outcomes": {"conforms": base.cases},
        "compiled": {
            "forward": "generated",
            "backward": "calls ATen",
            "graphs": 1,
            "shared_with": [],
        },
    }
    return a_cell(**{**fields, **changes})


def large(folder: Path, *, cases: int, failures: int, geometries: int = 8) -> Run:
    """Write a run of so many cases and distinct failures, in every format and mode; read it back.

    A fifth of the failures is known, another fifth never fails a run.
    """
    cells = list(_cells(cases, geometries))
    path = folder / RUN_FILE
    found = itertools.groupby(_findings(cells, failures), key=lambda finding: finding.cell)
    by_cell = {cell: list(findings) for cell, findings in found}
    planned = {"cells": len(cells), "cases": sum(cell.cases for cell in cells if not cell.base)}
    options = {"ops": list(OPERATIONS), "formats": list(FORMATS), "modes": ["eager", "inductor"]}
    with RunWriter(path) as writer:
        writer.append(a_header(planned=planned, options=options, profile="standard"))
        for cell in cells:
            writer.append(cell)
            for finding in by_cell.get(cell.cell, []):
                writer.append(finding)
        for op, name in itertools.product(OPERATIONS, FORMATS):
            writer.append(a_search(search=f"{op}/search/{name}/eager/cpu", op=op, format=name))
        writer.append(a_footer(*cells, failed=failures > 0, exit_status=int(failures > 0)))
    return read_run(path)


def _cells(cases: int, geometries: int) -> Iterator[CellRecord]:
    places = list(itertools.product(OPERATIONS, FORMATS, range(geometries)))
    for number, (op, name, k) in enumerate(places):
        here = (number + 1) * cases // len(places) - number * cases // len(places)
        cell = f"{op}/k{k}-s1-p0-1x1x8/{name}/eager/contiguous/cpu"
        base = a_cell(
            cell=cell,
            op=op,
            format=name,
            cases=here,
            ids=[f"{op}/lattice-{number:04x}{case:012x}" for case in range(here)],
            verdicts=("sccc" * here)[:here],
            rules=("nfff" * here)[:here],
            agreement="." * here,
            requirements={requirement: {"conforms": here} for requirement in REQUIREMENTS},
            outcomes={"conforms": here},
            windows=40 * here,
            tied=25 * here,
        )
        yield base
        yield from _variants(base)


def _variants(base: CellRecord) -> Iterator[CellRecord]:
    for variant in EAGER[1:]:
        yield a_compiled_cell(
            base,
            cell=base.cell.replace("/contiguous/", f"/{variant}/"),
            mode="eager",
            variant=variant,
            compiled=None,
            requirements={name: {"conforms": base.cases} for name in base.requirements}
            | {"consistency-layout": {"conforms": base.cases}},
        )
    for variant in COMPILED:
        cell = base.cell.replace("/eager/contiguous/", f"/inductor/{variant}/")
        yield a_compiled_cell(base, cell=cell, variant=variant)


def _findings(cells: list[CellRecord], failures: int) -> Iterator[Finding]:
    """Yield findings of distinct causes, two each, in the order of the cells."""
    step = max(len(cells) // max(failures, 1), 2)
    for number in range(failures):
        kind = number % 5
        for cell in cells[number * step : number * step + 2]:
            yield a_finding(
                cell=cell.cell,
                case=f"{cell.op}/lattice-{number:016x}",
                op=cell.op,
                params=SLIDING,
                format=cell.format,
                mode=cell.mode,
                variant=cell.variant,
                requirement="consistency-layout" if kind == 4 else "gradient",
                outcome="differs" if kind == 4 else "deviates",
                cause=f"box {number}",
                known=kind == 3,
                fails_run=kind != 4,
                message=f"words of the framework, number {number}" if kind == 1 else None,
                input={
                    "shape": [1, 1, 96],
                    "data": [f"0x1.{k * k % 4096:03x}p+0" for k in range(96)],
                },
                cotangent={"shape": [1, 1, 48], "data": ["0x1.8p+1", "-0x1p+0", "0x0p+0"] * 16},
            )

"""Run files that nothing ran: of any size, with every kind of record, for the tests of reports."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from reports.record import RUN_FILE, CellRecord, Finding, Run, RunWriter, Search, read_run
from suites.meta.test_record import (
    SLIDING,
    a_cell,
    a_finding,
    a_footer,
    a_header,
    an_agreement,
)

FAMILIES = {
    "pooling": (
        *("max_pool1d", "max_pool2d", "max_pool3d"),
        *("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"),
        *("fractional_max_pool2d", "fractional_max_pool3d"),
    ),
    "reductions": (
        *("amax", "amin", "aminmax", "max", "min", "median", "nanmedian", "mode", "kthvalue"),
        *("topk", "sort", "msort", "cummax", "cummin", "quantile", "nanquantile"),
    ),
    "indexed": (
        *("scatter_reduce", "index_reduce", "segment_reduce", "embedding_bag"),
        *("max_unpool1d", "max_unpool2d", "max_unpool3d"),
    ),
    "elementwise": (
        *("abs", "clamp", "clamp_min", "clamp_max", "maximum", "minimum", "fmax", "fmin"),
        *("relu", "relu6", "leaky_relu", "prelu", "rrelu", "hardtanh", "hardsigmoid"),
        *("hardswish", "hardshrink", "softshrink", "threshold", "elu", "celu", "selu"),
        *("nan_to_num", "copysign", "where", "sign", "floor", "ceil", "round", "trunc", "frac"),
        *("heaviside", "atan2", "remainder", "fmod", "relu_", "hypot"),
    ),
    "averages": (
        *("avg_pool1d", "avg_pool2d", "avg_pool3d"),
        *("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"),
    ),
}
OPERATIONS = {op: family for family, ops in FAMILIES.items() for op in ops}
FORMATS = ("binary16", "bfloat16", "binary32", "binary64")
MODES = {
    "eager": (
        *("contiguous", "channels-last", "transposed", "sliced", "expanded", "cotangent-expanded"),
        *("cotangent-transposed", "cotangent-sliced", "repeat"),
    ),
    "inductor": ("contiguous", "transposed", "product", "transposed-view", "sum", "argmax"),
    "aot_eager": ("contiguous", "product"),
    **dict.fromkeys(
        (
            *("jvp", "vjp", "jacrev", "jacfwd", "vmap", "double-backward", "checkpoint"),
            *("autocast", "inplace", "out", "deterministic", "threads"),
        ),
        ("contiguous",),
    ),
}
COMPILED = ("inductor", "aot_eager")
REQUIREMENTS = ("output", "gradient", "second-backward", "special", "safe")
BESIDE = ("convention", "accuracy")
AT_KINKS = {"minimum-norm": ("elementwise", "reductions"), "jump": ("indexed",)}


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


def large(folder: Path, *, cases: int, failures: int, geometries: int = 2) -> Run:
    """Write a run of so many cases and distinct failures, in every format and mode; read it back.

    A fifth of the failures is known, another fifth never fails a run.
    """
    cells = list(_cells(cases, geometries))
    path = folder / RUN_FILE
    found = itertools.groupby(_findings(cells, failures), key=lambda finding: finding.cell)
    by_cell = {cell: list(findings) for cell, findings in found}
    planned = {"cells": len(cells), "cases": sum(cell.cases for cell in cells if not cell.base)}
    options = {"ops": list(OPERATIONS), "formats": list(FORMATS), "modes": list(MODES)}
    header = a_header(
        planned=planned,
        options=options,
        profile="standard",
        families=OPERATIONS,
        functions={op: f"torch.{op}" for op in OPERATIONS},
        conventions={
            op: {
                "rule": "first-index" if k % 3 else None,
                "quote": _QUOTES[k % 5],
                "source": "docs",
            }
            for k, op in enumerate(OPERATIONS)
        },
        requirements=_requirements(),
    )
    with RunWriter(path) as writer:
        writer.append(header)
        for cell in cells:
            writer.append(cell)
            for finding in by_cell.get(cell.cell, []):
                writer.append(finding)
        for op, name in itertools.product(OPERATIONS, FORMATS):
            writer.append(a_search(search=f"{op}/search/{name}/eager/cpu", op=op, format=name))
        for name in FORMATS:
            writer.append(an_agreement(format=name))
            writer.append(an_agreement(name="abs", format=name, groups=[], example=None))
        writer.append(a_footer(*cells, failed=failures > 0, exit_status=int(failures > 0)))
    return read_run(path)


_QUOTES = ("", "the first", "evenly", "the sub-gradient of minimum norm", "whatever")


def _requirements() -> list[dict[str, object]]:
    fails = dict.fromkeys((*REQUIREMENTS, "jacobian", "linear"), True)
    never = (*BESIDE, *AT_KINKS, "consistency-layout", "consistency-mode", "adjoint")
    return [
        {"id": name, "sentence": f"The {name} is right.", "source": "docs", "fails_run": failing}
        for name, failing in {**fails, **dict.fromkeys(never, False)}.items()
    ]


def _cells(cases: int, geometries: int) -> Iterator[CellRecord]:
    places = list(itertools.product(OPERATIONS, FORMATS, range(geometries)))
    for number, (op, name, k) in enumerate(places):
        here = (number + 1) * cases // len(places) - number * cases // len(places)
        base = a_cell(
            cell=f"{op}/k{k}-s1-p0-1x1x8/{name}/eager/contiguous/cpu",
            op=op,
            format=name,
            cases=here,
            ids=[f"{op}/lattice-{number:04x}{case:012x}" for case in range(here)],
            verdicts=("sccc" * here)[:here],
            rules=("nfff" if number % 7 else "nfle") * (here // 4) + "n" * (here % 4),
            agreement="." * here,
            requirements={
                **{requirement: {"conforms": here} for requirement in (*REQUIREMENTS, *BESIDE)},
                **_at_kinks(OPERATIONS[op], here),
            },
            outcomes={"conforms": here},
            windows=40 * here,
            tied=25 * here,
        )
        yield base
        yield from _variants(base)


def _at_kinks(family: str, cases: int) -> dict[str, dict[str, int]]:
    words = {"conforms": cases - cases // 3, "differs": cases // 3}
    return {name: words for name, families in AT_KINKS.items() if family in families}


def _variants(base: CellRecord) -> Iterator[CellRecord]:
    for mode, variants in MODES.items():
        for variant in variants:
            if (mode, variant) == ("eager", "contiguous"):
                continue
            cell = base.cell.replace("/eager/contiguous/", f"/{mode}/{variant}/")
            changes = {"cell": cell, "mode": mode, "variant": variant}
            if mode == "out" and OPERATIONS[base.op] != "elementwise":
                yield _not_run(base, **changes)
                continue
            if mode not in COMPILED:
                changes["compiled"] = None
            requirements = {name: {"conforms": base.cases} for name in _held_to(mode)}
            yield a_compiled_cell(base, **changes, requirements=requirements)


def _held_to(mode: str) -> tuple[str, ...]:
    if mode == "eager":
        return (*REQUIREMENTS, "consistency-layout")
    more = {"jvp": ("jacobian", "adjoint"), "jacfwd": ("jacobian",), "double-backward": ("linear",)}
    return ("output", "gradient", "special", "safe", "consistency-mode", *more.get(mode, ()))


def _not_run(base: CellRecord, **changes: object) -> CellRecord:
    fields = {
        "outcome": "not run",
        "message": f"{base.op} has no out= form",
        "outcomes": {"not run": base.cases},
        "requirements": {},
        "agreement": "",
        "compiled": None,
    }
    return a_compiled_cell(base, **{**fields, **changes})


def _findings(cells: list[CellRecord], failures: int) -> Iterator[Finding]:
    """Yield findings of distinct causes, two each, in the order of the cells."""
    ran = [cell for cell in cells if cell.outcome == "ran"]
    step = max(len(ran) // max(failures, 1), 2)
    for number in range(failures):
        kind = number % 5
        for cell in ran[number * step : number * step + 2]:
            pooling = OPERATIONS[cell.op] == "pooling"
            yield a_finding(
                cell=cell.cell,
                case=f"{cell.op}/lattice-{number:016x}",
                op=cell.op,
                params=SLIDING if pooling else {"dim": 0},
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
                operands=[] if pooling else [{"name": "input", "shape": [96]}],
                expression="" if pooling else "f(input, dim=0)",
                cotangent={"shape": [1, 1, 48], "data": ["0x1.8p+1", "-0x1p+0", "0x0p+0"] * 16},
            )

"""What a reader may not conclude from a run."""

from __future__ import annotations

import math
from collections import Counter

from reports.measures import verdicts
from reports.record import Run
from reports.text import counted, counts, number, plain


def limits(run: Run) -> list[str]:
    """Return sentences, each with the facts of this run."""
    return [
        _machine(run),
        _sizes(run),
        _selection(run),
        _not_run(run),
        _undecided(run),
        "A finite corpus: that every case conforms is no proof for other inputs.",
        "Cases are stacked into one call; a script runs its case alone. A defect that depends on a "
        "case's place in the batch can be real and not show there.",
        "A cell keeps its smallest findings only; the counts are of all its cases.",
    ]


def _machine(run: Run) -> str:
    facts = run.header.environment
    said = [
        f"{key.replace('_', ' ')} {plain(str(facts[key]), 100)}"
        for key in ("instruction_set", "processor", "device_name", "driver", "threads")
        if facts.get(key) not in (None, "")
    ]
    where = f" ({', '.join(said)})" if said else ""
    return (
        f"One machine, one build, one instruction set{where}: other processors, devices and "
        "numbers of threads run other kernels."
    )


def _sizes(run: Run) -> str:
    sizes = [math.prod(cell.case_shape) for cell in run.cells]
    if not sizes:
        return "No cell was run: nothing can be concluded at all."
    return (
        f"Sizes: a case has {number(min(sizes))} to {number(max(sizes))} inputs; larger tensors "
        "can take other paths."
    )


def _selection(run: Run) -> str:
    def seen(key: str) -> str:
        return ", ".join(sorted({plain(getattr(cell, key), 60) for cell in run.cells})) or "none"

    return (
        f"Only what was selected: device {plain(run.header.device, 20)}; modes {seen('mode')}; "
        f"operations {seen('op')}; formats {seen('format')}; variants {seen('variant')}."
    )


def _not_run(run: Run) -> str:
    outcomes = Counter(cell.outcome for cell in run.cells if cell.outcome != "ran")
    missing = run.header.planned.get("cells", 0) - len(run.cells)
    if missing > 0:
        outcomes["without a record"] += missing
    if not outcomes:
        return "Every planned cell ran."
    return f"Nothing is known of the cells that did not run to their end: {counts(outcomes, ', ')}."


def _undecided(run: Run) -> str:
    undecided = verdicts(run)["undecided"]
    return (
        f"{counted(undecided, 'undecided case')}: a gap of the oracle within its budget, no "
        "statement about the framework, never counted as a pass."
    )

"""What a reader may not conclude from a run."""

from __future__ import annotations

import math
from collections import Counter

from reports.families import family, in_order
from reports.measures import verdicts
from reports.outcomes import FORMATS
from reports.record import Run
from reports.text import counted, counts, number, plain
from reports.ways import WAYS

_NAMED = 16  # operations that a sentence can bear
_CHOICES = {
    "device": ("cpu", "cuda"),
    "mode": (*WAYS, "streams"),
    "format": FORMATS,
    "layout": ("contiguous", "channels-last", "transposed", "sliced", "expanded"),
}
"""What a run can be told to do: whatever is missing was selected away, or does not apply."""


def limits(run: Run) -> list[str]:
    """Return sentences, each with the facts of this run."""
    return [
        _machine(run),
        _sizes(run),
        _selection(run),
        _left_out(run),
        _not_run(run),
        _compiled(run),
        _searches(run),
        _operators(run),
        _undecided(run),
        "The ledger says which rule fits what came back on the cases of this run, and equal "
        "functions that agree do so on the tied cases they were given: neither is a promise.",
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
        f"operations {_operations(run)}; formats {seen('format')}; variants {seen('variant')}."
    )


def _operations(run: Run) -> str:
    """Return the operations by name; many of them as numbers of each family."""
    ops = in_order(run.header.families, (cell.op for cell in run.cells))
    if len(ops) <= _NAMED:
        return ", ".join(plain(op, 60) for op in ops) or "none"
    return counts(Counter(plain(family(run.header.families, op), 60) for op in ops), ", ")


def _left_out(run: Run) -> str:
    seen: dict[str, set[str]] = {
        key: {getattr(cell, key) for cell in run.cells if cell.outcome != "not run"}
        for key in _CHOICES
    }
    missing = [
        f"{key} {', '.join(left)}"
        for key, choices in _CHOICES.items()
        if (left := [choice for choice in choices if choice not in seen[key]])
    ]
    if not missing:
        return "Every device, mode, format and layout that the suites know was run, not every pair."
    return f"Not run, so nothing is said of: {'; '.join(missing)}."


def _not_run(run: Run) -> str:
    outcomes = Counter(cell.outcome for cell in run.cells if cell.outcome != "ran")
    missing = run.header.planned.get("cells", 0) - len(run.cells)
    if missing > 0:
        outcomes["without a record"] += missing
    if not outcomes:
        return "Every planned cell ran."
    return f"Nothing is known of the cells that did not run to their end: {counts(outcomes, ', ')}."


def _compiled(run: Run) -> str:
    cells = [cell for cell in run.cells if cell.compiled is not None]
    found = [cell.compiled for cell in cells if cell.compiled is not None]
    if not found:
        return "Nothing was compiled: no word on the code that torch.compile generates."
    aten = sum("calls ATen" in how["forward"] + how["backward"] for how in found)
    cases = sum(cell.cases for cell in cells)
    return (
        "Compiled with fixed shapes, one graph a call: dynamic shapes and graphs that break were "
        f"not run. {number(aten)} of {counted(len(found), 'compiled cell')} called ATen in a pass "
        "at least: there the eager kernel was run again. They hold "
        f"{counted(cases, 'case')}, over all variants: the rest of the corpus was not compiled."
    )


def _searches(run: Run) -> str:
    ran = [search for search in run.searches if search.outcome != "not run"]
    if not ran:
        return "Nothing was searched for: only the corpus was run."
    examples = counted(sum(search.examples for search in ran), "example")
    left = len(run.searches) - len(ran)
    beside = f"; {counted(left, 'search', 'searches')} not run" if left else ""
    return (
        f"A search that finds nothing is no proof: {examples} in "
        f"{counted(len(ran), 'search', 'searches')}{beside}."
    )


def _operators(run: Run) -> str:
    record = run.completeness
    if record is None or record.outcome == "not run":
        return "Which operators of the release are not covered at all is not known from this run."
    left = {word: n for word, n in record.classes.items() if word not in ("covered", "smooth")}
    return (
        f"Not held against the oracle: {counts(left, ', ')} of the release's differentiable "
        "operators. That one is smooth is shown at some inputs, not proved."
    )


def _undecided(run: Run) -> str:
    undecided = verdicts(run)["undecided"]
    return (
        f"{counted(undecided, 'undecided case')}: a gap of the oracle within its budget, no "
        "statement about the framework, never counted as a pass."
    )

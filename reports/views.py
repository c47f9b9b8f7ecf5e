"""The sections of a report as the page and the Markdown show them: a row for each operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import pivots
from reports.equal import equal_together
from reports.ledger import entries
from reports.networks import shown
from reports.tables import by_format_and_mode, by_requirement, comparisons, overview


def view(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return name -> table or rows, those of one family together."""
    run, matrix = section["run"], section["matrix"]
    families = run["families"]
    failing = [row["id"] for row in run["requirements"] if row["fails_run"]]
    return {
        "overview": overview(matrix, families),
        "ways": by_format_and_mode(matrix, families, failing),
        "grids": by_requirement(matrix, families),
        "ledger": entries(section["rules"], families),
        "ratios": pivots.ratios(section["worst_ratios"], families),
        "graded": pivots.grades(section["grades"], families),
        "comparisons": comparisons(section["agreement"], families),
        "compiled_together": pivots.compiled(section["compiled"], families),
        "searched": pivots.searches(section["searches"], families),
        "ended_early": pivots.not_ran(section["not_ran"]),
        "equal_together": equal_together(section["equal_functions"]),
        "networks_shown": shown(section["networks"]),
    }


def names(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what each run is called: its release and device, among equal ones its time, too."""
    found = []
    for run in runs:
        beside = f"{run['implementation']} beside " if run["implementation"] is not None else ""
        found.append(f"{beside}{' '.join(run['framework'].values())} on {run['device']}")
    return [
        name if found.count(name) == 1 else f"{name}, {run['started']}"
        for name, run in zip(found, runs, strict=True)
    ]

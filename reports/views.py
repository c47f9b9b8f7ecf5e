"""The sections of a report as the page and the Markdown show them: a row for each operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import pivots
from reports.equal import equal_together
from reports.ledger import entries
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
    }

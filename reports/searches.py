"""The searches for counterexamples: how far they looked, and what they found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from reports.measures import Row
from reports.outcomes import format_rank
from reports.record import Run
from reports.text import counted


def searches(run: Run) -> list[Row]:
    """Return the searches, each with its answer as a sentence and the number of its findings."""
    findings = Counter(finding.cell for finding in run.findings)
    ranked = sorted(run.searches, key=lambda s: (s.op, s.mode, format_rank(s.format), s.search))
    rows: list[Row] = []
    for search in ranked:
        row: Row = {key: value for key, value in search.document().items() if key != "kind"}
        row["findings"] = findings[search.search]
        rows.append(row | {"answer": said(row)})
    return rows


def said(search: Mapping[str, Any]) -> str:
    """Return what came of a search, or of several that ended in the same way."""
    if search["outcome"] == "not run":
        return f"not run: {search['message'] or 'no reason is given'}"
    looked = f"searched {counted(search['examples'], 'example')}"
    if search["outcome"] == "none":
        return f"{looked}: none"
    return f"{looked}: {counted(search['findings'], 'counterexample')}"

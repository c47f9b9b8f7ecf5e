"""The known deviations of a run, and whether each of them showed."""

from __future__ import annotations

from collections.abc import Mapping

from reports.families import case_family
from reports.record import Finding, Run


def known_deviations(run: Run) -> list[dict[str, object]]:
    """Return the rows in force, each with the number of findings that it covers."""
    known = [finding for finding in run.findings if finding.known]
    rows = []
    for row in run.header.deviations:
        covered = sum(_covers(row, finding) for finding in known)
        rows.append({"row": row, "findings": covered, "showed": covered > 0})
    return rows


def _covers(row: Mapping[str, object], finding: Finding) -> bool:
    named = {
        "formats": finding.format,
        "modes": finding.mode,
        "variants": finding.variant,
        "devices": finding.device,
        "families": case_family(finding.case),
    }
    return (
        row.get("requirement") == finding.requirement
        and row.get("operation") == finding.op
        and row.get("outcome", finding.outcome) == finding.outcome
        and all(_listed(row.get(key), value) for key, value in named.items())
    )


def _listed(values: object, value: str) -> bool:
    """Whether a row's list names `value`; without entries it means everything."""
    return not isinstance(values, list) or not values or value in values

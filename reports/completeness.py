"""The release's differentiable operators: are all accounted for, do smooth ones show a kink?"""

from __future__ import annotations

from reports.measures import Row
from reports.record import Completeness, Run
from reports.text import counted, counts, number, share


def completeness(run: Run) -> Row | None:
    """Return what is known of the operators, with a sentence; None where it was not asked."""
    record = run.completeness
    if record is None:
        return None
    return {key: value for key, value in record.document().items() if key != "kind"} | {
        "operators": operators(record),
        "nonsmooth": nonsmooth(record),
        "answer": "; ".join(sentences(record)),
    }


def operators(record: Completeness) -> int:
    """Return how many operators the release has."""
    return sum(record.classes.values()) + len(record.unclassified)


def nonsmooth(record: Completeness) -> int:
    """Return how many nonsmooth operators need not come later."""
    return record.covered + len(record.uncovered)


def sentences(record: Completeness) -> list[str]:
    """Return what is known, in clauses."""
    if record.outcome == "not run":
        return [f"not run: {record.message or 'no reason is given'}"]
    classes = counts({**record.classes, "unclassified": len(record.unclassified)})
    return [
        f"{counted(operators(record), 'operator')}: {classes}",
        f"{share(record.covered, nonsmooth(record))} nonsmooth covered",
        _probed(record),
    ]


def in_short(record: Completeness) -> str:
    """Return what is known, on one line."""
    if record.outcome == "not run":
        return sentences(record)[0]
    probes = f", {counted(len(record.kinks), 'kink')}" if record.probes else ""
    return (
        f"{number(operators(record))}, {number(len(record.unclassified))} unclassified{probes}; "
        f"{share(record.covered, nonsmooth(record))} nonsmooth covered"
    )


def _probed(record: Completeness) -> str:
    if not record.probes:
        return "none probed for kinks in this profile"
    smooth = record.probed + len(record.not_probed)
    return (
        f"{number(record.probed)} of {number(smooth)} smooth probed at "
        f"{counted(record.points, 'input')}, {counted(len(record.kinks), 'kink')}"
    )

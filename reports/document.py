"""The report as one JSON document, `report/1`: every form of the report is made from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from reports.answer import answer
from reports.compiled import compiled
from reports.completeness import completeness
from reports.deviations import known_deviations
from reports.equal import equal_by_release, equal_functions
from reports.expectation import describe
from reports.failures import Failure, distinct_failures
from reports.ledger import by_release, ledger
from reports.limits import limits
from reports.matrix import matrix, per_requirement
from reports.measures import (
    agreement,
    decided,
    grades,
    not_ran,
    ties,
    verdicts,
    verdicts_by_op,
    worst_ratios,
)
from reports.networks import networks
from reports.record import Run
from reports.reproducer import NoScriptError, script
from reports.searches import searches

SCHEMA = "report/1"


def report(runs: Sequence[Run]) -> dict[str, object]:
    """Return the report of some runs: each a section of its own, their ledgers side by side."""
    alone = len(runs) == 1
    return {
        "schema": SCHEMA,
        "runs": [
            _section(run, prefix="" if alone else f"run{place}-")
            for place, run in enumerate(runs, start=1)
        ],
        "ledger": by_release(runs),
        "equal_functions": equal_by_release(runs),
    }


def scripts(document: dict[str, object]) -> dict[str, str]:
    """Return file name -> source of each script of a report."""
    return {
        f"{failure['slug']}.py": failure["script"]
        for run in document["runs"]  # type: ignore[attr-defined]  # as `report` made it
        for failure in run["failures"]
        if failure["script"] is not None
    }


def _section(run: Run, prefix: str) -> dict[str, object]:
    header = run.header.document()
    failures = distinct_failures(run)
    places = matrix(run)
    return {
        "file": run.path.name,
        "run": {key: header[key] for key in header if key not in ("kind", "schema")}
        | {
            "complete": run.complete,
            "finished": run.footer.finished if run.footer else None,
            "seconds": run.footer.seconds if run.footer else None,
        },
        "answer": dataclasses.asdict(answer(run, failures)),
        "totals": run.totals,
        "cells": len(run.cells),
        "verdicts": verdicts(run),
        "verdicts_by_op": verdicts_by_op(run),
        "ties": ties(run),
        "decided": decided(run),
        "per_requirement": per_requirement(places),
        "matrix": [dataclasses.asdict(place) for place in places],
        "not_ran": not_ran(run),
        "worst_ratios": worst_ratios(run),
        "grades": grades(run),
        "rules": ledger(run),
        "equal_functions": equal_functions(run),
        "agreement": agreement(run),
        "compiled": compiled(run),
        "searches": searches(run),
        "completeness": completeness(run),
        "networks": networks(run),
        "known_deviations": known_deviations(run),
        "failures": [_failure(failure, run, prefix) for failure in failures],
        "limits": limits(run),
    }


def _failure(failure: Failure, run: Run, prefix: str) -> dict[str, object]:
    found = {
        field.name: getattr(failure, field.name)
        for field in dataclasses.fields(failure)
        if field.name != "smallest"
    }
    finding = failure.smallest
    source, reason = None, None
    try:
        source = script(finding, run.header)
    except NoScriptError as error:
        reason = str(error)
    return found | {
        "slug": prefix + failure.slug,
        "fails": failure.fails,
        "extent": failure.extent,
        "smallest": finding.document(),
        "allowed": describe(finding.expected),
        "script": source,
        "no_script": reason,
    }

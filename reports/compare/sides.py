"""A run as a comparison sees it, from a run file or from a baseline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from reports.compare.place import Place, key_of, place_of
from reports.compare.unsteady import unsteady
from reports.failures import size
from reports.record import (
    Agreement,
    Completeness,
    Finding,
    Footer,
    Header,
    Network,
    Run,
    RunFileError,
    Search,
    read_run,
)


class At(NamedTuple):
    """Where something was found: the cell, the requirement and the case's id."""

    cell: str
    requirement: str
    case: str


class Told(NamedTuple):
    """What a finding says: its outcome, its cause, and a digest of what came back."""

    outcome: str
    cause: str
    digest: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Side:
    """One of the two runs.

    Attributes:
        path: The file.
        header: What was run.
        footer: How it ended.
        places: Cell id -> cell.
        told: What the findings say.
        shown: Findings as a whole: of a run all, of a baseline the smallest of each kind.
        searches: The searches for counterexamples.
        agreements: Equal functions.
        completeness: Whether every operator is accounted for.
        networks: The networks that were run whole.
        packed: Whether it is a baseline.
    """

    path: Path
    header: Header
    footer: Footer
    places: Mapping[str, Place]
    told: Mapping[At, Told]
    shown: Sequence[Finding]
    searches: Sequence[Search]
    agreements: Sequence[Agreement]
    completeness: Completeness | None
    networks: Sequence[Network] = ()
    packed: bool = False

    @property
    def name(self) -> str:
        """The release and the device."""
        beside = f"{self.header.implementation} beside " if self.header.implementation else ""
        return f"{beside}{' '.join(self.header.framework.values())} on {self.header.device}"


def side_of(run: Run) -> Side:
    """Return a run as a comparison sees it.

    Raises:
        RunFileError: The run was cut off, is a part of a run, or of the suites' first version.
    """
    footer, problem = run.footer, _problem(run)
    if problem or footer is None:
        msg = f"{run.path}: {problem}"
        raise RunFileError(msg)
    return Side(
        path=run.path,
        header=run.header,
        footer=footer,
        places=dict(_places(run)),
        told=told_of(run.findings),
        shown=run.findings,
        searches=run.searches,
        agreements=run.agreements,
        completeness=run.completeness,
        networks=run.networks,
    )


def read_side(path: Path) -> Side:
    """Return the run in a run file, in the run file of a folder, or in a baseline.

    Raises:
        RunFileError: The file is none of these, or its run was cut off.
    """
    from reports.compare.baseline import is_baseline, unpack  # noqa: PLC0415  # it needs a side

    return unpack(path) if is_baseline(path) else side_of(read_run(path))


def told_of(findings: Sequence[Finding]) -> dict[At, Told]:
    """Return what findings say, by where they were found; of several in one place the smallest."""
    found: dict[At, Told] = {}
    for finding in findings:
        at = At(finding.cell, finding.requirement, finding.case)
        found.setdefault(at, Told(finding.outcome, finding.cause, _digest(finding)))
    return found


def smallest_by_kind(findings: Sequence[Finding]) -> list[Finding]:
    """Return the smallest finding of each requirement, operation, outcome, cause and mode."""
    found: dict[tuple[str, ...], Finding] = {}
    for finding in findings:
        kind = (
            *(finding.op, finding.requirement, finding.outcome, finding.cause),
            finding.mode if finding.requirement != "convention" else finding.format,
        )
        if kind not in found or size(finding) < size(found[kind]):
            found[kind] = finding
    return list(found.values())


def _problem(run: Run) -> str | None:
    if run.footer is None:
        return (
            f"the run was cut off after {len(run.cells)} of {run.header.planned.get('cells', 0)} "
            f"cells, expected a whole one; `pytest suites --resume {run.path}` finishes it"
        )
    if run.header.shard is not None:
        shard = run.header.shard
        return (
            f"this is shard {shard['index']} of {shard['of']}, expected a whole run; "
            "`python -m reports merge` makes one of all of them"
        )
    if any(cell.misses is None for cell in run.cells):
        return (
            "an earlier version of the suites wrote it, which did not say which cases fail; "
            "run again"
        )
    return None


def _places(run: Run) -> Iterator[tuple[str, Place]]:
    ids: dict[str, Sequence[str]] = {}
    keys: dict[str, str] = {}
    for cell in run.cells:
        if cell.ids or cell.base not in ids:
            ids[cell.cell], keys[cell.cell] = cell.ids, key_of(cell.ids)
        else:
            ids[cell.cell], keys[cell.cell] = ids[cell.base], keys[cell.base]
    left_out = unsteady(run.header.deviations, run.cells, ids)
    for cell in run.cells:
        out = cell.cell in left_out
        yield cell.cell, place_of(cell, ids[cell.cell], keys[cell.cell], left_out=out)


def _digest(finding: Finding) -> str:
    """Return a digest of what came back; none of words, which may name an address."""
    text = json.dumps(finding.got, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]

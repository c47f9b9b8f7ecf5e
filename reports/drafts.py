"""Drafts of rows for a file of known deviations, of what fails a run and no row covers yet."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.build import write
from reports.failures import size
from reports.outcomes import format_rank
from reports.record import CellRecord, Finding, Run
from reports.reproducer import NoScriptError, script
from reports.text import plain

_LISTS = ("formats", "modes", "variants", "families")
_YEAR = dt.timedelta(days=365)
_AS_ONE = {"conservative": "deviates"}
"""Of gradients that deviate some are conservative by chance: a row of `deviates` covers both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A row, and the script that it names.

    Attributes:
        row: Key -> text, or list of texts.
        script: The script's source, or None.
        reason: Why there is no script.
    """

    row: dict[str, str | list[str]]
    script: str | None
    reason: str | None

    @property
    def toml(self) -> str:
        """The row as a deviations file has it."""
        lines = [f"{key} = {_spelled(value)}" for key, value in self.row.items()]
        if self.reason is not None:
            lines.insert(0, f"# no script could be drafted: {plain(self.reason, 200)}")
        return "\n".join(("[[deviation]]", *lines)) + "\n"


def drafts(run: Run) -> list[Draft]:
    """Return a row for each requirement, operation and outcome that is new in a run.

    A list is left out where it would name all that was run of the operation.
    """
    groups: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    new = [finding for finding in run.findings if finding.fails_run and not finding.known]
    wrong = {(f.op, f.requirement) for f in new if f.outcome == "deviates"}
    for finding in new:
        outcome = finding.outcome
        if (finding.op, finding.requirement) in wrong:
            outcome = _AS_ONE.get(outcome, outcome)
        groups[finding.op, finding.requirement, outcome].append(finding)
    cells = _Cells(run.cells)
    return [_draft(run, cells, *key, findings) for key, findings in groups.items()]


def write_drafts(found: Iterable[Draft], folder: Path) -> Path:
    """Write the rows and their scripts into a folder; return the rows' file."""
    rows = list(found)
    for draft in rows:
        if draft.script is not None:
            write(folder / "deviations" / str(draft.row["script"]), draft.script)
    path = folder / "deviations.toml"
    write(path, "\n".join(draft.toml for draft in rows))
    return path


class _Cells:
    """What was run of each operation."""

    def __init__(self, cells: Sequence[CellRecord]) -> None:
        self._cells = {cell.cell: cell for cell in cells}
        self._by_op: dict[str, list[CellRecord]] = defaultdict(list)
        for cell in cells:
            self._by_op[cell.op].append(cell)

    def families(self, finding: Finding) -> set[str]:
        """Return the families that fail in the finding's cell, as far as they are known."""
        cell = self._cells.get(finding.cell)
        if cell is None:
            return {family_of(finding.case)}
        ids = self._ids(cell)
        if finding.requirement == "safe":
            return set(map(family_of, ids))
        covered = cell.requirements.get(finding.requirement, {}).get("known", 0)
        if covered or cell.misses is None:
            return {family_of(finding.case)}
        words = cell.misses.get(finding.requirement, {})
        return {family_of(ids[i]) for places in words.values() for i in places}

    def all_of(self, op: str, key: str, modes: Collection[str]) -> set[str]:
        """Return what was run of an operation: formats, modes, variants of modes, families."""
        cells = self._by_op[op]
        if key == "families":
            return {family_of(case) for cell in cells for case in cell.ids}
        if key == "variants":
            return {cell.variant for cell in cells if cell.mode in modes}
        return {str(getattr(cell, key.removesuffix("s"))) for cell in cells}

    def _ids(self, cell: CellRecord) -> Sequence[str]:
        base = self._cells.get(cell.base or "")
        return cell.ids or (base.ids if base else [])


def family_of(case: str) -> str:
    """Return the family of a case, which stands in its id."""
    return case.partition("/")[2].rpartition("-")[0]


def _draft(
    run: Run, cells: _Cells, op: str, requirement: str, outcome: str, findings: list[Finding]
) -> Draft:
    shown = {
        "formats": sorted({finding.format for finding in findings}, key=format_rank),
        "modes": sorted({finding.mode for finding in findings}),
        "variants": sorted({finding.variant for finding in findings}),
        "families": sorted({family for f in findings for family in cells.families(f)}),
    }
    lists = {
        key: entries
        for key, entries in shown.items()
        if set(entries) != cells.all_of(op, key, shown["modes"])
    }
    smallest = min(findings, key=size)
    source, reason = None, None
    try:
        source = script(smallest, run.header)
    except NoScriptError as error:
        reason = str(error)
    causes = ", ".join(dict.fromkeys(finding.cause for finding in findings))
    version = run.header.framework["version"].partition("+")[0]
    row: dict[str, str | list[str]] = {
        "requirement": requirement,
        "operation": op,
        "outcome": outcome,
        "versions": f"=={version}",
        **{key: lists[key] for key in _LISTS if key in lists},
        "devices": [run.header.device],
        "reason": f"Drafted, say what is wrong: {plain(causes, 200)}; case {smallest.case}.",
        "link": "",
        "expiry": (dt.datetime.fromisoformat(run.header.started).date() + _YEAR).isoformat(),
        "script": f"{requirement.replace('-', '_')}_{outcome}_{op}.py",
    }
    return Draft(row=row, script=source, reason=reason)


def _spelled(value: str | list[str]) -> str:
    # a TOML basic string has JSON's escapes; DEL is the only character that only TOML escapes
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

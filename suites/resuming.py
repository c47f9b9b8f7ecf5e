"""What a run that was cut off has already, and whether this process can go on with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.record import (
    Agreement,
    CellRecord,
    Completeness,
    Finding,
    Header,
    Network,
    Run,
    RunFileError,
    Search,
    read_run,
)
from suites.selection import SelectionError

_ALIKE = (
    *("framework", "environment", "commit", "corpus", "profile", "device", "seed"),
    *("implementation", "options", "shard", "planned", "requirements", "deviations"),
)
"""What a run that goes on must have in common with its beginning."""


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """The part of a run that is there.

    Attributes:
        path: The run file.
        header: What is run.
        lines: The lines that stay: the header, then whole groups of a record and its findings.
        cells: The cells among them.
        findings: The findings among them.
        searches: The searches among them.
        agreements: The equal functions among them.
        completeness: The measure of completeness, if it is among them.
        networks: The networks among them.
    """

    path: Path
    header: Header
    lines: Sequence[bytes]
    cells: Sequence[CellRecord]
    findings: Sequence[Finding]
    searches: Sequence[Search]
    agreements: Sequence[Agreement]
    completeness: Completeness | None
    networks: Sequence[Network] = ()

    @property
    def names(self) -> set[str]:
        """The names of the items that need not be run again."""
        return {
            *(cell.cell for cell in self.cells),
            *(f"search/{search.op}/{search.format}" for search in self.searches),
            *(f"agreement/{found.name}/{found.format}" for found in self.agreements),
            *(["completeness"] if self.completeness else []),
            *(network.network for network in self.networks),
        }


def earlier(path: Path) -> Earlier:
    """Return what a run file has.

    Raises:
        SelectionError: It is no run file, or its run has come to its end.
    """
    try:
        run = read_run(path)
    except RunFileError as error:
        msg = f"--resume: {error}"
        raise SelectionError(msg) from error
    if run.footer is not None and not _left(run):
        msg = f"--resume: {path} is whole, nothing is left to be run"
        raise SelectionError(msg)
    return _kept(run)


def refuse_another(old: Header, new: Header) -> None:
    """Refuse to go on with a run of another build, other suites, or another selection.

    Raises:
        SelectionError: They differ; it names the first difference.
    """
    for key in _ALIKE:
        was, now = getattr(old, key), getattr(new, key)
        if was != now:
            msg = f"--resume: {_difference(key, was, now)}; only what is the same can go on"
            raise SelectionError(msg)


def _difference(key: str, was: Any, now: Any) -> str:
    if isinstance(was, dict) and isinstance(now, dict):
        first = next(name for name in {**was, **now} if was.get(name) != now.get(name))
        return _difference(f"{key}.{first}", was.get(first), now.get(first))
    if isinstance(was, list) and isinstance(now, list):
        return f"{key} has {len(was)} entries in the run file and {len(now)} now, or others"
    return f"{key} is {ascii(was)[:60]} in the run file and {ascii(now)[:60]} now"


def _left(run: Run) -> bool:
    """Return whether a run with a footer was interrupted."""
    planned = run.header.planned
    done = {
        "cells": len(run.cells),
        "searches": len(run.searches),
        "agreements": len(run.agreements),
        "networks": len(run.networks),
        "completeness": int(run.completeness is not None),
    }
    interrupted = run.footer is not None and run.footer.exit_status == 2
    return interrupted or any(done[key] < planned.get(key, 0) for key in done)


def _kept(run: Run) -> Earlier:
    """Return the whole groups of a run: the last record may lack findings."""
    cells = {cell.cell: cell for cell in run.cells}
    kept: list[bytes] = []
    names: set[str] = set()
    findings = iter(run.findings)
    shown: list[Finding] = []
    for name, expected, group in _groups(run.path):
        of_group = [next(findings) for _ in range(len(group) - 1)]
        count = cells[name].findings if name in cells else expected
        if count is not None and len(of_group) != count:
            continue  # its findings were in flight
        kept += group
        names.add(name)
        shown += of_group
    return Earlier(
        path=run.path,
        header=run.header,
        lines=kept,
        cells=[cell for cell in run.cells if cell.cell in names],
        findings=shown,
        searches=[search for search in run.searches if search.search in names],
        agreements=run.agreements,
        completeness=run.completeness,
        networks=run.networks,
    )


def _groups(path: Path) -> Iterator[tuple[str, int | None, list[bytes]]]:
    """Yield each record but the footer: its name, how many findings follow it, and their lines.

    Of a search that found something the number is not known: where it is the last record, it is
    asked for one more than there are.
    """
    lines = path.read_bytes().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith(b"\n")]
    groups: list[tuple[dict[str, Any], list[bytes]]] = []
    for line in whole:
        record = json.loads(line)
        if record["kind"] == "finding":
            groups[-1][1].append(line)
        elif record["kind"] != "footer":
            groups.append((record, [line]))
    for place, (record, group) in enumerate(groups):
        last = place == len(groups) - 1
        found = record["kind"] == "search" and record["outcome"] == "found"
        name = record.get("cell") or record.get("search") or ""
        yield name, len(group) if last and found else None, group

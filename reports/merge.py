"""Makes one run of its shards: the same cells, cases and findings as the run by itself would have.

An operation is whole in one shard, so putting them in the order of the plan is enough; what a run
asks of its totals is asked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reports.record import (
    CellRecord,
    Finding,
    Footer,
    Header,
    Run,
    RunFileError,
    RunWriter,
    ShardOf,
    of_totals,
)

_ALIKE = (
    *("framework", "environment", "commit", "profile", "device", "seed", "implementation"),
    *("options", "requirements", "conventions", "functions", "families", "deviations", "shard"),
)
_MACHINE = ("platform", "processor")
"""Facts of the environment that may differ between machines; both are kept."""
_OWN = ("index",)
"""What each shard has for itself."""


def merge(runs: Sequence[Run], path: Path) -> None:
    """Write the run file of the run that the shards are parts of.

    Raises:
        RunFileError: A file is no shard, they are of different builds or suites, or one is missing
            or there twice; or there is another run in the file to be written.
    """
    shards = [_shard(run) for run in runs]
    for run in runs[1:]:
        _refuse_another(runs[0], run)
    _refuse_incomplete(runs, shards)
    if path.exists() and path.stat().st_size:
        msg = f"{path}: exists already, expected a new file; a run is never overwritten"
        raise RunFileError(msg)
    ordered = [run for _, run in sorted(zip(_numbers(shards), runs, strict=True), key=_first)]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}")
    with RunWriter(beside) as writer:
        writer.append(_header(ordered))
        for cell, findings in _cells(ordered):
            writer.append(cell, *findings)
        _append_beside(writer, ordered)
        writer.append(_footer(ordered, writer))
    beside.replace(path)


def _first(pair: tuple[int, Run]) -> int:
    return pair[0]


def _numbers(shards: Iterable[ShardOf]) -> list[int]:
    return [shard["index"] for shard in shards]


def _shard(run: Run) -> ShardOf:
    if run.header.shard is None:
        msg = f"{run.path}: it is no shard, expected a run of `pytest suites --shard I/N`"
        raise RunFileError(msg)
    if run.footer is None:
        msg = f"{run.path}: it was cut off; `pytest suites --resume {run.path}` finishes it"
        raise RunFileError(msg)
    return run.header.shard


def _refuse_another(first: Run, other: Run) -> None:
    for key in _ALIKE:
        was, now = getattr(first.header, key), getattr(other.header, key)
        name = _difference(key, was, now)
        if name is not None:
            msg = (
                f"{other.path}: {name} is {_brief(now, name, key)}, but "
                f"{_brief(was, name, key)} in {first.path}; shards of one run have one build and "
                "one suite"
            )
            raise RunFileError(msg)


def _difference(key: str, was: Any, now: Any) -> str | None:
    """Return the name of the first fact that differs, None if there is none."""
    if not isinstance(was, Mapping) or not isinstance(now, Mapping):
        return None if was == now else key
    skipped = {"environment": _MACHINE, "shard": _OWN}.get(key, ())
    for name in {**was, **now}:
        if name not in skipped and was.get(name) != now.get(name):
            return f"{key}.{name}"
    return None


def _brief(value: Any, name: str, key: str) -> str:
    found = value.get(name.removeprefix(f"{key}.")) if isinstance(value, Mapping) else value
    text = ascii(found)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _refuse_incomplete(runs: Sequence[Run], shards: Sequence[ShardOf]) -> None:
    numbers = _numbers(shards)
    for run, number in zip(runs, numbers, strict=True):
        if numbers.count(number) > 1:
            msg = f"{run.path}: shard {number} is there {numbers.count(number)} times"
            raise RunFileError(msg)
    missing = sorted(set(range(1, shards[0]["of"] + 1)).difference(numbers))
    if missing:
        listed = ", ".join(map(str, missing))
        msg = f"{runs[0].path}: of {shards[0]['of']} shards, {listed} are missing"
        raise RunFileError(msg)


def _header(runs: Sequence[Run]) -> Header:
    first = runs[0].header
    shard = _shard(runs[0])
    facts = dict(first.environment)
    for key in _MACHINE:
        values = dict.fromkeys(str(run.header.environment.get(key)) for run in runs)
        facts[key] = "; ".join(values)
    return replace(
        first,
        started=min(run.header.started for run in runs),
        environment=facts,
        corpus=shard["corpus"],
        planned=shard["planned"],
        shard=None,
    )


def _cells(runs: Sequence[Run]) -> Iterator[tuple[CellRecord, list[Finding]]]:
    """Yield the cells with their findings, in the order of the plan."""
    by_op: dict[str, list[CellRecord]] = defaultdict(list)
    by_cell: dict[str, list[Finding]] = defaultdict(list)
    for run in runs:
        for finding in run.findings:
            by_cell[finding.cell].append(finding)
        for cell in run.cells:
            by_op[cell.op].append(cell)
    for op in _ops(runs[0]):
        for cell in by_op[op]:
            yield cell, by_cell[cell.cell]


def _append_beside(writer: RunWriter, runs: Sequence[Run]) -> None:
    findings = [finding for run in runs for finding in run.findings]
    searches = [search for run in runs for search in run.searches]
    for op in _ops(runs[0]):
        for search in searches:
            if search.op == op:
                found = [finding for finding in findings if finding.cell == search.search]
                writer.append(search, *found)
    for run in runs:
        writer.append(*run.agreements)
    for run in runs:
        if run.completeness is not None:
            writer.append(run.completeness)
    for run in runs:
        writer.append(*run.networks)


def _ops(run: Run) -> list[str]:
    ops = run.header.options.get("ops")
    return [str(op) for op in ops] if isinstance(ops, list) else []


def _footer(runs: Sequence[Run], writer: RunWriter) -> Footer:
    totals, shard = writer.totals(), _shard(runs[0])
    footers = [run.footer for run in runs if run.footer is not None]
    unhealthy = [
        f"shard {number}: {reason}"
        for number, footer in enumerate(footers, start=1)
        for reason in footer.unhealthy
    ]
    recorded = {
        "cells": sum(totals["cells"].values()),
        "networks": sum(len(run.networks) for run in runs),
    }
    for what, count in recorded.items():
        planned = shard["planned"].get(what, 0)
        if count < planned:
            unhealthy.append(f"{count} of {planned} planned {what} were run")
    unhealthy += of_totals(totals, whole=shard["whole"], kinks=shard["kinks"])
    failed = any(footer.failed for footer in footers)
    return Footer(
        finished=max(footer.finished for footer in footers),
        seconds=round(sum(footer.seconds for footer in footers), 3),
        totals=totals,
        healthy=not unhealthy,
        unhealthy=unhealthy,
        failed=failed,
        exit_status=6 if unhealthy else int(failed),
        digest=writer.digest(),
    )

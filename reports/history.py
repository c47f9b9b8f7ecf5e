"""Verdicts and rules of each operation over releases, and when each finding first appeared.

Of a folder of runs and baselines, the newest of each release, device and profile; ordered by
release. What can't be read is left out and named; an unhealthy run has no numbers here.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from reports.build import write
from reports.compare import SUFFIX, Side, read_side
from reports.families import family, in_order
from reports.ledger import tied
from reports.page import environment, frame
from reports.record import RULES, RUN_FILE, VERDICTS, RunFileError

SCHEMA = "history/1"

_KINDS = ("consistency-layout", "consistency-mode", "consistency-repeat", "adjoint")
"""Requirements that never fail a run whose findings are shown, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The runs in a folder.

    Attributes:
        sides: Those that are shown, by release.
        left_out: File -> why it is not shown.
    """

    sides: Sequence[Side]
    left_out: Mapping[str, str]


def found_in(folder: Path) -> Found:
    """Return the runs in a folder, in its folders, and the baselines in it.

    Raises:
        RunFileError: There is none.
    """
    newest: dict[tuple[str, ...], Side] = {}
    left_out: dict[str, str] = {}
    for path in _files(folder):
        try:
            side = read_side(path)
        except RunFileError as error:
            left_out[path.relative_to(folder).as_posix()] = str(error).removeprefix(f"{path}")
            continue
        key = _release(side)
        other = newest.get(key)
        newer = other is None or other.header.started < side.header.started
        older = other if newer else side
        if older is not None:
            name = older.path.relative_to(folder).as_posix()
            left_out[name] = "there is a newer run of this release"
        if newer:
            newest[key] = side
    if not newest:
        msg = f"{folder}: there is no whole run in it, expected {RUN_FILE} files or *{SUFFIX}"
        raise RunFileError(msg)
    return Found(sides=sorted(newest.values(), key=_order), left_out=left_out)


def history(found: Found) -> dict[str, Any]:
    """Return the JSON document of a history."""
    sides = found.sides
    families = {op: name for side in sides for op, name in side.header.families.items()}
    told = [_Told(side) for side in sides]
    ops = in_order(families, (op for each in told for op in each.verdicts))
    return {
        "schema": SCHEMA,
        "runs": [_run(side) for side in sides],
        "operations": [_operation(op, families, told) for op in ops],
        "findings": list(_findings(told, families)),
        "left_out": dict(found.left_out),
    }


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a history."""
    return _TEMPLATE.render(**document, **frame())


def build(found: Found, folder: Path) -> Path:
    """Write `history.json` and `history.html` into a folder; return the page's path."""
    document = history(found)
    write(folder / "history.json", json.dumps(document, indent=1, allow_nan=False) + "\n")
    path = folder / "history.html"
    write(path, page(document))
    return path


def _files(folder: Path) -> list[Path]:
    patterns = (RUN_FILE, f"{RUN_FILE}.gz", f"*/{RUN_FILE}", f"*/{RUN_FILE}.gz", f"*{SUFFIX}")
    found = {path for pattern in patterns for path in folder.glob(pattern)}
    # a link to the newest run is no run of its own
    return sorted(path for path in found if not path.parent.is_symlink())


def _release(side: Side) -> tuple[str, ...]:
    header = side.header
    return (*header.framework.values(), header.device, header.profile, header.implementation or "")


def _order(side: Side) -> tuple[Any, ...]:
    header = side.header
    text = header.framework.get("version", "")
    try:
        version = Version(text)
    except InvalidVersion:
        version = Version("0")
    return header.device, header.profile, version, text, header.started


def _run(side: Side) -> dict[str, Any]:
    header = side.header
    return {
        "name": side.name,
        "profile": header.profile,
        "device": header.device,
        "started": header.started,
        "commit": header.commit,
        "file": side.path.name,
        "healthy": side.footer.healthy,
        "unhealthy": side.footer.unhealthy,
    }


class _Told:
    """What a run says of each operation."""

    def __init__(self, side: Side) -> None:
        self.healthy = side.footer.healthy
        self.verdicts: dict[str, Counter[str]] = defaultdict(Counter)
        self.rules: dict[str, Counter[str]] = defaultdict(Counter)
        self.findings: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self.unsteady: set[tuple[str, ...]] = set()
        for place in side.places.values():
            if place.base is None:
                self.verdicts[place.op].update(_counted(place.verdicts, VERDICTS))
                self.rules[place.op].update(_counted(place.rules, RULES))
        failing = {row["id"] for row in side.header.requirements if row["fails_run"]}
        steady: set[tuple[str, ...]] = set()
        for at, said in side.told.items():
            place_of = side.places.get(at.cell)
            if at.requirement not in failing and at.requirement not in _KINDS:
                continue
            key = (at.cell.partition("/")[0], at.requirement, said.outcome, said.cause)
            self.findings[key].add(at.case)
            if place_of is None or not place_of.left_out:
                steady.add(key)
        self.unsteady = self.findings.keys() - steady

    def of(self, op: str) -> dict[str, Any] | None:
        """Return what is said of an operation; None where it was not run."""
        if op not in self.verdicts:
            return None
        numbers = self.healthy
        return {
            "verdicts": dict(+self.verdicts[op]) if numbers else None,
            "rules": tied(dict(+self.rules[op])) if numbers else None,
        }


def _counted(letters: str, words: Mapping[str, str]) -> dict[str, int]:
    return {word: count for letter, word in words.items() if (count := letters.count(letter))}


def _operation(op: str, families: Mapping[str, str], told: Sequence[_Told]) -> dict[str, Any]:
    runs = [each.of(op) for each in told]
    said = [_said(run) for run in runs if run is not None and run["verdicts"] is not None]
    return {
        "op": op,
        "family": family(families, op),
        "runs": runs,
        "changed": any(one != said[0] for one in said),
    }


def _said(run: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words alone: another corpus has other numbers."""
    return frozenset(run["verdicts"]), frozenset(run["rules"])


def _findings(told: Sequence[_Told], families: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    keys = dict.fromkeys(key for each in told for key in each.findings)
    places = {op: k for k, op in enumerate(in_order(families, (key[0] for key in keys)))}
    for key in sorted(keys, key=lambda key: (places[key[0]], key)):
        op, requirement, outcome, cause = key
        shows = [_shows(each, key) for each in told]
        first = shows.index(True)
        yield {
            "op": op,
            "family": family(families, op),
            "requirement": requirement,
            "outcome": outcome,
            "cause": cause,
            "shows": shows,
            "first": first,
            # it may be older than the first run in which anybody looked
            "since": "appeared" if False in shows[:first] else "there from the first run on",
            "gone": _last(shows) is False,
            "sometimes": any(key in each.unsteady for each in told),
            "case": min(min(each.findings[key]) for each in told if key in each.findings),
        }


def _shows(told: _Told, key: tuple[str, ...]) -> bool | None:
    """Return whether a run shows a finding; None where its operation was not run."""
    return key in told.findings if key[0] in told.verdicts or key in told.findings else None


def _last(shows: Iterable[bool | None]) -> bool | None:
    return next((said for said in reversed(list(shows)) if said is not None), None)


_TEMPLATE = environment().get_template("history.html.j2")

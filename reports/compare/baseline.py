"""A run in some hundred kilobytes, for comparisons alone: `baseline/1`.

What a comparison asks of a run is kept, and packed with xz: the header, the footer, searches, equal
functions and completeness as the run file has them; networks with the layers that are wrong or
tied; of each kind of finding the smallest whole, of the others their cause and a digest of what
came back; and the cells by columns, each saying only what its base cell does not say.

    {"schema": "baseline/1", "header": {…}, "footer": {…}, "searches": […],
     "agreements": […], "completeness": {…} or null, "networks": […], "findings": […],
     "told": […], "ways": […], "stacks": […]}

`ways` lists the mode and variant of cells. A stack is the cells of the same cases:

    [op/stack, format, device, key, cases, {place: id}, [[way, changes], …]]

`key` is the digest of the cases' ids. `changes` has what a cell does not share with the first of
its stack: `base`, `outcome`, `message`, `verdicts`, `rules`, `agreement`, `words`, `left_out`.
Ids are kept of the cases that fail. So a later run is compared case by case wherever a stack has
the same cases; where it has not, the cases that fail are, and the number of the others is said.
An entry of `told` is `[cell, requirement, id, outcome, cause, digest]`, the first five by their
places in the lists `cells`, `requirements`, `ids`, `outcomes` and `causes`.
"""

from __future__ import annotations

import json
import lzma
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.compare.networks import kept
from reports.compare.place import Place, words_of
from reports.compare.sides import At, Side, Told, smallest_by_kind
from reports.record import (
    Agreement,
    Completeness,
    Finding,
    Footer,
    Header,
    Network,
    RunFileError,
    Search,
    content_of,
    record_of,
)

SCHEMA = "baseline/1"
SUFFIX = ".baseline.xz"
BASELINES = Path(__file__).parents[1] / "baselines"
"""Where the baselines of the releases lie that were run so far."""

_DEFAULTS: dict[str, Any] = {
    "base": None,
    "outcome": "ran",
    "message": None,
    "verdicts": "",
    "rules": "",
    "agreement": "",
    "words": {},
    "left_out": False,
}


def is_baseline(path: Path) -> bool:
    """Return whether a file is meant to be a baseline."""
    return path.name.endswith(SUFFIX)


def baseline_name(side: Side) -> str:
    """Return the file name of a run's baseline: framework, version without its build, device."""
    name, version = side.header.framework["name"], side.header.framework["version"]
    return f"{name}-{version.partition('+')[0]}-{side.header.device}{SUFFIX}"


def pack(side: Side) -> bytes:
    """Return the baseline of a run."""
    document = {
        "schema": SCHEMA,
        "header": _without_kind(side.header),
        "footer": _without_kind(side.footer),
        "searches": [_without_kind(search) for search in side.searches],
        "agreements": [_without_kind(agreement) for agreement in side.agreements],
        "completeness": _without_kind(side.completeness) if side.completeness else None,
        "networks": [_without_kind(kept(network)) for network in side.networks],
        "findings": [_without_kind(finding) for finding in smallest_by_kind(side.shown)],
        **_told(side.told),
        **_Columns(side).document(),
    }
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)


def write_baseline(side: Side, path: Path) -> None:
    """Write the baseline of a run, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        new = Path(folder, path.name)
        new.write_bytes(pack(side))
        new.replace(path)


def unpack(path: Path) -> Side:
    """Return the run of a baseline.

    Raises:
        RunFileError: It is none, or was edited.
    """
    content = content_of(path)
    try:
        document = json.loads(content)
        if document["schema"] != SCHEMA:
            msg = f"{path}: schema is {ascii(document['schema'])[:40]}, expected {SCHEMA!r}"
            raise RunFileError(msg)
        return Side(
            path=path,
            header=_record(Header, document["header"]),
            footer=_record(Footer, document["footer"]),
            places=dict(_places(document)),
            told=dict(_told_of(document)),
            shown=[_record(Finding, found) for found in document["findings"]],
            searches=[_record(Search, found) for found in document["searches"]],
            agreements=[_record(Agreement, found) for found in document["agreements"]],
            completeness=(
                _record(Completeness, document["completeness"])
                if document["completeness"]
                else None
            ),
            # earlier baselines have none
            networks=[_record(Network, found) for found in document.get("networks", [])],
            packed=True,
        )
    except RunFileError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        msg = (
            f"{path}: {type(error).__name__}: {ascii(str(error))[:80]}; the file is damaged or no "
            "baseline, expected what `python -m reports baseline` writes"
        )
        raise RunFileError(msg) from error


def _record(kind: type[Any], document: object) -> Any:
    found = record_of({"kind": kind.kind, **document} if isinstance(document, dict) else document)
    if isinstance(found, str):
        raise ValueError(found)
    return found


def _without_kind(record: Any) -> dict[str, object]:
    return {key: value for key, value in record.document().items() if key != "kind"}


def _told(told: Mapping[At, Told]) -> dict[str, object]:
    cells, requirements, ids, outcomes, causes = (_Listed() for _ in range(5))
    rows = [
        [
            cells.place(at.cell),
            requirements.place(at.requirement),
            ids.place(at.case),
            outcomes.place(said.outcome),
            causes.place(said.cause),
            said.digest,
        ]
        for at, said in told.items()
        if at.requirement not in _UNTOLD
    ]
    return {
        "told": rows,
        "cells": cells.entries,
        "requirements": requirements.entries,
        "ids": ids.entries,
        "outcomes": outcomes.entries,
        "causes": causes.entries,
    }


_UNTOLD = ("convention", "accuracy", "minimum-norm", "jump", "consistency-windows")
"""Requirements of which a comparison asks for the letters and the words alone."""


def _told_of(document: Mapping[str, Any]) -> Iterator[tuple[At, Told]]:
    cells, requirements, ids = document["cells"], document["requirements"], document["ids"]
    outcomes, causes = document["outcomes"], document["causes"]
    for cell, requirement, case, outcome, cause, digest in document["told"]:
        yield (
            At(cells[cell], requirements[requirement], ids[case]),
            Told(outcomes[outcome], causes[cause], digest),
        )


class _Listed:
    """Entries, each once, and where they stand."""

    def __init__(self) -> None:
        self.entries: list[Any] = []
        self._places: dict[Any, int] = {}

    def place(self, entry: Any) -> int:
        """Return the place of an entry, which is added if it is new."""
        if entry not in self._places:
            self._places[entry] = len(self.entries)
            self.entries.append(entry)
        return self._places[entry]


class _Columns:
    """The cells of a run, by stacks."""

    def __init__(self, side: Side) -> None:
        self._failing = {row["id"] for row in side.header.requirements if row["fails_run"]}
        self._ways = _Listed()
        self._stacks: dict[tuple[str, ...], list[Place]] = {}
        for place in side.places.values():
            name = "/".join(place.cell.split("/")[:2])
            key = (name, place.format, place.device, place.key)
            self._stacks.setdefault(key, []).append(place)

    def document(self) -> dict[str, object]:
        """Return the JSON objects."""
        stacks = [self._stack(key, cells) for key, cells in self._stacks.items()]
        return {"stacks": stacks, "ways": self._ways.entries}

    def _stack(self, key: tuple[str, ...], cells: Sequence[Place]) -> list[object]:
        first = cells[0]
        rows = [
            [self._ways.place((place.mode, place.variant)), _changes(place, first)]
            for place in cells
        ]
        return [*key, first.cases, self._ids(cells), rows]

    def _ids(self, cells: Sequence[Place]) -> dict[str, str]:
        wrong = {
            i
            for place in cells
            for requirement, found in place.words.items()
            if requirement in self._failing
            for i in found
        }
        ids = {i: cells[0].id_of(i) for i in sorted(wrong)}
        return {str(i): case for i, case in ids.items() if case is not None}


def _changes(place: Place, first: Place) -> dict[str, object]:
    model = _model(place.outcome, place.cases, None if place is first else first)
    found = {key: getattr(place, key) for key in model if getattr(place, key) != model[key]}
    if "words" in found:
        found["words"] = _by_word(place)
    return found


def _by_word(place: Place) -> dict[str, dict[str, list[int]]]:
    found: dict[str, dict[str, list[int]]] = {}
    for requirement, words in place.words.items():
        listed = found.setdefault(requirement, {})
        for i, word in words.items():
            listed.setdefault(word, []).append(i)
    return found


def _model(outcome: str, cases: int, first: Place | None) -> dict[str, Any]:
    """Return what a cell says if nothing is said of it; `first` is None of the first itself."""
    if first is None:
        return _DEFAULTS | {"agreement": "." * cases}
    said = {key: getattr(first, key) for key in _DEFAULTS}
    base = first.cell if first.base is None else first.base
    return said | {"base": base, "agreement": "=" * cases if outcome == "ran" else ""}


def _places(document: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
    for name, format_name, device, key, cases, ids, rows in document["stacks"]:
        first: Place | None = None
        known = {int(i): case for i, case in ids.items()}
        for way, changes in rows:
            mode, variant = document["ways"][way]
            if "words" in changes:
                changes["words"] = words_of(changes["words"])
            outcome = changes.get("outcome", first.outcome if first else "ran")
            place = Place(
                cell="/".join((name, format_name, mode, variant, device)),
                op=name.partition("/")[0],
                format=format_name,
                mode=mode,
                variant=variant,
                device=device,
                cases=cases,
                ids=None,
                key=key,
                known_ids=known,
                **(_model(outcome, cases, first) | changes),
            )
            first = first or place
            yield place.cell, place

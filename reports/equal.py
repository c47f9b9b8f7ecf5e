"""Equal functions: which of them give the same gradients at ties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from reports.measures import Row
from reports.outcomes import format_rank
from reports.record import Agreement, Run
from reports.together import spelled


def equal_functions(run: Run) -> list[Row]:
    """Return the equal functions, each with whether all of them agree; None where too few ran."""
    ranked = sorted(run.agreements, key=lambda a: (a.name, a.device, format_rank(a.format)))
    return [
        {key: value for key, value in record.document().items() if key != "kind"}
        | {"agree": _agree(record)}
        for record in ranked
    ]


def equal_together(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows, formats together in which the same functions agree; cases are added up."""
    groups: dict[tuple[object, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        agree = frozenset(map(frozenset, row["groups"]))
        key = (row["name"], row["device"], agree, row["message"])
        groups.setdefault(key, []).append(row)
    return [
        dict(listed[0])
        | {
            "formats": [row["format"] for row in listed],
            "cases": sum(row["cases"] for row in listed),
        }
        for listed in groups.values()
    ]


def equal_by_release(runs: Sequence[Run]) -> list[Row]:
    """Return the equal functions of several runs side by side, by name; of one run, none.

    `runs` has, per run, the entries of `equal_together` (None where the run has none), `changes`
    per run but the first what is not as in the run before.
    """
    if len(runs) < 2:
        return []
    found = [_by_name(equal_together(equal_functions(run))) for run in runs]
    names = dict.fromkeys(name for listed in found for name in sorted(listed))
    return [
        {
            "name": name,
            "runs": [
                [_shown(entry) for entry in listed[name]] if name in listed else None
                for listed in found
            ],
            "changes": [
                _changes(before.get(name), after.get(name)) for before, after in pairwise(found)
            ],
        }
        for name in names
    ]


def _by_name(rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append(row)
    return found


def _shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("formats", "device", "cases", "groups", "agree", "message")
    return {key: entry[key] for key in kept}


def _changes(
    before: Sequence[Mapping[str, Any]] | None, after: Sequence[Mapping[str, Any]] | None
) -> list[str]:
    if before is None or after is None:
        return []
    old, new = _per_format(before), _per_format(after)
    formats = [name for name in old if name in new and old[name] != new[name]]
    return [f"other functions agree ({spelled(formats)})"] if formats else []


def _per_format(entries: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    return {
        name: frozenset(map(frozenset, entry["groups"]))
        for entry in entries
        for name in entry["formats"]
    }


def _agree(record: Agreement) -> bool | None:
    ran = sum(map(len, record.groups))
    return None if ran < 2 else len(record.groups) == 1

"""What was measured per operation and format, as rows of an operation each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.families import family, in_order
from reports.outcomes import format_rank
from reports.searches import said
from reports.together import Rows, together


def ratios(rows: Rows, families: Mapping[str, str]) -> dict[str, Any]:
    """Return the largest errors: `formats`, and per operation those of each, and the largest."""
    by_op: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        by_op.setdefault(row["op"], {})[row["format"]] = row
    return {
        "formats": sorted({name for found in by_op.values() for name in found}, key=format_rank),
        "rows": [
            {
                "op": op,
                "family": family(families, op),
                "decimals": {name: row["decimal"] for name, row in by_op[op].items()},
                "largest": max(by_op[op].values(), key=lambda row: float.fromhex(row["ratio"])),
            }
            for op in in_order(families, by_op)
        ],
    }


def grades(rows: Rows, families: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the accuracy grades, formats together that have the same ones."""
    return together(rows, families, lambda row: frozenset(w for w, n in row["counts"].items() if n))


def compiled(rows: Rows, families: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the compiled cells, formats together that were compiled into the same."""
    return together(
        rows,
        families,
        lambda row: (row["mode"], *map(frozenset, (row["forward"], row["backward"]))),
    )


def searches(rows: Rows, families: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the searches, formats together that ended in the same way."""
    found = together(rows, families, lambda row: (row["mode"], row["outcome"], row["message"]))
    return [row | {"counterexamples": _files(rows, row), "answer": said(row)} for row in found]


def not_ran(rows: Rows) -> list[dict[str, Any]]:
    """Return what did not run, operations together that say the same; their number is added up."""
    groups: dict[tuple[object, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alone = row["op"] if row["crash"] else None
        key = (row["outcome"], row["known"], row["stage"], row["message"], alone)
        groups.setdefault(key, []).append(row)
    return [
        dict(listed[0])
        | {key: sum(row[key] for row in listed) for key in ("cells", "cases")}
        | {key: list(dict.fromkeys(x for row in listed for x in row[key])) for key in _LISTS}
        | {"ops": [row["op"] for row in listed]}
        for listed in groups.values()
    ]


_LISTS = ("formats", "modes", "variants")


def _files(rows: Rows, merged: Mapping[str, Any]) -> list[str]:
    return [
        name
        for row in rows
        if all(row[key] == merged[key] for key in ("op", "mode", "outcome", "message"))
        for name in row["counterexamples"]
    ]

"""Rows of one operation that say the same of several formats, as one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from reports.families import family, in_order
from reports.outcomes import FORMATS, format_rank

Rows: TypeAlias = Iterable[Mapping[str, Any]]

ALL = "all"
"""What stands for all formats."""


def together(
    rows: Rows, families: Mapping[str, str], same: Callable[[Mapping[str, Any]], object]
) -> list[dict[str, Any]]:
    """Return the rows, those of one operation together for which `same` gives equal values.

    Numbers and counts are added up; of everything else the first row's is kept. Each row gets
    the `formats` that it is of, in their order, and its `family`.

    Args:
        rows: Each with `op` and `format`.
        families: Operation -> family; the result is in its order.
        same: Row -> what rows must have in common; hashable.
    """
    groups: dict[tuple[object, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["op"], same(row)), []).append(row)
    merged = [_merged(group, families) for group in groups.values()]
    places = {op: place for place, op in enumerate(in_order(families, (r["op"] for r in merged)))}
    return sorted(merged, key=lambda row: places[row["op"]])


def spelled(formats: Iterable[str]) -> str:
    """Return formats for a reader: `all`, or their names."""
    listed = sorted(set(formats), key=format_rank)
    return ALL if listed == list(FORMATS) else ", ".join(listed)


def _merged(rows: list[Mapping[str, Any]], families: Mapping[str, str]) -> dict[str, Any]:
    found = dict(rows[0])
    for key, value in rows[0].items():
        values = [row[key] for row in rows]
        if isinstance(value, dict) and all(type(n) is int for n in value.values()):
            found[key] = _added(values)
        elif type(value) is int:
            found[key] = sum(values)
    found["formats"] = sorted({row["format"] for row in rows}, key=format_rank)
    found["family"] = family(families, found["op"])
    return found


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for words in counts:
        total.update(words)
    return dict(total)

"""The matrix as tables, a row for each operation: by requirement, by format and mode, by variant.

Formats of an operation share a row where their outcomes are the same words in every column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from reports.families import family, in_order
from reports.outcomes import format_rank, ordered
from reports.places import Column, Row, Table, place

Entry: TypeAlias = Mapping[str, Any]
"""A place of the report's matrix."""


def overview(entries: Sequence[Entry], families: Mapping[str, str]) -> Table:
    """Return the table of all requirements: operation by requirement."""
    return _table(
        entries,
        families,
        columns=dict.fromkeys(Column(requirement=entry["requirement"]) for entry in entries),
        of=lambda entry: [Column(requirement=entry["requirement"])],
        apart=False,
    )


def by_format_and_mode(
    entries: Sequence[Entry], families: Mapping[str, str], failing: Iterable[str]
) -> Table:
    """Return the table of the requirements that fail a run: operation by format, and by mode.

    Every case stands in two columns of its row.
    """
    names = set(failing)
    kept = [entry for entry in entries if entry["requirement"] in names]
    formats = sorted({entry["format"] for entry in kept}, key=format_rank)
    modes = sorted({entry["mode"] for entry in kept}, key=_mode_rank)
    return _table(
        kept,
        families,
        columns=[
            *(Column(format=name) for name in formats),
            *(Column(mode=mode) for mode in modes),
        ],
        of=lambda entry: [Column(format=entry["format"]), Column(mode=entry["mode"])],
        apart=False,
    )


def by_requirement(entries: Iterable[Entry], families: Mapping[str, str]) -> list[Table]:
    """Return a table for each requirement: operation by mode and variant."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry["requirement"], []).append(entry)
    return [
        _table(
            group,
            families,
            columns=sorted(set(map(_variant, group)), key=_column_rank),
            of=lambda entry: [_variant(entry)],
            requirement=name,
        )
        for name, group in groups.items()
    ]


def comparisons(rows: Iterable[Mapping[str, Any]], families: Mapping[str, str]) -> Table:
    """Return the table of agreement with the base's bits: operation by mode and variant."""
    entries = [
        {
            **{key: row[key] for key in ("op", "mode", "variant")},
            "format": "",
            "counts": {"differs": row["other"], "conforms": row["same"]},
        }
        for row in rows
    ]
    return _table(
        entries,
        families,
        columns=sorted(set(map(_variant, entries)), key=_column_rank),
        of=lambda entry: [_variant(entry)],
        apart=False,
    )


def _table(
    entries: Sequence[Entry],
    families: Mapping[str, str],
    *,
    columns: Iterable[Column],
    of: Callable[[Entry], Iterable[Column]],
    requirement: str = "",
    apart: bool = True,
) -> Table:
    """Return a table; where `apart`, formats with other outcomes have rows of their own."""
    found: dict[str, dict[str, dict[Column, Counter[str]]]] = {}
    total: Counter[str] = Counter()
    for entry in entries:
        places = found.setdefault(entry["op"], {}).setdefault(entry["format"], {})
        for column in of(entry):
            places.setdefault(column, Counter()).update(entry["counts"])
        total.update(entry["counts"])
    shown = tuple(columns)
    return Table(
        requirement=requirement,
        columns=shown,
        rows=tuple(
            _row(op, formats, found[op], shown, families)
            for op in in_order(families, found)
            for formats in _shared(found[op], apart=apart)
        ),
        counts=ordered(total),
    )


def _shared(
    found: Mapping[str, Mapping[Column, Counter[str]]], *, apart: bool
) -> list[tuple[str, ...]]:
    """Return the formats of an operation, those together that share a row."""
    groups: dict[object, list[str]] = {}
    for name in sorted(found, key=format_rank):
        words = {(column, frozenset(+counts)) for column, counts in found[name].items()}
        groups.setdefault(frozenset(words) if apart else None, []).append(name)
    return list(map(tuple, groups.values()))


def _row(
    op: str,
    formats: tuple[str, ...],
    found: Mapping[str, Mapping[Column, Counter[str]]],
    columns: Iterable[Column],
    families: Mapping[str, str],
) -> Row:
    places = []
    for column in columns:
        counts: Counter[str] = Counter()
        for name in formats:
            counts.update(found[name].get(column, {}))
        places.append(place(ordered(counts)) if +counts else None)
    return Row(family=family(families, op), op=op, formats=formats, places=tuple(places))


def _variant(entry: Entry) -> Column:
    return Column(mode=entry["mode"], variant=entry["variant"])


def _mode_rank(mode: str) -> tuple[bool, str]:
    return mode != "eager", mode


def _column_rank(column: Column) -> tuple[object, ...]:
    return *_mode_rank(column.mode), column.variant != "contiguous", column.variant

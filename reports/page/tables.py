"""The matrix as tables: one over all requirements, and one for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.outcomes import FORMATS, LETTERS, ordered, worst
from reports.text import number

_TOGETHER = "\u00a0"  # keeps a letter and its number on one line
_APART = "\u2002"  # wider than a space


@dataclass(frozen=True, kw_only=True)
class Place:
    """One place of a table.

    Attributes:
        letter: The letter of its worst outcome.
        text: Each outcome's letter with the number of its cases, the worst first.
    """

    letter: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: an operation in a format, in one mode or in several; None where nothing was run."""

    op: str
    format: str
    mode: str
    places: tuple[Place | None, ...]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: a requirement, or a mode with a variant; what it does not tell is empty."""

    requirement: str = ""
    mode: str = ""
    variant: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the matrix.

    Attributes:
        requirement: The requirement that it shows; empty where it shows all.
        columns: Its columns.
        rows: Its rows, those of one mode together.
        counts: Word -> number of cases in all of it.
    """

    requirement: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    counts: dict[str, int]

    @property
    def letters(self) -> str:
        """What its places say together."""
        return place(self.counts).text


def place(counts: Mapping[str, int]) -> Place:
    """Return counts of cases as a place of a table."""
    texts = [f"{LETTERS.get(word, '?')}{_TOGETHER}{number(n)}" for word, n in counts.items()]
    return Place(letter=LETTERS.get(worst(counts), "?"), text=_APART.join(texts))


def overview(entries: Sequence[Mapping[str, Any]]) -> Table:
    """Return the table of all requirements: operation, format and mode by requirement."""
    return _table(
        entries,
        requirement="",
        row=lambda entry: (entry["op"], entry["format"], entry["mode"]),
        column=lambda entry: Column(requirement=entry["requirement"]),
        columns=dict.fromkeys(Column(requirement=entry["requirement"]) for entry in entries),
    )


def by_requirement(entries: Iterable[Mapping[str, Any]]) -> list[Table]:
    """Return a table for each requirement: operation and format by mode and variant."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        groups.setdefault(entry["requirement"], []).append(entry)
    return [
        _table(
            group,
            requirement=name,
            row=lambda entry: (entry["op"], entry["format"], ""),
            column=_variant,
            columns=sorted(set(map(_variant, group)), key=_column_rank),
        )
        for name, group in groups.items()
    ]


def _table(
    entries: Sequence[Mapping[str, Any]],
    *,
    requirement: str,
    row: Callable[[Mapping[str, Any]], tuple[str, str, str]],
    column: Callable[[Mapping[str, Any]], Column],
    columns: Iterable[Column],
) -> Table:
    found: dict[tuple[str, str, str], dict[Column, Counter[str]]] = {}
    total: Counter[str] = Counter()
    for entry in entries:
        places = found.setdefault(row(entry), {})
        places.setdefault(column(entry), Counter()).update(entry["counts"])
        total.update(entry["counts"])
    shown = tuple(columns)
    return Table(
        requirement=requirement,
        columns=shown,
        rows=tuple(
            Row(
                op=key[0],
                format=key[1],
                mode=key[2],
                places=tuple(_place(found[key].get(each)) for each in shown),
            )
            for key in sorted(found, key=_row_rank)
        ),
        counts=ordered(total),
    )


def _place(counts: Counter[str] | None) -> Place | None:
    return place(ordered(counts)) if counts else None


def _variant(entry: Mapping[str, Any]) -> Column:
    return Column(mode=entry["mode"], variant=entry["variant"])


def _column_rank(column: Column) -> tuple[bool, str, bool, str]:
    plain = column.variant == "contiguous"
    return column.mode != "eager", column.mode, not plain, column.variant


def _row_rank(key: tuple[str, str, str]) -> tuple[object, ...]:
    op, name, mode = key
    rank = FORMATS.index(name) if name in FORMATS else len(FORMATS)
    return mode != "eager", mode, op, rank, name

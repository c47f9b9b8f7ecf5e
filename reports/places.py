"""The form of a table: places, columns, rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reports.outcomes import LETTERS, worst
from reports.text import number
from reports.together import spelled

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
class Column:
    """A column: what it does not tell is empty."""

    requirement: str = ""
    format: str = ""
    mode: str = ""
    variant: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: an operation in some formats; None where nothing was run."""

    family: str
    op: str
    formats: tuple[str, ...]
    places: tuple[Place | None, ...]

    @property
    def spelled(self) -> str:
        """The formats, for a reader."""
        return spelled(self.formats)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the matrix.

    Attributes:
        requirement: The requirement that it shows; empty where it shows several.
        columns: Its columns.
        rows: Its rows, those of one family together.
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

    @property
    def families(self) -> Iterator[tuple[str, tuple[Row, ...]]]:
        """Each family with its rows."""
        for name, rows in itertools.groupby(self.rows, key=lambda row: row.family):
            yield name, tuple(rows)

    @property
    def odd(self) -> tuple[Row, ...]:
        """Its rows that say something else than that all conforms."""
        return tuple(
            row for row in self.rows if any(each and each.letter != "C" for each in row.places)
        )


def place(counts: Mapping[str, int]) -> Place:
    """Return counts of cases as a place of a table."""
    texts = [f"{LETTERS.get(word, '?')}{_TOGETHER}{number(n)}" for word, n in counts.items()]
    return Place(letter=LETTERS.get(worst(counts), "?"), text=_APART.join(texts))

"""Known deviations: which findings the rows in force cover, and which rows are stale.

A row is in force where its `versions` and `devices` fit. What it covers does not fail a run; a row
in force that covers nothing, although everything that it names was run, does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from suites.plan import Cell
from suites.rows import DeviationsError, Row, named
from suites.selection import FORMAT_NAMES, LAYOUTS, Selection


class Known:
    """The rows in force in a run, and what they have covered so far."""

    def __init__(self, rows: Iterable[Row], version: str, device: str) -> None:
        self._version = _parsed_version(version)
        self.rows = [
            row
            for row in rows
            if named(row.devices, device)
            and SpecifierSet(row.versions).contains(self._version, prereleases=True)
        ]
        self._shown: set[int] = set()

    def covers(self, cell: Cell, requirement: str, outcome: str, families: Collection[str]) -> bool:
        """Return whether a row covers a deviation, and remember that it showed."""
        found = [r for r in self.rows if r.covers(cell, requirement, outcome, families)]
        self._shown.update(map(id, found))
        return bool(found)

    def isolates(self, cell: Cell) -> bool:
        """Return whether the cell may read or write outside its memory."""
        return any(row.sometimes and row.names(cell) for row in self.rows)

    def problems(self, selection: Selection, executed: Collection[Cell]) -> Iterator[str]:
        """Yield a line for each row that is stale or expired.

        Args:
            selection: What was selected.
            executed: The cells that ran; no row is stale unless they are all of the selection's.
        """
        today = dt.datetime.now(dt.UTC).date()
        for row in self.rows:
            if row.expired(self._version, today):
                yield f"the deviation has expired ({row.expiry}): {row.title}"
            elif id(row) not in self._shown and _all_run(row, selection, executed):
                yield (
                    f"the deviation is stale, nothing shows it any more: {row.title}; "
                    "take the row out or narrow its versions"
                )


def _all_run(row: Row, selection: Selection, executed: Collection[Cell]) -> bool:
    """Return whether everything that the row names has run.

    The smoke profile has some cases of each family only, perhaps not those that show the row.
    """
    if row.sometimes or selection.case is not None or selection.profile == "smoke":
        return False
    named = [cell for cell in executed if row.names(cell)]
    return (
        bool(named)
        and set(row.formats or FORMAT_NAMES) <= {cell.group.stack.format for cell in named}
        and set(row.modes or ("eager",)) <= {cell.mode for cell in named}
        and set(row.variants) <= {cell.variant.name for cell in named}
        and (bool(row.variants) or selection.layouts == LAYOUTS)
        and set(row.families) <= {f for cell in named for f in cell.group.stack.families}
    )


def _parsed_version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion as error:
        msg = f"the framework's version is {text!r}, which no specifier can be held against"
        raise DeviationsError(msg) from error

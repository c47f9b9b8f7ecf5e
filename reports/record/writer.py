"""Writes a run file, one record at a time."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Self

from reports.record.kinds import CellRecord, Record
from reports.record.parts import Totals
from reports.record.tally import Tally


class RunWriter:
    """A run file that is being written: header, then cells each with its findings, then footer.

    Every record is flushed as it is written, so that whatever happens to this process, the run
    file holds all that was recorded.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._stream = path.open("w", encoding="utf-8", newline="\n")
        self._tally = Tally()

    def append(self, record: Record) -> None:
        """Write one record."""
        if isinstance(record, CellRecord):
            self._tally.add(record)
        line = json.dumps(record.document(), separators=(",", ":"), allow_nan=False)
        self._stream.write(line + "\n")
        self._stream.flush()

    def totals(self) -> Totals:
        """Return the totals over the cells written so far, for the footer."""
        return self._tally.totals()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stream.close()

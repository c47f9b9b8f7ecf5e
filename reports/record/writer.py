"""Writes a run file, one record at a time."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
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
        self._stream = path.open("wb")
        self._tally = Tally()
        self._digest = hashlib.sha256()

    @classmethod
    def going_on(cls, path: Path, kept: Sequence[bytes], cells: Iterable[CellRecord]) -> Self:
        """Return the writer of a run file that begins with lines of an earlier one.

        Args:
            path: The run file; it is replaced in a single step.
            kept: The lines that it begins with, each with its end.
            cells: The cells among them.
        """
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        writer = cls(beside)
        for line in kept:
            writer._put(line)
        for cell in cells:
            writer._tally.add(cell)
        beside.replace(path)
        writer.path = path
        return writer

    def append(self, *records: Record) -> None:
        """Write records, all at once."""
        for cell in records:
            if isinstance(cell, CellRecord):
                self._tally.add(cell)
        self._put(b"".join(map(_line, records)))

    def digest(self) -> str:
        """Return the SHA-256 of what has been written, for the footer."""
        return self._digest.hexdigest()

    def _put(self, lines: bytes) -> None:
        self._digest.update(lines)
        self._stream.write(lines)
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


def _line(record: Record) -> bytes:
    text = json.dumps(record.document(), separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"

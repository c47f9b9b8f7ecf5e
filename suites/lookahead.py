"""Keeps the child processes busy: submits calls ahead of the cell that is being judged."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

from suites.frameworks.protocol import Reply
from suites.frameworks.runner import Runner
from suites.known import Known
from suites.plan import Cell

_AHEAD = 16
"""Calls that wait or run at a time; their numbers are held in memory."""


class LookAhead:
    """The replies of cells, asked for in the order of the plan.

    Args:
        runner: Runs the calls.
        cells: The plan.
        known: The known deviations, some of whose cells need a process of their own.
    """

    def __init__(self, runner: Runner, cells: Iterable[Cell], known: Known) -> None:
        self._runner = runner
        self._known = known
        self._rest: Iterator[Cell] = iter(cells)
        self._pending: dict[Cell, _Timed] = {}

    def reply(self, cell: Cell) -> tuple[Reply, float]:
        """Return the reply of a cell, once it is there, and how many seconds the call took."""
        self._fill(cell)
        return self._pending.pop(cell).outcome()

    def _fill(self, wanted: Cell) -> None:
        while len(self._pending) < _AHEAD or wanted not in self._pending:
            cell = next(self._rest, None)
            if cell is None:
                break
            self._submit(cell)

    def _submit(self, cell: Cell) -> None:
        call = cell.call(isolated=self._known.isolates(cell))
        self._pending[cell] = _Timed(self._runner.submit(call))


class _Timed:
    """A future and the seconds in which a thread worked on it.

    A thread goes from one call to the next, so a call begins when it was submitted or when the
    thread has finished the one before, whichever is later.
    """

    _thread = threading.local()

    def __init__(self, future: Future[Reply]) -> None:
        self._future = future
        self._seconds = 0.0
        self._submitted = time.monotonic()
        self._noted = threading.Event()
        future.add_done_callback(self._note)

    def outcome(self) -> tuple[Reply, float]:
        """Return the reply and the seconds, once they are there."""
        # a result is there before its callbacks have been called
        self._noted.wait()
        return self._future.result(), self._seconds

    def _note(self, future: Future[Reply]) -> None:
        del future  # the callback's argument, known already
        ended = time.monotonic()
        self._seconds = ended - max(self._submitted, getattr(self._thread, "free", 0.0))
        self._thread.free = ended
        self._noted.set()

"""Keeps the child processes busy: submits calls ahead of the cell that is being judged."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future

from suites.frameworks.protocol import Call, Graph, Reply
from suites.frameworks.runner import Runner
from suites.kept import Kept
from suites.known import Known
from suites.plan import Cell

_AHEAD = 16
"""Calls that wait or run at a time; their numbers are held in memory."""


class LookAhead:
    """The replies of cells, asked for in the order of the plan.

    Graphs are compiled by processes of their own, which are asked for all of them at once:
    compiling takes seconds, in which everything else goes on.

    Args:
        runner: Runs the calls.
        compiler: Runs the compiled calls; None if there are none.
        cells: The plan.
        known: The known deviations, some of whose cells need a process of their own.
        kept: Replies of an earlier process, and where those of a graph's calls are kept.
    """

    def __init__(
        self,
        runner: Runner,
        compiler: Runner | None,
        cells: Sequence[Cell],
        known: Known,
        kept: Kept | None = None,
    ) -> None:
        self._runner = runner
        self._known = known
        self._kept = kept or Kept(None)
        asked = [cell for cell in cells if self._kept.get(cell.id) is None]
        self._rest: Iterator[Cell] = (cell for cell in asked if not cell.graph)
        self._pending: dict[Cell, _Timed] = {}
        self._compiled: dict[Cell, tuple[_Timed, Sequence[Cell]]] = {}
        if compiler is not None:
            for members in graphs(asked).values():
                self._compile(compiler, members)

    def reply(self, cell: Cell) -> tuple[Reply, float]:
        """Return the reply of a cell, once it is there, and how many seconds the call took."""
        kept = self._kept.get(cell.id)
        if kept is not None:
            return kept
        self._fill(cell)
        if cell.graph:
            timed, members = self._compiled.pop(cell)
            replies = {member.id: timed.outcome(k) for k, member in enumerate(members)}
            if len(members) > 1:
                self._kept.keep(replies)
            return replies[cell.id]
        return self._pending.pop(cell).outcome()

    def _fill(self, wanted: Cell) -> None:
        """Submit calls up to that of the cell that is wanted, and some more."""
        waits = not wanted.graph
        while len(self._pending) < _AHEAD or (waits and wanted not in self._pending):
            cell = next(self._rest, None)
            if cell is None:
                break
            future = self._runner.submit_together(Graph(calls=(self._call(cell),)))
            self._pending[cell] = _Timed(future)

    def _compile(self, compiler: Runner, members: Sequence[Cell]) -> None:
        future = compiler.submit_together(Graph(calls=tuple(map(self._call, members))))
        timed = _Timed(future, len(members))
        self._compiled |= dict.fromkeys(members, (timed, members))

    def _call(self, cell: Cell) -> Call:
        return cell.call(isolated=self._known.isolates(cell))


def graphs(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    """Return the cells of each graph, in the order of the plan."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.graph:
            found.setdefault(cell.graph, []).append(cell)
    return found


class _Timed:
    """The replies of a future, and the seconds in which a thread worked on them.

    A thread goes from one graph to the next, so it begins with one when that was submitted or when
    it has finished the one before, whichever is later.

    Args:
        future: The replies to come.
        calls: How many there will be.
    """

    _thread = threading.local()

    def __init__(self, future: Future[list[Reply]], calls: int = 1) -> None:
        self._future = future
        self._calls = calls
        self._seconds = 0.0
        self._submitted = time.monotonic()
        self._noted = threading.Event()
        future.add_done_callback(self._note)

    def outcome(self, position: int = 0) -> tuple[Reply, float]:
        """Return a reply and its share of the seconds, once they are there."""
        # a result is there before its callbacks have been called
        self._noted.wait()
        return self._future.result()[position], self._seconds / self._calls

    def _note(self, future: Future[list[Reply]]) -> None:
        del future  # the callback's argument, known already
        ended = time.monotonic()
        self._seconds = ended - max(self._submitted, getattr(self._thread, "free", 0.0))
        self._thread.free = ended
        self._noted.set()

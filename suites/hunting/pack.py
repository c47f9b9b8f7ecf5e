"""Hunts side by side, in processes beside this one, each with a framework's child of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from suites.frameworks.protocol import FrameworkError
from suites.frameworks.runner import Runner
from suites.hunting.hunt import Hunt
from suites.hunting.hunting import Ground, hunted, not_hunted
from suites.hunting.notes import Hunted
from suites.known import Known
from suites.rows import Row
from suites.selection import OPERATIONS

_SIDE_BY_SIDE = 2
_HASTE, _LEAST = (
    16,
    0.5,
)  # so much sooner, but not before, a call that hangs is given up in shrinking


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What a hunting process needs to know.

    Attributes:
        framework: The framework's name.
        version: Its version.
        device: Where calls run.
        rows: The known deviations.
        implementation: The user's file under test, or None.
        cell_timeout: Seconds that a call may take.
    """

    framework: str
    version: str
    device: str
    rows: tuple[Row, ...]
    implementation: Path | None
    cell_timeout: float

    def hunt(self, hunt: Hunt) -> Hunted:
        """Return what comes of a hunt in this process."""
        with ExitStack() as runners:
            runner, hasty = (
                runners.enter_context(self._runner(timeout))
                for timeout in (self.cell_timeout, max(self.cell_timeout / _HASTE, _LEAST))
            )
            try:
                runner.probe()
            except FrameworkError as error:
                return not_hunted(hunt, str(error))
            known = Known(self.rows, self.version, self.device)
            ground = Ground(runner=runner, hasty=hasty, known=known, provenance=self._provenance())
            return hunted(hunt, ground)

    def _runner(self, timeout: float) -> Runner:
        return Runner(
            operations=OPERATIONS,
            device=self.device,
            workers=1,
            implementation=self.implementation,
            cell_timeout=timeout,
        )

    def _provenance(self) -> dict[str, object]:
        file = self.implementation.name if self.implementation else None
        under_test = {"implementation": file} if file else {}
        return {
            "framework": self.framework,
            "version": self.version,
            "device": self.device,
            **under_test,
        }


class Pack:
    """Some hunts, begun together when the first of them is asked for.

    Use it as a context manager: its end ends whatever still hunts.

    Args:
        hunts: What is hunted, in the order in which it will be asked for.
        equipment: What each needs to know.
    """

    def __init__(self, hunts: Iterable[Hunt], equipment: Equipment) -> None:
        self._hunts = tuple(hunts)
        self._equipment = equipment
        self._resources = ExitStack()
        self._running: dict[Hunt, Future[Hunted]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._resources.close()

    def result(self, hunt: Hunt) -> Hunted:
        """Return what came of a hunt, once it is over."""
        if not self._running:
            self._begin()
        try:
            return self._running[hunt].result()
        except BrokenProcessPool:
            return not_hunted(hunt, "a process that hunts has ended")

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        theirs, ours = context.Pipe(duplex=False)
        pool = ProcessPoolExecutor(
            _SIDE_BY_SIDE, mp_context=context, initializer=_end_with, initargs=(theirs,)
        )
        self._resources.callback(pool.shutdown, cancel_futures=True)
        self._resources.callback(ours.close)
        self._running = {hunt: pool.submit(self._equipment.hunt, hunt) for hunt in self._hunts}


def _end_with(parent: Connection) -> None:
    """End this process once the other end of the pipe is closed, even in the midst of a hunt."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait() -> None:
        parent.poll(None)
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()

"""A child process as its parent sees it: it starts, answers, dies or is killed."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from suites.frameworks import device, worker
from suites.frameworks.protocol import FrameworkError
from suites.frameworks.worker import Greeting, Settings

TIMEOUT = "timeout"

_START_TIMEOUT = 180.0  # seconds; the framework may come from a cold disk
_EXIT_TIMEOUT = 10.0  # seconds from a closed pipe to the end of the process
# the program itself is pytest, which each child that runs its start script imports again
_PRELOADED = (
    "__main__",
    "pytest",
    "torch",
    "torch.fx.experimental.symbolic_shapes",
    worker.__name__,
)
_LAST_LINE = 300  # characters
# multiprocessing reaps every child at each start, and two threads that reap one child lose its
# exit status
_lifecycle = threading.Lock()


def context_of(kind: str) -> Any:
    """Return what starts processes for a kind of device, with the framework loaded if they fork."""
    context = multiprocessing.get_context(device.start_method(kind))
    context.set_forkserver_preload(list(_PRELOADED))
    return context


class ChildDiedError(Exception):
    """A child process ended, or was killed, while it owed an answer.

    Attributes:
        signal: The signal's name, `exit status N`, `timeout` or `device lost`.
        last_line: The last that it printed.
    """

    def __init__(self, signal_name: str, last_line: str) -> None:
        super().__init__(f"{signal_name}: {last_line}" if last_line else signal_name)
        self.signal = signal_name
        self.last_line = last_line


class Child:
    """A running child process.

    Args:
        settings: What it needs to know.
        log: Where what it prints goes.

    Raises:
        FrameworkError: No process can be started.
    """

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self._log = log
        context = context_of(settings.device)
        self._connection, theirs = context.Pipe()
        try:
            with theirs, _lifecycle, _one_thread():
                self._process = context.Process(
                    target=worker.main, args=(theirs, settings, log), daemon=True
                )
                self._process.start()
        except (EOFError, OSError) as error:
            msg = f"no child process can be started: {error}"
            raise FrameworkError(msg) from error

    def greeted(self) -> frozenset[str]:
        """Return, once it is ready, the operations it can run. To be asked first.

        Raises:
            FrameworkError: It can't run anything.
        """
        try:
            greeting = self._received(_START_TIMEOUT)
        except ChildDiedError as death:
            source = self._settings.implementation or "the framework"
            msg = f"a child process ended while it loaded {source}: {death}"
            raise FrameworkError(msg) from death
        assert isinstance(greeting, Greeting)
        if greeting.refusal is not None:
            raise FrameworkError(greeting.refusal)
        return greeting.operations

    def ask(self, request: object, timeout: float) -> Any:
        """Return the answer to a request.

        Raises:
            ChildDiedError: There was none within `timeout` seconds, or the process ended.
        """
        # a child that has ended shows when the answer is awaited
        with contextlib.suppress(OSError):
            self._connection.send(request)
        return self._received(timeout)

    def _received(self, timeout: float) -> Any:
        ready = wait([self._connection, self._process.sentinel], timeout)
        if not ready:
            last_line = self._last_line()
            self.kill()
            raise ChildDiedError(TIMEOUT, last_line)
        if self._connection in ready:
            with contextlib.suppress(EOFError, OSError):
                return self._connection.recv()
        wait([self._process.sentinel], _EXIT_TIMEOUT)
        last_line = self._last_line()
        raise ChildDiedError(_ending(self._ended()), last_line)

    def end(self) -> None:
        """Let an idle process come to its own end, so that it gives back what it shares."""
        self._connection.close()
        wait([self._process.sentinel], _EXIT_TIMEOUT)
        self._ended()

    def kill(self) -> None:
        """End the process at once. Any thread may."""
        self._ended()

    def _ended(self) -> int:
        """Return the exit code, killing the process if it still runs, and forget its log."""
        with _lifecycle:
            if self._process.exitcode is None:
                self._process.kill()
                self._process.join()
            self._log.unlink(missing_ok=True)
            return int(self._process.exitcode)

    def _last_line(self) -> str:
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        lines = [line for line in text.splitlines() if line.strip()]
        return " ".join(lines[-1].split())[:_LAST_LINE] if lines else ""


def _ending(exitcode: int) -> str:
    if exitcode == device.LOST:
        return "device lost"
    if exitcode >= 0:
        return f"exit status {exitcode}"
    try:
        return signal.Signals(-exitcode).name
    except ValueError:
        return f"signal {-exitcode}"


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Let what starts inherit one OpenMP thread, without a change of this process for good."""
    name = "OMP_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before

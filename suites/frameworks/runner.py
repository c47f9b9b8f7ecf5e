"""Runs calls in child processes and comes back whatever they do."""

from __future__ import annotations

import contextlib
import itertools
import queue
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from suites.frameworks.child import Child, ChildDiedError
from suites.frameworks.device import DEVICES
from suites.frameworks.protocol import Call, CallError, FrameworkError, Graph, Reply
from suites.frameworks.questions import Answer, Question
from suites.frameworks.tracing import Tracer
from suites.frameworks.worker import DESCRIBE, Settings

_CLOSED = "the runner is closed; submit calls inside its `with` block"


class Runner:
    """A number of child processes, each driven by a thread of this one.

    Use it as a context manager: its end kills all children and cancels what was not begun.

    Args:
        operations: The names of the operations that can be asked for.
        device: Where calls run, one of `DEVICES`.
        workers: Number of calls that run at a time.
        implementation: A user's file of operations; None for PyTorch's own.
        compile_cache: An empty folder for compiled code; None if no call is compiled.
        cell_timeout: Seconds that a call may take.
    """

    def __init__(
        self,
        *,
        operations: Sequence[str],
        device: str = "cpu",
        workers: int = 2,
        implementation: Path | None = None,
        compile_cache: Path | None = None,
        cell_timeout: float = 120.0,
    ) -> None:
        if device not in DEVICES:
            msg = f"device is {device!r}, expected one of {', '.join(DEVICES)}"
            raise FrameworkError(msg)
        self._settings = Settings(
            device=device,
            operations=tuple(operations),
            implementation=implementation,
            compile_cache=compile_cache,
        )
        self._timeout = cell_timeout
        self._tracer = Tracer(ask=self._asked_one, timeout=cell_timeout)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="framework")
        self._idle: queue.LifoQueue[Child] = queue.LifoQueue()
        self._running: set[Child] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._logs = tempfile.TemporaryDirectory(prefix="frameworks-")
        self._numbers = itertools.count()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._closed = True
            for child in self._running.difference(self._idle.queue):
                child.kill()
        self._threads.shutdown(wait=True)
        while not self._idle.empty():
            self._dismiss(self._idle.get())
        self._logs.cleanup()

    def probe(self) -> frozenset[str]:
        """Return the operations that can be run.

        Raises:
            FrameworkError: None can: the framework, the device or the implementation is missing.
        """
        child, operations = self._greeted()
        self._idle.put(child)
        return operations

    def describe(self) -> dict[str, object]:
        """Return the facts about framework, device and process that a run depends on.

        Raises:
            FrameworkError: A child process died of the question.
        """
        try:
            facts: dict[str, object] = self._told(DESCRIBE)
        except ChildDiedError as death:
            msg = f"a child process ended while it described itself: {death}"
            raise FrameworkError(msg) from death
        return facts

    def submit(self, call: Call) -> Future[Reply]:
        """Return the reply to come.

        Raises:
            CallError: The call is for another device.
        """
        return self._threads.submit(self._tracer.reply, self._checked(call))

    def submit_together(self, graph: Graph) -> Future[list[Reply]]:
        """Return the replies to come, one to each call.

        Where a graph of several calls fails, each has one of its own.

        Raises:
            CallError: The calls are for another device.
        """
        self._checked(graph.calls[0])
        return self._threads.submit(self._replies, graph)

    def ask(self, question: Question) -> Future[Answer]:
        """Return the answer to come; one that says why, where a child process ends before it."""
        return self._threads.submit(self._answer, question)

    def _checked(self, call: Call) -> Call:
        if call.device != self._settings.device:
            msg = f"the call is for {call.device}, this runner's device is {self._settings.device}"
            raise CallError(msg)
        return call

    def _answer(self, question: Question) -> Answer:
        try:
            answer: Answer = self._told(question)
        except (ChildDiedError, FrameworkError) as error:
            return question.unanswered(str(error))
        return answer

    def _told(self, request: object) -> Any:
        """Return what a child says to a request that is no graph.

        Raises:
            ChildDiedError: It says nothing.
            FrameworkError: No child can be started.
        """
        child = self._idle_or_started()
        try:
            said = child.ask(request, self._timeout)
        except ChildDiedError:
            self._forget(child)
            raise
        self._idle.put(child)
        return said

    def _replies(self, graph: Graph) -> list[Reply]:
        if len(graph.calls) > 1:
            with contextlib.suppress(ChildDiedError, FrameworkError):
                replies = self._asked(graph, self._timeout * len(graph.calls))
                if replies[0].outcome == "ran":
                    return replies
        return [self._tracer.reply(call) for call in graph.calls]

    def _asked_one(self, call: Call, timeout: float) -> Reply:
        return self._asked(Graph(calls=(call,)), timeout)[0]

    def _asked(self, graph: Graph, timeout: float) -> list[Reply]:
        """Return a child's replies.

        Raises:
            ChildDiedError: There are none.
            FrameworkError: No child can be started.
        """
        child = self._started() if graph.isolated else self._idle_or_started()
        try:
            replies: list[Reply] = child.ask(graph, timeout)
        except ChildDiedError:
            self._forget(child)
            raise
        if graph.isolated:
            self._dismiss(child)
        else:
            self._idle.put(child)
        return replies

    def _idle_or_started(self) -> Child:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._started()

    def _started(self) -> Child:
        return self._greeted()[0]

    def _greeted(self) -> tuple[Child, frozenset[str]]:
        """Return a new child, ready, and the operations it can run."""
        with self._lock:
            if self._closed:
                raise CancelledError(_CLOSED)
            log = Path(self._logs.name, f"{next(self._numbers)}.log")
            child = Child(self._settings, log)
            self._running.add(child)
        try:
            return child, child.greeted()
        except FrameworkError:
            self._forget(child)
            if self._closed:
                raise CancelledError(_CLOSED) from None
            raise

    def _dismiss(self, child: Child) -> None:
        """End a child that has nothing to do; one that compiled holds a semaphore of all's."""
        if self._settings.compile_cache is not None:
            child.end()
        self._forget(child)

    def _forget(self, child: Child) -> None:
        child.kill()
        with self._lock:
            self._running.discard(child)

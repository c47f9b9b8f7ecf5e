"""The main loop of a child process: calls in, replies out, over one pipe.

The framework is imported only once the child is ready to report that it can't be.
"""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from suites.frameworks import device
from suites.frameworks.protocol import FrameworkError, Graph, Reply, one_line
from suites.frameworks.questions import Question

DESCRIBE = "describe"
"""The request for the facts about framework, device and process."""

_STDOUT, _STDERR = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a child process needs to know.

    Attributes:
        device: Where its calls run.
        operations: The names of the operations that can be asked for.
        implementation: The user's file, or None for PyTorch's own functions.
        compile_cache: The folder of compiled code; None where nothing is compiled.
    """

    device: str
    operations: tuple[str, ...]
    implementation: Path | None = None
    compile_cache: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """A child's first words.

    Attributes:
        operations: The operations it can run.
        refusal: Why it can't run anything, or None.
    """

    operations: frozenset[str] = frozenset()
    refusal: str | None = None


def main(connection: Connection, settings: Settings, log: Path) -> None:
    """Answer requests until the parent closes the pipe."""
    _detach(log)
    try:
        run, operations = _load(settings)
    except FrameworkError as error:
        connection.send(Greeting(refusal=str(error)))
        return
    connection.send(Greeting(operations=operations))
    with contextlib.suppress(EOFError):
        while True:
            request = connection.recv()
            # the last line of the log is to be about this call
            os.ftruncate(_STDERR, 0)
            connection.send(run(request))


def _detach(log: Path) -> None:
    """Keep what this process prints, its core dumps and its life to itself."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, _STDOUT)
    os.dup2(output, _STDERR)
    # what a process prints last must not die in a buffer with it
    sys.stdout = open(_STDOUT, "w", buffering=1, closefd=False)  # noqa: SIM115
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _end_with_parent()


def _end_with_parent() -> None:
    """Let the kernel kill this process when its parent is gone, even in a call that hangs."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    # a pipe that nothing is written to: its only event is that the parent's end is closed
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, os.O_RDONLY | os.O_ASYNC)


def _load(settings: Settings) -> tuple[Callable[[object], object], frozenset[str]]:
    """Return what answers a request, and the operations there are.

    Raises:
        FrameworkError: The framework, the device or the implementation is missing.
    """
    try:
        from suites.frameworks import environment, operators, torch_adapter
        from suites.frameworks.implementation import Implementation
        from suites.frameworks.library import Library, TorchLibrary
    except ImportError as error:
        msg = f"PyTorch can't be imported: {one_line(error)}; install it with pip install torch"
        raise FrameworkError(msg) from error
    device.prepare(settings.device)
    if settings.compile_cache is not None:
        _compile_into(settings.compile_cache)
    library: Library
    if settings.implementation is None:
        library = TorchLibrary(settings.operations)
    else:
        library = Implementation(settings.implementation, settings.operations)
    warnings.simplefilter("ignore")

    def answer(request: object) -> object:
        if isinstance(request, Graph):
            replies = _checked(torch_adapter.run(request, library), settings.device)
            return [_without_folder(reply, settings.compile_cache) for reply in replies]
        if isinstance(request, Question):
            return operators.answer(request)
        return environment.describe(settings.device)

    return answer, library.operations


def _compile_into(folder: Path) -> None:
    """Let what is compiled go into `folder`, and take nothing that was compiled before.

    Inductor reads these variables when it is first imported.
    """
    os.environ |= {
        "TORCHINDUCTOR_CACHE_DIR": str(folder),
        "TRITON_CACHE_DIR": str(folder / "triton"),
        # a graph that is taken from a cache shows no code
        "TORCHINDUCTOR_FX_GRAPH_CACHE": "0",
        "TORCHINDUCTOR_AUTOGRAD_CACHE": "0",
        # in this process: the runner decides how many work at a time
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
    }


def _without_folder(reply: Reply, folder: Path | None) -> Reply:
    """Return the reply without the folder of compiled code in what it says."""
    if folder is None or reply.message is None:
        return reply
    return replace(reply, message=reply.message.replace(f"{folder}/", ""))


def _checked(replies: list[Reply], where: str) -> list[Reply]:
    """Return the replies, or end the process if the device went down with the calls."""
    if replies[0].outcome == "errored" and not device.responds(where):
        sys.stderr.write(f"{replies[0].message}\n")
        sys.stderr.flush()
        os._exit(device.LOST)
    return replies

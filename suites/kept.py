"""Replies that a run still needs, beside its run file: what a killed run goes on with.

The cells of a stack are held against the bits of its first, and the calls of a graph are made
together: these replies are kept until the last cell that needs them is written down. Arrays and
JSON, nothing that is executed when it is read.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from suites.frameworks.bisection import Span
from suites.frameworks.protocol import Compilation, Crash, Reply

Timed: TypeAlias = tuple[Reply, float]
"""A reply, and the seconds that it took."""

_ARRAYS = ("output", "gradient", "jacobian", "second_gradient", "indices")
_WORDS = ("outcome", "message", "stage")


class KeptError(ValueError):
    """A file that holds no kept replies."""


class Kept:
    """Kept replies, each file written whole or not at all.

    Args:
        folder: Where they lie; None where a run is not to be resumed.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[str, tuple[Path, set[str]]] = {}
        self._replies: dict[str, Timed] = {}

    @classmethod
    def beside(cls, run_file: Path, *, resumes: bool) -> Kept:
        """Return what is kept beside a run file; nothing for one that begins."""
        folder = run_file.with_name(f"{run_file.name}.kept")
        kept = cls(folder)
        if not resumes:
            shutil.rmtree(folder, ignore_errors=True)
        for path in sorted(folder.glob("*.npz")):
            with contextlib.suppress(KeptError):
                kept._take(path, _read(path))
        return kept

    def get(self, cell: str) -> Timed | None:
        """Return the reply of a cell that an earlier process kept, None if it kept none."""
        return self._replies.get(cell)

    def keep(self, replies: Mapping[str, Timed]) -> None:
        """Keep the replies of cells until each of them has been dropped."""
        if self._folder is None or not replies or all(cell in self._files for cell in replies):
            return
        self._folder.mkdir(exist_ok=True)
        name = hashlib.sha256("\n".join(sorted(replies)).encode()).hexdigest()[:32]
        path = self._folder / f"{name}.npz"
        new = path.with_suffix(f".{os.getpid()}")
        with new.open("wb") as stream:
            np.savez(stream, **_packed(replies))
        new.replace(path)
        needed = set(replies)
        self._files |= dict.fromkeys(replies, (path, needed))

    def drop(self, cell: str) -> None:
        """Let the reply of a cell go: it is not needed any more."""
        path, needed = self._files.pop(cell, (None, set()))
        self._replies.pop(cell, None)
        needed.discard(cell)
        if path is not None and not needed:
            path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Let all replies go: the run has come to its end."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _take(self, path: Path, replies: dict[str, Timed]) -> None:
        needed = set(replies)
        self._files |= dict.fromkeys(replies, (path, needed))
        self._replies |= replies


def _packed(replies: Mapping[str, Timed]) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    said = []
    for k, (cell, (reply, seconds)) in enumerate(replies.items()):
        for name in _ARRAYS:
            array = getattr(reply, name)
            if array is not None:
                arrays[f"{k}.{name}"] = array
        parts = {
            name: None if part is None else dataclasses.asdict(part)
            for name in ("compilation", "crash", "raised")
            for part in [getattr(reply, name)]
        }
        words = {name: getattr(reply, name) for name in _WORDS}
        said.append({"cell": cell, "seconds": seconds, **words, **parts})
    text = json.dumps(said).encode()
    return {"said": np.frombuffer(text, dtype=np.uint8), **arrays}


def _read(path: Path) -> dict[str, Timed]:
    """Return cell -> reply, of a file.

    Raises:
        KeptError: It is none of ours.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            said = json.loads(arrays["said"].tobytes())
            return {
                entry["cell"]: (_reply(entry, k, arrays), entry["seconds"])
                for k, entry in enumerate(said)
            }
    except Exception as error:  # whatever a foreign file makes numpy raise
        msg = f"{path}: {type(error).__name__}, expected replies of an earlier process"
        raise KeptError(msg) from error


def _reply(entry: Mapping[str, Any], k: int, arrays: Mapping[str, Any]) -> Reply:
    compilation, crash, raised = (entry[name] for name in ("compilation", "crash", "raised"))
    found = {name: arrays[f"{k}.{name}"] for name in _ARRAYS if f"{k}.{name}" in arrays}
    return Reply(
        **{name: entry[name] for name in _WORDS},
        **found,
        compilation=compilation and Compilation(**compilation),
        crash=crash and Crash(signal=crash["signal"], span=Span(**crash["span"])),
        raised=raised and Span(**raised),
    )

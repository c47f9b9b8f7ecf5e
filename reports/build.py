"""Writes the report of some runs into a folder, each file whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reports.document import report, scripts
from reports.junit import junit
from reports.markdown import markdown
from reports.page import page
from reports.record import Run

MARK = "# Written by python -m reports build; written anew each time.\n"
"""The first line of a script: only files that begin like this are ever removed."""


def build(runs: Sequence[Run], folder: Path) -> Path:
    """Write every form of the report and `scripts/` into `folder`; return the page's path."""
    document = report(runs)
    write(folder / "report.json", json.dumps(document, indent=1, allow_nan=False) + "\n")
    write_scripts(folder / "scripts", scripts(document))
    write(folder / "report.md", markdown(document))
    write(folder / "junit.xml", junit(runs))
    path = folder / "report.html"
    write(path, page(document))
    return path


def write_scripts(folder: Path, sources: dict[str, str]) -> None:
    """Write scripts, and remove those of an earlier time."""
    for name, source in sources.items():
        write(folder / name, MARK + source)
    for path in sorted(folder.glob("*.py")):
        if path.name not in sources and path.read_bytes().startswith(MARK.encode()):
            path.unlink()


def write(path: Path, text: str) -> None:
    """Write a file so that a reader finds the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        _readable(Path(name))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _readable(path: Path) -> None:
    """Give a file the permissions of any new file: a temporary one is its owner's alone."""
    umask = os.umask(0)
    os.umask(umask)
    path.chmod(0o666 & ~umask)

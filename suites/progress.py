"""The progress of a run on a terminal: cells done, cases a second, time left."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from typing import TextIO

import pytest
from tqdm import tqdm

from suites.items import CellItem


class Progress:
    """A pytest plugin that draws a bar in place of a letter for each cell.

    Args:
        stream: The terminal; pytest's capturing must not reach it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[object] | None = None
        self._cases = 0
        self._began = time.monotonic()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Draw the bar, if there is a cell to be run."""
        if session.config.option.collectonly or not any(map(_is_cell, session.items)):
            return
        self._began = time.monotonic()
        self._bar = tqdm(
            total=len(session.items), unit="cell", file=self._stream, leave=False, smoothing=0.02
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Count an item once it has run."""
        result = yield
        if self._bar is not None:
            self._cases += item.plan.cases if isinstance(item, CellItem) else 0
            rate = self._cases / max(time.monotonic() - self._began, 1e-9)
            self._bar.set_postfix_str(f"{rate:,.0f} cases/s", refresh=False)
            self._bar.update()
        return result

    def pytest_sessionfinish(self) -> None:
        """Take the bar away: what follows is the result."""
        if self._bar is not None:
            self._bar.close()


def of_terminal() -> Progress | None:
    """Return the progress of a run that somebody watches; None in CI, or if it goes to a file."""
    if os.environ.get("CI") or not sys.stdout.isatty():
        return None
    # pytest captures what goes to standard output while a cell runs, but not this
    return Progress(os.fdopen(os.dup(sys.stdout.fileno()), "w"))


def _is_cell(item: pytest.Item) -> bool:
    return isinstance(item, CellItem)

"""The cells as pytest sees them: one item each, collected from `requirements.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from suites.plan import Cell
from suites.run import SuiteRun


class CellFailedError(Exception):
    """A cell with findings that fail the run; the message has one line for each kind of them."""


class Requirements(pytest.File):
    """Collects an item for each planned cell: all of them are held to the requirements."""

    suite_run: SuiteRun

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, suite_run: SuiteRun) -> Requirements:
        """Return the collector of the cells of a run."""
        collector: Requirements = cls.from_parent(parent, path=path)
        collector.suite_run = suite_run
        return collector

    def collect(self) -> Iterable[pytest.Item]:
        """Yield the items, in the order of the plan."""
        for cell in self.suite_run.planned:
            yield CellItem.of(self, cell)


class CellItem(pytest.Item):
    """A cell."""

    cell: Cell

    @classmethod
    def of(cls, parent: Requirements, cell: Cell) -> CellItem:
        """Return the item of a cell; its name is the cell's id."""
        item: CellItem = cls.from_parent(parent, name=cell.id)
        item.cell = cell
        return item

    @property
    def suite_run(self) -> SuiteRun:
        """The run that the cell belongs to."""
        collector = self.getparent(Requirements)
        assert collector is not None
        return collector.suite_run

    def runtest(self) -> None:
        """Run the cell and judge it.

        Raises:
            CellFailedError: It has findings that fail the run.
        """
        failing = self.suite_run.run(self.cell)
        if failing:
            kinds = dict.fromkeys((f.requirement, f.outcome, f.cause) for f in failing)
            raise CellFailedError("\n".join(f"{r}: {o} ({c})" for r, o, c in kinds))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """Return what failed; a traceback only for what should never be raised."""
        del style  # pytest's wish for another traceback
        if isinstance(excinfo.value, CellFailedError):
            return str(excinfo.value)
        text = str(excinfo.getrepr(style="short"))
        self.suite_run.mishaps.append(f"{self.name} was not judged:\n{text}")
        return text

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return where the item stands, and its name."""
        return self.path, None, self.name


def cells_of(items: Iterable[pytest.Item]) -> Iterator[Cell]:
    """Yield the cells among pytest's items."""
    for item in items:
        if isinstance(item, CellItem):
            yield item.cell

"""Cells and searches as pytest sees them: one item each, collected from `requirements.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from reports.record import Finding
from suites.hunting import Hunt
from suites.plan import Cell
from suites.run import SuiteRun


class CellFailedError(Exception):
    """A cell or a search with findings that fail the run: one line for each kind of them."""


class Requirements(pytest.File):
    """Collects an item for each planned cell and search: all are held to the requirements."""

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
        for hunt in self.suite_run.hunts:
            yield SearchItem.of(self, hunt)


class _Judged(pytest.Item):
    """What is run, judged and written down."""

    @property
    def suite_run(self) -> SuiteRun:
        """The run that it belongs to."""
        collector = self.getparent(Requirements)
        assert collector is not None
        return collector.suite_run

    def judged(self) -> Sequence[Finding]:
        """Run it, judge it, and return what fails the run."""
        raise NotImplementedError

    def runtest(self) -> None:
        """Run and judge it.

        Raises:
            CellFailedError: It has findings that fail the run.
        """
        failing = self.judged()
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


class CellItem(_Judged):
    """A cell."""

    cell: Cell

    @classmethod
    def of(cls, parent: Requirements, cell: Cell) -> CellItem:
        """Return the item of a cell; its name is the cell's id."""
        item: CellItem = cls.from_parent(parent, name=cell.id)
        item.cell = cell
        return item

    def judged(self) -> Sequence[Finding]:
        """Run the cell, judge it, and return what fails the run."""
        return self.suite_run.run(self.cell)


class SearchItem(_Judged):
    """A search for counterexamples."""

    hunt: Hunt

    @classmethod
    def of(cls, parent: Requirements, hunt: Hunt) -> SearchItem:
        """Return the item of a search."""
        item: SearchItem = cls.from_parent(parent, name=hunt.name)
        item.hunt = hunt
        return item

    def judged(self) -> Sequence[Finding]:
        """Run the search and return what it found."""
        return self.suite_run.hunt(self.hunt)


def cells_of(items: Iterable[pytest.Item]) -> Iterator[Cell]:
    """Yield the cells among pytest's items."""
    for item in items:
        if isinstance(item, CellItem):
            yield item.cell


def searches_of(items: Iterable[pytest.Item]) -> Iterator[Hunt]:
    """Yield the searches among pytest's items."""
    for item in items:
        if isinstance(item, SearchItem):
            yield item.hunt

"""What is run as pytest sees it: an item each, collected from `requirements.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from reports.record import Finding
from suites.agreement import Question
from suites.hunting import Hunt
from suites.layerwise import NetworkPlan
from suites.plan import Cell
from suites.run import SuiteRun


class CellFailedError(Exception):
    """What fails the run, of one item: a line for each kind of finding."""


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
        for cell in self.suite_run.cells:
            yield CellItem.of(self, cell)
        for hunt in self.suite_run.hunts:
            yield SearchItem.of(self, hunt)
        for question in self.suite_run.questions:
            yield AgreementItem.of(self, question)
        for network in self.suite_run.networks:
            yield NetworkItem.of(self, network)
        if self.suite_run.surveys:
            yield CompletenessItem.from_parent(self, name="completeness")


class _Judged(pytest.Item):
    """What is run, judged and written down."""

    @property
    def suite_run(self) -> SuiteRun:
        """The run that it belongs to."""
        collector = self.getparent(Requirements)
        assert collector is not None
        return collector.suite_run

    def judged(self) -> Sequence[str]:
        """Run it, judge it, and return what fails the run, a line for each kind."""
        raise NotImplementedError

    def runtest(self) -> None:
        """Run and judge it.

        Raises:
            CellFailedError: Something fails the run.
        """
        failing = self.judged()
        if failing:
            raise CellFailedError("\n".join(failing))

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

    def judged(self) -> Sequence[str]:
        """Run the cell, judge it, and return what fails the run."""
        return _kinds(self.suite_run.run(self.cell))


class SearchItem(_Judged):
    """A search for counterexamples."""

    hunt: Hunt

    @classmethod
    def of(cls, parent: Requirements, hunt: Hunt) -> SearchItem:
        """Return the item of a search."""
        item: SearchItem = cls.from_parent(parent, name=hunt.name)
        item.hunt = hunt
        return item

    def judged(self) -> Sequence[str]:
        """Run the search and return what it found."""
        return _kinds(self.suite_run.hunt(self.hunt))


class AgreementItem(_Judged):
    """The question which of several equal functions agree at ties."""

    question: Question

    @classmethod
    def of(cls, parent: Requirements, question: Question) -> AgreementItem:
        """Return the item of a question."""
        item: AgreementItem = cls.from_parent(parent, name=question.name)
        item.question = question
        return item

    def judged(self) -> Sequence[str]:
        """Ask it; whatever the answer is, it fails nothing."""
        self.suite_run.compare(self.question)
        return []


class CompletenessItem(_Judged):
    """The question whether every operator of the release is accounted for."""

    def judged(self) -> Sequence[str]:
        """Ask it, and return what fails the run."""
        return self.suite_run.survey()


class NetworkItem(_Judged):
    """A network that is judged layer by layer."""

    plan: NetworkPlan

    @classmethod
    def of(cls, parent: Requirements, plan: NetworkPlan) -> NetworkItem:
        """Return the item of a network."""
        item: NetworkItem = cls.from_parent(parent, name=plan.name)
        item.plan = plan
        return item

    def judged(self) -> Sequence[str]:
        """Run and judge it, and return what fails the run."""
        return self.suite_run.judge_network(self.plan)


def cells_of(items: Iterable[pytest.Item]) -> Iterator[Cell]:
    """Yield the cells among pytest's items."""
    for item in items:
        if isinstance(item, CellItem):
            yield item.cell


def questions_of(items: Iterable[pytest.Item]) -> Iterator[Question]:
    """Yield the questions for equal functions among pytest's items."""
    for item in items:
        if isinstance(item, AgreementItem):
            yield item.question


def are_ours(items: Iterable[pytest.Item]) -> bool:
    """Return whether pytest has nothing but what is judged here."""
    return all(isinstance(item, _Judged) for item in items)


def networks_of(items: Iterable[pytest.Item]) -> Iterator[NetworkPlan]:
    """Yield the networks among pytest's items."""
    for item in items:
        if isinstance(item, NetworkItem):
            yield item.plan


def has_survey(items: Iterable[pytest.Item]) -> bool:
    """Return whether completeness is measured among pytest's items."""
    return any(isinstance(item, CompletenessItem) for item in items)


def searches_of(items: Iterable[pytest.Item]) -> Iterator[Hunt]:
    """Yield the searches among pytest's items."""
    for item in items:
        if isinstance(item, SearchItem):
            yield item.hunt


def _kinds(failing: Sequence[Finding]) -> list[str]:
    """Return a line for each kind of finding."""
    kinds = dict.fromkeys((f.requirement, f.outcome, f.cause) for f in failing)
    return [f"{requirement}: {outcome} ({cause})" for requirement, outcome, cause in kinds]

"""What is run as pytest sees it: an item each, collected from `requirements.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import pytest

from reports.record import Finding
from suites.agreement import Question
from suites.hunting import Hunt
from suites.layerwise import NetworkPlan
from suites.plan import Cell
from suites.run import SuiteRun

Plan = TypeVar("Plan")


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
            yield CellItem.of(self, cell.id, cell)
        for hunt in self.suite_run.hunts:
            yield SearchItem.of(self, hunt.name, hunt)
        for question in self.suite_run.questions:
            yield AgreementItem.of(self, question.name, question)
        for network in self.suite_run.networks:
            yield NetworkItem.of(self, network.name, network)
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


class _Planned(_Judged, Generic[Plan]):
    """What is planned, one of several.

    Attributes:
        plan: What it is.
    """

    plan: Plan

    @classmethod
    def of(cls, parent: Requirements, name: str, plan: Plan) -> Self:
        """Return the item of what is planned."""
        item: Self = cls.from_parent(parent, name=name)
        item.plan = plan
        return item


class CellItem(_Planned[Cell]):
    """A cell; its name is the cell's id."""

    def judged(self) -> Sequence[str]:
        """Run the cell, judge it, and return what fails the run."""
        return _kinds(self.suite_run.run(self.plan))


class SearchItem(_Planned[Hunt]):
    """A search for counterexamples."""

    def judged(self) -> Sequence[str]:
        """Run the search and return what it found."""
        return _kinds(self.suite_run.hunt(self.plan))


class AgreementItem(_Planned[Question]):
    """The question which of several equal functions agree at ties."""

    def judged(self) -> Sequence[str]:
        """Ask it; whatever the answer is, it fails nothing."""
        self.suite_run.compare(self.plan)
        return []


class NetworkItem(_Planned[NetworkPlan]):
    """A network that is judged layer by layer."""

    def judged(self) -> Sequence[str]:
        """Run and judge it, and return what fails the run."""
        return self.suite_run.judge_network(self.plan)


class CompletenessItem(_Judged):
    """The question whether every operator of the release is accounted for."""

    def judged(self) -> Sequence[str]:
        """Ask it, and return what fails the run."""
        return self.suite_run.survey()


def plans_of(items: Iterable[pytest.Item], kind: type[_Planned[Plan]]) -> list[Plan]:
    """Return what is planned of a kind among pytest's items."""
    return [item.plan for item in items if isinstance(item, kind)]


def has_survey(items: Iterable[pytest.Item]) -> bool:
    """Return whether completeness is measured among pytest's items."""
    return any(isinstance(item, CompletenessItem) for item in items)


def are_ours(items: Iterable[pytest.Item]) -> bool:
    """Return whether pytest has nothing but what is judged here."""
    return all(isinstance(item, _Judged) for item in items)


def _kinds(failing: Sequence[Finding]) -> list[str]:
    """Return a line for each kind of finding."""
    kinds = dict.fromkeys((f.requirement, f.outcome, f.cause) for f in failing)
    return [f"{requirement}: {outcome} ({cause})" for requirement, outcome, cause in kinds]

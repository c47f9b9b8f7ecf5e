"""A run from its options to its end: the plan, the child processes, the run file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import hypothesis

from oracle.catalogue import CATALOGUE
from reports.record import Finding, Header, RunWriter, ShardOf
from suites.agreement import Question, agreement, questions
from suites.completeness import Survey, read_operators
from suites.conductor import Conductor, Ending, has_kinks
from suites.flushing import Flushing
from suites.frameworks.runner import Runner
from suites.hunting import Equipment, Hunt, Pack, hunts
from suites.kept import Kept
from suites.known import Known
from suites.layerwise import NetworkPlan, judged, network_plans
from suites.lookahead import LookAhead, graphs
from suites.options import Options
from suites.plan import Cell, corpus_digest, count_cases, planned
from suites.provenance import commit, new_run_file, now
from suites.requirements import requirements
from suites.resuming import refuse_another
from suites.rows import read_rows
from suites.selection import OPERATIONS, Selection, SelectionError
from suites.sharding import Plan

FRAMEWORK = "torch"


class SuiteRun:
    """A run that is prepared, then conducted cell by cell, then finished.

    Attributes:
        selection: What is run.
        planned: The cells of the selection, or of its shard.
        cells: Those that are still to be run, and in the same way
        hunts: the searches,
        questions: what is asked of equal functions, and
        surveys: whether it is asked if every operator of the release is accounted for, and
        networks: networks that are judged layer by layer.
        path: The run file, once there is one.
        mishaps: Errors of our own, which keep cells from being recorded.

    Args:
        options: What the command line says.
        only_plan: Whether nothing is to be run.

    Raises:
        SelectionError: A value is not what it can be.
        DeviationsError: The deviations file can't be used.
        FrameworkError: The framework, the device or the user's file is missing.
    """

    def __init__(self, options: Options, *, only_plan: bool) -> None:
        self._options = options
        # known deviations are the framework's, not those of a user's file
        self._rows = [] if options.implementation else read_rows(options.deviations)
        self._resources = ExitStack()
        self._runner: Runner | None = None
        self._environment: dict[str, object] = {}
        self._flushing = Flushing()
        self._conductor: Conductor | None = None
        self._pack: Pack | None = None
        self.selection = options.selection
        self.path: Path | None = None
        self.mishaps: list[str] = []
        if not only_plan or options.implementation:
            self._start_processes()
        self._whole = self._plan()
        self._mine = self._whole if options.shard is None else self._whole.part(options.shard)
        self.planned = self._mine.cells
        done = options.earlier.names if options.earlier else set()
        self.cells = [cell for cell in self.planned if cell.id not in done]
        self.hunts = [hunt for hunt in self._mine.hunts if hunt.name not in done]
        self.questions = [asked for asked in self._mine.questions if asked.name not in done]
        self.surveys = self._mine.surveys and "completeness" not in done
        self.networks = [plan for plan in self._mine.networks if plan.name not in done]

    @property
    def goes_on(self) -> bool:
        """Whether it finishes what another process began."""
        return self._options.earlier is not None

    @property
    def failures(self) -> Sequence[Finding]:
        """The findings that fail the run, so far."""
        return self._conductor.failures if self._conductor else ()

    def begin(
        self,
        cells: Sequence[Cell],
        searches: Sequence[Hunt] = (),
        asked: Sequence[Question] = (),
        *,
        surveys: bool = False,
        networks: int = 0,
    ) -> Path:
        """Open the run file, write its header, and return its path.

        Raises:
            SelectionError: The run that is to be finished is another one.
        """
        runner = self._runner
        if runner is None:
            msg = "a run that was only planned can't begin"
            raise ValueError(msg)
        version = str(self._environment[FRAMEWORK])
        known = Known(self._rows, version, self.selection.device)
        self.path = self._options.run_file or new_run_file(
            FRAMEWORK, version, self.selection.device
        )
        before = self._options.earlier
        done = {cell.cell for cell in before.cells} if before else set()
        wanted = {cell.id for cell in cells} | done
        plan = [cell for cell in self.planned if cell.id in wanted]
        asking = _Amounts(
            searches=len(searches) + (len(before.searches) if before else 0),
            questions=len(asked) + (len(before.agreements) if before else 0),
            surveys=surveys or (before is not None and before.completeness is not None),
            networks=networks + (len(before.networks) if before else 0),
        )
        header = self._header(plan, asking, known)
        writer = self._resources.enter_context(self._writer(self.path, header))
        kept = Kept.beside(self.path, resumes=before is not None)
        self._conductor = Conductor(
            selection=self.selection,
            plan=plan,
            searches=asking.searches,
            questions=asking.questions,
            surveys=asking.surveys,
            whole_plan=len(plan) == len(self.planned),
            own_file=self._options.implementation is not None,
            alone=self._options.shard is None,
            replies=LookAhead(runner, self._compiler(cells), cells, known, kept),
            known=known,
            writer=writer,
            kept=kept,
            networks=asking.networks,
        )
        if before is not None:
            self._conductor.go_on(before)
        self._pack = self._resources.enter_context(Pack(searches, self._equipment(version)))
        return self.path

    def run(self, cell: Cell) -> list[Finding]:
        """Run a cell and return what fails the run."""
        if self._conductor is None:
            msg = "a run has to begin before its first cell"
            raise ValueError(msg)
        return self._conductor.run(cell)

    def hunt(self, search: Hunt) -> Sequence[Finding]:
        """Run a search, keep its counterexamples, and return what fails the run."""
        if self._conductor is None or self._pack is None or self.path is None:
            msg = "a run has to begin before its first search"
            raise ValueError(msg)
        hunted = self._pack.result(search)
        hunted.keep(self.path.parent)
        return self._conductor.note(hunted)

    def compare(self, question: Question) -> None:
        """Ask which of several equal functions agree at ties, and write it down."""
        if self._conductor is None or self._runner is None:
            msg = "a run has to begin before equal functions are compared"
            raise ValueError(msg)
        self._conductor.compare(agreement(question, self._runner))

    def survey(self) -> list[str]:
        """Measure completeness and return what fails the run."""
        if self._conductor is None:
            msg = "a run has to begin before completeness is measured"
            raise ValueError(msg)
        asked = Survey(
            operators=read_operators(),
            version=str(self._environment[FRAMEWORK]),
            probes=self.selection.profile != "smoke",
            timeout=self._options.cell_timeout,
            rows=self._conductor.known.rows,
        )
        return self._conductor.survey(asked.run())

    def judge_network(self, plan: NetworkPlan) -> list[str]:
        """Judge a network layer by layer and return what fails the run."""
        if self._conductor is None:
            msg = "a run has to begin before its first network"
            raise ValueError(msg)
        return self._conductor.network(judged(plan))

    def finish(self, *, interrupted: bool) -> Ending | None:
        """Write the footer and return how the run ended; None if it had not begun."""
        return self._conductor.finish(interrupted=interrupted) if self._conductor else None

    def close(self) -> None:
        """End the child processes and close the run file."""
        self._resources.close()

    def _plan(self) -> Plan:
        own_file = self._options.implementation is not None
        return Plan(
            cells=list(planned(self.selection, self._flushing)),
            hunts=list(hunts(self.selection, self._options.seed, self._flushing)),
            questions=[] if own_file else list(questions(self.selection)),
            surveys=self.selection.whole and not own_file,
            networks=[] if own_file else list(network_plans(self.selection)),
        )

    def _writer(self, path: Path, header: Header) -> RunWriter:
        """Return the writer of the run file, which has a header then."""
        before = self._options.earlier
        if before is not None:
            refuse_another(before.header, header)
            return RunWriter.going_on(path, before.lines, before.cells)
        writer = RunWriter(path)
        writer.append(header)
        return writer

    def _start_processes(self) -> None:
        runner = self._new_runner()
        self._runner = self._resources.enter_context(runner)
        try:
            operations = runner.probe()
            if self._options.implementation:
                self.selection = _restricted(self._options, operations)
            self._environment = runner.describe()
            self._flushing = Flushing.of(self._environment)
        except BaseException:
            self._resources.close()
            raise

    def _compiler(self, cells: Sequence[Cell]) -> Runner | None:
        """Return what runs compiled calls, its compiled code in the run's folder; None if none."""
        if self.path is None or not graphs(cells):
            return None
        prefix = f"{self.path.name}.compiled-"
        for left in self.path.parent.glob(f"{prefix}*"):
            shutil.rmtree(left, ignore_errors=True)  # of a process that was killed
        # a C++ compiler that outlives its child process may still be writing
        folder = tempfile.TemporaryDirectory(
            prefix=prefix, dir=self.path.parent, ignore_cleanup_errors=True
        )
        self._resources.enter_context(folder)
        compiler = self._new_runner(Path(folder.name))
        return self._resources.enter_context(compiler)

    def _new_runner(self, compile_cache: Path | None = None) -> Runner:
        return Runner(
            operations=OPERATIONS,
            device=self.selection.device,
            implementation=self._options.implementation,
            compile_cache=compile_cache,
            cell_timeout=self._options.cell_timeout,
        )

    def _equipment(self, version: str) -> Equipment:
        return Equipment(
            framework=FRAMEWORK,
            version=version,
            device=self.selection.device,
            rows=tuple(self._rows),
            implementation=self._options.implementation,
            cell_timeout=self._options.cell_timeout,
        )

    def _header(self, cells: Sequence[Cell], asking: _Amounts, known: Known) -> Header:
        implementation = self._options.implementation
        return Header(
            started=now().isoformat(),
            profile=self.selection.profile,
            device=self.selection.device,
            framework={"name": FRAMEWORK, "version": str(self._environment[FRAMEWORK])},
            # what a search draws depends on it
            environment=self._environment | {"hypothesis": hypothesis.__version__},
            commit=commit(),
            corpus=corpus_digest(cells),
            seed=self._options.seed,
            implementation=implementation.name if implementation else None,
            options=self.selection.document(),
            planned=_numbers(cells, asking),
            shard=self._shard(),
            requirements=requirements(),
            conventions={op: CATALOGUE[op].convention.document() for op in self.selection.ops},
            functions={op: CATALOGUE[op].function for op in self.selection.ops},
            families={op: CATALOGUE[op].family for op in self.selection.ops},
            deviations=[row.document() for row in known.rows],
        )

    def _shard(self) -> ShardOf | None:
        """Return which part of which run this is."""
        shard, whole = self._options.shard, self._whole
        if shard is None:
            return None
        return ShardOf(
            index=shard.index,
            of=shard.of,
            corpus=corpus_digest(whole.cells),
            planned=_numbers(whole.cells, _Amounts.of(whole)),
            whole=self.selection.whole,
            kinks=has_kinks(self.selection),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Amounts:
    """How much there is beside the cells."""

    searches: int
    questions: int
    surveys: bool
    networks: int

    @classmethod
    def of(cls, plan: Plan) -> _Amounts:
        """Return how much a plan has."""
        return cls(
            searches=len(plan.hunts),
            questions=len(plan.questions),
            surveys=plan.surveys,
            networks=len(plan.networks),
        )


def _numbers(cells: Sequence[Cell], beside: _Amounts) -> dict[str, int]:
    return {
        "cells": len(cells),
        "cases": count_cases(cells),
        "graphs": len(graphs(cells)),
        "searches": beside.searches,
        "agreements": beside.questions,
        "networks": beside.networks,
        "completeness": int(beside.surveys),
    }


def _restricted(options: Options, defined: frozenset[str]) -> Selection:
    """Return the selection of the operations that a user's file defines."""
    selection = options.selection
    missing = [op for op in selection.ops if op not in defined]
    if options.names_ops and missing:
        msg = f"--ops: the file defines no {', '.join(missing)}, but {', '.join(sorted(defined))}"
        raise SelectionError(msg)
    return replace(selection, ops=tuple(op for op in selection.ops if op in defined))

"""Conducts a run: each cell is run, judged and written down, in the order of the plan."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from reports.record import (
    Agreement,
    CellRecord,
    Completeness,
    Finding,
    Footer,
    Network,
    RunWriter,
    Search,
    Totals,
)
from suites import cells, health
from suites.conventions import Conventions
from suites.corpus.programs.catalogue import WITHOUT_KINKS
from suites.findings import Findings
from suites.frameworks.protocol import Reply
from suites.hunting import Hunted
from suites.judging import Judge
from suites.judgment import Judgment
from suites.kept import Kept, Timed
from suites.known import Known
from suites.lookahead import LookAhead, graphs
from suites.plan import Cell, Group
from suites.provenance import now
from suites.resuming import Earlier
from suites.selection import Selection, SelectionError

UNHEALTHY = 6
"""Exit status of a run without a score; it comes before 1, since without a score nothing failed."""


def has_kinks(selection: Selection) -> bool:
    """Return whether an operation has kinks; without them nothing can be tied."""
    return not WITHOUT_KINKS.issuperset(selection.ops)


@dataclass(kw_only=True)
class _Progress:
    """A stack whose cells are being run.

    Attributes:
        first: Its first cell.
        judge: What judges them.
        has_indices: Whether a cell had indices, which those of the others are held against.
    """

    first: Cell
    judge: Judge
    has_indices: bool = False


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a run ended.

    Attributes:
        unhealthy: Why it has no score.
        problems: What fails the run beside findings: known deviations that are stale or expired,
            operators that show a kink though they are held to be smooth, or deviate on a sample
            input of their own.
        failed: Whether a requirement failed or a row is stale.
        exit_status: What pytest is to return.
    """

    unhealthy: Sequence[str]
    problems: Sequence[str]
    failed: bool
    exit_status: int


@dataclass(kw_only=True)
class Conductor:
    """Runs the cells of a plan.

    Attributes:
        selection: What was selected.
        plan: The cells to run.
        searches: How many searches there are to write down.
        questions: How many questions for equal functions there are to write down.
        surveys: Whether completeness is to be written down.
        networks: How many networks there are to write down.
        whole_plan: Whether the plan is all of the selection: nothing deselected.
        own_file: Whether a user's file is under test.
        alone: Whether it is a run by itself, not one of several shards.
        replies: Where replies come from.
        known: The known deviations.
        writer: Where everything is written down; its header stands already.
        kept: Replies that a process needs that goes on with this run.
        failures: The findings that fail the run, so far.
    """

    selection: Selection
    plan: Sequence[Cell]
    searches: int
    questions: int
    surveys: bool
    whole_plan: bool
    own_file: bool
    replies: LookAhead
    known: Known
    writer: RunWriter
    alone: bool = True
    kept: Kept = field(default_factory=lambda: Kept(None))
    networks: int = 0
    failures: list[Finding] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _findings: Findings = field(default_factory=Findings)
    _conventions: Conventions = field(default_factory=Conventions)
    _groups: dict[Group, _Progress] = field(default_factory=dict)
    _executed: list[Cell] = field(default_factory=list)
    _not_ran: list[CellRecord] = field(default_factory=list)
    _searched: list[Search] = field(default_factory=list)
    _references: dict[Group, list[str]] = field(default_factory=dict)
    _compared: int = 0
    _completeness: Completeness | None = None
    _networks: list[Network] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = Counter(cell.group for cell in self.plan)
        self._left.update(cell.group.whole for cell in self.plan if cell.group.whole)
        self._graphs = graphs(self.plan)

    def run(self, cell: Cell) -> list[Finding]:
        """Run and judge a cell, write it down, and return what fails the run."""
        reply, seconds = self.replies.reply(cell)
        progress = self._progress(cell)
        base = None if progress.first is cell else progress.first
        if reply.outcome == "ran":
            self._keep(cell, progress, (reply, seconds))
            record, findings = self._ran(cell, progress.judge.judge(cell, reply), base, seconds)
        else:
            record, findings = self._did_not_run(cell, reply, base, seconds)
        self._executed.append(cell)
        self.writer.append(replace(record, findings=len(findings)), *findings)
        self._let_go(cell)
        failing = [finding for finding in findings if finding.fails_run and not finding.known]
        self.failures += failing
        return failing

    def go_on(self, earlier: Earlier) -> None:
        """Take up what an earlier process has written down.

        Raises:
            SelectionError: A reply is missing that cells are to be held against.
        """
        cells_of = {cell.id: cell for cell in self.plan}
        lacking: dict[Group, str] = {}
        for record in earlier.cells:
            cell = cells_of[record.cell]
            progress, kept = self._progress(cell), self.kept.get(cell.id)
            if kept is not None and kept[0].outcome == "ran":
                self._keep(cell, progress, kept)
                progress.judge.judge(cell, kept[0])
            elif record.outcome == "ran" and progress.judge.starts_with(cell):
                lacking[cell.group.whole or cell.group] = cell.id
            self._recall(cell, record)
            self._let_go(cell)
        for stack, cell_id in lacking.items():
            if self._left[stack]:
                msg = f"--resume: the kept reply of {cell_id} is gone; run again"
                raise SelectionError(msg)
        self._findings.recall(earlier.findings)
        self.failures += [f for f in earlier.findings if f.fails_run and not f.known]
        self._searched += earlier.searches
        self._compared += len(earlier.agreements)
        self._completeness = earlier.completeness
        self._networks += earlier.networks

    def _recall(self, cell: Cell, record: CellRecord) -> None:
        """Remember a cell that an earlier process ran."""
        self._executed.append(cell)
        families = cell.group.stack.families
        if record.outcome == "ran":
            self._conventions.recall(record)
        else:
            self._not_ran.append(record)
            self.known.covers(cell, "safe", record.outcome, set(families))
        for requirement, words in (record.misses or {}).items():
            for word, places in words.items():
                for i in places:
                    self.known.covers(cell, requirement, word, [families[i]])

    def _keep(self, cell: Cell, progress: _Progress, reply: Timed) -> None:
        """Keep a reply that the others of its stack are held against: bits, and indices."""
        indices = cell.variant.indices and not progress.has_indices
        if progress.judge.starts_with(cell) or indices:
            progress.has_indices |= cell.variant.indices
            self.kept.keep({cell.id: reply})
            self._references.setdefault(cell.group.whole or cell.group, []).append(cell.id)

    def _let_go(self, cell: Cell) -> None:
        """Let go of the replies that nothing needs any more, once a cell is written down."""
        stack = cell.group.whole or cell.group
        references = self._references.get(stack, [])
        if cell.id not in references:
            self.kept.drop(cell.id)
        if not self._left[stack]:
            for kept in self._references.pop(stack, []):
                self.kept.drop(kept)

    def note(self, hunted: Hunted) -> Sequence[Finding]:
        """Write down what came of a search, and return what fails the run: all that it found."""
        self._searched.append(hunted.search)
        self.writer.append(hunted.search, *hunted.findings)
        self.failures += hunted.findings
        return hunted.findings

    def compare(self, agreement: Agreement) -> None:
        """Write down which of several equal functions agree at ties."""
        self._compared += 1
        self.writer.append(agreement)

    def survey(self, completeness: Completeness) -> list[str]:
        """Write down completeness, and return what fails the run."""
        self._completeness = completeness
        self.writer.append(completeness)
        return self._of_operators()

    def network(self, record: Network) -> list[str]:
        """Write down what came of a network, and return what fails the run."""
        self._networks.append(record)
        self.writer.append(record)
        return _of_networks([record])

    def finish(self, *, interrupted: bool) -> Ending:
        """Write the footer and return how the run ended."""
        if len(self._executed) == len(self.plan):
            self.kept.clear()
        totals = self.writer.totals()
        unhealthy = [
            *self._of_cells(totals),
            *health.of_searches(self.searches, self._searched, own_file=self.own_file),
            *health.of_agreements(self.questions, self._compared),
            *(health.of_completeness(self._completeness) if self.surveys else ()),
            *health.of_networks(self.networks, self._networks),
        ]
        complete = self.whole_plan and len(self._executed) == len(self.plan)
        executed = self._executed if complete else []
        problems = [
            *self.known.problems(self.selection, executed),
            *self._of_operators(),
            *_of_networks(self._networks),
        ]
        failed = bool(self.failures or problems)
        status = 2 if interrupted else UNHEALTHY if unhealthy else int(failed)
        self.writer.append(
            Footer(
                finished=now().isoformat(),
                seconds=round(time.monotonic() - self._began, 3),
                totals=totals,
                healthy=not unhealthy,
                unhealthy=unhealthy,
                failed=failed,
                exit_status=status,
                digest=self.writer.digest(),
            )
        )
        return Ending(unhealthy=unhealthy, problems=problems, failed=failed, exit_status=status)

    def _of_cells(self, totals: Totals) -> Iterator[str]:
        """Yield why the cells have no score; of a shard's totals the merged run is asked."""
        planned, ended = len(self.plan), self._not_ran
        if not self.alone:
            yield from health.of_cells(planned, ended, totals, own_file=self.own_file)
            return
        yield from health.reasons(
            planned,
            ended,
            totals,
            whole=self.selection.whole and self.whole_plan,
            own_file=self.own_file,
            kinks=has_kinks(self.selection),
        )

    def _of_operators(self) -> list[str]:
        """Return what fails the run of the release's operators."""
        found = self._completeness
        if found is None:
            return []
        return [
            *(f"{n} is held to be smooth and shows a kink: {at}" for n, at in found.kinks.items()),
            *(f"{n} on its own sample input: {at}" for n, at in found.samples_failing.items()),
        ]

    def _progress(self, cell: Cell) -> _Progress:
        """Return the progress of the cell's stack; it is forgotten with its last cell."""
        group = cell.group
        if group not in self._groups:
            self._groups[group] = self._begun(cell)
        progress = self._groups[group]
        for waited_for in filter(None, (group, group.whole)):
            self._left[waited_for] -= 1
            if not self._left[waited_for]:
                self._groups.pop(waited_for, None)
        return progress

    def _begun(self, cell: Cell) -> _Progress:
        """Return the progress at a stack's first cell; a part goes on from the whole stack's."""
        whole = self._groups.get(cell.group.whole) if cell.group.whole else None
        if whole is None:
            return _Progress(first=cell, judge=Judge(cell.group))
        return _Progress(first=whole.first, judge=whole.judge.of_part(cell.group))

    def _ran(
        self, cell: Cell, judgment: Judgment, base: Cell | None, seconds: float
    ) -> tuple[CellRecord, list[Finding]]:
        known = {
            requirement: frozenset(
                i
                for i, miss in misses.items()
                if self.known.covers(cell, requirement, miss.word, [cell.group.stack.families[i]])
            )
            for requirement, misses in judgment.misses.items()
        }
        changes = list(self._conventions.changes(judgment))
        findings = [
            *self._findings.of_judgment(judgment, known),
            *(self._findings.of_rule(judgment, position, before) for position, before in changes),
        ]
        new_rules = sum(before != "" for _, before in changes)
        record = cells.ran(judgment, base, known, new_rules=new_rules, seconds=seconds)
        partners = [member.id for member in self._graphs.get(cell.graph, ()) if member is not cell]
        return replace(record, compiled=cells.compiled(judgment.reply, partners)), findings

    def _did_not_run(
        self, cell: Cell, reply: Reply, base: Cell | None, seconds: float
    ) -> tuple[CellRecord, list[Finding]]:
        fails = reply.outcome in ("errored", "crashed")
        families = set(cell.group.stack.families)
        known = fails and self.known.covers(cell, "safe", reply.outcome, families)
        record = cells.did_not_run(cell, reply, base, known=known, seconds=seconds)
        self._not_ran.append(record)
        findings = self._findings.of_failure(cell, reply, known=known) if fails else ()
        return record, list(findings)


def _of_networks(records: Sequence[Network]) -> list[str]:
    """Return what fails the run of its networks."""
    return [f"{record.network}: {record.answer}" for record in records if record.fails]

"""One example, run and judged exactly as a cell is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reports.record import Finding
from suites.findings import Findings
from suites.frameworks.protocol import Reply
from suites.frameworks.runner import Runner
from suites.hunting.hunt import MODE, Hunt
from suites.judging import Judge
from suites.judgment import Judgment
from suites.known import Known
from suites.plan import Cell, Group
from suites.strategies import Example, families

Kind = tuple[str, str, str]
"""Requirement, outcome and cause: what makes failures of one operation distinct."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """What came of an example.

    Attributes:
        example: What was drawn.
        cell: What was run.
        reply: What came back.
        judgment: What it is worth; None where it did not run.
        failing: The findings that fail a run.
        known: Whether a known deviation showed.
    """

    example: Example
    cell: Cell
    reply: Reply
    judgment: Judgment | None
    failing: Sequence[Finding]
    known: bool

    @property
    def kinds(self) -> set[Kind]:
        """The kinds of its failures."""
        return set(map(kind_of, self.failing))


def kind_of(finding: Finding) -> Kind:
    """Return what makes a finding another failure than others."""
    return finding.requirement, finding.outcome, finding.cause


def key_of(example: Example) -> bytes:
    """Return what identifies an example: its case and its variant."""
    (case,) = example.stack.digests()
    return hashlib.sha256(case + example.variant.name.encode()).digest()


class Trials:
    """Tries examples of one hunt.

    Args:
        hunt: What is hunted.
        runner: Runs the calls.
        known: The known deviations.
    """

    def __init__(self, hunt: Hunt, runner: Runner, known: Known) -> None:
        self._hunt = hunt
        self._runner = runner
        self._known = known

    def of(self, example: Example, runner: Runner | None = None) -> Trial:
        """Return what comes of an example.

        Args:
            example: What was drawn.
            runner: Runs the call in place of the usual one.
        """
        cells = list(self._cells(example))
        call = cells[0].call(isolated=any(map(self._known.isolates, cells)))
        reply = (runner or self._runner).submit(call).result()
        judgment = Judge(cells[0].group).judge(cells[0], reply) if reply.outcome == "ran" else None
        findings = list(self._findings(cells, reply, judgment))
        return Trial(
            example=example,
            cell=cells[0],
            reply=reply,
            judgment=judgment,
            failing=[replace(f, cell=self._hunt.id) for f in findings if not f.known],
            known=any(finding.known for finding in findings),
        )

    def _cells(self, example: Example) -> Iterator[Cell]:
        """Yield the cell of an example under each family that known deviations may name."""
        for family in families(example.stack):
            stack = replace(example.stack, families=(family,))
            group = Group(stack=stack, device=self._hunt.device, flushes=self._hunt.flushes)
            yield Cell(group=group, mode=MODE, variant=example.variant)

    def _findings(
        self, cells: Sequence[Cell], reply: Reply, judgment: Judgment | None
    ) -> Iterator[Finding]:
        """Yield the findings that fail a run, or would if they were not known."""
        if judgment is not None:
            covered = {
                requirement: frozenset(
                    i for i, miss in misses.items() if self._covers(cells, requirement, miss.word)
                )
                for requirement, misses in judgment.misses.items()
            }
            found = Findings().of_judgment(judgment, covered)
            yield from (finding for finding in found if finding.fails_run)
        elif reply.outcome in ("errored", "crashed"):
            known = self._covers(cells, "safe", reply.outcome)
            yield from Findings().of_failure(cells[0], reply, known=known)

    def _covers(self, cells: Sequence[Cell], requirement: str, outcome: str) -> bool:
        return any(
            self._known.covers(cell, requirement, outcome, cell.group.stack.families)
            for cell in cells
        )

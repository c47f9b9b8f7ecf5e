"""The findings of a cell: each case that does not conform, with all that it takes to check it.

A cell keeps the smallest few of a requirement; its letters and counts have all of them. Where the
cases fail with the bits of an earlier cell, one finding says that they do so here, too. Findings
of huge tensors are written only while their cause has no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from oracle.formats import format_named
from reports.record import Finding, OperandShape, Stacked
from suites.cells import consistency, crash_of, message_of
from suites.evidence import (
    answering,
    derivative,
    evidence,
    got,
    named_verdict,
    numbers,
    of_reference,
)
from suites.frameworks.protocol import Reply
from suites.judgment import Covered, Judgment, Miss
from suites.plan import Cell, Group
from suites.requirements import FAILING

_KEPT = 20
_HUGE = 4096  # numbers of an input


class Findings:
    """Makes findings, and remembers of which kinds there are some."""

    def __init__(self) -> None:
        self._kinds: set[tuple[str, str, str]] = set()

    def recall(self, findings: Iterable[Finding]) -> None:
        """Remember findings that an earlier process made."""
        for finding in findings:
            cause = finding.cause
            if finding.requirement == "special":
                cause = cause.partition(": ")[2]
            self._kinds.add((finding.op, finding.requirement, cause))

    def of_judgment(self, judgment: Judgment, known: Covered) -> Iterator[Finding]:
        """Yield the findings of a cell that ran."""
        for requirement, misses in judgment.misses.items():
            covered = known.get(requirement, frozenset())
            for cause in dict.fromkeys(miss.cause for miss in misses.values()):
                positions = [i for i, miss in misses.items() if miss.cause == cause]
                for i in self._kept(judgment, requirement, cause, positions):
                    yield _finding(
                        judgment.cell,
                        i,
                        requirement=requirement,
                        outcome=misses[i].word,
                        cause=_cause(requirement, misses[i]),
                        known=i in covered,
                        **evidence(judgment, i, misses[i]),
                    )
        yield from self._differences(judgment)
        yield from self._windows(judgment)
        yield from self._coarse(judgment)
        yield from self._remarks(judgment)

    def of_failure(self, cell: Cell, reply: Reply, *, known: bool) -> Iterator[Finding]:
        """Yield the finding of a cell that raised or died."""
        words = reply.crash.signal if reply.crash else _without_details(reply.message or "")
        yield _finding(
            cell,
            _first_case(reply),
            requirement="safe",
            outcome=reply.outcome,
            cause=words,
            known=known,
            message=message_of(reply),
            crash=crash_of(reply),
        )

    def of_rule(self, judgment: Judgment, position: int, before: str) -> Finding:
        """Return the finding of the first case that follows a rule: after others, or the first."""
        rule = judgment.verdicts[position].rule
        return _finding(
            judgment.cell,
            position,
            requirement="convention",
            outcome="differs" if before else "conforms",
            cause=f"{rule} after {before}" if before else rule,
            got=got(judgment, position, derivative(judgment)),
            verdict=named_verdict(judgment, position),
        )

    def _differences(self, judgment: Judgment) -> Iterator[Finding]:
        if judgment.reference is None:
            return
        requirement = consistency(judgment)
        kinds = {
            "other bits": judgment.different & judgment.judged,
            "other indices": judgment.different - judgment.judged,
        }
        for cause, positions in kinds.items():
            for i in self._kept(judgment, requirement, cause, positions):
                yield _finding(
                    judgment.cell,
                    i,
                    requirement=requirement,
                    outcome="differs",
                    cause=cause,
                    got=got(judgment, i, "output", "gradient", "indices"),
                    expected=of_reference(judgment.reference, i),
                )

    def _remarks(self, judgment: Judgment) -> Iterator[Finding]:
        """Yield the smallest case of each answer beside right and wrong."""
        for requirement, remark in judgment.remarks.items():
            for cause in dict.fromkeys(remark.differs.values()):
                positions = [i for i, why in remark.differs.items() if why == cause]
                for i in self._kept(judgment, requirement, cause, positions)[:1]:
                    yield _finding(
                        judgment.cell,
                        i,
                        requirement=requirement,
                        outcome="differs",
                        cause=cause,
                        got=got(judgment, i, "output", derivative(judgment)),
                        expected=answering(judgment, i, requirement),
                        verdict=named_verdict(judgment, i),
                    )

    def _windows(self, judgment: Judgment) -> Iterator[Finding]:
        """Yield the smallest of the cases judged here whose windows depend on the arithmetic."""
        by_cause: dict[str, list[int]] = {}
        for i, cause in judgment.inexact_windows().items():
            if judgment.reference is None or (i in judgment.fresh and i in judgment.windows):
                by_cause.setdefault(cause, []).append(i)
        for cause, positions in by_cause.items():
            for i in self._kept(judgment, "consistency-windows", cause, positions)[:1]:
                yield _finding(
                    judgment.cell,
                    i,
                    requirement="consistency-windows",
                    outcome="differs",
                    cause=cause,
                    got=got(judgment, i, "output", "gradient", "indices"),
                    verdict=named_verdict(judgment, i),
                )

    def _coarse(self, judgment: Judgment) -> Iterator[Finding]:
        """Yield the worst of the cases judged here whose accuracy is not that of a wider format."""
        coarse = judgment.total.coarse & judgment.judged
        if not coarse:
            return
        ratios = {i: judgment.verdicts[i].worst_ratio or 0 for i in coarse}
        worst = max(sorted(ratios), key=ratios.__getitem__)
        grades = judgment.verdicts[worst].grades or {}
        cause = "vacuous" if grades.get("vacuous") else "narrow"
        for i in self._kept(judgment, "accuracy", cause, [worst]):
            yield _finding(
                judgment.cell,
                i,
                requirement="accuracy",
                outcome="differs",
                cause=cause,
                got=got(judgment, i, derivative(judgment)),
                verdict=named_verdict(judgment, i),
            )

    def _kept(
        self, judgment: Judgment, requirement: str, cause: str, positions: Iterable[int]
    ) -> list[int]:
        stack = judgment.cell.group.stack
        kind = (stack.op, requirement, cause)
        ordered = sorted(positions, key=lambda i: _size(judgment.cell.group, i))
        kept = [i for i in ordered if i in judgment.fresh][:_KEPT] or ordered[:1]
        if stack.inputs[0].size > _HUGE:
            kept = [] if kind in self._kinds else kept[:1]
        self._kinds.update([kind] if kept else [])
        return kept


def _size(group: Group, position: int) -> tuple[int, int, int]:
    """Cases of one stack are as large; the simpler has fewer cotangents, then fewer values."""
    stack = group.stack
    cotangents = int(np.count_nonzero(stack.cotangents[position]))
    return cotangents, len(np.unique(stack.inputs[position])), position


def _first_case(reply: Reply) -> int:
    """Return the first case of the smallest stack that still fails as the whole one does."""
    span = reply.crash.span if reply.crash else reply.raised
    return span.first if span else 0


def _cause(requirement: str, miss: Miss) -> str:
    """Under `special` stand several things that can be wrong."""
    return f"{miss.part}: {miss.cause}" if requirement == "special" else miss.cause


def _without_details(message: str) -> str:
    """Return a message without the files and the numbers that it names."""
    return re.sub(r"\d+", "N", re.sub(r"\S*/\S*\w", "FILE", message))


def _finding(cell: Cell, position: int, **shown: Any) -> Finding:
    """Return the finding of a case, with everything that `shown` does not name left empty."""
    stack = cell.group.stack
    fmt, shapes = format_named(stack.format), stack.geometry
    empty = dict.fromkeys(("got", "expected", "distance_ulps", "verdict", "message", "crash"))
    # undecided is a gap of the oracle's: many of them make a run unhealthy, none fails it
    fails = shown["requirement"] in FAILING and shown["outcome"] != "undecided"
    return Finding(
        **({"known": False, "fails_run": fails} | empty | shown),
        cell=cell.id,
        case=cell.group.ids[position],
        op=stack.op,
        params=dict(stack.params),
        format=stack.format,
        mode=cell.mode,
        variant=cell.variant.name,
        layout=cell.variant.layout,
        device=cell.group.device,
        operands=[OperandShape(name=o.name, shape=list(o.shape)) for o in stack.operands],
        expression=cell.expression,
        input=numbers(shapes.input_shape, stack.inputs[position], fmt),
        cotangent=numbers(shapes.output_shape, stack.cotangents[position], fmt),
        stacked=(
            Stacked(place=position, cases=len(stack)) if stack.together and len(stack) > 1 else None
        ),
    )

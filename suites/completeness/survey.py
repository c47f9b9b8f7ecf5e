"""Asks a release for its operators, probes the smooth ones, has the samples of the others judged.

In child processes of its own: what the database of operators imports changes settings of the
framework, which no cell is to meet.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports.record import Completeness
from suites.completeness.classes import CLASSES, GROUPS, Operator
from suites.completeness.samples import SampleJudge
from suites.completeness.share import coverage
from suites.frameworks.drawn import Drawn, SampleOperator
from suites.frameworks.questions import Listed, ListOperators, Probed, ProbeOperator
from suites.frameworks.runner import Runner
from suites.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A question for the operators of a release.

    Attributes:
        operators: All that are classified.
        version: The release's version.
        probes: Whether to probe those that are held to be smooth, and to run the samples of those
            that are covered.
        timeout: Seconds that one answer may take.
        rows: The known deviations in force.
    """

    operators: Sequence[Operator]
    version: str
    probes: bool
    timeout: float
    rows: Sequence[Row] = ()

    def run(self) -> Completeness:
        """Return the record of the release's operators."""
        began = time.monotonic()
        expected = [operator for operator in self.operators if operator.of(self.version)]
        with Runner(operations=(), cell_timeout=self.timeout) as runner:
            found = runner.ask(ListOperators()).result()
            assert isinstance(found, Listed)
            here = [each for each in expected if each.name in found.names] if self.probes else []
            samples = SampleJudge(rows=self.rows)
            probed = self._probed(runner, here, samples)
        record = completeness(found, expected, probed, probes=self.probes, samples=samples)
        return replace(record, seconds=round(time.monotonic() - began, 3))

    def _probed(
        self, runner: Runner, here: Sequence[Operator], samples: SampleJudge
    ) -> list[Probed]:
        """Return what probing came to, with the samples judged while that goes on."""
        covered = [each for each in here if each.kind == "covered"]
        drawn = [runner.ask(SampleOperator(each.name)) for each in covered]
        asked = [runner.ask(ProbeOperator(each.name)) for each in here if each.kind == "smooth"]
        for operator, future in zip(covered, drawn, strict=True):
            answer = future.result()
            assert isinstance(answer, Drawn)
            samples.add(operator, answer)
        answers = [future.result() for future in asked]
        return [answer for answer in answers if isinstance(answer, Probed)]


def completeness(
    found: Listed,
    expected: Sequence[Operator],
    probed: Sequence[Probed],
    *,
    probes: bool,
    samples: SampleJudge,
) -> Completeness:
    """Return the record of what was found.

    Args:
        found: The operators of the release.
        expected: Those that it should have, with their classes.
        probed: What probing came to.
        probes: Whether there was to be any.
        samples: The samples of the covered ones, judged.
    """
    names = set(found.names)
    here = [operator for operator in expected if operator.name in names]
    kinds = Counter(operator.kind for operator in here)
    groups = Counter(operator.group for operator in here if operator.group)
    share = coverage(here)
    return Completeness(
        outcome="not run" if found.refusal else "measured",
        message=found.refusal,
        classes={kind: kinds[kind] for kind in CLASSES} if here else {},
        later={group: groups[group] for group in GROUPS} if here else {},
        unclassified=sorted(names - {operator.name for operator in expected}),
        gone=[] if found.refusal else [each.name for each in expected if each.name not in names],
        covered=len(share.covered),
        uncovered=list(share.uncovered),
        probes=probes,
        probed=sum(each.reason is None for each in probed),
        points=sum(each.points for each in probed),
        skipped=sum(each.skipped for each in probed),
        not_probed={each.name: each.reason for each in probed if each.reason is not None},
        kinks={each.name: each.first for each in probed if each.kinks},
        samples=samples.counts,
        samples_left_out=samples.left_out,
        samples_failing=samples.failing,
        seconds=0.0,
    )

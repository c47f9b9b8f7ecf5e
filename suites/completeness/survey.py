"""Asks a release for its operators, probes those that are held to be smooth, and writes it down.

In child processes of its own: what the database of operators imports changes settings of the
framework, which no cell is to meet.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reports.record import Completeness
from suites.completeness.classes import CLASSES, GROUPS, Operator
from suites.completeness.share import coverage
from suites.frameworks.questions import Listed, ListOperators, Probed, ProbeOperator
from suites.frameworks.runner import Runner


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A question for the operators of a release.

    Attributes:
        operators: All that are classified.
        version: The release's version.
        probes: Whether to probe those that are held to be smooth.
        timeout: Seconds that one answer may take.
    """

    operators: Sequence[Operator]
    version: str
    probes: bool
    timeout: float

    def run(self) -> Completeness:
        """Return the record of the release's operators."""
        began = time.monotonic()
        expected = [operator for operator in self.operators if operator.of(self.version)]
        with Runner(operations=(), cell_timeout=self.timeout) as runner:
            found = runner.ask(ListOperators()).result()
            assert isinstance(found, Listed)
            probed = self._probed(runner, expected, found.names) if self.probes else []
        return completeness(
            found, expected, probed, probes=self.probes, seconds=time.monotonic() - began
        )

    def _probed(
        self, runner: Runner, expected: Sequence[Operator], names: Collection[str]
    ) -> list[Probed]:
        smooth = [each.name for each in expected if each.kind == "smooth" and each.name in names]
        answers = [future.result() for future in [runner.ask(ProbeOperator(n)) for n in smooth]]
        return [answer for answer in answers if isinstance(answer, Probed)]


def completeness(
    found: Listed,
    expected: Sequence[Operator],
    probed: Sequence[Probed],
    *,
    probes: bool,
    seconds: float,
) -> Completeness:
    """Return the record of what was found.

    Args:
        found: The operators of the release.
        expected: Those that it should have, with their classes.
        probed: What probing came to.
        probes: Whether there was to be any.
        seconds: What all of it took.
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
        seconds=round(seconds, 3),
    )

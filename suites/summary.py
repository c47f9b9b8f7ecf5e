"""What a run says on the terminal when it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from suites.conductor import Ending
from suites.hunting import Hunt
from suites.lookahead import graphs
from suites.plan import Cell, count_cases
from suites.run import SuiteRun

NOT_COLLECTED = "unhealthy, no score: the collection failed, nothing was run"

_SHOWN = 20  # distinct failures


def plan(cells: Sequence[Cell], searches: Sequence[Hunt]) -> str:
    """Return the numbers of what would be run."""
    compiled = len(graphs(cells))
    planned = f"{len(cells)} cells, {count_cases(cells)} cases, {compiled} compiled graphs"
    examples = sum(hunt.examples for hunt in searches)
    return f"{planned}, {len(searches)} searches of {examples} examples" if searches else planned


def ending(suite_run: SuiteRun, end: Ending) -> Iterator[str]:
    """Yield what failed, each distinct failure once, and where the run file is."""
    kinds = Counter((f.op, f.requirement, f.outcome, f.cause) for f in suite_run.failures)
    first = {(f.op, f.requirement, f.outcome, f.cause): f for f in reversed(suite_run.failures)}
    for kind, count in kinds.most_common(_SHOWN):
        op, requirement, outcome, cause = kind
        yield f"failed: {op}, {requirement}: {outcome} ({cause}), {count} findings"
        yield f"        first in {first[kind].cell}, case {first[kind].case}"
    if len(kinds) > _SHOWN:
        yield f"failed: {len(kinds) - _SHOWN} more distinct failures"
    yield from suite_run.mishaps[:1]
    yield from (f"failed: {problem}" for problem in end.problems)
    yield from (f"unhealthy, no score: {reason}" for reason in end.unhealthy)
    yield f"run file: {suite_run.path}"

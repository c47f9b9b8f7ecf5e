"""The answer of a run: does it conform, and may one say so at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.failures import Failure
from reports.record import Run
from reports.text import counted

_CLEAN = "conforms: no failure"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a run says.

    Attributes:
        word: `conforms`, `fails` or `unhealthy`.
        sentence: The same as a sentence, with the counts that lead to it.
        reasons: Why the run is unhealthy.
        conforming: Judged cases that conform, and
        judged: all judged cases; both None for an unhealthy run, which has no score.
    """

    word: str
    sentence: str
    reasons: tuple[str, ...]
    conforming: int | None
    judged: int | None


def answer(run: Run, failures: Sequence[Failure]) -> Answer:
    """Return the answer of a run."""
    reasons = _reasons(run)
    if reasons:
        sentence = f"unhealthy: no score, because {'; '.join(reasons)}"
        return Answer(
            word="unhealthy", sentence=sentence, reasons=reasons, conforming=None, judged=None
        )
    failing = sum(failure.fails for failure in failures)
    others = [*of_operators(run), *of_networks(run)]
    failed = bool(failing or others) or (run.footer is not None and run.footer.failed)
    totals = run.totals
    return Answer(
        word="fails" if failed else "conforms",
        sentence=_sentence(failing, failures, others, failed=failed),
        reasons=(),
        conforming=totals["cases"].get("conforms", 0),
        judged=totals["judged"],
    )


def of_operators(run: Run) -> list[str]:
    """Return what fails the run of its operators: smooth ones with a kink, samples that deviate."""
    record = run.completeness
    shown, failing = (len(record.kinks), len(record.samples_failing)) if record else (0, 0)
    return [
        f"{counted(n, one, several)} {words}"
        for n, one, several, words in (
            (
                shown,
                "operator that is held to be smooth",
                "operators held to be smooth",
                "with a kink",
            ),
            (failing, "operator", "operators", "with a sample input that fails"),
        )
        if n
    ]


def of_networks(run: Run) -> list[str]:
    """Return what fails the run of its networks."""
    count = sum(record.fails for record in run.networks)
    return [f"{counted(count, 'network')} with a layer that deviates"] if count else []


def _reasons(run: Run) -> tuple[str, ...]:
    if run.footer is None:
        return (f"the run was cut off: {_so_far(run)}, no footer",)
    if run.header.shard is not None:
        part = "{index} of {of}".format(**run.header.shard)
        return (f"this is shard {part}; `python -m reports merge` makes one run of them",)
    if not run.footer.healthy:
        return tuple(run.footer.unhealthy) or ("the run says so, without a reason",)
    return ()


def _so_far(run: Run) -> str:
    """Return how much of a run is there."""
    planned = run.header.planned
    there = {"cell": len(run.cells), "network": len(run.networks)}
    return ", ".join(
        f"{counted(count, what)} of {counted(planned.get(f'{what}s', 0), f'planned {what}')}"
        for what, count in there.items()
        if what == "cell" or planned.get(f"{what}s")
    )


def _sentence(
    failing: int, failures: Sequence[Failure], operators: Sequence[str], *, failed: bool
) -> str:
    known = sum(failure.known for failure in failures)
    beside = f", beside {counted(known, 'known deviation')}" if known else ""
    if failing:
        return f"fails: {counted(failing, 'distinct failure')}{beside}"
    if operators:
        return f"fails: no case does, but {' and '.join(operators)}{beside}"
    if failed:
        return f"fails: no case does, but a known deviation is stale or has expired{beside}"
    # every sentence has the form "word: rest", which both the summary and the page take apart
    return f"conforms: all but {counted(known, 'known deviation')}" if known else _CLEAN

"""Distinct failures: the findings of a run, grouped, each group with its smallest case."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from reports.outcomes import format_rank
from reports.record import CellRecord, Finding, Run
from reports.text import counted

_SLUG = 80  # characters of a file name


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Findings of one requirement, operation, outcome and cause.

    Known deviations stand apart from new ones of the same kind.

    Attributes:
        slug: A file name for it, unique in its run.
        cases: Its cases, over all cells.
        at_least: Whether there may be more of them: a cell keeps few findings of a requirement,
            and where these have several causes, its counts can't be divided among them.
        cells: Number of cells that show it.
        searches: The searches that found it.
        formats: The formats that show it.
        modes: The modes that show it.
        variants: The variants of cells that show it.
        smallest: The finding whose case is the smallest.
    """

    slug: str
    requirement: str
    op: str
    outcome: str
    cause: str
    known: bool
    fails_run: bool
    cases: int
    at_least: bool
    cells: int
    searches: tuple[str, ...]
    formats: tuple[str, ...]
    modes: tuple[str, ...]
    variants: tuple[str, ...]
    smallest: Finding

    @property
    def extent(self) -> str:
        """How much shows it, in words."""
        places = [counted(self.cells, "cell")] if self.cells else []
        if self.searches:
            places.append(counted(len(self.searches), "search", "searches"))
        least = "at least " if self.at_least else ""
        return f"{least}{counted(self.cases, 'case')} in {' and '.join(places)}"

    @property
    def fails(self) -> bool:
        """Whether it fails the run."""
        return self.fails_run and not self.known


def distinct_failures(run: Run) -> list[Failure]:
    """Return the distinct failures of a run: those that fail it first, then known ones, then rest.

    A finding that conforms (the first of a change of rule) is none.
    """
    groups: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in run.findings:
        if finding.outcome != "conforms":
            groups[_key(finding)].append(finding)
    counting = _Counting(run)
    found = [_failure(findings, counting) for findings in groups.values()]
    found.sort(key=lambda failure: (not failure.fails, not failure.known, -failure.cases))
    return _with_slugs(found)


def size(finding: Finding) -> tuple[int, int, int, int, str]:
    """Return what orders cases by size: inputs, outputs, format, then the text of the numbers."""
    text = " ".join(finding.input["data"] + finding.cotangent["data"])
    return (
        len(finding.input["data"]),
        len(finding.cotangent["data"]),
        format_rank(finding.format),
        len(text),
        text,
    )


class _Counting:
    """How many cases of a cell stand behind the findings that it kept."""

    def __init__(self, run: Run) -> None:
        self._cells = {cell.cell: cell for cell in run.cells}
        self._kept = Counter(map(_place, run.findings))
        self._causes: dict[tuple[object, ...], set[str]] = defaultdict(set)
        for finding in run.findings:
            self._causes[_place(finding)].add(finding.cause)

    def places(self, findings: Iterable[Finding]) -> tuple[int, tuple[str, ...]]:
        """Return how many cells, and which searches, show findings of one group."""
        places = {finding.cell for finding in findings}
        searches = sorted(places - self._cells.keys())
        return len(places) - len(searches), tuple(searches)

    def count(self, findings: Iterable[Finding]) -> tuple[int, bool]:
        """Return the number of cases behind findings of one group; and whether it may be more."""
        total, at_least = 0, False
        for place, kept in Counter(map(_place, findings)).items():
            cell = self._cells.get(str(place[0]))
            # what a search found stands for itself
            counted = kept if cell is None else _counted(cell, place)
            alone = len(self._causes[place]) == 1
            total += max(kept, counted) if alone else kept
            at_least |= not alone and counted > self._kept[place]
        return total, at_least


def _place(finding: Finding) -> tuple[object, ...]:
    return finding.cell, finding.requirement, finding.outcome, finding.known


def _counted(cell: CellRecord, place: tuple[object, ...]) -> int:
    _, requirement, outcome, known = place
    words = cell.requirements.get(str(requirement), {})
    covered = words.get("known", 0) if known else 0
    return covered or words.get(str(outcome), 0)


def _key(finding: Finding) -> tuple[object, ...]:
    return (
        finding.requirement,
        finding.op,
        finding.outcome,
        finding.cause,
        finding.known,
        finding.fails_run,
    )


def _failure(findings: list[Finding], counting: _Counting) -> Failure:
    first = findings[0]
    cases, at_least = counting.count(findings)
    cells, searches = counting.places(findings)
    return Failure(
        slug=_slug(first),
        requirement=first.requirement,
        op=first.op,
        outcome=first.outcome,
        cause=first.cause,
        known=first.known,
        fails_run=first.fails_run,
        cases=cases,
        at_least=at_least,
        cells=cells,
        searches=searches,
        formats=tuple(sorted({finding.format for finding in findings}, key=format_rank)),
        modes=tuple(sorted({finding.mode for finding in findings})),
        variants=tuple(sorted({finding.variant for finding in findings})),
        smallest=min(findings, key=size),
    )


def _slug(finding: Finding) -> str:
    text = f"{finding.requirement}-{finding.op}-{finding.outcome}-{finding.cause}".lower()
    return re.sub(r"[^a-z0-9_]+", "-", text)[:_SLUG].strip("-")


def _with_slugs(failures: list[Failure]) -> list[Failure]:
    seen: Counter[str] = Counter()
    named = []
    for failure in failures:
        seen[failure.slug] += 1
        times = seen[failure.slug]
        # two underscores: no slug of another failure can end like this by itself
        slug = failure.slug if times == 1 else f"{failure.slug}__{times}"
        named.append(replace(failure, slug=slug))
    return named

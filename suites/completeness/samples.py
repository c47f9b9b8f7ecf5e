"""Holds what operators made of their own sample inputs against the oracle, and counts it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from oracle.case import Case, CaseError
from oracle.catalogue import CATALOGUE
from oracle.check import Verdict
from oracle.judge import judge
from suites.completeness.arguments import NotACaseError, refused
from suites.completeness.cases import AnotherShapeError, case_of
from suites.completeness.classes import Operator
from suites.frameworks.drawn import Drawn, Sample
from suites.rows import Row, named

_FAILING = ("deviates", "conservative", "errored")
_WORDS = {"outside": "deviates", "conservative": "conservative", "undecided": "undecided"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a sample is worth.

    Attributes:
        word: `conforms`, or what it is instead.
        requirement: What it does not meet, or "".
        cause: Short text, or "".
    """

    word: str
    requirement: str = ""
    cause: str = ""


@dataclass(kw_only=True)
class SampleJudge:
    """Judges the samples of covered operators, and keeps count.

    Attributes:
        rows: The known deviations in force.
        counts: Operator -> word -> number of samples.
        left_out: Operator -> why samples are no cases -> number of them.
        failing: Operator -> its first sample that fails the run, and how.
    """

    rows: Sequence[Row]
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    left_out: dict[str, dict[str, int]] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)

    def add(self, operator: Operator, drawn: Drawn) -> None:
        """Judge the samples of an operator."""
        counts: Counter[str] = Counter()
        left_out: Counter[str] = Counter(drawn.left_out)
        if drawn.reason is not None:
            left_out[drawn.reason] += 1
        op = next((entry for entry in operator.entries if entry in CATALOGUE), "")
        for sample in drawn.samples:
            try:
                judged = self._judged(operator.name, op, sample)
            except NotACaseError as reason:
                left_out[str(reason)] += 1
                continue
            counts[judged.word] += 1
            if judged.word in _FAILING:
                told = f"sample {sample.number}, {sample.format}: {judged.requirement}"
                self.failing.setdefault(operator.name, f"{told} {judged.word} ({judged.cause})")
        self.counts[operator.name] = dict(counts)
        if left_out:
            self.left_out[operator.name] = dict(left_out)

    def _judged(self, operator: str, op: str, sample: Sample) -> Judged:
        """Return what a sample is worth; a known deviation is `known`.

        Raises:
            NotACaseError: No case says it.
        """
        if not op:
            msg = "no entry of the catalogue defines it"
            raise NotACaseError(msg)
        found = judged(operator, op, sample)
        known = any(_covers(row, op, sample.format, found) for row in self.rows)
        return Judged(word="known") if known else found


def _covers(row: Row, op: str, format_name: str, found: Judged) -> bool:
    """Return whether a row names what a sample shows; its families are of the corpus alone."""
    return (
        (row.operation, row.requirement) == (op, found.requirement)
        # of gradients that deviate some are conservative by chance
        and (row.outcome, found.word) in (("deviates", "conservative"), (found.word, found.word))
        and named(row.formats, format_name)
        and named(row.modes, "eager")
        and not row.variants
    )


def judged(
    operator: str, op: str, sample: Sample, verdict_on: Callable[[Case], Verdict] = judge
) -> Judged:
    """Return what a sample is worth.

    Raises:
        NotACaseError: No case says it.
    """
    if sample.raised:
        return Judged(word="errored", requirement="safe", cause=sample.raised)
    try:
        verdict = verdict_on(case_of(operator, op, sample))
    except AnotherShapeError as error:
        return Judged(word="deviates", requirement="output", cause=str(error))
    except CaseError as error:
        raise refused(error) from error
    return _worth(op, verdict)


def _worth(op: str, verdict: Verdict) -> Judged:
    if not verdict.output_exact:
        word, part, cause = "deviates", "output", "not the value"
    else:
        composed = CATALOGUE[op].composition and verdict.verdict == "conservative"
        word = "conforms" if composed else _WORDS.get(verdict.verdict, "conforms")
        kind = verdict.certificate["kind"] if verdict.certificate else "beyond the budget"
        part, cause = "gradient", str(kind)
    if word == "conforms":
        return Judged(word=word)
    return Judged(word=word, requirement="special" if verdict.special else part, cause=cause)

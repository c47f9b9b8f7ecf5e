"""What is known of a layer of a program: what a filter counted, and what the exact core said."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case, CaseError
from oracle.check import ProgramProblem, Verdict, problem_of
from oracle.check.bound import GRADES
from oracle.check.values import is_value
from oracle.formats import Format
from oracle.judge import answer
from oracle.programs import Scalar, Signature
from oracle.scale.counting import special_of
from oracle.scale.giving import (
    CLARKE,
    COUNTS,
    FREED,
    GRADE,
    INFINITE,
    NANS,
    OUTSIDE,
    TIED,
    UNPROVEN,
    WILD_COTANGENTS,
    WILD_GRADIENTS,
)
from oracle.scale.program_layer import Part, ProgramLayer
from oracle.scale.result import WORDS, Finding, LayerResult, ScaleError
from oracle.scale.showing import shown_outside

Counts: TypeAlias = NDArray[np.int64]

_RULES = ("first-index", "last-index", "even-split")


@dataclass(kw_only=True)
class Sayings:
    """What is known of a layer.

    Attributes:
        layer: The layer.
        counts: As `giving` names them.
        rule: The rule that all follow.
        ratio: The largest ratio.
        words: Word -> coordinates that the core judged.
        decided: Coordinates that it decided.
        asked: Cases that it was asked.
        wrong: Outputs that are not right.
        overflow: Coordinates whose NaN or infinity overflow explains.
        findings: What does not conform.
        sees_outputs: Whether the filter decides by itself which outputs are right.
    """

    layer: ProgramLayer
    counts: Counts = field(default_factory=lambda: np.zeros(COUNTS, np.int64))
    rule: str = "none"
    ratio: float = 0.0
    words: Counter[str] = field(default_factory=Counter)
    decided: int = 0
    asked: int = 0
    wrong: int = 0
    overflow: int = 0
    findings: list[Finding] = field(default_factory=list)
    sees_outputs: bool = False

    def posed(self, part: Part) -> tuple[Case, ProgramProblem]:
        """Return a part as a case, and what it asks.

        Raises:
            ScaleError: It has an output that no bound is known for.
        """
        case = self.layer.case(part)
        try:
            problem = problem_of(case)
        except CaseError as error:
            raise ScaleError(str(error)) from error
        assert isinstance(problem, ProgramProblem)
        return case, problem

    def shown(self, part: Part) -> tuple[Case, Verdict | None]:
        """Return a part as a case, and what the core says of it within the budget.

        Raises:
            ScaleError: It has an output that no bound is known for.
        """
        case, problem = self.posed(part)
        few = len(problem.branches) <= self.layer.budget.branches
        return case, answer(problem) if few else shown_outside(problem)

    def say(
        self,
        part: Part,
        case: Case,
        verdict: Verdict,
        *,
        count: int = 1,
        size: int,
        counted: bool,
        asked: frozenset[int] | None = None,
    ) -> None:
        """Note what the core says of parts that are alike.

        Args:
            part: One of them.
            case: The same as a case.
            verdict: The core's verdict.
            count: How many there are.
            size: How many coordinates each has of which something is to be said.
            counted: Whether the filter has counted them, these coordinates as unproven.
            asked: The numbers of these coordinates in the case; None for all.
        """
        free = count * count_free(case, verdict, asked)
        said = count * size - free
        self.asked += 1
        self.words[verdict.verdict] += said
        self.decided += said if verdict.verdict != "undecided" else 0
        self.overflow += verdict.overflow * count
        self.ratio = max(self.ratio, verdict.worst_ratio or 0.0)
        self.counts[FREED] += free
        self.counts[UNPROVEN] += -free if counted else said
        if not counted:
            self.counts[TIED] += count * verdict.ties["tied"]
            _count_special(self.counts, self.layer.format, case, verdict, count)
        if verdict.ties["tied"]:
            self.follow(verdict.rule)
        if verdict.output_exact is False and not self.sees_outputs:
            self.wrong += count * count_wrong(case)
        if not conforms(verdict) and len(self.findings) < self.layer.budget.findings:
            self.findings.append(_finding(self.layer, part, case, verdict))

    def settle(
        self,
        word: str,
        problem: ProgramProblem,
        entries: Set[int],
        counts: Sequence[int],
        *,
        counted: bool,
    ) -> None:
        """Note what some entries of a case are, of which findings are no more kept.

        Args:
            word: The verdict on each of them.
            problem: The case: a layer that is not special.
            entries: Which entries, none of them tied.
            counts: Of all entries how many are like each.
            counted: Whether the filter has counted them.
        """
        said = sum(counts[k] for k in entries) * len(self.layer.gradients)
        self.asked += 1
        self.words[word] += said
        self.decided += said
        if not counted:
            self.counts[UNPROVEN] += said
            wild = (i % len(counts) for i in problem.wild)
            self.counts[WILD_GRADIENTS] += sum(counts[k] for k in wild if k in entries)
        if problem.case.output is not None and not self.sees_outputs:
            self.wrong += sum(counts[k] for k in entries if not is_output(problem, k))

    def free(self, coordinates: int) -> None:
        """Note that of coordinates which the filter left open nothing is asked."""
        self.counts[FREED] += coordinates
        self.counts[UNPROVEN] -= coordinates

    def follow(self, rule: str) -> None:
        """Note the rule that ties somewhere follow."""
        if rule != self.rule:
            self.rule = rule if self.rule == "none" and rule in _RULES else "other"

    def follow_bits(self, rules: int) -> None:
        """Note the rules that all ties of a filter follow, as bits."""
        if self.counts[TIED]:
            followed = (name for rule, name in enumerate(_RULES) if rules >> rule & 1)
            self.rule = next(followed, "other")

    def result(self) -> LayerResult:
        """Return what is known as the result."""
        layer, counts = self.layer, self.counts
        kept = (FREED, UNPROVEN, CLARKE, OUTSIDE)
        free, open_, clarke, outside = (int(counts[k]) for k in kept)
        words = Counter(self.words)
        words["clarke"] += clarke
        words["outside"] += outside
        words["smooth"] += layer.elements - free - open_ - clarke - outside
        bad = [word for word in WORDS[:3] if words[word]]
        tied = int(counts[TIED])
        return LayerResult(
            op=layer.shapes.op,
            params=layer.shapes.params,
            format=layer.format.name,
            verdict=bad[0] if bad else "clarke" if tied else "smooth",
            rule="other" if bad else self.rule if tied else "none",
            output_exact=not self.wrong if layer.output.size else None,
            wrong_outputs=self.wrong,
            verdicts={word: words[word] for word in WORDS},
            worst_ratio=None if bad else self.ratio,
            grades=dict(zip(GRADES, counts[GRADE:].tolist(), strict=True)),
            overflow=self.overflow,
            elements=layer.elements,
            windows=layer.windows,
            tied=tied,
            proved=layer.elements - free - open_,
            decided=self.decided,
            undecided=words["undecided"],
            components=self.asked,
            special=special_of(counts),
            findings=tuple(self.findings),
        )


def conforms(verdict: Verdict) -> bool:
    """Return whether gradient and output are right."""
    return verdict.verdict in ("smooth", "clarke") and verdict.output_exact is not False


def count_free(case: Case, verdict: Verdict, among: frozenset[int] | None = None) -> int:
    """Return of how many coordinates, among some or all, nothing is asked."""
    units, fmt = case.format.units_of, case.format
    odd = verdict.special or verdict.ties["jumps"]
    if not odd and not any(_is_wild(units[bits], fmt) for bits in case.input.bits):
        return 0
    free = problem_of(case).free
    return len(free if among is None else free & among)


def is_output(problem: ProgramProblem, number: int) -> bool:
    """Return whether an output of a case is its value."""
    case = problem.case
    assert case.output is not None
    y, bits = problem.outputs[number], case.output.bits[number]
    return is_value(y, bits, case.format, flushes=case.flushes)


def count_wrong(case: Case) -> int:
    """Return how many outputs of a case are not their value."""
    assert case.output is not None
    pairs = zip(_outputs(case), case.output.bits, strict=True)
    return sum(not is_value(y, bits, case.format, flushes=case.flushes) for y, bits in pairs)


def _finding(layer: ProgramLayer, part: Part, case: Case, verdict: Verdict) -> Finding:
    offsets = dict(
        zip((one.name for one in layer.shapes.operands), layer.shapes.offsets, strict=False)
    )
    inputs = (offsets[name] + place for name in part.places for place in part.places[name].tolist())
    return Finding(
        word=verdict.verdict if verdict.verdict in WORDS[:3] else "outside",
        inputs=tuple(inputs),
        windows=tuple(part.outputs.tolist()),
        case=case,
        verdict=verdict,
    )


def _count_special(counts: Counts, fmt: Format, case: Case, verdict: Verdict, count: int) -> None:
    """Count the special values of a case, `count` times.

    An infinite output is what is left where a case is special without a NaN or a wild cotangent.
    """
    units = fmt.units_of
    nans = sum(units[bits] is None for bits in case.input.bits)
    wild = sum(_is_wild(units[bits], fmt) for bits in case.cotangent.bits)
    counts[NANS] += count * nans
    counts[WILD_COTANGENTS] += count * wild
    if verdict.special and not nans + wild:
        infinite = (y.value in (math.inf, -math.inf) for y in _outputs(case))
        counts[INFINITE] += count * sum(infinite)
    if case.gradient is not None:
        counts[WILD_GRADIENTS] += count * sum(
            _is_wild(units[bits], fmt) for bits in case.gradient.bits
        )


def _is_wild(units: int | None, fmt: Format) -> bool:
    return units is None or abs(units) == fmt.infinity


def _outputs(case: Case) -> Sequence[Scalar]:
    assert isinstance(case.geometry, Signature)
    return case.geometry.outputs(case.input.bits, case.format)

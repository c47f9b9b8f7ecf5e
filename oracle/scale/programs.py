"""Layers of programs: what the filter knows, and the exact core for the others, bit by bit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.case import FLUSH_FLAG, Case, CaseError, Tensor
from oracle.check import Verdict, problem_of
from oracle.check.bound import GRADES
from oracle.formats import Format
from oracle.judge import judge
from oracle.programs import Scalar, Signature, signature
from oracle.programs.activations import ACTIVATIONS
from oracle.programs.elementwise import ELEMENTWISE
from oracle.programs.jumps import JUMPS
from oracle.scale.bits import Keys, numbers_of, values_of
from oracle.scale.counting import special_of
from oracle.scale.giving import (
    CLARKE,
    COUNTS,
    FREED,
    GRADE,
    INFINITE,
    NANS,
    TIED,
    UNPROVEN,
    WILD_COTANGENTS,
    WILD_GRADIENTS,
)
from oracle.scale.lining import pass_line
from oracle.scale.passing import Layer
from oracle.scale.pieces import Pieces, pieces_of, tables_of_pieces
from oracle.scale.pooling import PoolCheck
from oracle.scale.reducing import along_rows, geometry_of_rows, rows_of_layer
from oracle.scale.result import WORDS, Budget, Finding, LayerResult, ScaleError

Counts: TypeAlias = NDArray[np.int64]
Tensors: TypeAlias = Mapping[str, Keys]

_TOGETHER = 128  # entries that the core judges as one case
_WHOLE = 4096  # inputs and outputs of an operation that is not taken apart


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramLayer:
    """A layer of a program.

    Attributes:
        shapes: Its signature.
        format: The format.
        operands: Operand -> its numbers, flat, as signed bit patterns.
        cotangent: The cotangents.
        gradients: Operand -> its gradient, of those that are no constants.
        output: The outputs; empty if there are none.
        flushes: Whether subnormal numbers may be flushed to zero.
        budget: What the exact core may be asked.
    """

    shapes: Signature
    format: Format
    operands: Tensors
    cotangent: Keys
    gradients: Tensors
    output: Keys
    flushes: bool
    budget: Budget

    @property
    def elements(self) -> int:
        """The number of coordinates of all gradients."""
        return sum(gradient.size for gradient in self.gradients.values())

    @property
    def windows(self) -> int:
        """The number of outputs."""
        return math.prod(self.shapes.output_shape)

    def case(self, shapes: Signature, at: NDArray[np.int64] | None = None) -> Case:
        """Return the layer as a case, or some of its entries."""
        modulus = 1 << self.format.width

        def chosen(numbers: Keys) -> list[int]:
            picked = numbers if at is None else numbers[at]
            return [int(bits) % modulus for bits in picked.tolist()]

        x, v = [], []
        for operand in shapes.operands:
            x += chosen(self.operands[operand.name])
            gradient = self.gradients.get(operand.name)
            v += [0] * operand.size if gradient is None else chosen(gradient)
        output = Tensor(shapes.output_shape, chosen(self.output)) if self.output.size else None
        return Case(
            geometry=shapes,
            format=self.format,
            input=Tensor(shapes.input_shape, x),
            cotangent=Tensor(shapes.output_shape, chosen(self.cotangent)),
            gradient=Tensor(shapes.input_shape, v),
            output=output,
            metadata={"flags": [FLUSH_FLAG]} if self.flushes else None,
        )


@dataclass(kw_only=True)
class Sayings:
    """What is known of a layer: the filter's counts, and what the core said.

    Attributes:
        counts: As `giving` names them.
        rule: The rule that all follow.
        ratio: The largest ratio.
        words: Word -> coordinates that the core judged.
        decided: Coordinates that it decided.
        asked: Cases that it was asked.
        wrong: Outputs that are not right.
        overflow: Coordinates whose NaN or infinity overflow explains.
        findings: What does not conform.
    """

    counts: Counts = field(default_factory=lambda: np.zeros(COUNTS, np.int64))
    rule: str = "none"
    ratio: float = 0.0
    words: Counter[str] = field(default_factory=Counter)
    decided: int = 0
    asked: int = 0
    wrong: int = 0
    overflow: int = 0
    findings: list[Finding] = field(default_factory=list)


def check_layer(layer: ProgramLayer) -> LayerResult:
    """Return what is proved about a layer of a program."""
    op, names = layer.shapes.op, [operand.name for operand in layer.shapes.operands]
    pieces = pieces_of(op, layer.shapes.params, names)
    if pieces is not None and not layer.flushes:
        return _result(layer, _lines(layer, pieces))
    rows = rows_of_layer(layer.shapes)
    if rows is not None:
        dims, smallest = rows
        return _by_rows(layer, dims, smallest=smallest)
    sayings = Sayings()
    if _is_unary(layer):
        _entries(layer, sayings, np.arange(layer.windows))
    else:
        _whole(layer, sayings)
    return _result(layer, sayings)


def _by_rows(layer: ProgramLayer, dims: tuple[int, ...], *, smallest: bool) -> LayerResult:
    """Return what the check of pooling says of a reduction: each row is a window.

    The smallest number is the largest of the negatives, which are other signs and nothing else.
    """
    shape = layer.shapes.operands[0].shape
    x, v = (
        along_rows(tensor["input"], shape, dims) for tensor in (layer.operands, layer.gradients)
    )
    tensors = [x.reshape(-1), layer.cotangent, v.reshape(-1), layer.output]
    if smallest:
        sign = np.iinfo(x.dtype).min
        tensors[0], tensors[3] = tensors[0] ^ sign, tensors[3] ^ sign
    windows = geometry_of_rows(*x.shape)
    pooled = PoolCheck(
        windows, layer.format, Layer(*tensors), flushes=layer.flushes, budget=layer.budget
    ).run()
    findings = []
    for finding in pooled.findings:
        places = along_rows(np.arange(x.size), shape, dims).reshape(-1)
        inputs = tuple(places[list(finding.inputs)].tolist())
        findings.append(replace(finding, inputs=inputs))
    found = tuple(findings)
    return replace(pooled, op=layer.shapes.op, params=layer.shapes.params, findings=found)


def _is_unary(layer: ProgramLayer) -> bool:
    """Return whether each output depends on one input of its own."""
    alone = layer.shapes.op in {**ELEMENTWISE, **ACTIVATIONS, **JUMPS}
    return alone and len(layer.shapes.operands) == 1


def _lines(layer: ProgramLayer, pieces: Pieces) -> Sayings:
    """Return what the filter says, and the core of the entries that it leaves open."""
    sayings = Sayings()
    x, v = layer.operands["input"], layer.gradients["input"]
    tensors = Layer(x, layer.cotangent, v, layer.output)
    open_, ratio = np.zeros(layer.budget.entries, np.int64), np.zeros(1)
    rules = pass_line(
        tensors,
        tables_of_pieces(pieces, layer.format),
        numbers_of(layer.format, flushes=False),
        values_of(layer.format),
        sayings.counts,
        ratio,
        open_,
    )
    sayings.ratio = float(ratio[0])
    if sayings.counts[TIED]:
        sayings.rule = {1: "first-index", 3: "first-index", 2: "last-index"}.get(rules, "other")
    left = int(sayings.counts[UNPROVEN])
    _entries(layer, sayings, open_[: min(left, open_.size)], counted=True)
    sayings.words["undecided"] += max(left - open_.size, 0)
    return sayings


def _entries(
    layer: ProgramLayer, sayings: Sayings, at: NDArray[np.int64], *, counted: bool = False
) -> None:
    """Let the core judge entries, equal ones once; `counted`: the filter has counted them."""
    tensors = [layer.operands["input"], layer.cotangent, layer.gradients["input"]]
    tensors += [layer.output] if layer.output.size else []
    found = np.stack([numbers[at] for numbers in tensors], axis=1)
    _, first, counts = np.unique(found, axis=0, return_index=True, return_counts=True)
    order = np.argsort(first)
    first, counts = first[order], counts[order]
    allowed = layer.budget.entries
    for start in range(0, min(first.size, allowed), _TOGETHER):
        part = slice(start, min(start + _TOGETHER, allowed))
        _together(layer, sayings, at[first[part]], counts[part].tolist(), counted=counted)
    sayings.words["undecided"] += int(counts[allowed:].sum())


def _together(
    layer: ProgramLayer,
    sayings: Sayings,
    at: NDArray[np.int64],
    counts: Sequence[int],
    *,
    counted: bool,
) -> None:
    """Let the core judge some entries as one case; each by itself where that does not conform."""
    case, verdict = _judged(layer, at)
    special = verdict.special or verdict.overflow or verdict.ties["jumps"]
    if len(at) > 1 and (not _conforms(verdict) or verdict.ties["tied"] or special):
        middle = len(at) // 2
        for part in (slice(None, middle), slice(middle, None)):
            _together(layer, sayings, at[part], counts[part], counted=counted)
        return
    count = sum(counts)
    sayings.asked += 1
    _say(layer, sayings, case, verdict, count, counted=counted)
    if not _conforms(verdict) and len(sayings.findings) < layer.budget.findings:
        place = (int(at[0]),)
        word = verdict.verdict if verdict.verdict in WORDS[:3] else "outside"
        sayings.findings.append(
            Finding(word=word, inputs=place, windows=place, case=case, verdict=verdict)
        )


def _judged(layer: ProgramLayer, at: NDArray[np.int64]) -> tuple[Case, Verdict]:
    shapes = layer.shapes
    small = signature(shapes.op, shapes.params, {"input": (len(at),)}, shapes.constants)
    case = layer.case(small, at)
    return case, judge(case)


def _conforms(verdict: Verdict) -> bool:
    return verdict.verdict in ("smooth", "clarke") and verdict.output_exact is not False


def _say(
    layer: ProgramLayer,
    sayings: Sayings,
    case: Case,
    verdict: Verdict,
    count: int,
    *,
    counted: bool,
) -> None:
    """Note what the core says of entries that are alike; of several, that they conform."""
    free = _is_free(case) if count else False
    entries = 0 if free else count
    sayings.words[verdict.verdict] += entries
    sayings.decided += entries if verdict.verdict != "undecided" else 0
    sayings.wrong += count if verdict.output_exact is False else 0
    sayings.overflow += verdict.overflow * count
    sayings.ratio = max(sayings.ratio, verdict.worst_ratio or 0.0)
    sayings.counts[FREED] += count if free else 0
    if counted and free:
        sayings.counts[UNPROVEN] -= count
    if not counted:
        sayings.counts[UNPROVEN] += entries
        sayings.counts[TIED] += count if verdict.ties["tied"] else 0
        _count_special(sayings, layer.format, case, verdict, count)
    if verdict.ties["tied"] and verdict.rule != sayings.rule:
        none = sayings.rule == "none"
        sayings.rule = verdict.rule if none and verdict.rule in _RULES else "other"


_RULES = ("first-index", "last-index", "even-split")


def _is_free(case: Case) -> bool:
    return len(case.input.bits) == 1 and bool(problem_of(case).free)


def _count_special(sayings: Sayings, fmt: Format, case: Case, verdict: Verdict, count: int) -> None:
    """Count the special values of a case, `count` times.

    An infinite output is what is left where a case is special without a NaN or a wild cotangent.
    """
    units, counts = fmt.units_of, sayings.counts
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


def _whole(layer: ProgramLayer, sayings: Sayings) -> None:
    """Let the core judge a layer that is not taken apart, if it is small enough."""
    elements = sum(operand.size for operand in layer.shapes.operands)
    sayings.counts[UNPROVEN] += layer.elements
    if elements + layer.windows > _WHOLE:
        sayings.words["undecided"] += layer.elements
        return
    case = layer.case(layer.shapes)
    try:
        verdict = judge(case)
    except CaseError as error:
        raise ScaleError(str(error)) from error
    sayings.asked += 1
    sayings.words[verdict.verdict] += layer.elements
    sayings.decided += layer.elements if verdict.verdict != "undecided" else 0
    sayings.wrong += verdict.output_exact is False
    sayings.overflow += verdict.overflow
    sayings.ratio = verdict.worst_ratio or 0.0
    sayings.rule = verdict.rule
    sayings.counts[TIED] += verdict.ties["tied"]
    _count_special(sayings, layer.format, case, verdict, 1)
    if not _conforms(verdict):
        word = verdict.verdict if verdict.verdict in WORDS[:3] else "outside"
        finding = Finding(
            word=word,
            inputs=tuple(range(elements)),
            windows=tuple(range(layer.windows)),
            case=case,
            verdict=verdict,
        )
        sayings.findings.append(finding)


def _result(layer: ProgramLayer, sayings: Sayings) -> LayerResult:
    counts = sayings.counts
    free, open_, clarke = (int(counts[k]) for k in (FREED, UNPROVEN, CLARKE))
    words = Counter(sayings.words)
    words["clarke"] += clarke
    words["smooth"] += layer.elements - free - open_ - clarke
    bad = [word for word in WORDS[:3] if words[word]]
    tied = int(counts[TIED])
    return LayerResult(
        op=layer.shapes.op,
        params=layer.shapes.params,
        format=layer.format.name,
        verdict=bad[0] if bad else "clarke" if tied else "smooth",
        rule="other" if bad else sayings.rule if tied else "none",
        output_exact=not sayings.wrong if layer.output.size else None,
        wrong_outputs=sayings.wrong,
        verdicts={word: words[word] for word in WORDS},
        worst_ratio=None if bad else sayings.ratio,
        grades=dict(zip(GRADES, counts[GRADE:].tolist(), strict=True)),
        overflow=sayings.overflow,
        elements=layer.elements,
        windows=layer.windows,
        tied=tied,
        proved=layer.elements - free - open_,
        decided=sayings.decided,
        undecided=words["undecided"],
        components=sayings.asked,
        special=special_of(counts),
        findings=tuple(sayings.findings),
    )

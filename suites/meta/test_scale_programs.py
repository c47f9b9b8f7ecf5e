"""The fast path says of programs what the core says: entry by entry, along rows, and otherwise."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction

import pytest

from oracle.case import Case, Tensor
from oracle.check import ProgramProblem
from oracle.formats import BINARY64, FORMATS
from oracle.judge import judge
from oracle.scale import LayerResult
from suites.corpus import stacks
from suites.meta.corpora import cases
from suites.meta.programs import Sample, of, program_case
from suites.meta.scale import FAULTS, asked, in_one_go, rounded, with_bits

LINES = ("relu", "relu6", "leaky_relu", "hardtanh", "abs", "clamp", "clamp_min", "clamp_max")
ROWS = ("amax", "amin", "max", "min")
OTHERS = ("softshrink", "hardshrink", "threshold", "hardswish", "sign", "quantile", "aminmax")
"""Decided by the core alone."""
WHOLES = (
    *("maximum", "minimum", "fmax", "fmin", "where", "max", "clamp", "prelu"),
    *("avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool2d"),
    *("sort", "msort", "topk", "kthvalue", "median", "nanmedian", "cummax", "cummin"),
)
"""Layers with passes of their own."""
LISTED = ("scatter_reduce", "index_reduce", "segment_reduce", "embedding_bag", "max_unpool2d")
DIVIDED = ("copysign", "fmod", "remainder", "div")
"""Likewise; most of what the corpus has of them is broadcast, or jumps."""
PAIRS = [
    *itertools.product(LINES + ROWS + OTHERS, FORMATS),
    *((op, list(FORMATS)[(k + half) % 4]) for k, op in enumerate(WHOLES) for half in (0, 2)),
    *itertools.product(LISTED, ("bfloat16", "binary32")),
    *itertools.product(DIVIDED, ("binary32", "binary64")),
]
SMALL = 64


def ends(case: Case) -> dict[str, list[int]]:
    """Gradients of the rules first-index and last-index, and halfway between."""
    question = asked(case)
    assert isinstance(question, ProgramProblem)
    points: dict[str, list[int | Fraction]] = {
        rule: question._point(question.rule_shares(rule))  # noqa: SLF001
        for rule in ("first-index", "last-index")
    }
    pairs = zip(*points.values(), strict=True)
    points["half"] = [Fraction(a + b) / 2 for a, b in pairs]
    return {name: rounded(question, point) for name, point in points.items()}


def differences(case: Case) -> tuple[LayerResult, list[str]]:
    """What the fast path says of a case, and where the core says otherwise."""
    verdict, result = judge(case), in_one_go(case)
    pairs = {
        "verdict": (verdict.verdict, result.verdict),
        "special": (verdict.special, result.is_special),
        "tied": (verdict.ties["tied"], result.tied),
        "output": (verdict.output_exact, result.output_exact),
        "rule": (verdict.rule, result.rule if result.rule != "other" else verdict.rule),
        "entries": (result.elements, sum(result.verdicts.values()) + result.special.free),
    }
    return result, [f"{key}: {a!r}, not {b!r}" for key, (a, b) in pairs.items() if a != b]


def values(case: Case, rng: random.Random) -> Case:
    """The case with the outputs that the definition has, one of them perhaps wrong."""
    question, fmt = asked(case), case.format
    assert isinstance(question, ProgramProblem)
    bits = []
    for y in question.outputs:
        if isinstance(y.value, float):
            special = {True: fmt.nan_bits, False: fmt.infinity_bits}[y.value != y.value]
            bits.append(special | (fmt.sign_bit if y.value < 0 else 0))
        else:
            units = fmt.round(y.value / fmt.eta)
            bits.append(fmt.encode(units, negative_zero=y.zeros == {True}))
    if bits and rng.random() < 0.3:
        bits[rng.randrange(len(bits))] ^= 1
    return replace(case, output=Tensor(case.geometry.output_shape, bits))


@pytest.mark.parametrize(("op", "name"), PAIRS)
def test_small_cases_of_the_corpus_have_the_core_s_verdict(op: str, name: str) -> None:
    rng, seen = random.Random(f"{op} {name}"), set[str]()
    proved = judged = 0
    for stack in stacks("smoke", op, name):
        if not (0 < stack.inputs[0].size <= SMALL and stack.cotangents[0].size):
            continue
        for case in itertools.islice(cases(stack), 6):
            found = ends(case)
            fault = rng.choice(list(FAULTS))
            bits = list(found["first-index"])
            i = rng.randrange(len(bits))
            bits[i] = FAULTS[fault](bits[i], case.format)
            for kind, gradient in {**found, fault: bits}.items():
                whole = values(with_bits(case, gradient), rng)
                result, wrong = differences(whole)
                assert not wrong, (op, stack.name, kind, whole, wrong)
                seen.add(result.verdict)
                judged += 1
                proved += result.proved > 0
    assert judged > 20
    assert proved > judged // 2 or op in OTHERS + DIVIDED
    assert seen & {"smooth", "clarke"}
    assert "outside" in seen or op in ("sign",)


TINY = BINARY64.eta
WINDOWS = {"kernel_size": [2], "stride": [2], "padding": [0], "ceil_mode": False}
SLOPE = Sample({}, {"input": ((1, 1), [-(TINY ** Fraction(1, 2))]), "weight": ((1,), [1])})


@pytest.mark.parametrize(
    ("op", "sample", "g", "v"),
    [
        ("avg_pool1d", of([1, 2], 1, 1, 2, **WINDOWS, count_include_pad=True), [TINY], [0, 0]),
        ("leaky_relu", of([-1, -1], negative_slope="0x1p-7"), [0, TINY], [0, 0]),
        ("prelu", SLOPE, [TINY], [TINY, 0]),
    ],
)
def test_a_product_that_underflows_is_not_exact(
    op: str, sample: Sample, g: list[Fraction], v: list[Fraction]
) -> None:
    case = program_case(op, sample, g, v, BINARY64)
    verdict, result = judge(case), in_one_go(case)

    assert result.verdict == verdict.verdict == "smooth"
    assert verdict.grades is not None
    assert verdict.grades["exact"] < len(v)
    assert result.grades["exact"] <= verdict.grades["exact"]

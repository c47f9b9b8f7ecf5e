"""The fast path says of small cases what the core says."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from oracle.case import Case, Tensor
from oracle.check import Verdict
from oracle.formats import FORMATS
from oracle.judge import judge
from oracle.scale import LayerResult
from suites.corpus import POOLING
from suites.meta.corpora import cases, corpus, pooling
from suites.meta.scale import gradients, in_one_go, with_bits

SMALL = 120  # inputs: the core lists every selection of small components


def differences(verdict: Verdict, result: LayerResult) -> list[str]:
    """What the fast path says otherwise than the core."""
    pairs = {
        "verdict": (verdict.verdict, result.verdict),
        "special": (verdict.special, result.is_special),
        "tied": (verdict.ties["tied"], result.tied),
        "windows": (verdict.ties["windows"], result.windows),
        "output": (verdict.output_exact, result.output_exact),
    }
    if verdict.verdict in ("smooth", "clarke"):
        pairs["overflow"] = (verdict.overflow, result.overflow)
    if result.rule != "other":
        pairs["rule"] = (verdict.rule, result.rule)
    return [f"{key}: {a!r}, not {b!r}" for key, (a, b) in pairs.items() if a != b]


def worse(verdict: Verdict, result: LayerResult) -> list[str]:
    """What is wrong with ratio and grades where one rule explains all."""
    if result.rule == "other" or result.decided or verdict.grades is None:
        return []
    assert result.worst_ratio is not None
    assert verdict.worst_ratio is not None
    found = []
    shares = 2**-20 if result.rule == "even-split" else 0
    most = verdict.worst_ratio * (1 + 2**-20) + shares
    if not verdict.worst_ratio <= result.worst_ratio <= most:
        found.append(f"ratio {result.worst_ratio!r} for {verdict.worst_ratio!r}")
    if result.rule != "even-split" and dict(result.grades) != verdict.grades:
        found.append(f"grades {result.grades} for {verdict.grades}")
    if result.grades["exact"] > verdict.grades["exact"]:
        found.append("more is exact than is")
    return found


@pytest.mark.parametrize(("op", "name"), list(itertools.product(POOLING, FORMATS)))
def test_every_small_case_of_the_corpus_has_the_core_s_verdict(op: str, name: str) -> None:
    rng, seen = random.Random(f"{op} {name}"), set[str]()
    judged = decided = 0
    for stack in corpus("smoke", name):
        if stack.op != op or not 0 < stack.inputs[0].size <= SMALL:
            continue
        for case in cases(stack):
            made = gradients(case)
            first, *others = made
            for kind in (first, others[judged // 2 % len(others)]):
                bits = made[kind](rng)
                whole = with_bits(case, bits)
                verdict, result = judge(whole), in_one_go(whole)
                wrong = differences(verdict, result) + worse(verdict, result)
                assert not wrong, (op, stack.name, kind, bits, wrong)
                assert sum(result.verdicts.values()) + result.special.free == result.elements
                seen.add(result.verdict)
                judged += 1
                decided += result.decided > 0
    assert {"smooth", "clarke", "outside"} <= seen
    assert judged > 200
    assert decided > 20


@pytest.mark.parametrize("name", FORMATS)
def test_outputs_are_compared_bit_for_bit_but_for_tied_zeros(name: str) -> None:
    fmt, rng = FORMATS[name], random.Random(3)
    wrong = right = 0
    for stack in corpus("smoke", name):
        if stack.op != "max_pool2d" or not 0 < stack.inputs[0].size <= SMALL:
            continue
        for case in cases(stack):
            y = list(maxima(case))
            if not y:
                continue
            k = rng.randrange(len(y))
            for bits in (y[k], y[k] ^ fmt.sign_bit, fmt.nan_bits, y[k] ^ 1):
                changed = [*y[:k], bits, *y[k + 1 :]]
                whole = replace(
                    with_bits(case, [0] * len(case.input.bits)),
                    output=Tensor(case.geometry.output_shape, changed),
                )
                exact = judge(whole).output_exact
                assert in_one_go(whole).output_exact is exact, (stack.name, k, bits)
                right += exact is True
                wrong += exact is False
    assert min(wrong, right) > 50


def maxima(case: Case) -> list[int]:
    """The bits of each window's first largest input."""
    fmt, found = case.format, []
    for window in pooling(case.geometry).windows:
        read = [case.input.bits[i] for i in window]
        lost = [bits for bits in read if fmt.units_of[bits] is None]
        numbers = [bits for bits in read if fmt.units_of[bits] is not None]
        largest = max(numbers, key=lambda bits: fmt.units_of[bits] or 0, default=None)
        default = fmt.infinity_bits | fmt.sign_bit
        found.append(lost[0] if lost else default if largest is None else largest)
    return found

"""The corpus has as many cases and ties as it must have, and they are counted right."""

from __future__ import annotations

import dataclasses
import functools
import math
import sys
from collections import Counter

import pytest

from oracle.case import Case
from oracle.formats import FORMATS
from oracle.programs import PROGRAMS
from suites.corpus import POOLING, __main__
from suites.corpus.gates import MOST_SMOKE_CASES, failures, smoke_failures
from suites.corpus.statistics import Statistics, statistics
from suites.corpus.ties import ties
from suites.meta.corpora import cases, corpus, program_corpus, program_counts, tied_sets


@functools.cache
def counted(profile: str, format_name: str) -> Statistics:
    return statistics(corpus(profile, format_name))


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("profile", ["smoke", "standard"])
def test_every_gate_holds(profile: str, format_name: str) -> None:
    assert list(failures(profile, counted(profile, format_name))) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"distinct": 59_999, "cases": 59_999}, "59999 distinct cases, expected at least 60000"),
        ({"distinct": 61_000, "cases": 61_001}, "1 of 61001 cases repeat others"),
        ({"tied": 10, "windows": 21}, "10 of 21 windows are tied"),
        ({"contested": 332, "tied_cases": 1000}, "332 of 1000 tied cases"),
        ({"largest_pattern": 2_000}, "one tie pattern has 2000 of"),
    ],
)
def test_a_corpus_that_misses_a_gate_is_told_so(change: dict[str, int], message: str) -> None:
    poor = dataclasses.replace(counted("standard", "binary32"), **change)
    assert [line for line in failures("standard", poor) if message in line]


def test_a_stack_with_few_patterns_is_named() -> None:
    found = counted("standard", "binary32")
    poor = dataclasses.replace(found.patterns[0], found=4, possible=5, asked=True)
    lines = list(failures("standard", dataclasses.replace(found, patterns=(poor,))))
    assert lines == [f"{poor.stack} has 4 tie patterns, expected at least 5"]


@pytest.mark.parametrize("format_name", FORMATS)
def test_smoke_is_as_large_as_it_may_be(format_name: str) -> None:
    found, others = counted("smoke", format_name), program_counts("smoke", format_name)
    assert not list(smoke_failures(found.cases + others.cases, found.most_elements))
    assert found.cases + others.cases > MOST_SMOKE_CASES * 0.85


@pytest.mark.parametrize(
    ("sizes", "message"),
    [((3_001, 9), "3001 cases"), ((9, 70_001), "a case has 70001 inputs")],
)
def test_smoke_limits_are_gates(sizes: tuple[int, int], message: str) -> None:
    assert [line for line in smoke_failures(*sizes) if message in line]


def test_the_command_prints_a_row_per_format_and_fails_with_a_gate(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["corpus", "smoke"])
    few = {op: corpus("smoke", "binary16")[:3] for op in POOLING}
    few |= {op: program_corpus("smoke", "binary16")[:3] for op in PROGRAMS}
    monkeypatch.setattr(__main__, "stacks", lambda _, op, __: iter(few[op]))
    assert __main__.main() == 1  # all operations have the same three stacks
    shown = capsys.readouterr()
    rows = [line.split()[:2] for line in shown.out.splitlines()]
    assert [row[0] for row in rows if row[0] in FORMATS] == [*FORMATS, *FORMATS]
    assert [row[1] for row in rows[-len(FORMATS) :]] == ["amax"] * len(FORMATS)
    assert shown.err.count("repeat others") == 2 * len(FORMATS)


@pytest.mark.parametrize("format_name", FORMATS)
def test_ties_are_counted_as_theory_defines_them(format_name: str) -> None:
    for stack in corpus("smoke", format_name):
        if math.prod(stack.case_shape) > 1_000:
            continue
        found = ties(stack)
        seen: dict[tuple[tuple[int, ...], ...], int] = {}
        for number, case in enumerate(cases(stack)):
            sets = tied_sets(case)
            assert found.tied[number] == sum(len(tied) > 1 for tied in sets)
            assert found.contested[number] == contested(case, sets)
            assert seen.setdefault(tuple(sets), found.patterns[number]) == found.patterns[number]
        assert len(set(seen.values())) == len(seen)


def contested(case: Case, sets: list[tuple[int, ...]]) -> bool:
    signs: dict[int, set[bool]] = {}
    for tied, bits in zip(sets, case.cotangent.bits, strict=True):
        upstream = case.format.units_of[bits]
        if len(tied) > 1 and upstream:
            for i in tied:
                signs.setdefault(i, set()).add(upstream > 0)
    return any(len(both) == 2 for both in signs.values())


@pytest.mark.parametrize("format_name", FORMATS)
def test_components_of_mixed_signs_are_small_enough_to_enumerate(format_name: str) -> None:
    chosen = [
        selections(case)
        for stack in corpus("smoke", format_name)
        for family, case in zip(stack.families, cases(stack), strict=True)
        if family not in {"accumulation", "thousands"}
    ]
    assert sum(count > 4_096 for count in chosen) <= len(chosen) // 100


def selections(case: Case) -> int:
    """The largest number of selections of a component whose cotangents have both signs."""
    parent: dict[int, int] = {}

    def root(i: int) -> int:
        while parent.setdefault(i, i) != i:
            i = parent[i]
        return i

    sets = tied_sets(case)
    for tied in sets:
        for i in tied[1:]:
            parent[root(i)] = root(tied[0])
    products: Counter[int] = Counter()
    signs: dict[int, set[bool]] = {}
    for tied, bits in zip(sets, case.cotangent.bits, strict=True):
        upstream = case.format.units_of[bits]
        if tied and upstream:
            products[root(tied[0])] = max(products[root(tied[0])], 1) * len(tied)
            signs.setdefault(root(tied[0]), set()).add(upstream > 0)
    return max((products[top] for top, both in signs.items() if len(both) == 2), default=1)

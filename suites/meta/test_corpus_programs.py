"""The corpus of the programs: every form, every family, every threshold hit, and its gates."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from oracle.catalogue import CATALOGUE
from oracle.formats import FORMATS, format_named
from oracle.programs import PROGRAMS, Scalar, Signature, signature
from suites.corpus import OPS, POOLING, Stack, stacks
from suites.corpus.palettes import DTYPES, PER_THRESHOLD, palette, thresholds_named
from suites.corpus.programs import FORMS
from suites.corpus.programs.catalogue import JUMPING, WITHOUT_KINKS
from suites.corpus.programs.gates import program_failures
from suites.corpus.programs.statistics import ProgramStatistics, program_statistics
from suites.meta.corpora import program_corpus, program_counts

EVERYWHERE = {
    *("lattice", "sweep", "near-tie", "signed-zero", "subnormal", "largest", "cancellation"),
    *("accumulation", "nan", "infinity", "constant", "wide", "empty"),
}

NEEDS_ENTRIES = {"quantile", "nanquantile"}
"""Operations that the framework does not have of an input without entries."""

OF_ONE_CASE = {"scatter_reduce", "index_reduce", "segment_reduce", "embedding_bag", "where"}
"""Operations whose lists and tensors among the parameters belong to one case."""


def test_the_corpus_has_every_operation_of_the_catalogue() -> None:
    assert set(OPS) == set(CATALOGUE)
    assert set(FORMS) == set(PROGRAMS) == set(OPS) - set(POOLING)


@pytest.mark.parametrize("op", PROGRAMS)
def test_every_operation_is_there_in_each_of_its_formats(op: str) -> None:
    for format_name in CATALOGUE[op].formats:
        for profile in ("smoke", "standard"):
            assert any(stack.op == op and len(stack) for stack in stacks(profile, op, format_name))


@pytest.mark.parametrize("op", PROGRAMS)
def test_smoke_has_every_family_of_every_operation(op: str) -> None:
    found = {
        family
        for stack in program_corpus("smoke", "binary32")
        if stack.op == op
        for family in stack.families
    }
    assert found >= EVERYWHERE - ({"empty"} if op in NEEDS_ENTRIES else set())
    of_one = len(PROGRAMS[op].operands) == 1 or bool(PROGRAMS[op].optional)
    assert ("repeated" in found) is (of_one and op not in ("embedding_bag", "lu_factor"))


@pytest.mark.parametrize("op", PROGRAMS)
def test_every_role_of_a_form_is_in_the_standard_profile(op: str) -> None:
    roles = {form.role for form in FORMS[op]}
    assert roles >= {"first", "further", "wide", "large", "constant"}
    assert ("empty" in roles) is (op not in NEEDS_ENTRIES)
    assert [form.role for form in FORMS[op]].count("first") == 1


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_stack_holds_cases_of_its_geometry(format_name: str) -> None:
    found = program_corpus("standard", format_name)
    assert len({(stack.op, stack.name) for stack in found}) == len(found)
    for stack in found:
        shapes = stack.geometry
        assert isinstance(shapes, Signature)
        assert stack.params == shapes.params
        assert stack.operands == shapes.operands
        assert stack.inputs.shape == (len(stack), *shapes.input_shape)
        assert stack.cotangents.shape == (len(stack), *shapes.output_shape)
        assert stack.inputs.dtype == stack.cotangents.dtype
        assert stack.inputs.dtype == DTYPES[format_named(format_name).width]
        assert re.fullmatch(r"[A-Za-z0-9.x-]{1,80}", stack.name)


def test_one_call_can_take_the_cases_that_are_said_to_go_together() -> None:
    several = [stack for stack in program_corpus("smoke", "binary32") if len(stack) > 1]
    for stack in [stack for stack in several if stack.together]:
        assert _joined(stack) == [*_outputs(stack, 0), *_outputs(stack, 1)], stack.name
    apart = {stack.op for stack in several if not stack.together}
    assert apart >= OF_ONE_CASE


def _outputs(stack: Stack, position: int) -> list[tuple[str, int]]:
    shapes = stack.geometry
    assert isinstance(shapes, Signature)
    bits = stack.inputs[position].ravel().tolist()
    return _compared(shapes.outputs(bits, format_named(stack.format)))


def _compared(outputs: Sequence[Scalar]) -> list[tuple[str, int]]:
    """What does not depend on how the inputs are numbered."""
    return [(repr(output.value), len(output.branches)) for output in outputs]


def _joined(stack: Stack) -> list[tuple[str, int]]:
    """The outputs of two cases stacked along the first dimension of every operand."""
    twice = {name: (2 * shape[0], *shape[1:]) for name, shape in stack.operands}
    shapes = signature(stack.op, stack.params, twice)
    bits, first = list[int](), 0
    for operand in stack.operands:
        for position in (0, 1):
            entries = stack.inputs[position].ravel()[first : first + operand.size]
            bits += entries.tolist()
        first += operand.size
    return _compared(shapes.outputs(bits, format_named(stack.format)))


@pytest.mark.parametrize("format_name", FORMATS)
def test_thresholds_are_exact_with_their_neighbours(format_name: str) -> None:
    fmt = format_named(format_name)
    for cuts in {form.cuts for forms in FORMS.values() for form in forms if form.cuts}:
        row = palette(thresholds_named(cuts), format_name)[0].tolist()
        units = [fmt.units_of[bits] for bits in row]
        for place, cut in enumerate(cuts):
            at, other, below, above, under, over = units[PER_THRESHOLD * place :][:PER_THRESHOLD]
            assert (at or 0) * fmt.eta == Fraction(cut)
            assert other == at
            assert None not in (at, below, above, under, over)
            assert (below or 0) < (at or 0) < (above or 0)
            assert (under or 0) * fmt.eta == Fraction(cut) - 1
            assert (over or 0) * fmt.eta == Fraction(cut) + 1
            assert _steps(row[PER_THRESHOLD * place :][2:4], fmt.sign_bit) == 2


def _steps(pair: list[int], sign_bit: int) -> int:
    """How many numbers of the format lie between two, and one more; both zeros are one."""
    low, high = (-(bits - sign_bit) if bits >= sign_bit else bits for bits in pair)
    return high - low


@pytest.mark.parametrize("op", ["elu", "celu", "selu"])
def test_functions_without_a_bound_below_zero_are_not_asked_there(op: str) -> None:
    below = False
    for stack in program_corpus("standard", "binary32"):
        if stack.op == op:
            numbers = stack.inputs.view(np.float32)
            assert not (numbers < 0).any()
            below = below or bool((stack.inputs == 1 << 31).any())
    assert below  # a negative zero is no number below zero


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_gate_holds_in_smoke(format_name: str) -> None:
    assert list(program_failures("smoke", program_counts("smoke", format_name))) == []


def test_every_gate_holds_in_standard() -> None:
    assert list(program_failures("standard", program_counts("standard", "bfloat16"))) == []


def test_a_corpus_without_ties_is_refused() -> None:
    found = program_statistics(map(_untied, _some("maximum", "sort")))
    lines = list(program_failures("smoke", found))
    assert [line for line in lines if "outputs are tied, expected at least 50%" in line]
    assert [line for line in lines if "outputs of maximum are tied" in line]


def test_a_corpus_without_jumps_is_refused() -> None:
    found = program_statistics(map(_untied, _some("hardshrink", "mode")))
    lines = list(program_failures("smoke", found))
    assert [line for line in lines if line.startswith("no output of mode is at a jump")]


def test_repeated_cases_are_refused() -> None:
    found = program_statistics([*_some("relu"), *_some("relu")])
    assert [line for line in program_failures("smoke", found) if "repeat others" in line]


@pytest.mark.parametrize(
    ("change", "message"),
    [({"cases": 199}, "has 199 cases"), ({"geometries": 9}, "has 9 geometries")],
)
def test_an_operation_with_little_is_named(change: dict[str, int], message: str) -> None:
    found = program_counts("smoke", "binary32")
    row = dataclasses.replace(found.operations[0], **change)
    poor: ProgramStatistics = dataclasses.replace(found, operations=(row,))
    assert [line for line in program_failures("standard", poor) if f"{row.op} {message}" in line]


def test_kinks_and_jumps_are_declared_of_operations_that_there_are() -> None:
    assert set(PROGRAMS) > WITHOUT_KINKS | JUMPING
    for row in program_counts("standard", "bfloat16").operations:
        if row.op in WITHOUT_KINKS:
            assert row.tied == row.jumps * (row.op == "hardshrink")


def _some(*ops: str) -> list[Stack]:
    return [stack for stack in program_corpus("smoke", "binary32") if stack.op in ops]


def _untied(stack: Stack) -> Stack:
    """The stack with all inputs different, and none at a threshold."""
    numbers = np.arange(stack.inputs.size, dtype=np.float32) + np.float32(1000.25)
    return dataclasses.replace(stack, inputs=numbers.view(np.uint32).reshape(stack.inputs.shape))

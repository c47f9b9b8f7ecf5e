"""The corpus holds what it must hold, stack by stack, and is the same each time."""

from __future__ import annotations

import hashlib
import math
import re
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from oracle.case import case_id
from oracle.formats import FORMATS, format_named
from suites.corpus import CORPUS_VERSION, POOLING, CorpusError, Stack, corpus_hash, stacks
from suites.corpus.palettes import DTYPES
from suites.meta.corpora import cases, corpus, pooling, program_corpus, tied_sets

EVERYWHERE = {
    *("lattice", "sweep", "near-tie", "signed-zero", "subnormal", "largest", "cancellation"),
    *("accumulation", "nan", "infinity", "repeated", "constant", "wide", "large", "unbatched"),
    "empty",
}
BORDERS = {"": {"padding-only"}, "adaptive_": {"empty-output"}}
BORDERS["fractional_"] = {"empty-output", "beyond"}
SMOKE_HASH = "4ca2de67c462f7a2672f615737c9f5f1171d54d7311edc719932d4cf7de0112d"
POOLING_DIGESTS = {
    "binary16": "12be7ded874678c4a24ad8ce22bd3c6d59761b2380a3720e0dce8a88d07ef60f",
    "bfloat16": "d7d7d50f4f7731da2fbbbd7f18b8a023ed4be9e23f8de4120b4e70e930b7bcda",
    "binary32": "4cf869dcaa74c14d1cd3be47b062739171905398ce9e8731e1cbae0b53b0c82a",
    "binary64": "517f20c3bd33e2a66bb1690a30b3ff585950e81e6c510d1f1e3966057b697c42",
}
"""Of all cases of the standard profile, of any version since the third."""


def named(op: str, name: str, profile: str = "standard") -> Stack:
    return next(
        stack for stack in corpus(profile, "binary32") if (stack.op, stack.name) == (op, name)
    )


def values(stack: Stack, family: str) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    chosen = [case for case, of in enumerate(stack.families) if of == family]
    primal = stack.inputs.view(np.float32).reshape(len(stack), -1)
    upstream = stack.cotangents.view(np.float32).reshape(len(stack), -1)
    return [(tuple(primal[i].tolist()), tuple(upstream[i].tolist())) for i in chosen]


def test_the_smoke_corpus_is_the_one_of_this_version() -> None:
    assert CORPUS_VERSION == "5"
    assert corpus_hash("smoke") == SMOKE_HASH, "a case changed: raise CORPUS_VERSION, then this"


@pytest.mark.parametrize(("format_name", "digest"), POOLING_DIGESTS.items())
def test_pooling_has_the_cases_that_it_had_before_there_were_programs(
    format_name: str, digest: str
) -> None:
    found = hashlib.sha256()
    for stack in corpus("standard", format_name):
        found.update("/".join((stack.name, *stack.families)).encode())
        found.update(b"".join(stack.digests()))
    assert found.hexdigest() == digest


def test_a_fresh_process_makes_the_same_corpus_without_a_framework() -> None:
    script = (
        "import sys; from suites.corpus import corpus_hash; "
        "print(corpus_hash('standard', ['adaptive_max_pool2d', 'clamp'], ['bfloat16'])); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    here = corpus_hash("standard", ["adaptive_max_pool2d", "clamp"], ["bfloat16"])
    assert done.stdout.split() == [here, "False"]


def test_smoke_is_a_part_of_standard() -> None:
    for made in (corpus, program_corpus):
        whole = {digest for stack in made("standard", "bfloat16") for digest in stack.digests()}
        part = {digest for stack in made("smoke", "bfloat16") for digest in stack.digests()}
        assert part < whole


def test_ids_are_distinct() -> None:
    ids = [
        case_id(case, family)
        for stack in (*corpus("smoke", "binary64"), *program_corpus("smoke", "binary64"))
        for family, case in zip(stack.families, cases(stack), strict=True)
    ]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("quick", POOLING[0]), "profile is 'quick'"),
        (("smoke", "avg_pool9d"), "op is 'avg_pool9d'"),
    ],
)
def test_unknown_names_are_refused(arguments: tuple[str, str], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        next(stacks(*arguments, "binary32"))


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("profile", ["smoke", "standard"])
def test_every_stack_is_one_call(profile: str, format_name: str) -> None:
    found = corpus(profile, format_name)
    assert len({(stack.op, stack.name) for stack in found}) == len(found) <= 25 * len(POOLING)
    for stack in found:
        shapes = stack.geometry
        batched = len(stack.case_shape) == int(stack.op[-2]) + 2
        assert stack.params == shapes.params
        assert stack.inputs.shape == (len(stack), *shapes.input_shape)
        assert stack.cotangents.shape == (len(stack), *shapes.output_shape)
        assert stack.inputs.dtype == stack.cotangents.dtype
        assert stack.inputs.dtype == DTYPES[format_named(format_name).width]
        assert re.fullmatch(r"[A-Za-z0-9.x-]+", stack.name)
        assert len(stack) == 1 or (batched and stack.case_shape[0] > 0)


@pytest.mark.parametrize("op", POOLING)
def test_smoke_has_every_family_of_every_operation(op: str) -> None:
    families = {
        family
        for stack in corpus("smoke", "binary32")
        if stack.op == op
        for family in stack.families
    }
    assert families == EVERYWHERE | BORDERS[op.partition("max_pool")[0]] | (
        {"thousands"} if op == "max_pool1d" else set()
    )


@pytest.mark.parametrize("profile", ["smoke", "standard"])
@pytest.mark.parametrize("op", [op for op in POOLING if op.startswith("max_pool")])
def test_sliding_windows_come_in_every_kind(op: str, profile: str) -> None:
    kinds: Counter[str] = Counter()
    for stack in corpus(profile, "binary32"):
        if stack.op != op or set(stack.families) <= {"padding-only"}:
            continue
        kernel, stride, padding, dilation = (
            np.array(stack.params[key]) for key in ("kernel_size", "stride", "padding", "dilation")
        )
        kinds["stride smaller"] += (stride < kernel).any()
        kinds["stride equal"] += (stride == kernel).all()
        kinds["stride larger"] += (stride > kernel).any()
        kinds["padding"] += padding.any()
        kinds["dilation"] += (dilation > 1).any()
        kinds["ceil"] += stack.params["ceil_mode"]
        kinds["samples"] += stack.case_shape[0] > 1
        kinds["channels"] += stack.case_shape[1] > 1
        kinds["kernel not square"] += len(set(kernel)) > 1
        kinds["input not square"] += len(set(stack.case_shape[-len(kernel) :])) > 1
    if op == "max_pool1d":
        del kinds["kernel not square"], kinds["input not square"]
    assert min(kinds.values()) > 0, kinds


@pytest.mark.parametrize("op", [op for op in POOLING if op.startswith("adaptive")])
def test_adaptive_windows_come_in_every_kind(op: str) -> None:
    dims = int(op[-2])
    kinds: Counter[str] = Counter()
    for stack in corpus("smoke", "binary32"):
        if stack.op != op or not (stack.inputs.size and stack.cotangents.size):
            continue
        size, count = (np.array(s[-dims:]) for s in (stack.case_shape, stack.cotangents.shape))
        kinds["divides"] += not (size % count).any()
        kinds["overlaps"] += ((size % count != 0) & (count < size)).any()
        kinds["larger"] += (count > size).any()
        kinds["null"] += None in stack.params["output_size"] or dims == 1
        kinds["samples"] += stack.case_shape[0] > 1
        kinds["channels"] += stack.case_shape[1] > 1
    assert min(kinds.values()) > 0, kinds


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("op", [op for op in POOLING if op.startswith("fractional")])
def test_fractional_windows_come_in_every_kind(op: str, format_name: str) -> None:
    dims = int(op[-2])
    kinds: Counter[str] = Counter()
    for stack in corpus("smoke", format_name):
        if stack.op != op or not (stack.inputs.size and stack.cotangents.size):
            continue
        size, count = (np.array(s[-dims:]) for s in (stack.case_shape, stack.cotangents.shape))
        kernel, steps = np.array(stack.params["kernel_size"]), count > 1
        step = (size - kernel)[steps] / (count - 1)[steps]
        kinds["step smaller"] += (step < kernel[steps]).any()
        kinds["step larger"] += (step > kernel[steps]).any()
        kinds["exact"] += pooling(stack.geometry).is_exact
        kinds["not exact"] += not pooling(stack.geometry).is_exact
        kinds["ratio"] += stack.params["output_size"] is None
        kinds["samples"] += stack.case_shape[0] > 1
        kinds["channels"] += stack.case_shape[1] > 1
        drawn = stack.params["_random_samples"]["data"]
        kinds["zero"] += set(drawn) == {"0x0.0p+0"}
        largest = 1 - format_named(format_name).unit_roundoff
        kinds["largest"] += {Fraction(float.fromhex(text)) for text in drawn} == {largest}
        kinds["several"] += len(set(drawn)) > 2
    assert min(kinds.values()) > 0, kinds


def test_the_smallest_cases_that_part_clarke_from_conservative_are_there() -> None:
    pairs = values(named("max_pool1d", "k3-s1-p1-d1-1x1x2", "smoke"), "lattice")
    assert [g for x, g in pairs if x[0] == x[1] and g in {(1, -1), (-1, 1)}]
    fives = values(named("max_pool1d", "k3-s1-p0-d1-1x1x5"), "lattice")
    assert [x for x, g in fives if len(set(x)) == 1 and g == (1, -1, 1)]


@pytest.mark.parametrize(
    ("op", "name", "count"),
    [
        ("max_pool2d", "k2-s2-p0-d1-1x1x2x2", 5**4),
        ("max_pool2d", "k2-s1-p0-d1-1x1x3x3", 2**9),
        ("max_pool1d", "k3-s1-p0-d1-1x1x5", 3**5),
        ("max_pool3d", "k2-s2-p0-d1-1x1x2x2x2", 2**8),
        ("adaptive_max_pool1d", "o3-1x1x5", 3**5),
        ("adaptive_max_pool2d", "o2-1x1x3x3", 2**9),
        ("adaptive_max_pool3d", "o1-1x1x2x2x2", 2**8),
        ("fractional_max_pool2d", "k2-o2-r0-1x1x3x3", 2**9),
        ("fractional_max_pool3d", "k1x1x3-o1x1x3-d0-1x1x2x2x6", 4**6),
    ],
)
def test_lattices_are_exhaustive(op: str, name: str, count: int) -> None:
    lattice = values(named(op, name), "lattice")[:count]
    assert len({primal for primal, _ in lattice}) == count
    assert len({number for primal, _ in lattice for number in primal}) <= 5


@pytest.mark.parametrize("format_name", FORMATS)
def test_two_cases_have_thousands_of_windows_on_one_input(format_name: str) -> None:
    found = [stack for stack in corpus("smoke", format_name) if "thousands" in stack.families]
    assert [(stack.op, len(stack)) for stack in found] == [("max_pool1d", 2)]
    for largest, case in enumerate(cases(found[0]), start=1):
        frequent, windows = Counter(tied_sets(case)).most_common(1)[0]
        assert windows > 2_000
        assert len(frequent) == largest
        signs = {case.format.units_of[bits] > 0 for bits in case.cotangent.bits}
        assert len(signs) == largest


@pytest.mark.parametrize("op", POOLING)
def test_a_plane_has_more_than_65536_inputs(op: str) -> None:
    planes = [
        math.prod(stack.case_shape[-int(op[-2]) :])
        for stack in corpus("smoke", "binary16")
        if stack.op == op
    ]
    assert 65_536 < max(planes) <= 70_000


@pytest.mark.parametrize("op", POOLING)
def test_special_values_take_every_position_of_small_geometries(op: str) -> None:
    for stack in corpus("standard", "binary32"):
        cells = math.prod(stack.case_shape)
        if stack.op == op and "nan" in stack.families and cells <= 10:
            floats = stack.inputs.view(np.float32).reshape(len(stack), cells)
            for special in (np.isnan(floats), np.isposinf(floats), np.isneginf(floats)):
                alone = special[special.sum(axis=1) == 1]
                assert alone.any(axis=0).all(), stack.name


def test_expandable_stacks_can_be_expanded() -> None:
    for stack in corpus("standard", "binary16"):
        if "repeated" in stack.families:
            assert stack.case_shape[1] > 1
            assert (stack.inputs == stack.inputs[:, :, :1]).all()
            assert (stack.cotangents != stack.cotangents[:, :, :1]).any()
        if "constant" in stack.families:
            assert len(np.unique(stack.cotangents)) == 1


def test_windows_of_padding_only_read_nothing_and_stand_alone() -> None:
    found = [stack for stack in corpus("smoke", "binary32") if "padding-only" in stack.families]
    assert {stack.op for stack in found} == {"max_pool1d", "max_pool2d", "max_pool3d"}
    for stack in found:
        assert set(stack.families) == {"padding-only"}
        assert not any(pooling(stack.geometry).windows)

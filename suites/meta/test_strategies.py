"""What the search's strategies reach, what they shrink to, and that all they draw is valid."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from hypothesis import errors, strategies as st
from hypothesis.internal.conjecture.data import ConjectureData

from oracle.case import Case
from oracle.catalogue import CATALOGUE
from suites.corpus import POOLING
from suites.corpus.ties import sort_keys
from suites.hunting.trials import key_of
from suites.meta.drawing import drawn, find_any, minimal, of
from suites.meta.hunts import hunt_of
from suites.plan import Group
from suites.provenance import ROOT
from suites.selection import FORMAT_NAMES
from suites.strategies import Example, borders, families, features, vast
from suites.variants import BASE, applies

SLIDING = tuple(op for op in POOLING if CATALOGUE[op].windows == "sliding")

EVERYWHERE = (
    *("overlap", "several samples", "several channels", "unbatched"),
    *("tie", "near-tie", "contested tie", "mixed signs", "zero cotangent"),
    *("signed zeros", "subnormal", "largest", "special", "indices"),
    *("transposed", "sliced", "expanded"),
    *("transposed cotangent", "sliced cotangent", "expanded cotangent"),
)
OF_SLIDING = ("gaps", "padding", "dilation", "ceil mode")
OF_SEVERAL_DIMENSIONS = ("channels-last", "channels-last-sliced", "channels-last cotangent")

LEAST = 4
"""Of so many hundred examples one has a feature: two thousand have it five times and more."""


def expected(op: str) -> set[str]:
    several = OF_SEVERAL_DIMENSIONS if CATALOGUE[op].dims > 1 else ()
    return {*EVERYWHERE, *several, *(OF_SLIDING if op in SLIDING else ())}


def case_of(example: Example) -> Case:
    return Group(stack=example.stack, device="cpu").case(0)


@pytest.mark.parametrize("op", POOLING)
def test_every_feature_is_reached_and_is_no_rarity(op: str) -> None:
    examples = drawn(of(op), LEAST * 100)
    counts = dict.fromkeys(expected(op), 0)
    for example in examples:
        for name in features(example):
            counts[name] = counts.get(name, 0) + 1
    assert [name for name in expected(op) if not counts[name]] == []
    assert counts["tie"] > len(examples) / 4


PAIRS = (
    ("contested tie", "padding"),
    ("contested tie", "dilation"),
    ("near-tie", "overlap"),
    ("mixed signs", "channels-last"),
    ("special", "ceil mode"),
    ("indices", "channels-last-sliced"),
    ("unbatched", "channels-last cotangent"),
)


@pytest.mark.parametrize("together", PAIRS, ids="+".join)
def test_what_is_drawn_together_is_found_together(together: tuple[str, ...]) -> None:
    example = find_any(of("max_pool3d"), lambda e: set(together) <= set(features(e)))
    assert set(together) <= set(features(example))


def test_what_cannot_be_had_is_not_found() -> None:
    with pytest.raises(errors.NoSuchExample):
        find_any(of("max_pool1d"), lambda e: "channels-last" in features(e), tries=300)


@pytest.mark.parametrize("format_name", FORMAT_NAMES)
@pytest.mark.parametrize("op", POOLING)
def test_an_example_shrinks_to_one_zero_with_cotangent_1(op: str, format_name: str) -> None:
    example = minimal(of(op, format_name))
    case = case_of(example)
    assert example.variant is BASE
    assert texts(case, "input") == ["0x0.0p+0"] * FEWEST.get(op, 1)
    assert texts(case, "cotangent") == ["0x1.0p+0"]


FEWEST = {"fractional_max_pool3d": 8}
"""Operation -> inputs of its smallest case: of three dimensions PyTorch wants one more in each."""

SMALLEST = {
    "tie": (["0x0.0p+0"] * 2, ["0x1.0p+0"]),
    "mixed signs": (["0x0.0p+0"] * 2, ["-0x1.0p+0", "0x1.0p+0"]),
    "zero cotangent": (["0x0.0p+0"], ["0x0.0p+0"]),
    "overlap": (["0x0.0p+0"] * 3, ["0x1.0p+0"] * 2),
    "contested tie": (["0x0.0p+0"] * 3, ["-0x1.0p+0", "0x1.0p+0"]),
    "several channels": (["0x0.0p+0"] * 2, ["0x1.0p+0"] * 2),
}
"""Feature -> the numbers that it shrinks to in `max_pool1d`: what fits on a scrap of paper."""


@pytest.mark.parametrize("feature", SMALLEST)
def test_a_feature_shrinks_to_what_it_needs(feature: str) -> None:
    case = case_of(minimal(of("max_pool1d"), lambda e: feature in features(e)))
    assert (texts(case, "input"), texts(case, "cotangent")) == SMALLEST[feature]


def test_a_near_tie_shrinks_to_two_neighbours() -> None:
    example = minimal(of("max_pool1d"), lambda e: "near-tie" in features(e))
    first, second = sort_keys(example.stack.inputs.ravel(), example.stack.format).tolist()
    assert abs(first - second) == 1


LAID_OUT = ("channels-last", "channels-last cotangent", "transposed", "expanded", "sliced")


@pytest.mark.parametrize("layout", LAID_OUT)
def test_a_layout_shrinks_to_nine_numbers_at_most(layout: str) -> None:
    example = minimal(of("max_pool2d"), lambda e: layout in features(e))
    assert example.stack.inputs.size <= 9
    assert example.stack.cotangents.size <= 9


def texts(case: Case, name: str) -> list[str]:
    return [case.format.text_of[bits] for bits in getattr(case, name).bits]


@pytest.mark.parametrize("op", POOLING)
def test_pytorch_takes_whatever_is_drawn(op: str) -> None:
    """The strategies' bounds against PyTorch's own checks, on shapes alone."""
    examples = drawn(of(op), 300) + drawn(bordering(op), 60)
    for example in examples:
        stack = example.stack
        primal = torch.zeros(stack.case_shape)
        output = getattr(torch.nn.functional, op)(primal, **arguments(stack.params))
        assert tuple(output.shape) == stack.cotangents.shape[1:]


def arguments(params: Mapping[str, object]) -> dict[str, object]:
    """The parameters as PyTorch takes them: numbers and tensors, not their texts."""
    found = dict(params)
    samples, ratios = params.get("_random_samples"), params.get("output_ratio")
    if isinstance(samples, dict):
        numbers = list(map(float.fromhex, samples["data"]))
        found["_random_samples"] = torch.tensor(numbers).reshape(samples["shape"])
    if isinstance(ratios, tuple):
        found["output_ratio"] = tuple(map(float.fromhex, ratios))
    return found


def bordering(op: str) -> st.SearchStrategy[Example]:
    return borders(op, "binary32", hunt_of(op).variants)


@pytest.mark.parametrize("op", POOLING)
def test_nothing_is_drawn_and_thrown_away(op: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        msg = "an example was rejected"
        raise AssertionError(msg)

    monkeypatch.setattr(ConjectureData, "mark_invalid", refuse)
    assert len(drawn(of(op), 300)) == 300


def test_a_rejection_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ConjectureData, "mark_invalid", refuse)
    with pytest.raises(ZeroDivisionError):
        drawn(of("max_pool1d").filter(lambda e: e.stack.inputs.size > 500), 300)


@pytest.mark.parametrize("op", POOLING)
def test_ordinary_windows_all_read_something_and_variants_make_a_difference(op: str) -> None:
    for example in drawn(of(op), 400):
        assert all(example.stack.geometry.windows)
        assert math.prod(example.stack.case_shape)
        assert applies(example.variant, example.stack)


@pytest.mark.parametrize("op", POOLING)
def test_borders_have_nothing_to_read_or_nothing_to_write(op: str) -> None:
    nothing = {"nothing read", "no output", "no sample"}
    found = [nothing.intersection(features(example)) for example in drawn(bordering(op), 60)]
    assert all(found)
    wanted = "nothing read" if op in SLIDING else "no output"
    assert set().union(*found) >= {wanted, "no sample"}


def test_vast_examples_are_beyond_16_bits_and_differ_at_their_end() -> None:
    examples = drawn(vast("max_pool1d", "binary32", (BASE,)), 8)
    assert all(example.stack.case_shape[-1] > 2**16 for example in examples)
    assert any(len(np.unique(example.stack.inputs[..., -2:])) > 1 for example in examples)


FAMILIES = {
    "padding-only": "nothing read",
    "empty-output": "no output",
    "empty": "no sample",
    "unbatched": "unbatched",
}


@pytest.mark.parametrize("op", ["max_pool2d", "adaptive_max_pool2d"])
def test_families_are_those_of_the_corpus(op: str) -> None:
    for example in drawn(of(op), 200) + drawn(bordering(op), 100):
        found, has = families(example.stack), features(example)
        for family, feature in FAMILIES.items():
            assert (family in found) == (feature in has)
        assert ({"nan", "infinity"} & set(found) != set()) == ("special" in has)
        assert (found == ("search",)) == (not has_family(has))


def has_family(has: tuple[str, ...]) -> bool:
    return not {*FAMILIES.values(), "special"}.isdisjoint(has)


KEYS = """
import sys
from suites.meta.drawing import drawn, of
from suites.hunting.trials import key_of
print(*(key_of(example).hex() for example in drawn(of(sys.argv[1]), 150, int(sys.argv[2]))))
"""


def test_a_seed_draws_the_same_in_every_process() -> None:
    """Whatever else is loaded, and however Python hashes."""
    here = [key_of(example).hex() for example in drawn(of("max_pool2d"), 150, 7)]
    assert elsewhere(7) == here
    assert elsewhere(8) != here


def elsewhere(number: int) -> list[str]:
    done = subprocess.run(
        (sys.executable, "-c", KEYS, "max_pool2d", str(number)),
        cwd=ROOT,
        env={"PYTHONHASHSEED": str(number), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()

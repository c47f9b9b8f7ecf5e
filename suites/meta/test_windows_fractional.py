"""Fractional windows: against torch in every format, beside exact arithmetic, and read strictly."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
import torch

from oracle.formats import BFLOAT16, BINARY16, BINARY32, BINARY64, FORMATS, Format
from oracle.limits.pooling import sorted_pairs, window_cells
from oracle.windows import Geometry, GeometryError, geometry
from oracle.windows.arithmetic import arithmetic
from oracle.windows.fractional import starts

DTYPES = {
    "binary16": torch.float16,
    "bfloat16": torch.bfloat16,
    "binary32": torch.float32,
    "binary64": torch.float64,
}
DRAWS = 250


def drawn_sample(fmt: Format, rng: random.Random) -> Fraction:
    if rng.random() < 0.3:
        return rng.choice((Fraction(0), Fraction(1, 2), 1 - fmt.unit_roundoff))
    return rng.getrandbits(fmt.precision) * fmt.unit_roundoff


def spelled(fmt: Format, numbers: list[Fraction]) -> tuple[str, ...]:
    return tuple(fmt.text_of[fmt.encode(int(number / fmt.eta))] for number in numbers)


def drawn(dims: int, fmt: Format, rng: random.Random) -> tuple[dict[str, Any], list[int]]:
    """Return parameters that are mostly accepted, and a shape."""
    lead = rng.choice(([1, 1], [2, 1], [1, 2], [2], [1], [0, 1]))
    spatial = [rng.randint(1, 9) for _ in range(dims)]
    if rng.random() < 0.2:
        spatial[rng.randrange(dims)] = rng.choice((60, 150, 260))
    kernel = [rng.choice((0, 1, 2, 2, 3)) for _ in range(dims)]
    counts = [rng.randint(0, max(1, n - k + 1)) for n, k in zip(spatial, kernel, strict=True)]
    by_ratio = rng.random() < 0.2
    shape = [*[1] * (2 - len(lead)), *lead, dims]
    numbers = [drawn_sample(fmt, rng) for _ in range(math.prod(shape))]
    params = {
        "kernel_size": kernel,
        "output_size": None if by_ratio else counts,
        "output_ratio": [rng.uniform(0.05, 0.9).hex() for _ in counts] if by_ratio else None,
        "_random_samples": {"shape": shape, "data": spelled(fmt, numbers)},
    }
    return params, [*lead, *spatial]


def first_cells(
    op: str, params: dict[str, Any], shape: list[int], fmt: Format
) -> tuple[list[int], list[int]]:
    """Return the output's shape and what torch finds in equal inputs: each window's first cell."""
    samples, ratio = params["_random_samples"], params["output_ratio"]
    numbers = [float.fromhex(text) for text in samples["data"]]
    output, indices = getattr(torch.nn.functional, op)(
        torch.zeros(shape, dtype=DTYPES[fmt.name]),
        params["kernel_size"],
        params["output_size"],
        output_ratio=ratio and [float.fromhex(text) for text in ratio],
        return_indices=True,
        _random_samples=torch.tensor(numbers, dtype=DTYPES[fmt.name]).reshape(samples["shape"]),
    )
    return list(output.shape), indices.flatten().tolist()


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("dims", [2, 3])
def test_what_torch_takes_and_where_its_windows_start(dims: int, fmt: Format) -> None:
    """A kernel of 0 reads nothing; torch returns some index of it, so only the shape counts."""
    op, rng, seen = f"fractional_max_pool{dims}d", random.Random(f"{dims} {fmt}"), Counter[str]()
    for _ in range(DRAWS):
        params, shape = drawn(dims, fmt, rng)
        try:
            found = geometry(op, params, shape, fmt)
        except GeometryError:
            with pytest.raises(RuntimeError):
                first_cells(op, params, shape, fmt)
            seen["refused"] += 1
            continue
        try:
            output, indices = first_cells(op, params, shape, fmt)
        except RuntimeError as error:
            assert "INTERNAL ASSERT" in str(error)
            seen["stopped"] += 1
            continue
        assert list(found.output_shape) == output
        if 0 not in params["kernel_size"]:
            plane = math.prod(shape[-dims:])
            assert [window[0] % plane for window in found.windows] == indices, (params, shape)
            seen["inexact"] += not found.is_exact
        seen["taken"] += 1
    assert min(seen["taken"], seen["refused"]) > DRAWS // 20
    assert seen["inexact"]


def along(fmt: Format, axis: tuple[int, int, int], name: str = "format") -> list[tuple[int, ...]]:
    """Return the starts for every sample that is a multiple of 1/256."""
    how = arithmetic(name, fmt)
    return [starts.__wrapped__(Fraction(k, 256), axis, how) for k in range(256)]


def differing(axis: tuple[int, int, int]) -> int:
    rounded, exact = along(BFLOAT16, axis), along(BFLOAT16, axis, "exact")
    return sum(r != e for r, e in zip(rounded, exact, strict=True))


def test_of_the_samples_that_bfloat16_draws_one_in_five_has_other_windows() -> None:
    """The numbers of oracle/THEORY.md, over all 256 samples that a framework draws."""
    assert differing((8, 2, 4)) == 4
    assert differing((32, 3, 16)) == 78
    axes = [(size, kernel, size // 2) for size in (24, 28, 32) for kernel in (2, 3)]
    assert sum(map(differing, axes)) == 294
    assert len(axes) * 256 == 1536


def placed(
    fmt: Format, size: int, kernel: int, count: int, sample: Fraction, name: str
) -> Geometry:
    params = {
        "kernel_size": [1, kernel],
        "output_size": [1, count],
        "output_ratio": None,
        "_random_samples": {"shape": [1, 1, 2], "data": spelled(fmt, [sample] * 2)},
    }
    return geometry("fractional_max_pool2d", params, (1, 1, 1, size), fmt, arithmetic=name)


def test_one_window_by_hand() -> None:
    """Three windows of 2 over 5: alpha is 3/2, and with 1/2 the second starts at int(9/4) - 0."""
    found = placed(BINARY32, 5, 2, 3, Fraction(1, 2), "format")
    assert found.windows == ((0, 1), (2, 3), (3, 4))
    assert found.is_exact
    assert not found.alternatives


def test_the_largest_sample_is_rounded_up_to_the_next_window() -> None:
    """1 + s is 2 in the format, so the second window starts at int(4) - 1, exactly at 3 - 1."""
    for fmt in FORMATS.values():
        found = placed(fmt, 6, 2, 3, 1 - fmt.unit_roundoff, "format")
        assert found.windows == ((0, 1), (3, 4), (4, 5))
        assert not found.is_exact
        assert found.alternatives["exact"].windows == ((0, 1), (2, 3), (4, 5))


def test_windows_that_rounding_would_place_outside_are_the_exact_ones() -> None:
    for fmt, size, count in ((BFLOAT16, 147, 135), (BINARY16, 1299, 1039)):
        own = placed(fmt, size, 2, count, Fraction(1, 2), "format")
        assert own.windows == placed(fmt, size, 2, count, Fraction(1, 2), "exact").windows
        assert max(map(max, own.windows)) == size - 1
    inside = placed(BFLOAT16, 147, 2, 135, Fraction(1, 8), "format")
    assert inside.windows != placed(BFLOAT16, 147, 2, 135, Fraction(1, 8), "exact").windows


def test_sums_and_products_may_be_of_two_formats() -> None:
    """In binary32 `1 + s` is 2, in binary64 it is not; the product is that of binary64."""
    largest = 1 - BINARY32.unit_roundoff
    mixed, double = (placed(BINARY32, 6, 2, 3, largest, name) for name in ("mixed", "binary64"))
    assert mixed.windows != double.windows


def test_both_oracles_read_the_same_windows_in_all_arithmetic() -> None:
    rng, differing = random.Random(7), 0
    for fmt, dims in itertools.product(FORMATS.values(), (2, 3)):
        for _ in range(DRAWS // 5):
            params, shape = drawn(dims, fmt, rng)
            try:
                own = geometry(f"fractional_max_pool{dims}d", params, shape, fmt)
            except GeometryError:
                continue
            others = own.alternatives.values()
            differing += len(others)
            for found in (own, *others):
                pairs = sorted_pairs(found.params)
                cells = window_cells(
                    found.op, pairs, found.input_shape, found.format or fmt, found.arithmetic
                )
                assert cells == found.windows, (params, shape, found.arithmetic)
    assert differing > 10


BASE: dict[str, Any] = {
    "kernel_size": [2, 2],
    "output_size": [2, 2],
    "output_ratio": None,
    "_random_samples": {"shape": [1, 1, 2], "data": ["0x1.0p-1", "0x0.0p+0"]},
}


def sampled(*data: object, shape: object = (1, 1, 2)) -> dict[str, Any]:
    return {"_random_samples": {"shape": shape, "data": list(data)}}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kernel_size": [4, 2]}, "output_size asks for 2 windows of 4"),
        ({"kernel_size": 2}, "kernel_size"),
        ({"output_size": [2, 4]}, "output_size asks for 4 windows"),
        ({"output_size": [2, -1]}, "output_size asks for -1"),
        ({"output_size": [2, None]}, "output_size is"),
        ({"output_size": None}, "output_ratio is None"),
        ({"output_ratio": ["0x1.0p-1"] * 2}, "expected one of them to be null"),
        ({"output_size": None, "output_ratio": ["0x1.0p-1", 0.5]}, r"output_ratio\[1\]"),
        ({"output_size": None, "output_ratio": ["0x1.0p-1", "0x1.0p+0"]}, r"output_ratio\[1\]"),
        ({"output_size": None, "output_ratio": ["0x0.0p+0"] * 2}, r"output_ratio\[0\]"),
        ({"output_size": None, "output_ratio": "0x1.0p-1"}, "output_ratio is"),
        (
            {"output_size": None, "output_ratio": ["0x1.fp-1"] * 2, "kernel_size": [3, 2]},
            "output_ratio asks for 3",
        ),
        (sampled("0x1.0p-1", "0x1.0p+0"), r"_random_samples\.data\[1\]"),
        (sampled("-0x1.0p-1", "0x0.0p+0"), r"_random_samples\.data\[0\]"),
        (sampled("nan", "0x0.0p+0"), r"_random_samples\.data\[0\]"),
        (sampled("0x1.0p-1", 0.5), r"_random_samples\.data\[1\]"),
        (sampled("0x1.0p-1", "0x1.000001p-1"), r"_random_samples\.data\[1\].*binary16"),
        (sampled("0x1.0p-1"), r"_random_samples\.data has 1 entries, expected 2"),
        (sampled("0x1.0p-1", "0x0.0p+0", shape=[2, 1, 1]), r"_random_samples\.shape"),
        ({"_random_samples": None}, "_random_samples is None"),
    ],
)
def test_an_error_names_the_parameter(change: dict[str, Any], named: str) -> None:
    with pytest.raises(GeometryError, match=named):
        geometry("fractional_max_pool2d", BASE | change, (1, 1, 4, 4), BINARY16)


def test_windows_depend_on_a_format_that_must_be_told() -> None:
    with pytest.raises(GeometryError, match="needs the format"):
        geometry("fractional_max_pool2d", BASE, (1, 1, 4, 4))


@pytest.mark.parametrize(
    ("op", "name"), [("max_pool1d", "exact"), ("fractional_max_pool2d", "binary32")]
)
def test_arithmetic_that_is_not_wider_is_refused(op: str, name: str) -> None:
    with pytest.raises(GeometryError, match=f"asked for in '{name}'"):
        geometry(op, BASE, (1, 1, 4, 4)[-int(op[-2]) - 1 :], BINARY64, arithmetic=name)


def test_samples_are_spelled_in_one_way() -> None:
    found = geometry(
        "fractional_max_pool2d", BASE | sampled("0x8p-4", "0x0p0"), (1, 4, 4), BINARY16
    )
    assert found.params["_random_samples"]["data"] == ("0x1.0p-1", "0x0.0p+0")

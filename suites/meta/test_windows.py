"""Windows against torch itself, and realizable selections against every permutation."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import torch
from torch.nn import functional

from oracle.check.ties import components, realizable_selections, tied_set, total_order
from oracle.windows import Geometry, GeometryError, Window, geometry
from suites.meta.cases import confined, sliding

SLIDING = [f"max_pool{dims}d" for dims in (1, 2, 3)]
ADAPTIVE = [f"adaptive_max_pool{dims}d" for dims in (1, 2, 3)]
DRAWS = 500  # parameter sets for each of the six operations
Arguments = tuple[dict[str, Any], tuple[int, ...]]


def drawn_shape(rng: random.Random, dims: int) -> tuple[int, ...]:
    """Return a shape of the right rank mostly, with an empty dimension now and then."""
    rank = rng.choice([dims + 1, dims + 2] * 8 + [dims, dims + 3])
    largest = {1: 12, 2: 7, 3: 5}[dims]
    sizes = [rng.randint(1, 2) for _ in range(rank - dims)]
    sizes += [rng.randint(1, largest) for _ in range(min(dims, rank))]
    if rng.random() < 0.1:
        sizes[rng.randrange(rank)] = 0
    return tuple(sizes)


def drawn_sliding(rng: random.Random, dims: int) -> dict[str, Any]:
    """Return parameters that are mostly accepted; one in a few is out of place."""
    kernel = [rng.randint(1, 4) for _ in range(dims)]
    params = {
        "kernel_size": kernel,
        "stride": [rng.randint(1, 4) for _ in range(dims)],
        "padding": [rng.randint(0, k // 2) for k in kernel],
        "dilation": [rng.choice([1, 1, 2, 3]) for _ in range(dims)],
        "ceil_mode": rng.random() < 0.5,
    }
    if rng.random() < 0.2:
        key = rng.choice(["kernel_size", "stride", "padding", "dilation"])
        params[key][rng.randrange(dims)] = rng.choice([-1, 0, 3, 5, 1000])
    return params


def drawn_adaptive(rng: random.Random, dims: int) -> dict[str, Any]:
    sizes = [rng.choice([1, 2, 3, 4, 5, 8]) for _ in range(dims)]
    if rng.random() < 0.3:
        sizes[rng.randrange(dims)] = rng.choice([None, 0, -1]) if dims > 1 else rng.choice([0, -1])
    return {"output_size": sizes}


def drawn(op: str) -> Iterator[Arguments]:
    """Yield parameters and shapes; the same ones in every run."""
    rng, dims = random.Random(op), int(op[-2])
    parameters = drawn_adaptive if op in ADAPTIVE else drawn_sliding
    for _ in range(DRAWS):
        yield parameters(rng, dims), drawn_shape(rng, dims)


def distinct_values(shape: Sequence[int]) -> torch.Tensor:
    """Return an input without ties, its values in no order, that requires grad."""
    values = list(range(math.prod(shape)))
    random.Random(0).shuffle(values)
    primal = torch.tensor(values, dtype=torch.float64).reshape(list(shape))
    return primal.requires_grad_()


def pooled(op: str, params: Mapping[str, Any], primal: torch.Tensor) -> torch.Tensor:
    output: torch.Tensor = getattr(functional, op)(primal, **params)
    return output


def accepted(op: str, params: Mapping[str, Any], shape: Sequence[int]) -> Geometry | None:
    try:
        return geometry(op, params, shape)
    except GeometryError:
        return None


@pytest.mark.parametrize("op", [*SLIDING, *ADAPTIVE])
def test_accepted_is_what_torch_accepts(op: str) -> None:
    refused = 0
    for params, shape in drawn(op):
        found = accepted(op, params, shape)
        try:
            output = pooled(op, params, distinct_values(shape))
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            assert found is None, (params, shape, str(error))
            refused += 1
        else:
            assert found is not None, (params, shape)
            assert found.output_shape == tuple(output.shape), (params, shape)
            assert len(found.windows) == output.numel()
    assert DRAWS // 20 < refused < DRAWS * 9 // 10  # both answers are drawn often enough


def torch_windows(op: str, params: Mapping[str, Any], spatial: Sequence[int]) -> list[Window]:
    """Return what each output of a plane reads: sample `i` raises input `i` above all others."""
    size = math.prod(spatial)
    raised = torch.eye(size, dtype=torch.float64).reshape(size, 1, *spatial)
    reads = pooled(op, params, raised).reshape(size, -1) == 1
    return [tuple(column.nonzero().flatten().tolist()) for column in reads.T]


@pytest.mark.parametrize("op", [*SLIDING, *ADAPTIVE])
def test_windows_are_those_of_torch(op: str) -> None:
    dims = int(op[-2])
    for params, shape in drawn(op):
        found = accepted(op, params, shape)
        if found is None or math.prod(shape) == 0:
            continue
        plane = torch_windows(op, params, shape[-dims:])
        assert list(found.windows[: len(plane)]) == plane, (params, shape)


@pytest.mark.parametrize("op", [*SLIDING, *ADAPTIVE])
def test_values_indices_and_gradients_follow_from_the_windows(op: str) -> None:
    """Without ties there is one answer; a window in the padding alone outputs -inf."""
    for params, shape in drawn(op):
        found = accepted(op, params, shape)
        if found is None or math.prod(shape) == 0:
            continue
        primal = distinct_values(shape)
        flat = primal.flatten().tolist()
        output = pooled(op, params, primal)
        expected = [max((flat[i] for i in window), default=-math.inf) for window in found.windows]
        assert output.flatten().tolist() == expected, (params, shape)
        if -math.inf in expected or not expected:
            continue  # torch 2.13.0 writes out of bounds there, and refuses a backward of nothing
        gradient = [0] * len(flat)
        for w, window in enumerate(found.windows):
            gradient[max(window, key=flat.__getitem__)] += w + 1
        upstream = torch.arange(1, output.numel() + 1, dtype=torch.float64).reshape(output.shape)
        (got,) = torch.autograd.grad(output, primal, upstream)
        assert got.flatten().tolist() == gradient, (params, shape)


def test_a_window_may_lie_in_the_padding_altogether() -> None:
    """One input, kernel 2 dilated by 3, padding 1: the window reads -1 and 2."""
    found = sliding((1, 1), 2, padding=1, dilation=2)
    assert found.windows == ((),)
    assert found.output_shape == (1, 1)


def test_windows_of_a_second_sample_follow_those_of_the_first() -> None:
    found = sliding((2, 2, 3), 2)
    assert found.windows == tuple((i, i + 1) for first in (0, 3, 6, 9) for i in (first, first + 1))


def test_an_empty_batch_has_no_windows() -> None:
    found = geometry("max_pool2d", {**sliding((1, 4, 4), 2, dims=2).params}, (0, 3, 4, 4))
    assert (found.output_shape, found.windows) == ((0, 3, 3, 3), ())


@pytest.mark.parametrize(
    ("op", "params", "shape"),
    [
        ("adaptive_max_pool1d", {"output_size": [2**31 - 1]}, (0, 1, 3)),
        ("max_pool1d", sliding((1, 1), 1).params, (0, 1, 2**31 - 1)),
    ],
)
def test_a_huge_shape_without_an_output_costs_nothing(
    op: str, params: dict[str, Any], shape: tuple[int, ...]
) -> None:
    question = (
        f"from oracle.windows import geometry; print(geometry({op!r}, {params}, {shape}).windows)"
    )
    result = confined("-c", question)
    assert (result.stdout, result.stderr) == ("()\n", "")


BASE = {"kernel_size": [2], "stride": [1], "padding": [0], "dilation": [1], "ceil_mode": False}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kernel_size": [0]}, "kernel_size"),
        ({"kernel_size": 2}, "kernel_size"),
        ({"kernel_size": [2, 2]}, "kernel_size"),
        ({"kernel_size": [2.0]}, "kernel_size"),
        ({"kernel_size": [True]}, "kernel_size"),
        ({"kernel_size": ["2"]}, "kernel_size"),
        ({"kernel_size": [2**31]}, "kernel_size"),
        ({"stride": [0]}, "stride"),
        ({"stride": None}, "stride"),
        ({"stride": [None]}, "stride"),
        ({"stride": []}, "stride"),
        ({"padding": [-1]}, "padding"),
        ({"padding": [2]}, "padding"),
        ({"dilation": [0]}, "dilation"),
        ({"dilation": [9]}, "input.shape"),
        ({"ceil_mode": 0}, "ceil_mode"),
        ({"ceil_mode": None}, "ceil_mode"),
        ({"return_indices": False}, "return_indices"),
    ],
)
def test_an_error_names_the_parameter(change: dict[str, Any], named: str) -> None:
    with pytest.raises(GeometryError, match=named):
        geometry("max_pool1d", BASE | change, (1, 5))


@pytest.mark.parametrize("shape", [(), (5,), (1, 1, 1, 5), (1, 0), (0, 5), (1, 0, 5), (1, 1, 0)])
def test_an_error_names_the_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(GeometryError, match=r"input\.shape"):
        geometry("max_pool1d", BASE, shape)


@pytest.mark.parametrize("key", list(BASE))
def test_a_missing_parameter_is_refused(key: str) -> None:
    with pytest.raises(GeometryError, match=key):
        geometry("max_pool1d", {k: v for k, v in BASE.items() if k != key}, (1, 5))


def test_unknown_operations_are_refused() -> None:
    for op in ("avg_pool1d", "", None, 3, [], {}):
        with pytest.raises(GeometryError, match="op is"):
            geometry(op, BASE, (1, 5))  # type: ignore[arg-type]


def test_equal_but_unlike_parameters_are_told_apart() -> None:
    """A lookup by value would find the geometry of [2] for [2.0]."""
    assert geometry("max_pool1d", BASE, (1, 5)).windows[0] == (0, 1)
    for impostor in ({"kernel_size": [2.0]}, {"stride": [True]}, {"ceil_mode": 0}):
        with pytest.raises(GeometryError):
            geometry("max_pool1d", BASE | impostor, (1, 5))


@pytest.mark.parametrize(
    ("values", "tied"),
    [
        ([1, 2, 2], (1, 2)),
        ([3, 2, 3], (0, 2)),
        ([1, None, 5], (1,)),
        ([None, 9, None], (0, 2)),
        ([0, 0, -1], (0, 1)),
    ],
)
def test_the_tied_set_is_the_nans_else_the_largest(
    values: list[int | None], tied: tuple[int, ...]
) -> None:
    assert tied_set((0, 1, 2), values) == tied
    assert tied_set((), values) == ()


def test_components_are_connected_in_several_steps() -> None:
    tied = {0: (0, 1), 3: (1, 2), 4: (5,), 7: (2, 3), 8: (6, 7), 9: (5,)}
    groups = sorted(sorted(group) for group in components(tied))
    assert groups == [[0, 3, 7], [4, 9], [8]]


def selections_by_permutation(groups: Sequence[Window]) -> set[Window]:
    """Return what all total orders of the inputs choose."""
    inputs = sorted({i for group in groups for i in group})
    return {
        tuple(min(group, key=order.index) for group in groups)
        for order in itertools.permutations(inputs)
    }


def test_realizable_selections_are_those_of_all_permutations() -> None:
    rng = random.Random(3)
    for _ in range(300):
        groups = [
            tuple(sorted(rng.sample(range(5), rng.randint(1, 4)))) for _ in range(rng.randint(1, 4))
        ]
        expected = selections_by_permutation(groups)
        found = realizable_selections(groups, 4096)
        assert found is not None
        assert len(found) == len(set(found))
        assert set(found) == expected, groups
        for chosen in itertools.product(*groups):
            order = total_order(zip(chosen, groups, strict=True))
            assert (order is not None) == (chosen in expected)
            if order is not None:
                assert tuple(min(group, key=order.index) for group in groups) == chosen


def test_three_overlapping_windows_have_twelve_realizable_vectors_of_21() -> None:
    """The example of theory.md: 27 selections give 21 vectors, the 16 realizable ones 12."""
    groups, g = [(0, 1, 2), (1, 2, 3), (2, 3, 4)], (1, -1, 1)

    def vector(chosen: Window) -> tuple[int, ...]:
        return tuple(sum(w for w, c in zip(g, chosen, strict=True) if c == i) for i in range(5))

    realizable = realizable_selections(groups, 27)
    assert realizable is not None
    assert len({vector(chosen) for chosen in itertools.product(*groups)}) == 21
    assert len(realizable) == 16
    assert len({vector(chosen) for chosen in realizable}) == 12


def test_the_budget_is_a_number_of_selections() -> None:
    groups = [(0, 1, 2), (1, 2, 3), (2, 3, 4)]
    assert realizable_selections(groups, 15) is None
    found = realizable_selections(groups, 16)
    assert found is not None
    assert len(found) == 16


def test_two_windows_that_prefer_each_other_follow_no_order() -> None:
    assert total_order([(0, (0, 1)), (1, (0, 1))]) is None
    assert total_order([(0, (0, 1)), (1, (1, 2)), (2, (0, 2))]) is None
    assert total_order([(1, (0, 1)), (1, (1, 2)), (2, (0, 2))]) == [1, 2, 0]
    assert total_order([]) == []

"""The fast path against the framework's own forward and backward pass, in processor time.

    python -m pytest suites/meta/test_benchmark_scale.py -s

prints the table: medians of nine interleaved pairs, one thread, both warm, and how many inputs a
second the framework's own gradient checker does on what it can take.
"""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from oracle.scale import LayerResult, check_pool
from suites.meta.scale import DTYPES, bits_of, name_of
from suites.meta.whole_layers import Layer as Whole, Operation

ROUNDS = 9
AT_MOST = 2.0  # times the framework's own passes; the aim is 1
SHAPE = (16, 64, 56, 56)
GEOMETRIES = ((2, 2, 0), (3, 2, 1), (3, 1, 1))
SMALL = (1, 1, 12, 12)  # inputs that the gradient checker takes in a moment

_lines: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """One thread; and the table, once all of it is there."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    head = f"{'max_pool2d':<24}{'format':<10}{'ratio':>8}{'inputs/s':>14}"
    sys.stdout.write("\n".join(["", head, *_lines, ""]))


def note(what: str, fmt: str, ratio: str, speed: float) -> None:
    """Add a line to the table."""
    _lines.append(f"{what:<24}{fmt:<10}{ratio:>8}{speed:>14,.0f}")


class Layer:
    """A layer, and the two things that are compared."""

    def __init__(self, dtype: torch.dtype, geometry: tuple[int, int, int]) -> None:
        torch.manual_seed(1)
        kernel, stride, padding = self.geometry = geometry
        x = torch.randn(SHAPE, dtype=torch.float64).to(dtype)
        self.x = x.requires_grad_()
        y = torch.nn.functional.max_pool2d(self.x, *geometry)
        self.g = torch.randn(y.shape, dtype=torch.float64).to(dtype)
        self.v = self.differentiated()
        self.params = {
            "kernel_size": [kernel] * 2,
            "stride": [stride] * 2,
            "padding": [padding] * 2,
            "dilation": [1, 1],
            "ceil_mode": False,
        }

    def differentiated(self) -> torch.Tensor:
        """Run both passes of the framework."""
        y = torch.nn.functional.max_pool2d(self.x, *self.geometry)
        return torch.autograd.grad(y, self.x, self.g)[0]

    def checked(self) -> LayerResult:
        """Run the check."""
        return check_pool(
            "max_pool2d",
            self.params,
            name_of(self.x),
            input=bits_of(self.x),
            cotangent=bits_of(self.g),
            gradient=bits_of(self.v),
        )


def timed(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.benchmark(timer=time.process_time)  # other processes share the machine
def test_a_layer_is_checked_at_about_the_cost_of_running_it(
    name: str, geometry: tuple[int, int, int], benchmark: BenchmarkFixture
) -> None:
    layer = Layer(DTYPES[name][0], geometry)
    framework: list[float] = []
    result = benchmark.pedantic(
        layer.checked,
        setup=lambda: framework.append(timed(layer.differentiated)),
        rounds=ROUNDS,
        warmup_rounds=1,
    )
    assert result.conforms
    assert result.proved == result.elements
    ours, theirs = benchmark.stats.stats.median, statistics.median(framework[-ROUNDS:])
    benchmark.extra_info["ratio"] = ours / theirs
    note(f"checked, {geometry}", name, f"{ours / theirs:.2f}", result.elements / ours)
    if name != "bfloat16":  # the limit is one for the formats of the issue
        assert ours / theirs < AT_MOST


OTHERS = (
    Operation(
        op="maximum", function=torch.maximum, shapes=(SHAPE, SHAPE), names=("input", "other")
    ),
    Operation(
        op="avg_pool2d",
        function=lambda x: torch.nn.functional.avg_pool2d(x, 3, 2, 1),
        shapes=(SHAPE,),
        params={
            "kernel_size": [3, 3],
            "stride": [2, 2],
            "padding": [1, 1],
            "ceil_mode": False,
            "count_include_pad": True,
            "divisor_override": None,
        },
    ),
    Operation(
        op="sort",
        function=lambda x: torch.sort(x, dim=1)[0],
        shapes=((4096, 512),),
        params={"dim": 1, "descending": False, "stable": False},
    ),
    Operation(
        op="cummax",
        function=lambda x: torch.cummax(x, 1)[0],
        shapes=((4096, 512),),
        params={"dim": 1},
    ),
)


@pytest.mark.parametrize("operation", OTHERS, ids=repr)
def test_other_layers_stand_in_the_same_table(operation: Operation) -> None:
    layer = Whole(operation)
    assert layer.checked().conforms
    framework = statistics.median(timed(layer.differentiated) for _ in range(3))
    ours = statistics.median(timed(layer.checked) for _ in range(3))
    elements = sum(v.numel() for v in layer.gradients.values())
    note(operation.op, "binary32", f"{ours / framework:.2f}", elements / ours)


@pytest.mark.parametrize("fast", [False, True])
def test_the_gradient_checker_stands_in_the_same_table(fast: bool) -> None:
    torch.manual_seed(1)
    x = torch.randn(SMALL, dtype=torch.float64, requires_grad=True)

    def pooled(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.max_pool2d(x, 3, 2, 1)

    def check() -> None:
        assert torch.autograd.gradcheck(pooled, (x,), fast_mode=fast)

    check()
    seconds = statistics.median(timed(check) for _ in range(ROUNDS))
    mode = "fast" if fast else "slow"
    note(f"gradcheck, {mode}, (3, 2, 1)", "binary64", "", x.numel() / seconds)


@pytest.mark.parametrize("name", DTYPES)
def test_the_check_needs_a_quarter_of_the_tensors_memory_at_most(name: str) -> None:
    layer = Layer(DTYPES[name][0], (3, 2, 1))
    layer.checked()
    tensors = sum(t.numel() * t.element_size() for t in (layer.x, layer.g, layer.v))
    tracemalloc.start()
    layer.checked()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < tensors / 4

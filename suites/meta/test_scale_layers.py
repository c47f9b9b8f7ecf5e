"""Whole layers: what the framework gives conforms, and every known-wrong gradient is caught."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch

from oracle.check import check
from oracle.formats import FORMATS
from oracle.scale import Budget, LayerResult, ScaleError, check_pool
from suites.meta.scale import DTYPES, Bits, bits_of, name_of

SHAPE = (1, 3, 14, 12)
GEOMETRIES = ((2, 2, 0), (3, 2, 1), (3, 1, 1))


def params(kernel: int, stride: int, padding: int) -> dict[str, object]:
    return {
        "kernel_size": [kernel] * 2,
        "stride": [stride] * 2,
        "padding": [padding] * 2,
        "dilation": [1, 1],
        "ceil_mode": False,
    }


class Layer:
    """A layer that the framework has run: activations behind a ReLU, so that many are tied."""

    def __init__(self, dtype: torch.dtype, geometry: tuple[int, int, int]) -> None:
        torch.manual_seed(1)
        self.geometry = geometry
        x = torch.randn(SHAPE, dtype=torch.float64) - 1
        self.x = x.to(dtype).relu().requires_grad_()
        self.y = torch.nn.functional.max_pool2d(self.x, *geometry)
        self.g = torch.randn(self.y.shape, dtype=torch.float64).to(dtype)
        (self.v,) = torch.autograd.grad(self.y, self.x, self.g)

    def checked(
        self, gradient: Bits | None = None, *, output: Bits | None = None, **options: object
    ) -> LayerResult:
        """What the fast path says."""
        return check_pool(
            "max_pool2d",
            params(*self.geometry),
            name_of(self.x),
            input=bits_of(self.x),
            cotangent=bits_of(self.g),
            gradient=bits_of(self.v) if gradient is None else gradient,
            output=bits_of(self.y) if output is None else output,
            **options,  # type: ignore[arg-type]
        )


LAYERS = list(itertools.product([dtype for dtype, _ in DTYPES.values()], GEOMETRIES))


@pytest.mark.parametrize(("dtype", "geometry"), LAYERS)
def test_the_framework_s_layers_conform_by_the_filter_alone(
    dtype: torch.dtype, geometry: tuple[int, int, int]
) -> None:
    result = Layer(dtype, geometry).checked()
    assert result.conforms
    assert (result.verdict, result.rule) == ("clarke", "first-index")
    assert result.output_exact
    assert result.proved == result.elements == 3 * 14 * 12
    assert result.tied > result.windows // 10
    assert result.verdicts["clarke"] > result.elements // 10
    assert result.worst_ratio is not None
    assert result.worst_ratio <= 1


def lone(layer: Layer) -> int:
    """An input that one untied window chooses, so that its bound is 0."""
    x, g = layer.x.detach().flatten(), layer.v.flatten()
    counted = torch.zeros_like(x, dtype=torch.float64)
    _, where = torch.nn.functional.max_pool2d(layer.x, *layer.geometry, return_indices=True)
    planes = torch.arange(SHAPE[0] * SHAPE[1]).reshape(*SHAPE[:2], 1, 1) * SHAPE[2] * SHAPE[3]
    counted.index_add_(0, (where + planes).flatten(), torch.ones(where.numel()).double())
    return int(torch.nonzero((counted == 1) & (x > 0) & (g != 0))[0])


def one_ulp(layer: Layer, bits: Bits) -> None:
    bits.flat[lone(layer)] += 1


def a_nan(layer: Layer, bits: Bits) -> None:
    bits.flat[lone(layer)] = FORMATS[name_of(layer.x)].nan_bits


def an_infinity(layer: Layer, bits: Bits) -> None:
    bits.flat[lone(layer)] = FORMATS[name_of(layer.x)].infinity_bits


def a_lost_edge(_: Layer, bits: Bits) -> None:
    bits[:, :, -2:, :] = 0


def a_leak(layer: Layer, bits: Bits) -> None:
    free = torch.nonzero((layer.v.flatten() == 0) & (layer.x.flatten() == layer.x.min()))
    bits.flat[int(free[0])] = bits.flat[lone(layer)]


def another_sign(_: Layer, bits: Bits) -> None:
    bits ^= bits.dtype.type(1 << (8 * bits.itemsize - 1))


FAULTS = (one_ulp, a_nan, an_infinity, a_lost_edge, a_leak, another_sign)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("dtype", "geometry"), LAYERS)
def test_a_fault_anywhere_is_outside(
    dtype: torch.dtype, geometry: tuple[int, int, int], fault: Callable[[Layer, Bits], None]
) -> None:
    layer = Layer(dtype, geometry)
    bits = bits_of(layer.v).copy()
    fault(layer, bits)
    result = layer.checked(bits)
    assert result.verdict == "outside"
    assert not result.conforms
    assert result.verdicts["outside"] > 0
    finding = result.findings[0]
    assert finding.word == "outside" or len(result.findings) > 1
    worst = next(f for f in result.findings if f.word == "outside")
    assert worst.case is not None
    assert worst.verdict is not None
    check(worst.case, worst.verdict.document())


@pytest.mark.parametrize(("dtype", "geometry"), LAYERS)
def test_the_signs_of_zeros_are_free_in_gradients(
    dtype: torch.dtype, geometry: tuple[int, int, int]
) -> None:
    layer = Layer(dtype, geometry)
    zeros = layer.v == 0
    result = layer.checked(bits_of(torch.where(zeros, -torch.zeros_like(layer.v), layer.v)))
    assert result.conforms
    assert result.proved == result.elements


def test_beta_2_at_a_tie_of_three_is_outside() -> None:
    x = torch.zeros(1, 1, 2, 2)
    x[0, 0, 1, 1] = -1
    g = torch.ones(1, 1, 1, 1)
    third = 1 / 3
    blends = {0.0: "clarke", 0.5: "clarke", 1.0: "clarke", 1.5: "clarke", 2.0: "outside"}
    for beta, word in blends.items():
        v = torch.tensor([[[[1 - beta + beta * third, beta * third], [beta * third, 0.0]]]])
        result = check_pool(
            "max_pool2d",
            params(2, 2, 0),
            "binary32",
            input=bits_of(x),
            cotangent=bits_of(g),
            gradient=bits_of(v),
        )
        assert result.verdict == word, beta


@pytest.mark.parametrize("rule", ["last", "even"])
@pytest.mark.parametrize("dtype", [dtype for dtype, _ in DTYPES.values()])
def test_other_rules_are_recognised_in_whole_layers(dtype: torch.dtype, rule: str) -> None:
    x = torch.randint(0, 3, (2, 3, 12, 12)).to(dtype)
    g = torch.randn(2, 3, 4, 4, dtype=torch.float64).to(dtype)
    cells = x.reshape(2, 3, 4, 3, 4, 3).permute(0, 1, 2, 4, 3, 5).reshape(2, 3, 4, 4, 9)
    tied = cells == cells.amax(-1, keepdim=True)
    if rule == "last":
        chosen = 8 - tied.flip(-1).int().argmax(-1)
        share = torch.nn.functional.one_hot(chosen, 9).to(dtype) * g[..., None]
    else:
        exact = g.double()[..., None] / tied.sum(-1, keepdim=True)
        share = torch.where(tied, exact, 0.0).to(dtype)
    v = share.reshape(2, 3, 4, 4, 3, 3).permute(0, 1, 2, 4, 3, 5).reshape(2, 3, 12, 12)
    result = check_pool(
        "max_pool2d",
        params(3, 3, 0),
        name_of(x),
        input=bits_of(x),
        cotangent=bits_of(g),
        gradient=bits_of(v.contiguous()),
    )
    assert result.rule == {"last": "last-index", "even": "even-split"}[rule]
    assert result.verdict == "clarke"
    assert result.proved == result.elements


def test_what_is_beyond_the_budget_is_undecided() -> None:
    layer = Layer(torch.float32, (2, 2, 0))
    bits = bits_of(layer.v).copy()
    bits.flat[lone(layer)] += 1
    result = layer.checked(bits, budget=Budget(components=0))
    assert result.verdict == "undecided"
    assert not result.conforms
    assert result.undecided == 1
    assert result.components == 0


def test_a_component_beyond_the_budget_is_outside_if_one_input_shows_it() -> None:
    x = torch.zeros(1, 1, 64, 64)
    g = torch.ones(1, 1, 64, 64)
    v = torch.zeros(1, 1, 64, 64)
    v[0, 0, 0, 0] = 5  # four windows read it
    arguments = {"input": bits_of(x), "cotangent": bits_of(g), "gradient": bits_of(v)}
    result = check_pool("max_pool2d", params(3, 1, 1), "binary32", **arguments)
    assert result.verdict == "outside"
    assert result.components == 1
    assert result.decided == result.elements


def test_wrong_outputs_are_counted() -> None:
    layer = Layer(torch.float16, (3, 2, 1))
    output = bits_of(layer.y).copy()
    output.flat[7] ^= 1
    output.flat[9] = FORMATS["binary16"].nan_bits
    result = layer.checked(output=output)
    assert not result.conforms
    assert result.output_exact is False
    assert result.wrong_outputs == 2


def test_a_plane_of_more_than_16777216_inputs() -> None:
    """More inputs than binary32 has integers: positions that are had in it go wrong there."""
    x = torch.zeros(1, 1, 4100, 4100, dtype=torch.float16)
    x[0, 0, 1::2, 1::2] = 1
    x[0, 0, -1, -4:] = 2
    g = torch.ones(1, 1, 2050, 2050, dtype=torch.float16)
    v = torch.zeros_like(x)
    v[0, 0, 1::2, 1::2] = 1
    v[0, 0, -1, -4::2] = 1
    v[0, 0, -1, -3::2] = 0
    arguments = {"input": bits_of(x), "cotangent": bits_of(g)}
    right = check_pool("max_pool2d", params(2, 2, 0), "binary16", gradient=bits_of(v), **arguments)
    assert right.elements > 1 << 24
    assert (right.verdict, right.tied) == ("clarke", 2)
    v[0, 0, -1, -4] = 0  # lost
    wrong = check_pool("max_pool2d", params(2, 2, 0), "binary16", gradient=bits_of(v), **arguments)
    assert wrong.verdict == "outside"
    assert wrong.verdicts["outside"] == 2


def test_errors_are_one_clear_line() -> None:
    x = np.zeros((1, 1, 4, 4), np.uint32)
    g = np.zeros((1, 1, 2, 2), np.uint32)
    arguments = {"input": x, "cotangent": g, "gradient": x}
    with pytest.raises(ScaleError, match=r"cotangent\.shape is"):
        check_pool("max_pool2d", params(2, 2, 0), "binary32", input=x, cotangent=x, gradient=x)
    with pytest.raises(ScaleError, match="input has numbers of type uint32, expected uint16"):
        check_pool("max_pool2d", params(2, 2, 0), "binary16", **arguments)
    with pytest.raises(ScaleError, match="format is 'half', expected one of"):
        check_pool("max_pool2d", params(2, 2, 0), "half", **arguments)
    with pytest.raises(ScaleError, match=r"params.padding holds 2"):
        check_pool("max_pool2d", params(2, 2, 2), "binary32", **arguments)

"""The paper's rules as layers: the forward pass is the framework's, the judge knows the rules."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from oracle.case import read_case
from oracle.check import Verdict
from oracle.formats import FORMATS, format_named
from oracle.judge import judge
from suites.frameworks.tensors import FLOATS, bits_of
from suites.networks.rules import (
    EVEN,
    FIRST,
    LAST,
    Rule,
    RuledMaxPool2d,
    RuledReLU,
    RuleError,
    blend,
    rule_named,
)

WINDOWS = ((2, 2, 0), (3, 2, 1), (3, 1, 1))
RULES = (FIRST, LAST, EVEN, blend(0.25), blend(Fraction(1, 3)), blend(2), blend(-0.5), blend(1000))


def ties(dtype: torch.dtype, shape: tuple[int, ...] = (2, 3, 7, 6)) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(0, 3, shape, generator=generator).to(dtype)


def special(dtype: torch.dtype) -> Tensor:
    x = ties(dtype)
    x[0, 0, 1, 1:3] = torch.nan
    x[0, 1, 2, 2] = torch.inf
    x[1, 0] = -torch.inf
    x[1, 1, 0, 0], x[1, 1, 0, 1] = -0.0, 0.0
    return x


def passed(layer: nn.Module, x: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    x = x.clone().requires_grad_()
    y = layer(x)
    (gradient,) = torch.autograd.grad(y, x, g)
    return y.detach(), gradient


def numbers(tensor: Tensor, name: str) -> dict[str, object]:
    text = format_named(name).text_of
    return {
        "shape": list(tensor.shape),
        "data": [text[int(bits)] for bits in bits_of(tensor, name).ravel()],
    }


def judged(layer: nn.Module, x: Tensor, g: Tensor, op: dict[str, object]) -> Verdict:
    name = next(name for name, dtype in FLOATS.items() if dtype is x.dtype)
    y, gradient = passed(layer, x, g)
    case = {
        "schema": "case/1",
        "format": name,
        "cotangent": numbers(g, name),
        "output": numbers(y, name),
        "gradient": numbers(gradient, name),
        "input": numbers(x, name),
    }
    return judge(read_case(case | op))


def pooled(rule: Rule, x: Tensor, g: Tensor, window: tuple[int, int, int]) -> Verdict:
    keys = ("kernel_size", "stride", "padding", "dilation")
    params = {key: [size] * 2 for key, size in zip(keys, (*window, 1), strict=True)}
    op = {"op": "max_pool2d", "params": params | {"ceil_mode": False}}
    kernel, stride, padding = window
    return judged(RuledMaxPool2d(kernel, stride, padding, rule=rule), x, g, op)


@pytest.mark.parametrize(("name", "window"), [*itertools.product(FORMATS, WINDOWS)])
def test_the_forward_pass_of_a_rule_is_the_frameworks_bit_for_bit(
    name: str, window: tuple[int, int, int]
) -> None:
    x = special(FLOATS[name])
    kernel, stride, padding = window
    expected = bits_of(functional.max_pool2d(x, kernel, stride, padding), name)
    for rule in RULES:
        y = RuledMaxPool2d(kernel, stride, padding, rule=rule)(x.clone().requires_grad_())
        assert (bits_of(y, name) == expected).all()
    for value in (0.0, 1.0, 0.3, -7.0):
        y = RuledReLU(value)(x.clone().requires_grad_())
        assert (bits_of(y, name) == bits_of(torch.relu(x), name)).all()


@pytest.mark.parametrize("window", WINDOWS)
def test_first_index_is_the_frameworks_backward_pass_bit_for_bit(
    window: tuple[int, int, int],
) -> None:
    """Cotangents are small integers, so that the order of additions can't show."""
    kernel, stride, padding = window
    x = ties(torch.float32)
    y = functional.max_pool2d(x, kernel, stride, padding)
    g = torch.arange(y.numel(), dtype=torch.float32).reshape(y.shape) - 20
    _, expected = passed(nn.MaxPool2d(kernel, stride, padding), x, g)
    _, gradient = passed(RuledMaxPool2d(kernel, stride, padding, rule=FIRST), x, g)
    assert torch.equal(gradient, expected)


@pytest.mark.parametrize(("name", "window"), [*itertools.product(FORMATS, WINDOWS)])
def test_the_judge_knows_the_rules(name: str, window: tuple[int, int, int]) -> None:
    """One sign, so that the two sets are equal and every rule within [0, 1] is `clarke`."""
    x = ties(FLOATS[name], (1, 1, 5, 5))
    y = functional.max_pool2d(x, *window)
    g = torch.rand(y.shape, generator=torch.Generator().manual_seed(1)).to(x.dtype) + 0.5
    for rule, expected in ((FIRST, "first-index"), (LAST, "last-index"), (EVEN, "even-split")):
        verdict = pooled(rule, x, g, window)
        assert (verdict.verdict, verdict.rule, verdict.output_exact) == ("clarke", expected, True)
    for beta in (0.0, 0.1, 0.5, Fraction(2, 3), 1.0):
        assert pooled(blend(beta), x, g, window).verdict == "clarke"


@pytest.mark.parametrize(("name", "count"), [*itertools.product(FORMATS, (2, 3, 4, 9))])
def test_beyond_k_over_k_minus_1_and_below_0_a_blend_is_outside(name: str, count: int) -> None:
    x = torch.zeros(1, 1, 3, 3, dtype=FLOATS[name])
    x.view(-1)[count:] = -1
    g = torch.full((1, 1, 1, 1), 1.5, dtype=x.dtype)
    limit = Fraction(count, count - 1)
    for beta, expected in (
        (limit, "clarke"),
        (limit + Fraction(1, 8), "outside"),
        (Fraction(-1, 8), "outside"),
        (Fraction(1000), "outside"),
    ):
        assert pooled(blend(beta), x, g, (3, 3, 0)).verdict == expected
    nothing = torch.zeros_like(g)
    assert pooled(blend(1000), x, nothing, (3, 3, 0)).verdict == "clarke"


@pytest.mark.parametrize("name", FORMATS)
def test_an_untied_window_passes_its_cotangent_on_unchanged(name: str) -> None:
    x = torch.arange(16, dtype=FLOATS[name]).reshape(1, 1, 4, 4)
    g = torch.tensor([0.1, -0.3, 1e-7, 3e4], dtype=x.dtype).reshape(1, 1, 2, 2)
    for rule in RULES:
        _, gradient = passed(RuledMaxPool2d(2, 2, rule=rule), x, g)
        assert (bits_of(gradient[:, :, 1::2, 1::2], name) == bits_of(g, name)).all()
        assert torch.count_nonzero(gradient) == torch.count_nonzero(g)


@pytest.mark.parametrize("name", FORMATS)
def test_the_judge_knows_the_value_of_relu_at_0(name: str) -> None:
    x = torch.tensor([-1.0, -0.0, 0.0, 2.0], dtype=FLOATS[name])
    g = torch.tensor([1.0, -3.0, 0.7, 0.1], dtype=x.dtype)
    for value, expected in (
        *((0.0, "clarke"), (1.0, "clarke"), (0.3, "clarke")),
        *((-0.1, "outside"), (1.5, "outside"), (1000.0, "outside")),
    ):
        verdict = judged(RuledReLU(value), x, g, {"op": "relu", "params": {}})
        assert (verdict.verdict, verdict.output_exact) == (expected, True)


def test_a_nan_takes_no_part_in_other_windows() -> None:
    x = special(torch.float32)
    g = torch.ones(2, 3, 3, 3)
    for rule in RULES:
        _, gradient = passed(RuledMaxPool2d(2, 2, rule=rule), x, g)
        assert not gradient.isnan().any()
        assert gradient[0, 0, 1, 1] == gradient[0, 0].sum() - 8


def test_rules_are_named() -> None:
    names = ("first-index", "last-index", "even-split", "beta=0.5", "beta=-2", "beta=1/3")
    rules = [FIRST, LAST, EVEN, blend(0.5), blend(-2), blend(Fraction(1, 3))]
    assert [rule_named(name) for name in names] == rules
    for name in ("third", "beta=", "beta=nan", "beta=1/0"):
        with pytest.raises(RuleError, match=r"expected first-index, last-index, even-split or"):
            rule_named(name)

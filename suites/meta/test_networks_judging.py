"""Each judge takes what is right, and none takes what is wrong by a little."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from oracle.formats import BINARY32, BINARY64, format_named
from suites.frameworks.tensors import FLOATS
from suites.meta import judged_calls
from suites.meta.judged_calls import Called, drawn, same
from suites.networks import LayerVerdict, verify
from suites.networks.judging import convolution
from suites.networks.judging.sums import Terms, plain_sum, products
from suites.networks.judging.table import ENTRIES

NORM = {"running_mean": None, "running_var": None, "training": True}

CALLS: dict[str, Callable[[Tensor], Tensor]] = {
    "convolution": lambda x: functional.conv2d(x, same(drawn(6, 4, 3, 3).to(x.dtype)), padding=1),
    "addmm": lambda x: functional.linear(
        x.flatten(1), drawn(3, 144).to(x.dtype), drawn(3).to(x.dtype)
    ),
    "mm": lambda x: x.flatten(1) @ drawn(144, 2).to(x.dtype),
    "bmm": lambda x: torch.bmm(x.flatten(2), drawn(3, 36, 2).to(x.dtype)),
    "native_batch_norm": lambda x: functional.batch_norm(x, **NORM),
    "native_layer_norm": lambda x: functional.layer_norm(x, (6, 6)),
    "native_group_norm": lambda x: functional.group_norm(x, 2),
    "avg_pool2d": lambda x: functional.avg_pool2d(x, 3, 2, 1),
    "avg_pool3d": lambda x: functional.avg_pool3d(x, 2, count_include_pad=False),
    "_adaptive_avg_pool2d": lambda x: functional.adaptive_avg_pool2d(x, (5, 4)),
    "mean": lambda x: x.mean((0, 2), keepdim=True),
    "sum": lambda x: x.sum(1),
    "add": lambda x: torch.add(x, x[0], alpha=3),
    "sub": lambda x: drawn(4, 1, 1).to(x.dtype) - x,
    "mul": lambda x: x * x[:, :1],
    "div": lambda x: drawn(3, 1, 1, 6).to(x.dtype) / x,
    "neg": torch.neg,
    "sigmoid": torch.sigmoid,
    "_softmax": lambda x: torch.softmax(x, -1),
    "_log_softmax": lambda x: functional.log_softmax(x, 1),
    "nll_loss_forward": lambda x: functional.nll_loss(x.flatten(1), torch.tensor([0, 9, 5])),
    "nll_loss2d_forward": lambda x: functional.nll_loss(x, x.detach().argmin(1)),
    "view": lambda x: x.view(-1),
    "clone": lambda x: x.clone(),
    "squeeze": lambda x: x[:, :1].squeeze(1),
    "unsqueeze": lambda x: x.unsqueeze(2),
    "_to_copy": lambda x: x.to(torch.float64 if x.dtype is torch.float32 else torch.float32),
    "cat": lambda x: torch.cat([x, x[:, :2], drawn(3, 1, 6, 6).to(x.dtype)], 1),
    "permute": lambda x: x.permute(3, 0, -2, 1),
    "transpose": lambda x: x.transpose(-1, 0),
    "t": lambda x: x.flatten(1).t(),
    "slice": lambda x: x[:, 1:4:2],
    "select": lambda x: x.select(-1, -2),
    "expand": lambda x: x.expand(2, 3, -1, -1, -1),
    "repeat": lambda x: x.repeat(2, 1, 3, 1, 1),
    "masked_fill": lambda x: x.masked_fill(x[:1].detach() > 0, 3.0),
    "constant_pad_nd": lambda x: functional.pad(x, (1, -2, 0, 3), value=2.0),
    "relu": torch.relu,
    "abs": torch.abs,
    "hardswish": functional.hardswish,
    "hardsigmoid": functional.hardsigmoid,
    "leaky_relu": functional.leaky_relu,
    "hardtanh": functional.hardtanh,
    "_prelu_kernel": lambda x: functional.prelu(x, x[0, :, 0, 0].contiguous()),
    "clamp": lambda x: x.clamp(-1, 0.5),
    "clamp_min": lambda x: x.clamp_min(0.25),
    "clamp_max": lambda x: x.clamp_max(0.25),
    "hardshrink": functional.hardshrink,
    "softshrink": functional.softshrink,
    "threshold": lambda x: functional.threshold(x, 0.5, -1),
    "fmax": lambda x: torch.fmax(x, x[:1]),
    "fmin": lambda x: torch.fmin(x[:, :1], x),
    "amax": lambda x: x.amax((1, 3)),
    "amin": lambda x: x.amin(2, keepdim=True),
    "max": lambda x: x.max(1).values,
    "min": lambda x: x.min(),
    "maximum": lambda x: torch.maximum(x, x[:1]),
    "minimum": lambda x: torch.minimum(x[:, :1], x),
    "max_pool2d_with_indices": lambda x: functional.max_pool2d(x, 3, 1, 1),
    "max_pool3d_with_indices": lambda x: functional.max_pool3d(x, 2),
    "adaptive_max_pool2d": lambda x: functional.adaptive_max_pool2d(x, 4),
    "adaptive_max_pool3d": lambda x: functional.adaptive_max_pool3d(x, 3),
}
NOT_CALLED = {"cudnn_batch_norm", "_unsafe_view", "reshape", "alias", "detach", "native_dropout"}
"""Those that only a compiler, CUDA or another view calls."""


def judged(op: str, dtype: torch.dtype, change: Callable[[Tensor], Tensor]) -> LayerVerdict:
    name = "mul-2" if op == "mul" else op  # the first product is `same`'s
    return judged_calls.judged(CALLS[op], name, dtype, change)


FORMATS = [
    (op, name)
    for op, name in itertools.product(CALLS, FLOATS)
    # the CPU has no kernel for the others
    if op != "avg_pool3d" or name in ("binary32", "binary64")
]


def test_every_judge_is_called() -> None:
    assert CALLS.keys() | NOT_CALLED == ENTRIES.keys()


WRONG_IN_THE_FRAMEWORK = ("hardsigmoid", "binary64")
"""Its slope is 1/6 in binary32: one of the known deviations."""


@pytest.mark.parametrize(("op", "name"), [f for f in FORMATS if f != WRONG_IN_THE_FRAMEWORK])
def test_what_is_right_conforms(op: str, name: str) -> None:
    layer = judged(op, FLOATS[name], lambda gradient: gradient)
    assert (layer.outcome, layer.detail) == ("conforms", "")
    assert sum(layer.verdicts.values()) > 0


def test_what_the_framework_has_wrong_is_found() -> None:
    op, name = WRONG_IN_THE_FRAMEWORK
    assert judged(op, FLOATS[name], lambda gradient: gradient).outcome == "deviates"


MANY: dict[str, Callable[[Tensor], Tensor]] = {
    "_log_softmax": lambda x: functional.log_softmax(x.flatten(), 0),
    "add": lambda x: drawn(3, 4, 6, 6).to(x.dtype) + x[:1, :1, :1, :1],
}
"""Sums of more terms than the reciprocal of bfloat16's unit roundoff."""


@pytest.mark.parametrize("op", MANY)
def test_sums_of_many_terms_have_a_bound(op: str) -> None:
    for change, outcome in ((1, "conforms"), (100, "deviates")):
        called = Called(MANY[op], lambda gradient, by=change: gradient * by)
        x = drawn(3, 4, 6, 6, dtype=torch.bfloat16).requires_grad_()
        layers = verify(called, x, loss=lambda y, _: y).layers
        (layer,) = (layer for layer in layers if layer.layer == f"model:{op}")
        assert layer.outcome == outcome, (op, change, layer.detail)


@pytest.mark.parametrize(("op", "name"), [*itertools.product(CALLS, ("binary32", "binary64"))])
def test_what_is_wrong_by_a_thousandth_is_outside(op: str, name: str) -> None:
    layer = judged(op, FLOATS[name], lambda gradient: gradient * 1.001)
    assert layer.outcome == "deviates"
    assert layer.detail


@pytest.mark.parametrize("op", CALLS)
def test_what_has_an_entry_more_is_outside(op: str) -> None:
    def change(gradient: Tensor) -> Tensor:
        changed = gradient.clone()
        changed[(0,) * changed.ndim] += 7
        return changed

    assert judged(op, torch.float32, change).outcome == "deviates"


@pytest.mark.parametrize(
    ("groups", "stride", "padding", "dilation"),
    [(1, 1, 0, 1), (1, 2, 1, 1), (2, 1, 2, 2), (4, (2, 1), (0, 1), (1, 3))],
)
def test_convolutions_are_recomputed_exactly_on_integers(
    groups: int, stride: Any, padding: Any, dilation: Any
) -> None:
    generator = torch.Generator().manual_seed(1)

    def whole(*shape: int) -> Tensor:
        return torch.randint(-9, 10, shape, generator=generator).double()

    x, weight = whole(3, 4, 9, 10).requires_grad_(), whole(8, 4 // groups, 3, 2).requires_grad_()
    y = functional.conv2d(x, weight, None, stride, padding, dilation, groups)
    g = whole(*y.shape)
    y.backward(g)

    def pair(value: Any) -> tuple[int, int]:
        return value if isinstance(value, tuple) else (value, value)

    of = convolution.Geometry(
        kernel=(3, 2),
        stride=pair(stride),
        padding=pair(padding),
        dilation=pair(dilation),
        groups=groups,
        sizes=(9, 10),
        counts=tuple(y.shape[2:]),
    )
    inputs, weights, cotangents = (t.detach().numpy() for t in (x, weight, g))
    assert (convolution.input_gradient(weights, cotangents, of) == x.grad.numpy()).all()
    assert (convolution.weight_gradient(inputs, cotangents, of) == weight.grad.numpy()).all()


def test_blocks_of_images_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    of = convolution.Geometry(
        kernel=(2,), stride=(1,), padding=(1,), dilation=(1,), groups=1, sizes=(5,), counts=(6,)
    )
    x, g = (
        np.arange(size, dtype=float).reshape(shape)
        for size, shape in ((70, (7, 2, 5)), (126, (7, 3, 6)))
    )
    weight = np.arange(12, dtype=float).reshape(3, 2, 2)
    whole = convolution.weight_gradient(x, g, of), convolution.input_gradient(weight, g, of)
    monkeypatch.setattr(convolution, "_ELEMENTS", 1)
    parts = convolution.weight_gradient(x, g, of), convolution.input_gradient(weight, g, of)
    assert all((a == b).all() for a, b in zip(whole, parts, strict=True))


@pytest.mark.parametrize("fmt", [BINARY32, BINARY64])
def test_the_recomputations_own_error_is_within_what_it_says(fmt: Any) -> None:
    """Against rationals; and for binary64 it is far below one rounding of the format."""
    generator = np.random.default_rng(0)
    scale = 2.0 ** generator.integers(-20, 20, (2, 5, 40))
    a, b = generator.standard_normal((2, 5, 40)) * scale
    if fmt is BINARY32:
        a, b = (x.astype(np.float32).astype(np.float64) for x in (a, b))
    terms = Terms(count=40, fmt=fmt)
    found = products(lambda p, q: p @ q.T, a, b, terms)
    own = np.asarray(found.bound) - 40 * float(fmt.unit_roundoff) * found.magnitude
    rest = np.broadcast_to(found.rest, found.value.shape)
    for i, j in itertools.product(range(5), range(5)):
        exact = sum(Fraction(x) * Fraction(y) for x, y in zip(a[i], b[j], strict=True))
        error = abs(exact - Fraction(found.value[i, j]) - Fraction(float(rest[i, j])))
        assert error <= Fraction(own[i, j]) + Fraction(found.magnitude[i, j]) / 2**80
        if fmt is BINARY64:
            assert error <= Fraction(found.magnitude[i, j]) / 2**58


def test_a_plain_sum_of_one_term_has_to_be_it() -> None:
    found = plain_sum(lambda a: a.sum(axis=0), np.array([[0.1, 3.0]]), 1, BINARY64)
    assert not np.asarray(found.bound).any()
    assert found.rest == 0


@pytest.mark.parametrize("name", ["binary16", "binary64"])
def test_an_infinite_operand_leaves_other_entries_their_bound(name: str) -> None:
    a = np.array([[np.inf, 1.0], [2 / 3, 3.0]])
    b = np.array([[1 / 3], [1 / 7]])
    terms = Terms(count=2, fmt=format_named(name))
    with np.errstate(all="ignore"):  # as where models are verified
        found, alone = (products(np.matmul, x, b, terms) for x in (a, a[1:]))
    assert np.isfinite(found.magnitude).tolist() == [[False], [True]]
    for which in ("value", "rest", "bound"):
        values = np.broadcast_to(getattr(found, which), (2, 1))
        assert values[1:] == getattr(alone, which)

"""Judges of operators that are called in many ways take what is right, and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from suites.frameworks.tensors import FLOATS
from suites.meta.judged_calls import drawn, judged, same
from suites.networks import verify
from suites.networks.judging import judge
from suites.networks.judging.layer import Layer
from suites.networks.watching import Call, Step

Change = Callable[[Tensor], Tensor]


def transposed(*weight: int, **given: int) -> Change:
    """A transposed convolution with a bias."""

    def call(x: Tensor) -> Tensor:
        channels = weight[1] * given.get("groups", 1)
        w, b = (same(drawn(*shape).to(x.dtype)) for shape in (weight, (channels,)))
        w.requires_grad_(), b.requires_grad_()
        return functional.conv_transpose2d(x, same(w), same(b), **given)

    return call


def along(x: Tensor) -> Tensor:
    """A transposed convolution along one dimension."""
    return functional.conv_transpose1d(x[:, :, 0], drawn(4, 2, 5).to(x.dtype), stride=3)


def loss(*, spatial: bool = False, weighted: bool = False, reduction: str = "mean") -> Change:
    """A loss of classes, two of whose targets are ignored."""

    def call(x: Tensor) -> Tensor:
        target = torch.arange(12 if not spatial else 108) % 4
        target[:2] = -100
        weight = drawn(4).abs().to(x.dtype) if weighted else None
        scores = x if spatial else x.reshape(12, 36)[:, :4]
        shaped = target.reshape(3, 6, 6) if spatial else target
        return functional.nll_loss(scores, shaped, weight, reduction=reduction)

    return call


def normalized(*weight: int, groups: int = 0) -> Change:
    """A layer or group normalization with weights."""

    def call(x: Tensor) -> Tensor:
        w, b = (same(drawn(*weight, dtype=x.dtype).requires_grad_()) for _ in range(2))
        if groups:
            return functional.group_norm(x + 3, groups, w, b)
        return functional.layer_norm(x + 3, weight, w, b)

    return call


CALLS: dict[str, tuple[str, Change]] = {
    "transposed": ("convolution", transposed(4, 5, 3, 3)),
    "transposed, strides": (
        "convolution",
        transposed(4, 5, 3, 2, stride=2, padding=1, output_padding=1),
    ),
    "transposed, groups": ("convolution", transposed(4, 3, 3, 3, groups=2, dilation=2, padding=2)),
    "transposed, one dimension": ("convolution", along),
    "layers": ("native_layer_norm", normalized(6)),
    "layers of planes": ("native_layer_norm", normalized(4, 6, 6)),
    "groups": ("native_group_norm", normalized(4, groups=2)),
    "a class's weight": ("nll_loss_forward", loss(weighted=True)),
    "a class's weight, summed": ("nll_loss_forward", loss(weighted=True, reduction="sum")),
    "ignored": ("nll_loss_forward", loss()),
    "each": ("nll_loss_forward", loss(weighted=True, reduction="none")),
    "one image": (
        "nll_loss_forward",
        lambda x: functional.nll_loss(x[0, :, 0, 0], torch.tensor(3)),
    ),
    "parts": ("nll_loss2d_forward", loss(spatial=True)),
    "parts, weights": ("nll_loss2d_forward", loss(spatial=True, weighted=True)),
    "parts, each": ("nll_loss2d_forward", loss(spatial=True, reduction="none")),
}


@pytest.mark.parametrize(("what", "name"), [*itertools.product(CALLS, FLOATS)])
def test_what_is_right_conforms(what: str, name: str) -> None:
    op, call = CALLS[what]
    layer = judged(call, op, FLOATS[name])
    assert (layer.outcome, layer.detail) == ("conforms", "")
    assert sum(layer.verdicts.values()) > 0


def scaled(gradient: Tensor) -> Tensor:
    return gradient * 1.01


def turned(gradient: Tensor) -> Tensor:
    """The last dimension the other way."""
    return gradient.flip(-1)


def lost(gradient: Tensor) -> Tensor:
    """Nothing at the end."""
    changed = gradient.clone()
    changed[..., -1] = 0
    return changed


def off(gradient: Tensor) -> Tensor:
    """One entry is off by the half of the largest."""
    changed = gradient.clone()
    changed.view(-1)[changed.numel() // 2] += gradient.abs().max() / 2
    return changed


@pytest.mark.parametrize("change", [scaled, turned, lost, off])
@pytest.mark.parametrize("what", CALLS)
def test_what_is_wrong_is_found(what: str, change: Change) -> None:
    op, call = CALLS[what]
    layer = judged(call, op, torch.float32, change)
    assert layer.outcome == "deviates"
    assert layer.detail


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", FLOATS)
def test_smoothed_labels_are_judged_whole(name: str, *, weighted: bool) -> None:
    """They are made of other operators, each of which has a judge."""
    weight = drawn(5).abs().to(FLOATS[name]) if weighted else None
    model = nn.Linear(8, 5).to(FLOATS[name])
    smooth = nn.CrossEntropyLoss(weight, label_smoothing=0.1)
    found = verify(model, (drawn(6, 8).to(FLOATS[name]), torch.arange(6) % 5), loss=smooth)
    assert found.outcome == "conforms", found
    assert {"masked_fill", "mul"} <= {layer.op.removesuffix("_") for layer in found.layers}


@pytest.mark.parametrize(("factor", "word"), [(1.0, "smooth"), (1.01, "outside")])
def test_a_stored_sum_of_weights_is_held_against_the_weights(factor: float, word: str) -> None:
    """The gradient is that of the sum which was stored, be it wrong."""
    x, target, weight = drawn(6, 4).requires_grad_(), torch.arange(6) % 4, drawn(4).abs()
    total = weight[target].sum() * factor
    gradient = torch.zeros(6, 4)
    gradient[torch.arange(6), target] = -weight[target] / total
    call = Call(
        op="nll_loss_forward",
        layer="loss",
        arguments={
            "self": x,
            "target": target,
            "weight": weight,
            "reduction": 1,
            "ignore_index": -100,
        },
        outputs=(torch.ones(()), total),
    )
    node = x.sum().grad_fn
    assert node is not None
    step = Step(
        node=node,
        number=0,
        arriving=[],
        consumers=[],
        cotangents=(torch.ones(()),),
        gradients=(gradient,),
        seconds=0.0,
    )
    found = judge(Layer(call, step))
    assert found.verdict == word
    assert found.verdicts.get("smooth") == gradient.numel()

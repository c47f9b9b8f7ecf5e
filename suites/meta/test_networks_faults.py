"""A fault in any one layer of VGG11 in binary32 is found, and the layer named.

Each layer is judged on what it really got, so that one fault hides no other: a fault of one kind is
put into every layer of that kind at once, and each of them has to be named; then into single ones.
"""

from __future__ import annotations

import functools

import pytest
import torch
from torch import Tensor, nn

from suites.meta import faults
from suites.meta.faults import Faulty
from suites.networks import Verification, verify
from suites.networks.data import Images, shipped
from suites.networks.rules import blend
from suites.networks.setting import Setting

POOLS = (2, 5, 10, 15, 20)
RELUS = (1, 4, 7, 9, 12, 14, 17, 19)
CONVOLUTIONS = (0, 3, 6, 8, 11, 13, 16, 18)


@functools.cache
def images() -> Images:
    return shipped(2, pixels=32)


def setting(**changes: object) -> Setting:
    return Setting(network="vgg11", pixels=32, images=2, **changes)


def verified(fault: Faulty | None = None) -> Verification:
    if fault is None:
        return setting().run(images())
    with fault:
        return setting().run(images())


def wrong(found: Verification) -> list[str]:
    return [layer.layer.partition(":")[0] for layer in reversed(found.layers) if layer.is_wrong]


def names(places: tuple[int, ...]) -> list[str]:
    return [str(place) for place in places]


def test_without_a_fault_everything_conforms_and_is_judged() -> None:
    found = verified()
    assert (found.outcome, found.exit_status, wrong(found)) == ("conforms", 0, [])
    assert found.parameter_share == 1
    assert found.time_share > 0.95
    assert [layer.layer.partition(":")[0] for layer in found.choosing] == names(
        tuple(sorted(POOLS + RELUS))
    )


def test_every_pooling_layer_with_beta_2_is_outside() -> None:
    """All have windows of three or more tied inputs with a nonzero cotangent: zeros of a ReLU."""
    found = setting(rule=blend(2)).run(images())
    assert wrong(found) == names(POOLS)
    assert found.exit_status == 1
    assert found.first_wrong is not None
    assert found.first_wrong.layer == "20:max_pool2d_with_indices"
    assert found.first_wrong.verdicts["outside"] > 0


def test_one_pooling_layer_with_beta_2_is_named() -> None:
    asked = setting()
    model = asked.model(images())
    assert isinstance(model, nn.Sequential)
    model[5] = setting(rule=blend(2)).model(images())[5]
    found = verified_model(model, asked)
    assert wrong(found) == ["5"]


def verified_model(model: nn.Module, asked: Setting) -> Verification:
    return verify(model, asked.batch(images()))


@pytest.mark.parametrize("change", [faults.lost, faults.one_ulp])
def test_every_pooling_layer_that_loses_an_edge_or_an_ulp_is_named(change: object) -> None:
    """Windows of 2 x 2 that do not overlap: every bound is 0."""
    fault = Faulty("max_pool2d_with_indices_backward", change)
    assert wrong(verified(fault)) == names(POOLS)
    assert fault.hit == 5


@pytest.mark.parametrize("change", [faults.lost, faults.one_ulp])
def test_every_relu_that_loses_an_edge_or_an_ulp_is_named(change: object) -> None:
    fault = Faulty("threshold_backward", change)
    assert wrong(verified(fault)) == names(RELUS)
    assert fault.hit == 8


@pytest.mark.parametrize("change", [faults.scaled, faults.transposed])
def test_every_convolution_with_a_wrong_weight_gradient_is_named(change: object) -> None:
    fault = Faulty("convolution_backward", faults.of_weight(change))
    assert wrong(verified(fault)) == names(CONVOLUTIONS)
    assert fault.hit == 8


@pytest.mark.parametrize("change", [faults.scaled, faults.transposed])
def test_a_linear_layer_with_a_wrong_weight_gradient_is_named(change: object) -> None:
    def only_of_weight(result: Tensor) -> Tensor:
        return change(result) if result.shape in ((512, 10), (10, 512)) else result

    found = verified(Faulty("mm", only_of_weight))
    assert [layer.layer for layer in found.layers if layer.is_wrong] == ["22:addmm"]


def test_a_convolution_that_loses_the_edge_to_its_input_is_named() -> None:
    def change(gradients: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return faults.lost(gradients[0]), *gradients[1:]

    found = verified(Faulty("convolution_backward", change, place=3))
    assert wrong(found) == ["11"]
    assert found.first_wrong is not None
    assert found.first_wrong.detail.startswith("input[")


def test_a_gradient_that_is_changed_between_two_layers_is_named_where_it_arrives() -> None:
    """A hook of a tensor is no layer's: what arrives is not what was returned."""
    asked = setting()
    model = asked.model(images())

    def hooked(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        output.register_hook(lambda gradient: gradient * 2)

    model[8].register_forward_hook(hooked)
    found = verified_model(model, asked)
    assert wrong(found) == ["8"]
    assert found.first_wrong is not None
    assert found.first_wrong.detail.startswith("what arrived at output 0[")


def test_a_residual_sum_that_is_wrong_is_named() -> None:
    """The engine adds up what two branches return; one ulp more is found."""

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.conv(x)
            x.register_hook(lambda gradient: gradient * (1 + 2**-20))
            return torch.relu(x) + x

    asked = setting()
    torch.manual_seed(1)
    found = verify(Residual(), asked.batch(images())[0])
    assert wrong(found) == ["conv"]

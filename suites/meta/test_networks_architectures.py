"""The networks have the published numbers of parameters and shapes."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from suites.networks.architectures import NETWORKS, NetworkError, Parts, build, widths

# 224 pixels, 1,000 classes: `num_params` of torchvision's weights, as its documentation lists them
IMAGENET = {
    ("vgg11", False): 132_863_336,
    ("vgg13", False): 133_047_848,
    ("vgg16", False): 138_357_544,
    ("vgg19", False): 143_667_240,
    ("vgg11", True): 132_868_840,
    ("vgg13", True): 133_053_736,
    ("vgg16", True): 138_365_992,
    ("vgg19", True): 143_678_248,
    ("resnet18", True): 11_689_512,
    ("resnet50", True): 25_557_032,
    ("densenet121", True): 7_978_856,
}


def made(name: str, *, pixels: int, channels: int, classes: int, batch_norm: bool) -> nn.Module:
    parts = Parts(pixels=pixels, channels=channels, classes=classes, batch_norm=batch_norm)
    with torch.device("meta"):
        return build(name, parts)


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(("name", "batch_norm"), IMAGENET)
def test_parameters_at_224_pixels_are_the_published_ones(name: str, batch_norm: bool) -> None:
    network = made(name, pixels=224, channels=3, classes=1000, batch_norm=batch_norm)
    assert parameters(network) == IMAGENET[name, batch_norm]


# 32 pixels, 10 classes, batch normalization, a first convolution of 3 x 3 and one linear layer:
# the counts of github.com/kuangliu/pytorch-cifar's networks, whose layers with parameters are these
@pytest.mark.parametrize(
    ("name", "count"),
    [("vgg16", 14_728_266), ("resnet18", 11_173_962), ("resnet50", 23_520_842)],
)
def test_parameters_at_32_pixels_are_the_usual_ones(name: str, count: int) -> None:
    network = made(name, pixels=32, channels=3, classes=10, batch_norm=True)
    assert parameters(network) == count


def test_lenet5_has_61706_parameters() -> None:
    """Layer by layer as in LeCun et al. 1998, II.B, but C3, which there lacks some connections.

    C1 156, C3 2,416 (there 1,516), C5 48,120, F6 10,164 and 850 in a linear output layer; poolings
    have none (there 12 and 32).
    """
    network = made("lenet5", pixels=28, channels=1, classes=10, batch_norm=False)
    counts = [parameters(m) for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert counts == [156, 2416, 48_120, 10_164, 850]
    assert parameters(network) == 61_706


# channels and width of the last layer of each width, from the papers' tables of architectures:
# VGG's stages, conv1 to conv5_x of ResNet, the transitions and the last block of DenseNet-121
SHAPES = {
    "vgg11": [(128, 112), (256, 56), (512, 28), (512, 14), (512, 7)],
    "vgg19": [(128, 112), (256, 56), (512, 28), (512, 14), (512, 7)],
    "resnet18": [(64, 112), (64, 56), (128, 28), (256, 14), (512, 7)],
    "resnet50": [(64, 112), (256, 56), (512, 28), (1024, 14), (2048, 7)],
    "densenet121": [(64, 112), (128, 56), (256, 28), (512, 14), (1024, 7)],
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_at_224_pixels_are_the_published_ones(name: str) -> None:
    network = made(name, pixels=224, channels=3, classes=1000, batch_norm=True)
    seen: list[tuple[int, int]] = []
    x = torch.empty(2, 3, 224, 224, device="meta")
    for layer in network:
        x = layer(x)
        if x.ndim == 4 and x.shape[2] > 1:
            seen.append((x.shape[1], x.shape[2]))
    last = {size: channels for channels, size in seen if size < 224}
    assert [(channels, size) for size, channels in last.items()] == SHAPES[name]
    assert x.shape == (2, 1000)


@pytest.mark.parametrize(
    ("name", "pixels", "batch_norm"),
    [
        (name, pixels, batch_norm)
        for name in NETWORKS
        for pixels, batch_norm in itertools.product(widths(name), (False, True))
    ],
)
def test_every_network_takes_every_size_with_and_without_normalization(
    name: str, pixels: int, batch_norm: bool
) -> None:
    network = made(name, pixels=pixels, channels=1, classes=10, batch_norm=batch_norm)
    assert any(isinstance(m, nn.BatchNorm2d) for m in network.modules()) == batch_norm
    assert any(isinstance(m, nn.MaxPool2d) for m in network.modules())
    assert network(torch.empty(2, 1, pixels, pixels, device="meta")).shape == (2, 10)


def test_pooling_and_activation_are_parameters() -> None:
    for name in NETWORKS:
        parts = Parts(
            pixels=widths(name)[-1],
            channels=3,
            classes=10,
            batch_norm=False,
            pooling=nn.AvgPool2d,
            activation=nn.ELU,
        )
        kinds = {type(module) for module in build(name, parts).modules()}
        assert nn.ELU in kinds
        assert not kinds & {nn.ReLU, nn.MaxPool2d}


def test_a_seed_fixes_the_parameters_and_touches_no_other_draw() -> None:
    parts = Parts(pixels=28, channels=1, classes=10, batch_norm=False)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, second, other = (build("lenet5", parts, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    weights = [next(iter(network.parameters())) for network in (first, second, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize(
    ("name", "pixels", "message"),
    [
        ("alexnet", 32, "network is 'alexnet', expected one of lenet5, vgg11"),
        ("vgg11", 33, "pixels is 33, expected one of 28, 32, 224"),
    ],
)
def test_what_there_is_not_is_named(name: str, pixels: int, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        made(name, pixels=pixels, channels=3, classes=10, batch_norm=False)

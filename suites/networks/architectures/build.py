"""Builds a network by its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from suites.networks.architectures import densenet, lenet, plane, resnet, vgg
from suites.networks.architectures.parts import Parts

PIXELS = (28, 32, 224)
"""Widths of images that the networks are built for, but for `plane`."""


class NetworkError(ValueError):
    """A network that there is none of; the message is one line."""


NETWORKS: dict[str, Callable[[Parts], nn.Module]] = {
    "lenet5": lenet.lenet5,
    **{name: partial(vgg.vgg, depths=depths) for name, depths in vgg.DEPTHS.items()},
    **{
        name: partial(resnet.resnet, depths=depths, kernels=resnet.KERNELS[name])
        for name, depths in resnet.DEPTHS.items()
    },
    "densenet121": partial(densenet.densenet, depths=densenet.DEPTHS),
    "plane": plane.plane,
}
"""Name -> what builds the network."""


def build(name: str, parts: Parts, *, seed: int = 0) -> nn.Module:
    """Return a network with random parameters, the same for the same seed.

    Convolutions are drawn for rectifiers [He et al. 2015], linear layers as the framework does.

    Raises:
        NetworkError: No network has this name, or is built for images of this size.
    """
    check(name, parts.pixels)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = NETWORKS[name](parts)
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network


def check(name: str, pixels: int) -> None:
    """Refuse a network that there is none of.

    Raises:
        NetworkError: No network has this name, or is built for images of this size.
    """
    if name not in NETWORKS:
        msg = f"network is {name!r}, expected one of {', '.join(NETWORKS)}"
        raise NetworkError(msg)
    if pixels not in widths(name):
        msg = f"pixels is {pixels}, expected one of {', '.join(map(str, widths(name)))} for {name}"
        raise NetworkError(msg)


def widths(name: str) -> tuple[int, ...]:
    """Return the widths of images that a network is built for."""
    return (plane.PLANE,) if name == "plane" else PIXELS

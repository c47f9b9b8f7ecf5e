"""DenseNet [Huang, Liu, van der Maaten, Weinberger 2017]: each layer reads all before it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from suites.networks.architectures.parts import Parts

DEPTHS = (6, 12, 24, 16)
"""Layers in each block of DenseNet121."""

_GROWTH = 32
_BOTTLENECK = 4


class Dense(nn.Module):
    """A layer that puts `growth` new channels behind those that it got."""

    def __init__(self, parts: Parts, inputs: int) -> None:
        super().__init__()
        width = _BOTTLENECK * _GROWTH
        self.layers = nn.Sequential(
            *parts.norm(inputs),
            parts.activation(),
            parts.conv(inputs, width, 1),
            *parts.norm(width),
            parts.activation(),
            parts.conv(width, _GROWTH, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return all channels."""
        return torch.cat([x, self.layers(x)], 1)


def densenet(parts: Parts, depths: tuple[int, ...]) -> nn.Module:
    """Return a dense network; between its blocks channels and sizes are halved."""
    channels = 2 * _GROWTH
    layers = parts.stem(channels)
    for block, depth in enumerate(depths):
        if block:
            half = channels // 2
            layers += [*parts.norm(channels), parts.activation(), parts.conv(channels, half, 1)]
            layers.append(nn.AvgPool2d(2))
            channels = half
        for _ in range(depth):
            layers.append(Dense(parts, channels))
            channels += _GROWTH
    layers += [*parts.norm(channels), parts.activation()]
    return nn.Sequential(*layers, *parts.head(channels))

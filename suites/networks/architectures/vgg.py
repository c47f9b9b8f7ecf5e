"""VGG [Simonyan, Zisserman 2015]: stages of 3 x 3 convolutions, each stage pooled by 2.

For small images the three linear layers are one, as is usual for CIFAR: five poolings leave one
pixel of 512 channels.
"""

from __future__ import annotations

from torch import nn

from suites.networks.architectures.parts import Parts

_WIDTHS = (64, 128, 256, 512, 512)
DEPTHS = {
    "vgg11": (1, 1, 2, 2, 2),
    "vgg13": (2, 2, 2, 2, 2),
    "vgg16": (2, 2, 3, 3, 3),
    "vgg19": (2, 2, 4, 4, 4),
}
"""Network -> convolutions in each stage (configurations A, B, D and E)."""


def vgg(parts: Parts, depths: tuple[int, ...]) -> nn.Module:
    """Return a VGG network; its convolutions are biased with batch normalization, too."""
    layers = parts.framed
    channels = parts.channels
    for width, depth in zip(_WIDTHS, depths, strict=True):
        for _ in range(depth):
            layers += [nn.Conv2d(channels, width, 3, padding=1)]
            layers += [*parts.norm(width), parts.activation()]
            channels = width
        layers.append(parts.pooling(2, 2, 0))
    return nn.Sequential(*layers, nn.Flatten(), *_classifier(parts))


def _classifier(parts: Parts) -> list[nn.Module]:
    if parts.is_small:
        return [nn.Linear(512, parts.classes)]
    size = 512 * (parts.width // 32) ** 2
    return [
        *(nn.Linear(size, 4096), parts.activation(), nn.Dropout()),
        *(nn.Linear(4096, 4096), parts.activation(), nn.Dropout()),
        nn.Linear(4096, parts.classes),
    ]

"""ResNet [He, Zhang, Ren, Sun 2016]: stages of blocks that add what they got to what they made.

Blocks of three convolutions halve the size in their second one (called version 1.5).
"""

from __future__ import annotations

from torch import Tensor, nn

from suites.networks.architectures.parts import Parts

_WIDTHS = (64, 128, 256, 512)
DEPTHS = {"resnet18": (2, 2, 2, 2), "resnet50": (3, 4, 6, 3)}
"""Network -> blocks in each stage."""

KERNELS = {"resnet18": (3, 3), "resnet50": (1, 3, 1)}
"""Network -> the kernel sizes of a block's convolutions."""

_EXPANSION = {2: 1, 3: 4}  # convolutions of a block -> channels out for each of its width


class Block(nn.Module):
    """A residual block: `activation(residual(x) + shortcut(x))`."""

    def __init__(
        self, parts: Parts, inputs: int, width: int, kernels: tuple[int, ...], stride: int
    ) -> None:
        super().__init__()
        outputs = width * _EXPANSION[len(kernels)]
        # the stride is that of the first convolution of 3 x 3
        strides = [stride if place == kernels.index(3) else 1 for place in range(len(kernels))]
        widths = [inputs, *[width] * (len(kernels) - 1), outputs]
        layers: list[nn.Module] = []
        for place, kernel in enumerate(kernels):
            layers += [parts.activation()] if layers else []
            layers.append(parts.conv(widths[place], widths[place + 1], kernel, strides[place]))
            layers += parts.norm(widths[place + 1])
        self.residual = nn.Sequential(*layers)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            conv = parts.conv(inputs, outputs, 1, stride)
            self.shortcut = nn.Sequential(conv, *parts.norm(outputs))
        self.activation = parts.activation()

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's value."""
        result: Tensor = self.activation(self.residual(x) + self.shortcut(x))
        return result


def resnet(parts: Parts, depths: tuple[int, ...], kernels: tuple[int, ...]) -> nn.Module:
    """Return a residual network."""
    layers = parts.stem(64)
    channels = 64
    for stage, (width, depth) in enumerate(zip(_WIDTHS, depths, strict=True)):
        for place in range(depth):
            stride = 2 if stage and not place else 1
            layers.append(Block(parts, channels, width, kernels, stride))
            channels = width * _EXPANSION[len(kernels)]
    return nn.Sequential(*layers, *parts.head(channels))

"""What the networks are made of, and what about it can be chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from torch import nn

Pooling: TypeAlias = Callable[[int, int, int], nn.Module]
"""Makes a max-pooling layer of (kernel size, stride, padding)."""

Activation: TypeAlias = Callable[[], nn.Module]


def max_pooling(kernel: int, stride: int, padding: int) -> nn.Module:
    """Return the framework's own max-pooling layer."""
    return nn.MaxPool2d(kernel, stride, padding)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a network is built of.

    Attributes:
        pixels: Height and width of the images.
        channels: Channels of the images.
        classes: Number of logits.
        batch_norm: Whether there is batch normalization.
        pooling: Makes the max-pooling layers.
        activation: Makes the activations.
    """

    pixels: int
    channels: int
    classes: int
    batch_norm: bool
    pooling: Pooling = max_pooling
    activation: Activation = nn.ReLU

    @property
    def is_small(self) -> bool:
        """Whether images are those of MNIST or CIFAR: first layers then keep the size."""
        return self.pixels < 64

    @property
    def framed(self) -> list[nn.Module]:
        """Zeros around images of 28 pixels, which make them 32 wide, as LeNet-5 takes them."""
        return [nn.ZeroPad2d(2)] if self.pixels == 28 else []

    @property
    def width(self) -> int:
        """Height and width of what the first layer gets."""
        return 32 if self.pixels == 28 else self.pixels

    def norm(self, channels: int) -> list[nn.Module]:
        """Return the batch normalization of some channels, or nothing."""
        return [nn.BatchNorm2d(channels)] if self.batch_norm else []

    def conv(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
        """Return a convolution that keeps the size; biased where nothing normalizes it."""
        return nn.Conv2d(
            inputs, outputs, kernel, stride, padding=kernel // 2, bias=not self.batch_norm
        )

    def stem(self, outputs: int) -> list[nn.Module]:
        """Return the first layers of a residual or dense network, max pooling included."""
        kernel, stride = (3, 1) if self.is_small else (7, 2)
        return [
            *self.framed,
            self.conv(self.channels, outputs, kernel, stride),
            *self.norm(outputs),
            self.activation(),
            self.pooling(3, 2, 1),
        ]

    def head(self, inputs: int) -> list[nn.Module]:
        """Return the mean over each channel, and the logits."""
        return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, self.classes)]

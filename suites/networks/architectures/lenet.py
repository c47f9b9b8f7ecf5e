"""LeNet-5 [LeCun, Bottou, Bengio, Haffner 1998], with max pooling and full connections."""

from __future__ import annotations

from torch import nn

from suites.networks.architectures.parts import Parts


def lenet5(parts: Parts) -> nn.Module:
    """Return LeNet-5: two convolutions of 5 x 5, each pooled, and three linear layers."""
    width = ((parts.width - 4) // 2 - 4) // 2
    return nn.Sequential(
        *parts.framed,
        *_stage(parts, parts.channels, 6),
        *_stage(parts, 6, 16),
        nn.Flatten(),
        nn.Linear(16 * width * width, 120),
        parts.activation(),
        nn.Linear(120, 84),
        parts.activation(),
        nn.Linear(84, parts.classes),
    )


def _stage(parts: Parts, inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 5),
        *parts.norm(outputs),
        parts.activation(),
        parts.pooling(2, 2, 0),
    ]

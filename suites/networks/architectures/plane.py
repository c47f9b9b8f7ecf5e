"""One large plane: an image with more entries than binary32 has integers, differentiated itself."""

from __future__ import annotations

from torch import Tensor, nn

from suites.networks.architectures.parts import Parts

PLANE = 4480
"""Height and width of the image: 20,070,400 entries, more than `2^24`.

Positions from there on go wrong where a kernel holds them in binary32.
"""

_CELL = 28


def plane(parts: Parts) -> nn.Module:
    """Return a network that pools a whole image: an activation, pooling, a readout.

    What a parameter in front of the pooling layer gets is a sum over the plane, whose bound leaves
    no digit; so it is the image that the gradient is with respect to.
    """
    width = PLANE // 2 // _CELL
    return nn.Sequential(
        _Differentiated(),
        parts.activation(),
        parts.pooling(2, 2, 0),
        nn.Conv2d(parts.channels, 1, _CELL, _CELL),
        *parts.norm(1),
        nn.Flatten(),
        nn.Linear(width * width, parts.classes),
    )


class _Differentiated(nn.Module):
    """The image, as something that requires a gradient."""

    def forward(self, image: Tensor) -> Tensor:
        """Return the image as a leaf."""
        return image.detach().requires_grad_()

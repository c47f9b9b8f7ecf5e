"""Where fractional windows start: in the sample's format, as PyTorch has it, and exactly."""

from __future__ import annotations

from fractions import Fraction

import torch
from torch import Tensor


def rounded_starts(sample: Tensor, size: int, kernel: int, count: int) -> list[int]:
    """Return the starts with every operation rounded to the format of `sample`."""
    reach = size - kernel
    if count < 2:
        return [reach] * count
    first, total = (torch.tensor(n).to(sample.dtype) for n in (reach, count - 1))
    alpha = first / total
    steps = (torch.arange(count - 1).to(sample.dtype) + sample) * alpha
    return [*(steps.long() - (sample * alpha).long()).tolist(), reach]


def exact_starts(sample: Tensor, size: int, kernel: int, count: int) -> list[int]:
    """Return the starts without any rounding."""
    reach = size - kernel
    if count < 2:
        return [reach] * count
    shift, alpha = Fraction(sample.item()), Fraction(reach, count - 1)
    return [*(int((w + shift) * alpha) - int(shift * alpha) for w in range(count - 1)), reach]

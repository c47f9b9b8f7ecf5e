"""Numbers a few bits away from a tensor's own, by their bit patterns."""

from __future__ import annotations

import torch
from torch import Tensor

_INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}


def one_ulp_smaller(numbers: Tensor) -> Tensor:
    """Return the neighbours nearer to zero; zeros, infinities and NaN as they are."""
    bits = numbers.contiguous().view(_INTEGERS[numbers.element_size()])
    moved = (bits - 1).view(numbers.dtype)
    return torch.where(numbers.isfinite() & (numbers != 0), moved, numbers)


def rounded(numbers: Tensor, precision: int) -> Tensor:
    """Return binary64 numbers rounded to `precision` bits, ties to even."""
    dropped = 53 - precision
    bits = numbers.contiguous().view(torch.int64)
    even = bits >> dropped & 1
    bits = (bits + (1 << dropped - 1) - 1 + even) >> dropped << dropped
    return torch.where(numbers.isfinite(), bits.view(torch.float64), numbers)

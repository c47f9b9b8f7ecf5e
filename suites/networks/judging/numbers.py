"""Tensors as numpy arrays: raw bits, and numbers in binary64."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oracle.formats import Format, format_named
from suites.frameworks.protocol import Bits
from suites.frameworks.tensors import FLOATS, bits_of
from suites.networks.judging.evidence import NotJudgedError

Numbers: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

_NAMES = {dtype: name for name, dtype in FLOATS.items()}


def format_of(dtype: torch.dtype) -> Format:
    """Return the format of a type of tensors.

    Raises:
        NotJudgedError: It is none of the four.
    """
    if dtype not in _NAMES:
        msg = f"its numbers are {str(dtype).removeprefix('torch.')}, expected {', '.join(FLOATS)}"
        raise NotJudgedError(msg)
    return format_named(_NAMES[dtype])


def bits(tensor: Tensor) -> Bits:
    """Return a tensor's raw bits, as they are in its shape."""
    return bits_of(tensor, format_of(tensor.dtype).name)


def numbers(tensor: Tensor) -> Numbers:
    """Return a tensor's numbers in binary64, which has those of all formats."""
    return decoded(bits(tensor), format_of(tensor.dtype))


def decoded(raw: Bits, fmt: Format) -> Numbers:
    """Return the numbers that bits stand for."""
    if fmt.name == "bfloat16":
        return (raw.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return raw.view(f"float{fmt.width}").astype(np.float64, copy=False)


@dataclass(frozen=True)
class Scale:
    """A format's constants in binary64, which has them exactly.

    Attributes:
        u: The unit roundoff.
        eta: The smallest subnormal number (a positive number of binary64 in each format).
        largest: The largest finite number.
    """

    u: float
    eta: float
    largest: float

    @classmethod
    def of(cls, fmt: Format) -> Scale:
        """Return the constants of a format."""
        return cls(
            float(fmt.unit_roundoff), float(fmt.eta), float(np.ldexp(1.0, _top(fmt)) * _below(fmt))
        )


def _top(fmt: Format) -> int:
    return fmt.infinity.bit_length() - 2 + fmt.eta_exponent


def _below(fmt: Format) -> Any:
    """Return `2 - 2u`, the largest significand."""
    return 2 - 2.0 ** (1 - fmt.precision)

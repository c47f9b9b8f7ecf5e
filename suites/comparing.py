"""Which cases of two replies have the same bits. All NaNs count as the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.formats import Format
from suites.frameworks.protocol import Bits


def rows(bits: Bits, cases: int, fmt: Format) -> Bits:
    """Return one row of bits a case, every NaN as the default one.

    A NaN's sign and payload say nothing about numbers: kernels of one framework, and one kernel
    on two processors, differ in them at will.
    """
    magnitude = bits & bits.dtype.type(fmt.sign_bit - 1)
    cleaned = np.where(magnitude > fmt.infinity_bits, bits.dtype.type(fmt.nan_bits), bits)
    return cleaned.reshape(cases, -1)


def differing(left: NDArray[np.integer], right: NDArray[np.integer]) -> frozenset[int]:
    """Return the positions of the rows that are not the same."""
    return frozenset(np.flatnonzero((left != right).any(axis=1)).tolist())

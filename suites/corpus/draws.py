"""Numbers that only look random: a counter-based generator, keyed by what they are for.

The key holds no format, so the same draws, encoded in each format, give parallel corpora. Only
the generator's raw stream is used: NumPy keeps it for ever, its distributions it may change.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

CORPUS_VERSION = "5"
"""Changes whenever a case of the corpus does."""

_ROOT = "1"
"""Stays, so that the cases that there were stay when others are added."""


class Draws:
    """A stream of integers that depends on nothing but its key."""

    def __init__(self, *key: str) -> None:
        digest = hashlib.sha256("/".join((_ROOT, *key)).encode()).digest()
        self._stream = np.random.Philox(key=int.from_bytes(digest[:16], "big"))

    def below(self, bound: int | NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
        """Return integers from 0 up to `bound` (a number, or an array that broadcasts)."""
        return (self._raw(shape) % np.asarray(bound, dtype=np.uint64)).astype(np.int64)

    def orders(self, rows: int, length: int) -> NDArray[np.int64]:
        """Return in each row a permutation of `length` positions."""
        return np.argsort(self._raw((rows, length)), axis=1, kind="stable")

    def _raw(self, shape: tuple[int, ...]) -> NDArray[np.uint64]:
        return self._stream.random_raw(math.prod(shape)).reshape(shape)

"""A stack: cases that differ only in their numbers, so that one framework call runs them all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oracle.formats import format_named
from oracle.windows import Geometry, geometry


@dataclass(frozen=True, kw_only=True, eq=False)
class Stack:
    """Cases of one geometry and one format.

    Attributes:
        op: Name of the operation.
        params: Its parameters, as in `Geometry.params`.
        format: Name of the format of all numbers.
        case_shape: Input shape of one case, batch dimension included where it has one.
        inputs: Raw bit patterns, `(n, *case_shape)`.
        cotangents: Raw bit patterns, `(n, *output shape of one case)`.
        families: For each case what it was made for.
        name: Unique among the stacks of one operation and format; says the geometry.
    """

    op: str
    params: dict[str, object]
    format: str
    case_shape: tuple[int, ...]
    inputs: NDArray[np.unsignedinteger]
    cotangents: NDArray[np.unsignedinteger]
    families: tuple[str, ...]
    name: str

    def __len__(self) -> int:
        return len(self.families)

    @property
    def geometry(self) -> Geometry:
        """The windows of one case."""
        return geometry(self.op, self.params, self.case_shape, format_named(self.format))

    def select(self, positions: Sequence[int]) -> Stack:
        """Return the stack of the cases at `positions`, in that order."""
        chosen = np.asarray(positions, dtype=np.intp)
        return replace(
            self,
            inputs=self.inputs[chosen],
            cotangents=self.cotangents[chosen],
            families=tuple(self.families[i] for i in positions),
        )

    def digests(self) -> Iterator[bytes]:
        """Yield what identifies each case: SHA-256 of its geometry, its format and its bits."""
        head = repr((self.op, sorted(self.params.items()), self.case_shape, self.format)).encode()
        for primal, cotangent in zip(self.inputs, self.cotangents, strict=True):
            yield hashlib.sha256(head + primal.tobytes() + cotangent.tobytes()).digest()

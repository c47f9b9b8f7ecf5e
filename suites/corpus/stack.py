"""A stack: cases that differ only in their numbers, so that one framework call runs them all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oracle.formats import format_named
from oracle.programs import Operand, Signature, signature
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
        operands: The operands of one case, where it is one of a program; several of them stand one
            behind the other in `inputs`, `(n, number of all their entries)`.
        together: Whether one call can take all cases, stacked along the first dimension of every
            operand; otherwise each is a call of its own.
    """

    op: str
    params: dict[str, object]
    format: str
    case_shape: tuple[int, ...]
    inputs: NDArray[np.unsignedinteger]
    cotangents: NDArray[np.unsignedinteger]
    families: tuple[str, ...]
    name: str
    operands: tuple[Operand, ...] = ()
    together: bool = True

    def __len__(self) -> int:
        return len(self.families)

    @property
    def geometry(self) -> Geometry | Signature:
        """The shapes of one case, and its windows or its outputs."""
        if self.operands:
            return signature(self.op, self.params, dict(self.operands))
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
        shapes = (self.operands,) if self.operands else ()
        parts = (self.op, sorted(self.params.items()), self.case_shape, self.format, *shapes)
        head = repr(parts).encode()
        for primal, cotangent in zip(self.inputs, self.cotangents, strict=True):
            yield hashlib.sha256(head + primal.tobytes() + cotangent.tobytes()).digest()

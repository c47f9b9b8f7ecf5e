"""A case, in memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from oracle.formats import Format
from oracle.programs import Signature
from oracle.windows import Geometry

FLUSH_FLAG = "flush-to-zero"
"""Among a case's `flags`: the implementation may flush subnormal numbers to zero."""


class Tensor(NamedTuple):
    """A shape and the raw bit patterns, row-major, of numbers in the case's format."""

    shape: tuple[int, ...]
    bits: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case; `output`, `gradient` and `jacobian` are what an implementation returned, if it did.

    Attributes:
        geometry: Operation, parameters, shapes; and windows, or operands.
        format: The format of all numbers.
        input: What the operation was applied to; several operands one behind the other.
        cotangent: The upstream gradient, in the output's shape.
        output: The returned output, or None.
        gradient: The returned gradient, in the input's shape, or None.
        jacobian: The returned Jacobian, a row for each output and a column for each input, or None.
        metadata: The optional keys as they stood in the file (`name`, `comment`, ...).
    """

    geometry: Geometry | Signature
    format: Format
    input: Tensor
    cotangent: Tensor
    output: Tensor | None = None
    gradient: Tensor | None = None
    jacobian: Tensor | None = None
    metadata: Mapping[str, Any] | None = None

    @property
    def name(self) -> str | None:
        """The case's own name, which its verdict repeats."""
        name: str | None = (self.metadata or {}).get("name")
        return name

    @property
    def flushes(self) -> bool:
        """Whether the case declares that subnormal numbers may be flushed to zero."""
        return FLUSH_FLAG in (self.metadata or {}).get("flags", ())


def matrix_shape(shapes: Geometry | Signature) -> tuple[int, int]:
    """Return the shape of a Jacobian: outputs, and entries of all operands."""
    return math.prod(shapes.output_shape), math.prod(shapes.input_shape)

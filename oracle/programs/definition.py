"""The form of a definition: operands and parameters of an operation, and what its outputs are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from oracle.programs.operands import Grid, Shape
from oracle.programs.scalar import Scalar

Params: TypeAlias = Mapping[str, Any]
Shapes: TypeAlias = Mapping[str, Shape]
Grids: TypeAlias = Mapping[str, Grid]
Check: TypeAlias = Callable[[str, object, Shapes], object]
"""(parameter, value, shapes of the operands) -> the checked value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An operation, as exact arithmetic.

    Attributes:
        operands: The names of its differentiable operands, in the framework's order.
        optional: Those of them that may be left out.
        checks: Parameter -> the check of its value; a case has all of them.
        output_shape: (params, shapes of the operands) -> the shape of the output.
        outputs: (params, operands) -> the outputs, row-major.
        selects: Whether every output is one of the inputs, also where one is NaN: then what is not
            chosen is 0. Elsewhere nothing is asked of the inputs of a NaN.
        commutes: Whether adding a constant to all operands adds it to all outputs, so that the
            gradient passes on the whole cotangent.
    """

    operands: tuple[str, ...]
    checks: Mapping[str, Check]
    output_shape: Callable[[Params, Shapes], Shape]
    outputs: Callable[[Params, Grids], Sequence[Scalar]]
    optional: tuple[str, ...] = ()
    selects: bool = False
    commutes: bool = False

"""The outputs of every operation, as functions of the numbers that they read.

They are written from the framework's documentation, apart from `oracle.programs` and
`oracle.windows`: both oracles must come to the same sets of gradients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from oracle.formats import Format
from oracle.limits.outputs import (
    Entries,
    Operands,
    Output,
    Values,
    constant,
    real,
    selecting,
)
from oracle.limits.pooling import window_cells
from oracle.limits.quotients import LimitsError
from oracle.limits.values_activations import ACTIVATIONS
from oracle.limits.values_elementwise import ELEMENTWISE
from oracle.limits.values_indexed import INDEXED
from oracle.limits.values_jumps import JUMPS
from oracle.limits.values_pools import POOLS
from oracle.limits.values_rational import RATIONAL
from oracle.limits.values_rows import ROWS

VALUES: dict[str, Values] = {
    **ROWS,
    **INDEXED,
    **ACTIVATIONS,
    **JUMPS,
    **ELEMENTWISE,
    **POOLS,
    **RATIONAL,
}
"""Name -> the outputs of the operation; max pooling has windows of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation on operands of certain shapes.

    Attributes:
        op: Its name.
        params: The parameters as sorted pairs.
        operands: Names and shapes, in the order in which their entries are numbered.
        format: The format of the inputs.
        arithmetic: How windows that depend on rounding are computed.
        count: How many outputs there are.
    """

    op: str
    params: tuple[tuple[str, Any], ...]
    operands: tuple[tuple[str, tuple[int, ...]], ...]
    format: Format
    arithmetic: str
    count: int

    @property
    def is_pooling(self) -> bool:
        """Whether it is max pooling of some kind, whose outputs are windows."""
        return "max_pool" in self.op

    @property
    def numbers(self) -> list[Fraction]:
        """The real numbers among the parameters, which inputs may be compared with."""
        return [real(text) for text in _flat(self.params) if text.lstrip("-").startswith("0x")]


@lru_cache(256)
def outputs(operation: Operation) -> tuple[Output, ...]:
    """Return the outputs of an operation, row-major.

    Raises:
        LimitsError: There is no value function for it, or it has another number of outputs.
    """
    values = _pooled if operation.is_pooling else _by_operands
    found = values(operation)
    if len(found) != operation.count:
        msg = (
            f"{operation.op} has {len(found)} outputs by its documentation, expected "
            f"{operation.count} as the case's shapes have it"
        )
        raise LimitsError(msg)
    return found


def _pooled(operation: Operation) -> tuple[Output, ...]:
    """Return the windows of max pooling."""
    ((_, shape),) = operation.operands
    cells = window_cells(
        operation.op, operation.params, shape, operation.format, operation.arithmetic
    )
    return tuple(selecting(window, max) if window else constant(-math.inf) for window in cells)


def _by_operands(operation: Operation) -> tuple[Output, ...]:
    if operation.op not in VALUES:
        msg = f"{operation.op} has no value function, expected one of {', '.join(VALUES)}"
        raise LimitsError(msg)
    return tuple(VALUES[operation.op](dict(operation.params), _located(operation)))


def _located(operation: Operation) -> Operands:
    found, first = {}, 0
    for name, shape in operation.operands:
        found[name] = Entries(first, shape)
        first += math.prod(shape)
    return found


def _flat(params: Sequence[Any]) -> list[str]:
    """Return all texts in nested tuples."""
    found = []
    for part in params:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, Sequence):
            found += _flat(part)
    return found

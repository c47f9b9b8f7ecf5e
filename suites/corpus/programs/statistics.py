"""What the corpus of the programs is worth: cases, geometries, ties and jumps of each operation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from oracle.formats import format_named
from oracle.programs import Signature
from suites.corpus.stack import Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class OfOperation:
    """The numbers of one operation.

    Attributes:
        op: Its name.
        geometries: Its stacks.
        cases: Its cases, repetitions included.
        outputs: The outputs of all cases.
        tied: Those at which several pieces meet.
        jumps: Those at which it jumps.
    """

    op: str
    geometries: int
    cases: int
    outputs: int
    tied: int
    jumps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStatistics:
    """The numbers of one format.

    Attributes:
        distinct: Cases of which no two have the same geometry and numbers.
        most_elements: Inputs of the largest case.
        operations: The numbers operation by operation.
    """

    distinct: int
    most_elements: int
    operations: tuple[OfOperation, ...]

    @property
    def cases(self) -> int:
        """All cases, repetitions included."""
        return sum(row.cases for row in self.operations)


def program_statistics(stacks: Iterable[Stack]) -> ProgramStatistics:
    """Return the numbers of the stacks of one format."""
    digests: set[bytes] = set()
    sums: dict[str, Counter[str]] = {}
    largest = 0
    for stack in stacks:
        digests.update(stack.digests())
        largest = max(largest, math.prod(stack.case_shape))
        sums.setdefault(stack.op, Counter()).update(_counted(stack))
    keys = ("geometries", "cases", "outputs", "tied", "jumps")
    return ProgramStatistics(
        distinct=len(digests),
        most_elements=largest,
        operations=tuple(
            OfOperation(op=op, **{key: found[key] for key in keys}) for op, found in sums.items()
        ),
    )


def _counted(stack: Stack) -> Counter[str]:
    fmt, shapes = format_named(stack.format), stack.geometry
    assert isinstance(shapes, Signature)
    found = Counter(geometries=1, cases=len(stack))
    for primal in stack.inputs:
        for output in shapes.outputs(primal.ravel().tolist(), fmt):
            found["outputs"] += 1
            found["tied"] += len(output.branches) > 1
            found["jumps"] += output.jump
    return found

"""Whether outputs are what the operation gives at its inputs, where nothing is computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from oracle.case import Case
from oracle.formats import Format
from oracle.limits.nearby import arguments
from oracle.limits.outputs import Output
from oracle.limits.problem import Problem
from oracle.limits.values import outputs


def output_exact(case: Case, problem: Problem) -> bool | None:
    """Return whether each output is exact; None without any, or where one is not a copy.

    A copy has the very bits of an input that equals it.
    """
    if case.output is None:
        return None
    found = [
        _is_exact(case, problem.site.inputs, output, bits)
        for output, bits in zip(outputs(problem.site.operation), case.output.bits, strict=True)
    ]
    return False if False in found else None if None in found else True


def _is_exact(case: Case, inputs: Sequence[Fraction], output: Output, bits: int) -> bool | None:
    (summand, *others) = output
    if others or summand.anchored or summand.roundings:
        return None
    value = summand.function(arguments(summand, inputs))
    if not summand.reads:
        return bool(_decoded(case.format, bits) == value)
    return bits in [case.input.bits[i] for i in summand.reads if inputs[i] == value]


def _decoded(fmt: Format, bits: int) -> Fraction | float:
    units = fmt.units_of[bits]
    if units is None:
        return math.nan
    return units * fmt.eta if abs(units) < fmt.infinity else math.copysign(math.inf, units)

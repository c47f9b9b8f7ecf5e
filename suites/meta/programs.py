"""Cases of piecewise programs from parameters, shapes and entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from oracle.case import Case, Tensor
from oracle.formats import BINARY32, Format
from oracle.programs import signature
from suites.meta.cases import Number, stored

Entries = Sequence[Number]
HALF = Fraction(1, 2)


class Sample(NamedTuple):
    """Parameters; for each operand its shape and its entries; which operands are constants."""

    params: Mapping[str, Any]
    operands: Mapping[str, tuple[tuple[int, ...], Entries]]
    constants: tuple[str, ...] = ()


def program_case(
    op: str, sample: Sample, g: Entries, v: Entries | None = None, fmt: Format = BINARY32
) -> Case:
    """Return a case; without `v` its gradient is zero."""
    sizes = {name: shape for name, (shape, _) in sample.operands.items()}
    shapes = signature(op, dict(sample.params), sizes, sample.constants)
    entries = [x for _, numbers in sample.operands.values() for x in numbers]
    return Case(
        geometry=shapes,
        format=fmt,
        input=Tensor(shapes.input_shape, stored(fmt, entries)),
        cotangent=Tensor(shapes.output_shape, stored(fmt, g)),
        gradient=Tensor(shapes.input_shape, stored(fmt, [0] * len(entries) if v is None else v)),
    )


def spelled(number: Fraction | float) -> str:
    """Return the spelling of a parameter."""
    return float(number).hex()


def of(entries: Entries, *shape: int, name: str = "input", **params: Any) -> Sample:
    """Return a sample of one operand; without a shape it has one dimension."""
    return Sample(params, {name: (shape or (len(entries),), entries)})


def of_two(first: Entries, second: Entries, name: str = "other", **params: Any) -> Sample:
    """Return a sample of two operands of one dimension each."""
    return Sample(params, {"input": ((len(first),), first), name: ((len(second),), second)})


def tensor(data: Sequence[object], *shape: int) -> dict[str, object]:
    """Return a parameter that is a tensor."""
    return {"shape": list(shape or (len(data),)), "data": list(data)}

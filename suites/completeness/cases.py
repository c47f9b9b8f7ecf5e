"""From a sample input that was run to a case, with what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oracle.case import Case, Tensor
from oracle.catalogue import CATALOGUE
from oracle.formats import format_named
from oracle.programs import PROGRAMS, Signature, signature
from oracle.programs.errors import ProgramError
from oracle.windows import Geometry, GeometryError, geometry
from suites.comparing import rows
from suites.completeness.arguments import NotACaseError, bound, refused
from suites.completeness.rewriting import parameter, rewritten
from suites.completeness.size import MOST_OPERATIONS, scalar_operations
from suites.frameworks.drawn import Foreign, Numbers, Sample, Whole
from suites.frameworks.protocol import Bits

Shapes = Geometry | Signature


class AnotherShapeError(ValueError):
    """What came back does not have the shape that the definition gives it."""


def case_of(operator: str, op: str, sample: Sample) -> Case:
    """Return the case of a sample that ran.

    Args:
        operator: The operator of the framework's database.
        op: The operation that covers it.
        sample: The operator's call, and what came of it.

    Raises:
        NotACaseError: No case says it.
        AnotherShapeError: It has another output than the definition.
    """
    values = rewritten(op, bound(operator, op, sample))
    operands = _operands(op, values, sample.format)
    try:
        shapes = _shapes(op, values, operands, sample.format)
    except (ProgramError, GeometryError) as error:
        raise refused(error) from error
    if scalar_operations(shapes) > MOST_OPERATIONS:
        msg = f"more than {MOST_OPERATIONS:,} scalar operations"
        raise NotACaseError(msg)
    output, cotangent = _returned(shapes, sample)
    bits = [operand.bits for operand in operands.values()]
    return Case(
        geometry=shapes,
        format=format_named(sample.format),
        input=Tensor(shapes.input_shape, _flat(bits, sample.format)),
        cotangent=cotangent,
        output=output,
        gradient=Tensor(shapes.input_shape, _gradient(operands, sample)),
    )


def _operands(op: str, values: Mapping[str, Any], format_name: str) -> dict[str, Numbers]:
    """Return the operands that are there, in the order of the definition."""
    known = PROGRAMS[op].operands if op in PROGRAMS else ("input",)
    optional = PROGRAMS[op].optional if op in PROGRAMS else ()
    found = {name: values[name] for name in known if isinstance(values.get(name), Numbers)}
    lacking = [name for name in known if name not in found and name not in optional]
    if lacking:
        msg = f"the operand {lacking[0]} is {_kind(values.get(lacking[0]))}"
        raise NotACaseError(msg)
    formats = {each.format for each in found.values()}
    if formats != {format_name}:
        msg = f"operands of {', '.join(sorted(formats))}"
        raise NotACaseError(msg)
    places = [each.operand for each in found.values() if each.operand is not None]
    if not places or len(set(places)) < len(places):
        msg = "one tensor as two operands" if places else "no operand that requires a gradient"
        raise NotACaseError(msg)
    return found


def _kind(value: object) -> str:
    if isinstance(value, Foreign):
        return value.kind
    return f"a tensor of {value.dtype}" if isinstance(value, Whole) else f"the value {value!r:.40}"


def _shapes(
    op: str, values: Mapping[str, Any], operands: Mapping[str, Numbers], format_name: str
) -> Shapes:
    sizes = {name: operand.bits.shape for name, operand in operands.items()}
    if op not in PROGRAMS:
        params = {key: parameter(op, key, values[key]) for key in CATALOGUE[op].parameters}
        return geometry(op, params, sizes["input"], format_named(format_name))
    params = {
        key: None if key in operands else parameter(op, key, values[key])
        for key in PROGRAMS[op].checks
    }
    constants = [name for name, operand in operands.items() if operand.operand is None]
    return signature(op, params, sizes, constants)


def _returned(shapes: Shapes, sample: Sample) -> tuple[Tensor, Tensor]:
    """Return output and cotangent; several outputs are one, stacked."""
    expected, outputs = shapes.output_shape, sample.outputs
    own = expected if len(outputs) == 1 else expected[1:]
    count = 1 if len(outputs) == 1 else next(iter(expected), 0)
    got = [(each.format, each.bits.shape) for each in outputs]
    if not outputs or got != [(sample.format, own)] * count:
        said = ", ".join(f"{name} {list(shape)}" for name, shape in got) or "not differentiable"
        msg = f"the output is {said}, expected {sample.format} {list(expected)}"
        raise AnotherShapeError(msg)
    return (
        Tensor(expected, _flat([each.bits for each in outputs], sample.format)),
        Tensor(expected, _flat([each.cotangent for each in outputs], sample.format)),
    )


def _gradient(operands: Mapping[str, Numbers], sample: Sample) -> list[int]:
    """Return the gradients of all operands; a constant has none, which counts as 0."""
    return _flat(
        [
            np.zeros_like(each.bits) if each.operand is None else sample.gradients[each.operand]
            for each in operands.values()
        ],
        sample.format,
    )


def _flat(parts: Sequence[Bits], format_name: str) -> list[int]:
    """Return the bits of several tensors, one behind the other, every NaN as the default one."""
    joined = np.concatenate([part.ravel() for part in parts])
    found: list[int] = rows(joined, 1, format_named(format_name))[0].tolist()
    return found

"""From a JSON document to a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oracle.case.case import Case, Tensor, matrix_shape
from oracle.case.errors import CaseError
from oracle.case.keys import METADATA, ONE, SCHEMA, Form, form_of
from oracle.case.tensors import brief, tensor
from oracle.formats import Format, FormatError, format_named
from oracle.programs import PROGRAMS, Signature, signature
from oracle.programs.errors import ProgramError
from oracle.windows import ARITHMETICS, Geometry, GeometryError, geometry

WINDOWS_FLAGS = {f"windows-{name}": name for name in ARITHMETICS[1:]}
"""Among a case's `flags`: its windows are those of another arithmetic than the format's."""


def read_case(document: object) -> Case:
    """Return the case that a JSON document describes.

    Raises:
        CaseError: The document is no case; the message names the key.
    """
    if not isinstance(document, dict):
        msg = f"the case is {brief(document)}, expected a JSON object"
        raise CaseError(msg)
    form = form_of(document.get("op"))
    if not (document.keys() <= form.known and document.keys() >= set(form.required)):
        raise CaseError(_keys_message(document, form))
    if document["schema"] != SCHEMA:
        msg = f"schema is {brief(document['schema'])}, expected {SCHEMA!r}"
        raise CaseError(msg)
    try:
        fmt = format_named(document["format"])
        metadata = _metadata(document)
        operands = _operands(document, form.input, fmt)
        shapes = _shapes(document, operands, fmt, metadata)
    except (FormatError, GeometryError, ProgramError, TypeError) as error:
        raise CaseError(str(error)) from error
    if form.gradient in document and "jacobian" in document:
        msg = f"jacobian stands beside {form.gradient}, expected one of them"
        raise CaseError(msg)
    cotangent = tensor(document, "cotangent", fmt, shapes.output_shape)
    returned = _returned(document, form, shapes, fmt)
    return Case(
        geometry=shapes,
        format=fmt,
        input=_joined(operands, shapes),
        cotangent=cotangent,
        output=returned.get("output"),
        gradient=returned.get("gradient"),
        jacobian=returned.get("jacobian"),
        metadata=metadata,
    )


def _returned(
    document: Mapping[str, object], form: Form, shapes: Geometry | Signature, fmt: Format
) -> dict[str, Tensor]:
    """Return what an implementation returned, as far as the case has it."""
    found: dict[str, Tensor] = {}
    if "output" in document:
        found["output"] = tensor(document, "output", fmt, shapes.output_shape)
    if form.gradient in document:
        found["gradient"] = _joined(_gradients(document, form, shapes, fmt), shapes)
    if "jacobian" in document:
        found["jacobian"] = tensor(document, "jacobian", fmt, matrix_shape(shapes))
    return found


def _operands(document: Mapping[str, object], key: str, fmt: Format) -> dict[str, Tensor]:
    """Return the tensors under `input`, or `inputs`, by operand name."""
    if key == "input":
        op = document["op"]
        known = PROGRAMS[op].operands if isinstance(op, str) and op in PROGRAMS else ("input",)
        return {known[0]: tensor(document, key, fmt)}
    value = document[key]
    if not isinstance(value, dict):
        msg = f"{key} is {brief(value)}, expected an object of tensors by operand name"
        raise CaseError(msg)
    return {name: tensor(value, name, fmt, place=f"{key}.") for name in value}


def _shapes(
    document: Mapping[str, object],
    operands: Mapping[str, Tensor],
    fmt: Format,
    metadata: Mapping[str, Any] | None,
) -> Geometry | Signature:
    op, params = document["op"], document["params"]
    if isinstance(op, str) and op in PROGRAMS:
        sizes = {name: tensor.shape for name, tensor in operands.items()}
        return signature(op, params, sizes, document.get("constants", []))
    shape = next(iter(operands.values())).shape
    return geometry(op, params, shape, fmt, arithmetic=_arithmetic(metadata))


def _gradients(
    document: Mapping[str, object], form: Form, shapes: Geometry | Signature, fmt: Format
) -> dict[str, Tensor]:
    if form is ONE or not isinstance(shapes, Signature):
        return {"input": tensor(document, form.gradient, fmt, shapes.input_shape)}
    value = document[form.gradient]
    names = [operand.name for operand in shapes.differentiated]
    if not isinstance(value, dict) or set(value) != set(names):
        msg = f"{form.gradient} is {brief(value)}, expected an object of {', '.join(names)}"
        raise CaseError(msg)
    return {
        operand.name: tensor(value, operand.name, fmt, operand.shape, place=f"{form.gradient}.")
        for operand in shapes.differentiated
    }


def _joined(tensors: Mapping[str, Tensor], shapes: Geometry | Signature) -> Tensor:
    """Return the entries of all operands, in the order in which they are numbered.

    A constant has no gradient: it counts as 0.
    """
    if not isinstance(shapes, Signature) or len(shapes.operands) == 1:
        return next(iter(tensors.values()))
    zeros = [Tensor(operand.shape, [0] * operand.size) for operand in shapes.operands]
    found = [
        tensors.get(operand.name, zero)
        for operand, zero in zip(shapes.operands, zeros, strict=True)
    ]
    return Tensor(shapes.input_shape, [bits for tensor in found for bits in tensor.bits])


def _metadata(document: dict[str, object]) -> dict[str, object] | None:
    found = {key: document[key] for key in METADATA if key in document}
    for key, value in found.items():
        kind, expected = METADATA[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            msg = f"{key} is {brief(value)}, expected {expected}"
            raise CaseError(msg)
    return found or None


def _arithmetic(metadata: Mapping[str, Any] | None) -> str:
    """Return how the windows are evaluated, as the flags say."""
    flags = (metadata or {}).get("flags", ())
    named = [name for flag, name in WINDOWS_FLAGS.items() if flag in flags]
    if len(named) > 1:
        msg = f"flags are {brief(flags)}, expected at most one of {', '.join(WINDOWS_FLAGS)}"
        raise CaseError(msg)
    return named[0] if named else ARITHMETICS[0]


def _keys_message(document: Mapping[str, object], form: Form) -> str:
    missing = [key for key in form.required if key not in document]
    if missing:
        return f"{missing[0]} is missing, expected the keys {', '.join(form.required)}"
    unknown = sorted(document.keys() - form.known)
    return f"{unknown[0]!r} is no key of a case, expected {', '.join(sorted(form.known))}"

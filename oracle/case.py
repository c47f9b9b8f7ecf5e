"""The case file `case/1`: an operation, its exact input and cotangent, and what came back.

Reading is strict: an unknown key, a missing one, a number in another spelling, a length or a shape
that does not fit raises `CaseError`, which names the place and says what was expected.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from oracle.formats import Format, FormatError, format_named
from oracle.programs import PROGRAMS, Signature, signature
from oracle.programs.errors import ProgramError
from oracle.windows import ARITHMETICS, Geometry, GeometryError, geometry

SCHEMA = "case/1"
FLUSH_FLAG = "flush-to-zero"
"""Among a case's `flags`: the implementation may flush subnormal numbers to zero."""
WINDOWS_FLAGS = {f"windows-{name}": name for name in ARITHMETICS[1:]}
"""Among a case's `flags`: its windows are those of another arithmetic than the format's."""

_REQUIRED = ("schema", "op", "params", "format", "input", "cotangent")
_SEVERAL = {"input": "inputs", "gradient": "gradients"}
"""The keys of operations with several operands: objects by operand name."""
_METADATA: dict[str, tuple[type, str]] = {
    "name": (str, "a string"),
    "provenance": (dict, "an object"),
    "seed": (int, "an integer"),
    "comment": (str, "a string"),
    "flags": (list, "a list"),
    "source": (str, "a string"),
}


class CaseError(ValueError):
    """A document that is no case."""


class Tensor(NamedTuple):
    """A shape and the raw bit patterns, row-major, of numbers in the case's format."""

    shape: tuple[int, ...]
    bits: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case; `output` and `gradient` are what an implementation returned, if it did.

    Attributes:
        geometry: Operation, parameters, shapes; and windows, or operands.
        format: The format of all numbers.
        input: What the operation was applied to; several operands one behind the other.
        cotangent: The upstream gradient, in the output's shape.
        output: The returned output, or None.
        gradient: The returned gradient, in the input's shape, or None.
        metadata: The optional keys as they stood in the file (`name`, `comment`, ...).
    """

    geometry: Geometry | Signature
    format: Format
    input: Tensor
    cotangent: Tensor
    output: Tensor | None = None
    gradient: Tensor | None = None
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


def read_case(document: object) -> Case:
    """Return the case that a JSON document describes.

    Raises:
        CaseError: The document is no case; the message names the key.
    """
    if not isinstance(document, dict):
        msg = f"the case is {_brief(document)}, expected a JSON object"
        raise CaseError(msg)
    form = _form(document)
    if not (document.keys() <= form.known and document.keys() >= set(form.required)):
        raise CaseError(_keys_message(document, form))
    if document["schema"] != SCHEMA:
        msg = f"schema is {_brief(document['schema'])}, expected {SCHEMA!r}"
        raise CaseError(msg)
    try:
        fmt = format_named(document["format"])
        metadata = _metadata(document)
        operands = _operands(document, form.input, fmt)
        shapes = _shapes(document, operands, fmt, metadata)
    except (FormatError, GeometryError, ProgramError, TypeError) as error:
        raise CaseError(str(error)) from error
    return Case(
        geometry=shapes,
        format=fmt,
        input=_joined(operands, shapes),
        cotangent=_tensor(document, "cotangent", fmt, shapes.output_shape),
        output=_tensor(document, "output", fmt, shapes.output_shape)
        if "output" in document
        else None,
        gradient=_joined(_gradients(document, form, shapes, fmt), shapes)
        if form.gradient in document
        else None,
        metadata=metadata,
    )


class _Form(NamedTuple):
    """The keys of a case: those for one operand, or those for several."""

    input: str
    gradient: str

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self.input if key == "input" else key for key in _REQUIRED)

    @property
    def known(self) -> frozenset[str]:
        return frozenset((*self.required, "output", self.gradient, *_METADATA))


_ONE, _MANY = _Form("input", "gradient"), _Form(**_SEVERAL)


def _form(document: Mapping[str, object]) -> _Form:
    """Return the keys that the operation's cases have."""
    op = document.get("op")
    several = isinstance(op, str) and op in PROGRAMS and len(PROGRAMS[op].operands) > 1
    return _MANY if several else _ONE


def _operands(document: Mapping[str, object], key: str, fmt: Format) -> dict[str, Tensor]:
    """Return the tensors under `input`, or `inputs`, by operand name."""
    if key == "input":
        op = document["op"]
        known = PROGRAMS[op].operands if isinstance(op, str) and op in PROGRAMS else ("input",)
        return {known[0]: _tensor(document, key, fmt)}
    value = document[key]
    if not isinstance(value, dict):
        msg = f"{key} is {_brief(value)}, expected an object of tensors by operand name"
        raise CaseError(msg)
    return {name: _tensor(value, name, fmt, place=f"{key}.") for name in value}


def _shapes(
    document: Mapping[str, object],
    operands: Mapping[str, Tensor],
    fmt: Format,
    metadata: Mapping[str, Any] | None,
) -> Geometry | Signature:
    op, params = document["op"], document["params"]
    if isinstance(op, str) and op in PROGRAMS:
        return signature(op, params, {name: tensor.shape for name, tensor in operands.items()})
    shape = next(iter(operands.values())).shape
    return geometry(op, params, shape, fmt, arithmetic=_arithmetic(metadata))


def _gradients(
    document: Mapping[str, object], form: _Form, shapes: Geometry | Signature, fmt: Format
) -> dict[str, Tensor]:
    if form is _ONE or not isinstance(shapes, Signature):
        return {"input": _tensor(document, form.gradient, fmt, shapes.input_shape)}
    value = document[form.gradient]
    names = [operand.name for operand in shapes.operands]
    if not isinstance(value, dict) or set(value) != set(names):
        msg = f"{form.gradient} is {_brief(value)}, expected an object of {', '.join(names)}"
        raise CaseError(msg)
    return {
        operand.name: _tensor(value, operand.name, fmt, operand.shape, place=f"{form.gradient}.")
        for operand in shapes.operands
    }


def _joined(operands: Mapping[str, Tensor], shapes: Geometry | Signature) -> Tensor:
    """Return the entries of all operands, in the order in which they are numbered."""
    if not isinstance(shapes, Signature):
        return next(iter(operands.values()))
    if len(shapes.operands) == 1:
        return next(iter(operands.values()))
    bits = [bits for operand in shapes.operands for bits in operands[operand.name].bits]
    return Tensor(shapes.input_shape, bits)


def write_case(case: Case) -> dict[str, object]:
    """Return the JSON document of a case; `read_case` gives the case back."""
    document: dict[str, object] = {
        "schema": SCHEMA,
        "op": case.geometry.op,
        "params": dict(case.geometry.params),
        "format": case.format.name,
    }
    form = _form(document)
    for key in ("input", "cotangent", "output", "gradient"):
        tensor: Tensor | None = getattr(case, key)
        if tensor is None:
            continue
        if form is _MANY and key in _SEVERAL:
            document[_SEVERAL[key]] = _by_operand(case, tensor)
        else:
            document[key] = _written(case.format, tensor.shape, tensor.bits)
    return document | dict(case.metadata or {})


def _by_operand(case: Case, tensor: Tensor) -> dict[str, object]:
    assert isinstance(case.geometry, Signature)
    return {
        operand.name: _written(
            case.format, operand.shape, tensor.bits[first : first + operand.size]
        )
        for operand, first in zip(case.geometry.operands, case.geometry.offsets, strict=False)
    }


def _written(fmt: Format, shape: Sequence[int], bits: Sequence[int]) -> dict[str, object]:
    return {"shape": list(shape), "data": [fmt.text_of[pattern] for pattern in bits]}


def case_id(case: Case, family: str) -> str:
    """Return `<op>/<family>-<16 hex digits>`: SHA-256 over the five parts that make a case.

    Hashed is the compact JSON, keys sorted, of op, params, format, input and cotangent as they
    stand in a case file: it depends on nothing but the case.
    """
    document = write_case(case)
    parts = {key: document[key] for key in _form(document).required if key != "schema"}
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return f"{case.geometry.op}/{family}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _tensor(
    document: Mapping[str, object],
    key: str,
    fmt: Format,
    expected_shape: tuple[int, ...] | None = None,
    *,
    place: str = "",
) -> Tensor:
    """Return the tensor under `key` of an object, whose own place in the case is `place`."""
    value, key = document[key], place + key
    if not isinstance(value, dict) or value.keys() != {"shape", "data"}:
        msg = f'{key} is {_brief(value)}, expected an object of "shape" and "data"'
        raise CaseError(msg)
    shape, data = value["shape"], value["data"]
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        msg = f"{key}.shape is {_brief(shape)}, expected a list of sizes"
        raise CaseError(msg)
    if expected_shape is not None and tuple(shape) != expected_shape:
        msg = f"{key}.shape is {_brief(shape)}, expected {list(expected_shape)}"
        raise CaseError(msg)
    if not isinstance(data, list) or len(data) != math.prod(shape):
        got = f"{len(data)} entries" if isinstance(data, list) else _brief(data)
        msg = f"{key}.data has {got}, expected one for each place of shape {_brief(shape)}"
        raise CaseError(msg)
    try:
        return Tensor(tuple(shape), list(map(fmt.bits_of.__getitem__, data)))
    except (FormatError, TypeError):
        raise CaseError(_number_message(key, data, fmt)) from None


def _number_message(key: str, data: list[object], fmt: Format) -> str:
    for position, text in enumerate(data):
        if not isinstance(text, str):
            return (
                f"{key}.data[{position}] is {_brief(text)}, expected a string in C99 hexadecimal, "
                "like '-0x1.8p-1', or 'inf', '-inf', 'nan'"
            )
        try:
            fmt.bits_of[text]
        except FormatError as error:
            return f"{key}.data[{position}]: {error}"
    raise AssertionError(key)


def _metadata(document: dict[str, object]) -> dict[str, object] | None:
    found = {key: document[key] for key in _METADATA if key in document}
    for key, value in found.items():
        kind, expected = _METADATA[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            msg = f"{key} is {_brief(value)}, expected {expected}"
            raise CaseError(msg)
    return found or None


def _arithmetic(metadata: Mapping[str, Any] | None) -> str:
    """Return how the windows are evaluated, as the flags say."""
    flags = (metadata or {}).get("flags", ())
    named = [name for flag, name in WINDOWS_FLAGS.items() if flag in flags]
    if len(named) > 1:
        msg = f"flags are {_brief(flags)}, expected at most one of {', '.join(WINDOWS_FLAGS)}"
        raise CaseError(msg)
    return named[0] if named else ARITHMETICS[0]


def _keys_message(document: Mapping[str, object], form: _Form) -> str:
    missing = [key for key in form.required if key not in document]
    if missing:
        return f"{missing[0]} is missing, expected the keys {', '.join(form.required)}"
    unknown = sorted(document.keys() - form.known)
    return f"{unknown[0]!r} is no key of a case, expected {', '.join(sorted(form.known))}"


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

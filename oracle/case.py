"""The case file `case/1`: an operation, its exact input and cotangent, and what came back.

Reading is strict: an unknown key, a missing one, a number in another spelling, a length or a shape
that does not fit raises `CaseError`, which names the place and says what was expected.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from oracle.formats import Format, FormatError, format_named
from oracle.windows import ARITHMETICS, Geometry, GeometryError, geometry

SCHEMA = "case/1"
FLUSH_FLAG = "flush-to-zero"
"""Among a case's `flags`: the implementation may flush subnormal numbers to zero."""
WINDOWS_FLAGS = {f"windows-{name}": name for name in ARITHMETICS[1:]}
"""Among a case's `flags`: its windows are those of another arithmetic than the format's."""

_REQUIRED = ("schema", "op", "params", "format", "input", "cotangent")
_TENSORS = ("output", "gradient")
_METADATA: dict[str, tuple[type, str]] = {
    "name": (str, "a string"),
    "provenance": (dict, "an object"),
    "seed": (int, "an integer"),
    "comment": (str, "a string"),
    "flags": (list, "a list"),
    "source": (str, "a string"),
}
_KNOWN = frozenset((*_REQUIRED, *_TENSORS, *_METADATA))


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
        geometry: Operation, parameters, shapes and windows.
        format: The format of all numbers.
        input: What the operation was applied to.
        cotangent: The upstream gradient, in the output's shape.
        output: The returned output, or None.
        gradient: The returned gradient, in the input's shape, or None.
        metadata: The optional keys as they stood in the file (`name`, `comment`, ...).
    """

    geometry: Geometry
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
    if not (document.keys() <= _KNOWN and document.keys() >= set(_REQUIRED)):
        raise CaseError(_keys_message(document))
    if document["schema"] != SCHEMA:
        msg = f"schema is {_brief(document['schema'])}, expected {SCHEMA!r}"
        raise CaseError(msg)
    try:
        fmt = format_named(document["format"])
        primal = _tensor(document, "input", fmt)
        metadata = _metadata(document)
        shapes = geometry(
            document["op"],
            document["params"],
            primal.shape,
            fmt,
            arithmetic=_arithmetic(metadata),
        )
    except (FormatError, GeometryError, TypeError) as error:
        raise CaseError(str(error)) from error
    return Case(
        geometry=shapes,
        format=fmt,
        input=primal,
        cotangent=_tensor(document, "cotangent", fmt, shapes.output_shape),
        output=_tensor(document, "output", fmt, shapes.output_shape)
        if "output" in document
        else None,
        gradient=_tensor(document, "gradient", fmt, shapes.input_shape)
        if "gradient" in document
        else None,
        metadata=metadata,
    )


def write_case(case: Case) -> dict[str, object]:
    """Return the JSON document of a case; `read_case` gives the case back."""
    document: dict[str, object] = {
        "schema": SCHEMA,
        "op": case.geometry.op,
        "params": dict(case.geometry.params),
        "format": case.format.name,
    }
    for key in ("input", "cotangent", "output", "gradient"):
        tensor = getattr(case, key)
        if tensor is not None:
            data = [case.format.text_of[bits] for bits in tensor.bits]
            document[key] = {"shape": list(tensor.shape), "data": data}
    return document | dict(case.metadata or {})


def case_id(case: Case, family: str) -> str:
    """Return `<op>/<family>-<16 hex digits>`: SHA-256 over the five parts that make a case.

    Hashed is the compact JSON, keys sorted, of op, params, format, input and cotangent as they
    stand in a case file: it depends on nothing but the case.
    """
    document = write_case(case)
    parts = {key: document[key] for key in _REQUIRED if key != "schema"}
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return f"{case.geometry.op}/{family}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _tensor(
    document: dict[str, object],
    key: str,
    fmt: Format,
    expected_shape: tuple[int, ...] | None = None,
) -> Tensor:
    """Return the tensor under `key`."""
    value = document[key]
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


def _keys_message(document: dict[str, object]) -> str:
    missing = [key for key in _REQUIRED if key not in document]
    if missing:
        return f"{missing[0]} is missing, expected the keys {', '.join(_REQUIRED)}"
    unknown = sorted(document.keys() - _KNOWN)
    return f"{unknown[0]!r} is no key of a case, expected {', '.join(sorted(_KNOWN))}"


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

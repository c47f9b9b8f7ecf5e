"""From a case to its JSON document, and to its id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from oracle.case.case import Case, Tensor
from oracle.case.keys import MANY, SCHEMA, SEVERAL, form_of
from oracle.formats import Format
from oracle.programs import Signature


def write_case(case: Case) -> dict[str, object]:
    """Return the JSON document of a case; `read_case` gives the case back."""
    document: dict[str, object] = {
        "schema": SCHEMA,
        "op": case.geometry.op,
        "params": dict(case.geometry.params),
        "format": case.format.name,
    }
    if isinstance(case.geometry, Signature) and case.geometry.constants:
        document["constants"] = list(case.geometry.constants)
    form = form_of(case.geometry.op)
    for key in ("input", "cotangent", "output", "gradient", "jacobian"):
        tensor: Tensor | None = getattr(case, key)
        if tensor is None:
            continue
        if form is MANY and key in SEVERAL:
            document[SEVERAL[key]] = _by_operand(case, tensor, whole=key == "input")
        else:
            document[key] = _written(case.format, tensor.shape, tensor.bits)
    return document | dict(case.metadata or {})


def _by_operand(case: Case, tensor: Tensor, *, whole: bool) -> dict[str, object]:
    """Return an object of tensors by operand name; without the constants unless it is `whole`."""
    shapes = case.geometry
    assert isinstance(shapes, Signature)
    return {
        operand.name: _written(
            case.format, operand.shape, tensor.bits[first : first + operand.size]
        )
        for operand, first in zip(shapes.operands, shapes.offsets, strict=False)
        if whole or operand.name not in shapes.constants
    }


def _written(fmt: Format, shape: Sequence[int], bits: Sequence[int]) -> dict[str, object]:
    return {"shape": list(shape), "data": [fmt.text_of[pattern] for pattern in bits]}


def case_id(case: Case, family: str) -> str:
    """Return `<op>/<family>-<16 hex digits>`: SHA-256 over the five parts that make a case.

    Hashed is the compact JSON, keys sorted, of op, params, format, input and cotangent as they
    stand in a case file, and of the constants if it has some: it depends on nothing but the case.
    """
    document = write_case(case)
    form = form_of(case.geometry.op)
    keys = {*form.required, *form.constants} - {"schema"}
    parts = {key: document[key] for key in document.keys() & keys}
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return f"{case.geometry.op}/{family}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

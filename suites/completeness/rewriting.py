"""From the framework's values of arguments to those of a case: sizes, numbers, tensors."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

from oracle.catalogue import CATALOGUE
from oracle.formats import format_named
from oracle.programs import PROGRAMS
from oracle.programs.parameters import number, number_or_null
from suites.completeness.arguments import NotACaseError
from suites.frameworks.drawn import Foreign, Numbers, Whole

_SIZES = ("kernel_size", "stride", "padding", "dilation", "output_size")
_LISTS = ("lengths", "offsets", "input")
"""Tensors of integers that a definition has as lists; and the index of `index_reduce`."""

Values = Mapping[str, Any]


def rewritten(op: str, values: Values) -> dict[str, Any]:
    """Return the arguments of a call with what a case says in another way, operands included.

    Raises:
        NotACaseError: A case can't say it.
    """
    found = {**values}
    dims = _spatial(op)
    if dims:
        found |= {key: _each(found[key], dims) for key in _SIZES if key in found}
        if "stride" in found:
            found["stride"] = found["stride"] or found["kernel_size"]
    if op in _OWN:
        found |= _OWN[op](found)
    elif op.startswith("max_unpool"):
        found |= _unpooling(found)
    elif op.startswith("adaptive_avg_pool"):
        sizes = found["input"].bits.shape[-dims:]
        found["output_size"] = _filled(found["output_size"], sizes)
    return found


def parameter(op: str, key: str, value: object) -> object:
    """Return a parameter's value as a case has it.

    Raises:
        NotACaseError: A case can't say it.
    """
    if isinstance(value, Foreign):
        msg = f"the argument {key} is {value.kind}"
        raise NotACaseError(msg)
    if isinstance(value, Numbers):
        texts = _texts(value)
        return texts if value.bits.ndim else texts[0]
    if isinstance(value, Whole):
        if _is_number(op, key):
            msg = f"the argument {key} is a tensor of {value.dtype}"
            raise NotACaseError(msg)
        listed = key in _LISTS or (op, key) == ("index_reduce", "index")
        data = list(value.data)
        return data if listed else {"shape": list(value.shape), "data": data}
    if isinstance(value, int | float) and _is_number(op, key):
        return float(value).hex() if math.isfinite(value) else str(value)
    return value


def _is_number(op: str, key: str) -> bool:
    """Return whether a parameter is spelled in hexadecimal."""
    checks = PROGRAMS[op].checks if op in PROGRAMS else {}
    return key == "q" or checks.get(key) in (number, number_or_null)


def _texts(value: Numbers) -> list[str]:
    text_of = format_named(value.format).text_of
    return [text_of[bits] for bits in value.bits.ravel().tolist()]


def _spatial(op: str) -> int:
    """Return the number of spatial dimensions; 0 for what is no pooling."""
    if op not in PROGRAMS:
        return CATALOGUE[op].dims
    return int(op[-2]) if "pool" in op else 0


def _each(value: object, dims: int) -> object:
    """Return one size for each dimension; of a list of one, that one."""
    if type(value) is int:
        return [value] * dims
    if isinstance(value, list) and len(value) == 1:
        return value * dims
    return value


def _filled(sizes: object, whole: tuple[int, ...]) -> object:
    """Return sizes, those of the input where there is none."""
    if not isinstance(sizes, list):
        return sizes
    return [n if size is None else size for size, n in zip(sizes, whole, strict=False)]


def _unpooling(values: Values) -> dict[str, Any]:
    """Return the output's size alone, without its planes; what the framework infers, if so."""
    sizes, shape = values["kernel_size"], values["input"].bits.shape
    given = values["output_size"]
    if given is not None:
        return {"output_size": given[-len(sizes) :]}
    along = zip(shape[-len(sizes) :], sizes, values["stride"], values["padding"], strict=True)
    return {"output_size": [(n - 1) * step - 2 * pad + size for n, size, step, pad in along]}


def _reduction(values: Values) -> dict[str, Any]:
    dim = values["dim"]
    return {"dim": [] if dim is None else [dim] if type(dim) is int else dim}


def _segments(values: Values) -> dict[str, Any]:
    """Return the segments by their lengths."""
    offsets = values["offsets"]
    if not isinstance(offsets, Whole):
        return {}
    if len(offsets.shape) != 1:
        msg = f"offsets of shape {list(offsets.shape)}, expected one dimension"
        raise NotACaseError(msg)
    return {"lengths": [b - a for a, b in itertools.pairwise(offsets.data)]}


def _bags(values: Values) -> dict[str, Any]:
    """Return the bags by where they begin: rows of a matrix are a bag each."""
    rows, offsets = values["input"], values["offsets"]
    if len(rows.shape) == 2:
        return {"offsets": [n * rows.shape[1] for n in range(rows.shape[0])]}
    if values["include_last_offset"]:
        return {"offsets": list(offsets.data[:-1])}
    return {}


def _weights(values: Values) -> dict[str, Any]:
    """Return a single weight as a list of one."""
    weight = values["weight"]
    if isinstance(weight, Numbers) and not weight.bits.ndim:
        reshaped = Numbers(
            format=weight.format, bits=weight.bits.reshape(1), operand=weight.operand
        )
        return {"weight": reshaped}
    return {}


def _largest(values: Values) -> dict[str, Any]:
    """Return what infinities become: left out, the largest numbers of the format."""
    fmt = format_named(values["input"].format)
    largest = float.fromhex(fmt.text_of[fmt.infinity_bits - 1])
    defaults = {"nan": 0.0, "posinf": largest, "neginf": -largest}
    return {key: value for key, value in defaults.items() if values[key] is None}


def _in_order(values: Values) -> dict[str, Any]:
    if not values["sorted"]:
        msg = "an order that is not promised"
        raise NotACaseError(msg)
    return {}


def _in_evaluation(values: Values) -> dict[str, Any]:
    if values["training"]:
        msg = "the operator draws its slopes itself"
        raise NotACaseError(msg)
    return {}


def _sampling(values: Values) -> dict[str, Any]:
    """Return the words for what the operators of one rank have as numbers."""
    words = {
        "mode": ("bilinear", "nearest", "bicubic"),
        "padding_mode": ("zeros", "border", "reflection"),
    }
    numbered = {key: values[key] for key in words if type(values[key]) is int}
    found: dict[str, Any] = {key: words[key][number] for key, number in numbered.items()}
    return found if values["align_corners"] is not None else {**found, "align_corners": False}


_OWN: Mapping[str, Callable[[Values], dict[str, Any]]] = {
    "amax": _reduction,
    "amin": _reduction,
    "segment_reduce": _segments,
    "embedding_bag": _bags,
    "prelu": _weights,
    "nan_to_num": _largest,
    "topk": _in_order,
    "rrelu": _in_evaluation,
    "grid_sample": _sampling,
}
"""Operation -> the arguments that it says in another way."""

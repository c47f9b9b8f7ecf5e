"""The parameters and the shapes that an operation takes, read strictly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from oracle.formats import BINARY64, Format, FormatError

_LARGEST_SIZE = 2**31 - 1


class GeometryError(ValueError):
    """Parameters or a shape that the operation refuses."""


class Call(NamedTuple):
    """What a parameter is checked against.

    Attributes:
        dims: Number of spatial dimensions.
        shape: The input's shape, checked.
        format: The format of the input's numbers, or None where it does not matter.
    """

    dims: int
    shape: tuple[int, ...]
    format: Format | None


def flag(key: str, value: object, call: Call) -> bool:
    """Return the checked value of a parameter that is true or false."""
    del call  # the same for every input
    if type(value) is not bool:
        msg = f"params.{key} is {value!r}, expected true or false"
        raise GeometryError(msg)
    return value


def sizes(key: str, value: object, call: Call) -> tuple[int, ...]:
    """Return a checked list of one integer for each dimension."""
    entries = _listed(value, call.dims)
    if entries is None or not all(_is_size(n) for n in entries):
        msg = f"params.{key} is {value!r}, expected a list of {call.dims} 32-bit integers"
        raise GeometryError(msg)
    return entries


def sizes_or_nulls(key: str, value: object, call: Call) -> tuple[int | None, ...]:
    """Return a checked list of one integer or null for each dimension."""
    entries = _listed(value, call.dims)
    if entries is None or not all(n is None or _is_size(n) for n in entries):
        msg = f"params.{key} is {value!r}, expected a list of {call.dims} 32-bit integers or nulls"
        raise GeometryError(msg)
    return entries


def nothing_or_sizes(key: str, value: object, call: Call) -> tuple[int, ...] | None:
    """Return null, or a checked list of one integer for each dimension."""
    return None if value is None else sizes(key, value, call)


def nothing_or_ratios(key: str, value: object, call: Call) -> tuple[str, ...] | None:
    """Return null, or a checked list of one binary64 number between 0 and 1 for each dimension."""
    if value is None:
        return None
    entries = _listed(value, call.dims)
    if entries is None:
        msg = f"params.{key} is {value!r}, expected null or a list of {call.dims} numbers"
        raise GeometryError(msg)
    return tuple(
        _number(f"params.{key}[{d}]", entry, BINARY64, zero=False)
        for d, entry in enumerate(entries)
    )


def samples(key: str, value: object, call: Call) -> dict[str, tuple[object, ...]]:
    """Return a checked tensor of one number from 0 up to 1 for each plane and dimension.

    PyTorch takes more rows than the batch has and ignores them; a case has none to ignore.
    """
    name = f"params.{key}"
    if not isinstance(value, dict) or value.keys() != {"shape", "data"}:
        msg = f'{name} is {_brief(value)}, expected an object of "shape" and "data"'
        raise GeometryError(msg)
    planes = call.shape[: -call.dims]
    expected = (*(1,) * (2 - len(planes)), *planes, call.dims)
    shape, data = value["shape"], value["data"]
    if not isinstance(shape, list | tuple) or tuple(shape) != expected:
        msg = f"{name}.shape is {_brief(shape)}, expected {list(expected)} for this input"
        raise GeometryError(msg)
    if not isinstance(data, list | tuple) or len(data) != math.prod(expected):
        got = f"{len(data)} entries" if isinstance(data, list | tuple) else _brief(data)
        msg = f"{name}.data has {got}, expected {math.prod(expected)}"
        raise GeometryError(msg)
    if call.format is None:
        msg = f"{name} needs the format of the input, which is None"
        raise GeometryError(msg)
    numbers = [_number(f"{name}.data[{k}]", n, call.format, zero=True) for k, n in enumerate(data)]
    return {"shape": expected, "data": tuple(numbers)}


def checked_shape(
    op: str, shape: Sequence[int], *, dims: int, only_first_empty: bool
) -> tuple[int, ...]:
    """Return the shape, its batch dimension optional; only the batch may be empty.

    With `only_first_empty` the first dimension may be empty whatever it is.
    """
    if len(shape) not in (dims + 1, dims + 2) or not all(type(n) is int and n >= 0 for n in shape):
        msg = f"input.shape is {list(shape)!r}, expected {dims + 1} or {dims + 2} sizes for {op}"
        raise GeometryError(msg)
    may_be_empty = 1 if only_first_empty else len(shape) - dims - 1
    if 0 in shape[may_be_empty:]:
        msg = f"input.shape is {list(shape)!r}, expected no empty dimension but the batch for {op}"
        raise GeometryError(msg)
    return tuple(shape)


def _listed(value: object, length: int) -> tuple[Any, ...] | None:
    listed = tuple(value) if isinstance(value, list | tuple) else ()
    return listed if len(listed) == length else None


def _is_size(value: object) -> bool:
    return type(value) is int and abs(value) <= _LARGEST_SIZE


def _number(name: str, text: object, fmt: Format, *, zero: bool) -> str:
    """Return the one spelling of a number below 1 and above 0, or with `zero` 0 itself."""
    try:
        units = fmt.units_of[bits := fmt.bits_of[text]] if isinstance(text, str) else None
    except FormatError as error:
        msg = f"{name}: {error}"
        raise GeometryError(msg) from error
    if units is None or not (0 if zero else 1) <= units < fmt.eta.denominator:
        interval = "[0, 1)" if zero else "(0, 1)"
        msg = (
            f"{name} is {_brief(text)}, expected a C99 hexadecimal string of a number in {interval}"
        )
        raise GeometryError(msg)
    return fmt.text_of[bits]


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

"""Tensors of numbers, read strictly."""

from __future__ import annotations

import math
from collections.abc import Mapping

from oracle.case.case import Tensor
from oracle.case.errors import CaseError
from oracle.formats import Format, FormatError


def tensor(
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
        msg = f'{key} is {brief(value)}, expected an object of "shape" and "data"'
        raise CaseError(msg)
    shape, data = value["shape"], value["data"]
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        msg = f"{key}.shape is {brief(shape)}, expected a list of sizes"
        raise CaseError(msg)
    if expected_shape is not None and tuple(shape) != expected_shape:
        msg = f"{key}.shape is {brief(shape)}, expected {list(expected_shape)}"
        raise CaseError(msg)
    if not isinstance(data, list) or len(data) != math.prod(shape):
        got = f"{len(data)} entries" if isinstance(data, list) else brief(data)
        msg = f"{key}.data has {got}, expected one for each place of shape {brief(shape)}"
        raise CaseError(msg)
    try:
        return Tensor(tuple(shape), list(map(fmt.bits_of.__getitem__, data)))
    except (FormatError, TypeError):
        raise CaseError(_number_message(key, data, fmt)) from None


def _number_message(key: str, data: list[object], fmt: Format) -> str:
    for position, text in enumerate(data):
        if not isinstance(text, str):
            return (
                f"{key}.data[{position}] is {brief(text)}, expected a string in C99 hexadecimal, "
                "like '-0x1.8p-1', or 'inf', '-inf', 'nan'"
            )
        try:
            fmt.bits_of[text]
        except FormatError as error:
            return f"{key}.data[{position}]: {error}"
    raise AssertionError(key)


def brief(value: object) -> str:
    """Return a value as messages show it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

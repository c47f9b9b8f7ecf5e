"""The parameters of definitions, read strictly."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from oracle.formats import BINARY64, FormatError
from oracle.programs.definition import Check, Shapes
from oracle.programs.errors import ProgramError
from oracle.programs.operands import Shape


def flag(key: str, value: object, shapes: Shapes) -> bool:
    """Return a value that is true or false."""
    del shapes  # the same for all
    if type(value) is not bool:
        msg = f"params.{key} is {value!r}, expected true or false"
        raise ProgramError(msg)
    return value


def number(key: str, value: object, shapes: Shapes) -> str:
    """Return a finite binary64 number as its one spelling in C99 hexadecimal."""
    del shapes  # the same for all
    try:
        units = (
            BINARY64.units_of[bits := BINARY64.bits_of[value]] if isinstance(value, str) else None
        )
    except FormatError as error:
        msg = f"params.{key}: {error}"
        raise ProgramError(msg) from error
    if units is None or abs(units) == BINARY64.infinity:
        msg = f"params.{key} is {value!r}, expected a C99 hexadecimal string of a finite number"
        raise ProgramError(msg)
    return BINARY64.text_of[bits]


def number_or_null(key: str, value: object, shapes: Shapes) -> str | None:
    """Return null, or a finite binary64 number."""
    return None if value is None else number(key, value, shapes)


@functools.lru_cache(maxsize=1024)
def exact(text: str) -> Fraction:
    """Return the number that a checked parameter spells."""
    units = BINARY64.units_of[BINARY64.bits_of[text]]
    assert units is not None
    return units * BINARY64.eta


def one_of(*words: str) -> Check:
    """Return the check of a word."""

    def check(key: str, value: object, shapes: Shapes) -> str:
        del shapes  # the same for all
        if not isinstance(value, str) or value not in words:
            msg = f"params.{key} is {value!r}, expected one of {', '.join(words)}"
            raise ProgramError(msg)
        return value

    return check


def dimension(key: str, value: object, shapes: Shapes) -> int:
    """Return a dimension of the first operand, counted from 0."""
    rank = len(next(iter(shapes.values())))
    if type(value) is not int or not -rank <= value < rank:
        msg = f"params.{key} is {value!r}, expected a dimension of a tensor of {rank}"
        raise ProgramError(msg)
    return value % rank


def dimension_or_null(key: str, value: object, shapes: Shapes) -> int | None:
    """Return null, or a dimension of the first operand."""
    return None if value is None else dimension(key, value, shapes)


def dimensions(key: str, value: object, shapes: Shapes) -> tuple[int, ...]:
    """Return distinct dimensions of the first operand; none of them stands for all."""
    listed = list(value) if isinstance(value, list | tuple) else [None]
    found = tuple(sorted(dimension(key, d, shapes) for d in listed))
    if len(set(found)) < len(found):
        msg = f"params.{key} is {value!r}, expected each dimension once"
        raise ProgramError(msg)
    return found


def integer(least: int) -> Check:
    """Return the check of an integer that is not below `least`."""

    def check(key: str, value: object, shapes: Shapes) -> int:
        del shapes  # the same for all
        if type(value) is not int or value < least:
            msg = f"params.{key} is {value!r}, expected an integer from {least} on"
            raise ProgramError(msg)
        return value

    return check


def any_integer(key: str, value: object, shapes: Shapes) -> int:
    """Return an integer."""
    del shapes  # the same for all
    if type(value) is not int:
        msg = f"params.{key} is {value!r}, expected an integer"
        raise ProgramError(msg)
    return value


def integers(length: int | None = None, least: int = 0) -> Check:
    """Return the check of a list of integers, of one length if it is given."""

    def check(key: str, value: object, shapes: Shapes) -> tuple[int, ...]:
        del shapes  # the same for all
        listed = tuple(value) if isinstance(value, list | tuple) else None
        if (
            listed is None
            or (length is not None and len(listed) != length)
            or not all(type(n) is int and n >= least for n in listed)
        ):
            many = "some" if length is None else str(length)
            msg = (
                f"params.{key} is {value!r:.60}, expected a list of {many} integers from {least} on"
            )
            raise ProgramError(msg)
        return listed

    return check


def tensor_of(kind: type[int | bool]) -> Check:
    """Return the check of a tensor of integers or of flags: its shape and its entries."""

    def check(key: str, value: object, shapes: Shapes) -> dict[str, Any]:
        del shapes  # the definition holds it against them
        if not isinstance(value, dict) or value.keys() != {"shape", "data"}:
            msg = f'params.{key} is {value!r:.60}, expected an object of "shape" and "data"'
            raise ProgramError(msg)
        shape, data = (tuple(value[part]) for part in ("shape", "data"))
        size = 1
        for n in shape:
            size *= n
        if len(data) != size or not all(type(n) is kind for n in data):
            name = "flags" if kind is bool else "integers"
            msg = f"params.{key} is {value!r:.60}, expected {size} {name} for its shape"
            raise ProgramError(msg)
        return {"shape": shape, "data": data}

    return check


def reduced(shape: Shape, dims: Sequence[int], *, keepdim: bool) -> Shape:
    """Return a shape without the dimensions that are reduced, or with 1 in their place."""
    return tuple(
        1 if d in dims else size for d, size in enumerate(shape) if keepdim or d not in dims
    )

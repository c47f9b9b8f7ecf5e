"""Does a JSON value have the type that an annotation names?"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable
from typing import TypeAlias

_PLAIN = (str, int, bool)

Predicate: TypeAlias = Callable[[object], bool]


@functools.cache
def predicate(hint: object) -> Predicate:
    """Return the test for values of type `hint`.

    Understood are `object`, str, int, float (an integer is one), bool, None, unions, `list[X]`,
    `dict[str, X]` and typed dictionaries, whose keys must be there (others may be, too).
    """
    if hint is object:
        return lambda value: True  # noqa: ARG005  # the signature of a predicate
    if typing.is_typeddict(hint):
        return _fields({key: predicate(h) for key, h in typing.get_type_hints(hint).items()})
    arguments = [predicate(h) for h in typing.get_args(hint)]
    origin = typing.get_origin(hint)
    if origin is types.UnionType:
        return lambda value: any(fits(value) for fits in arguments)
    if origin is list:
        return _entries(typing.get_args(hint)[0], arguments[0])
    if origin is dict:
        return lambda value: type(value) is dict and all(map(arguments[1], value.values()))
    # bool is a subclass of int: only the very type counts
    accepted = (int, float) if hint is float else (hint,)
    return lambda value: type(value) in accepted


def _entries(hint: object, fits: Predicate) -> Predicate:
    if hint not in _PLAIN:
        return lambda value: type(value) is list and all(map(fits, value))
    # the same without a call for each of a hundred thousand entries
    wanted = {hint}
    return lambda value: type(value) is list and wanted.issuperset(map(type, value))


def _fields(fields: dict[str, Predicate]) -> Predicate:
    def fits(value: object) -> bool:
        return type(value) is dict and all(
            key in value and test(value[key]) for key, test in fields.items()
        )

    return fits


def spelled(hint: object) -> str:
    """Return the name of a type, for a message."""
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def brief(value: object) -> str:
    """Return a value for a message, on one line."""
    text = ascii(value)
    return text if len(text) <= 80 else text[:77] + "..."

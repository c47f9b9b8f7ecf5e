"""The arguments of an operation's call as Python source."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from reports.literals import is_number

SAMPLES = "_random_samples"
"""The parameter that is a tensor; a script has a variable for it, `samples`."""

_LEADING = ("kernel_size", "output_size")  # passed by position
_NEUTRAL = {"padding": 0, "dilation": 1}
"""Parameter -> the value that PyTorch takes where it is left out."""


class NotArgumentsError(ValueError):
    """A name or a value that is none of an operation's; nothing else may get into a script."""


def name(text: str) -> str:
    """Return `text` if it is a plain name.

    Raises:
        NotArgumentsError: It is something else.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", text):
        msg = f"{ascii(text)[:60]} is no name of an operation or a parameter"
        raise NotArgumentsError(msg)
    return text


def leading(params: Mapping[str, object]) -> str:
    """Return the arguments that are passed by position.

    Raises:
        NotArgumentsError: One of them is no parameter's value.
    """
    return ", ".join(_spelled(params[key]) for key in _LEADING if params.get(key) is not None)


def keywords(params: Mapping[str, object], *, defaults: bool) -> dict[str, str]:
    """Return keyword -> source of its value.

    Args:
        params: The parameters of a case.
        defaults: Whether those with PyTorch's default value are wanted, too.

    Raises:
        NotArgumentsError: One of them is no parameter or no parameter's value.
    """
    return {
        name(key): "samples" if key == SAMPLES else _spelled(value)
        for key, value in params.items()
        if key not in _LEADING and (defaults or not _is_default(key, value, params))
    }


def _is_default(key: str, value: object, params: Mapping[str, object]) -> bool:
    if key in ("output_ratio", SAMPLES):
        return value is None
    if key == "stride":
        return value == params.get("kernel_size")
    if key in _NEUTRAL and isinstance(value, list):
        return all(entry == _NEUTRAL[key] for entry in value)
    return key == "ceil_mode" and value is False


def _spelled(value: object) -> str:
    if isinstance(value, list):
        entries = [_spelled(entry) for entry in value]
        return f"({', '.join(entries)}{',' * (len(entries) == 1)})"
    if value is None or type(value) in (bool, int):
        return repr(value)
    if isinstance(value, str) and is_number(value) and math.isfinite(float.fromhex(value)):
        return repr(float.fromhex(value))
    msg = f"a parameter is {ascii(value)[:60]}, expected numbers, true, false or null"
    raise NotArgumentsError(msg)

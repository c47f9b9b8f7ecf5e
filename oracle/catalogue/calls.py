"""How an operation is called: a Python expression over its operands, with literals alone.

In it `f` stands for the function, so that the same expression calls the framework's, a user's, and
the one in a script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Params: TypeAlias = Mapping[str, Any]
Spelling: TypeAlias = Callable[[Params, Sequence[str]], str]
"""(params, names of the operands that are there) -> the expression."""


def literal(value: object) -> str:
    """Return a parameter's value as source: numbers in hexadecimal as the shortest decimal."""
    if isinstance(value, str) and "0x" in value:
        return repr(float.fromhex(value))
    if isinstance(value, Mapping):
        return tensor(value["data"], value["shape"])
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def tensor(data: Sequence[object], shape: Sequence[int]) -> str:
    """Return a tensor of integers or flags as source; an empty one would have numbers."""
    spelled = f"torch.tensor({_nested(list(data), list(shape))})"
    return spelled if data else f"{spelled}.long().reshape({list(shape)})"


def _nested(data: Sequence[object], shape: Sequence[int]) -> str:
    if not shape:
        return repr(data[0])
    step = len(data) // shape[0] if shape[0] else 0
    parts = [_nested(data[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]
    return f"[{', '.join(parts)}]"


def plain(*leading: str, index: str = "", fixed: str = "") -> Spelling:
    """Return the spelling `f(operands, leading parameters, key=value, ...)`.

    Args:
        leading: Parameters that are passed by position, after the operands.
        index: What is taken of what comes back, `[0]` say.
        fixed: Further arguments, as they stand.
    """

    def spelling(params: Params, operands: Sequence[str]) -> str:
        keys = [key for key, value in params.items() if key not in leading and value is not None]
        arguments = [
            *operands,
            *(literal(params[key]) for key in leading),
            *(f"{key}={literal(params[key])}" for key in keys),
            *([fixed] if fixed else []),
        ]
        return f"f({', '.join(arguments)}){index}"

    return spelling


def reducing(params: Params, operands: Sequence[str]) -> str:
    """Return the call of `max`, `min` or `median`: of everything, along a dimension, or of two."""
    if len(operands) > 1 or params["dim"] is None:
        return f"f({', '.join(operands)})"
    return f"f(input, {params['dim']}, keepdim={params['keepdim']})[0]"


def stacked(params: Params, operands: Sequence[str]) -> str:
    """Return the call of `aminmax`, its two outputs one behind the other."""
    return f"torch.stack({plain()(params, operands)})"


def largest(params: Params, operands: Sequence[str]) -> str:
    """Return the call of `topk`; where it promises no order, in the order of the values."""
    call = plain("k", index="[0]")(params, operands)
    if params["sorted"]:
        return call
    return f"torch.sort({call}, {params['dim']}, descending={params['largest']})[0]"


def quantiles(params: Params, operands: Sequence[str]) -> str:
    """Return the call of `quantile`: several probabilities are a tensor of the input's format."""
    q = params["q"]
    spelled = f"input.new_tensor({literal(q)})" if isinstance(q, tuple) else literal(q)
    rest = plain()({key: value for key, value in params.items() if key != "q"}, [])
    return f"f({operands[0]}, {spelled}, {rest.removeprefix('f(')}"


def clamping(params: Params, operands: Sequence[str]) -> str:
    """Return the call of a clamp: bounds that are operands, or numbers."""
    bounds = [key for key in ("min", "max") if key in operands or params.get(key) is not None]
    named = [f"{key}={key if key in operands else literal(params[key])}" for key in bounds]
    return f"f(input, {', '.join(named)})"


def collecting(source: str) -> Spelling:
    """Return the spelling of a reduction into places by index, whose source has this name."""

    def spelling(params: Params, operands: Sequence[str]) -> str:
        del operands  # both are always there
        index = params["index"]
        places = index if isinstance(index, Mapping) else {"shape": [len(index)], "data": index}
        head = f"f(input, {params['dim']}, {literal(places)}, {source}, {params['reduce']!r}"
        return f"{head}, include_self={params['include_self']})"

    return spelling


def segments(params: Params, operands: Sequence[str]) -> str:
    """Return the call of `segment_reduce`."""
    lengths = f"lengths={tensor(params['lengths'], [len(params['lengths'])])}"
    initial = params["initial"]
    rest = "" if initial is None else f", initial={literal(initial)}"
    return f"f({operands[0]}, {params['reduce']!r}, {lengths}, axis=0{rest})"


def bags(params: Params, operands: Sequence[str]) -> str:
    """Return the call of `embedding_bag`."""
    rows, offsets = (tensor(params[key], [len(params[key])]) for key in ("input", "offsets"))
    return f"f({rows}, {operands[0]}, {offsets}, mode='max')"


def choosing(params: Params, operands: Sequence[str]) -> str:
    """Return the call of `where`."""
    return f"f({literal(params['condition'])}, {', '.join(operands)})"

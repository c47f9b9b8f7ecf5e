"""Operations that work entry by entry, their operands broadcast against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from oracle.programs.definition import Check, Definition, Grids, Params, Shapes
from oracle.programs.errors import ProgramError
from oracle.programs.extended import is_finite, is_nan
from oracle.programs.kinks import maximum, minimum, numbers
from oracle.programs.operands import Shape, broadcast_shape, flat, places
from oracle.programs.parameters import number, number_or_null, tensor_of
from oracle.programs.scalar import Scalar
from oracle.programs.thresholds import jumping, of_numbers, stored

Function = Callable[..., Scalar]
"""(params, *scalars) -> scalar."""

_MOST_KNOWN = 1 << 14
"""Outputs that are remembered of an operation."""


def definition(
    function: Function,
    *operands: str,
    checks: Mapping[str, Check] | None = None,
    commutes: bool = False,
) -> Definition:
    """Return the definition of an operation that works entry by entry.

    Args:
        function: What it does with the parameters and one entry of each operand.
        operands: Their names; `input` alone if there are none.
        checks: Parameter -> the check of its value.
        commutes: As `Definition` has it.
    """
    names = operands or ("input",)
    return Definition(
        operands=names,
        checks=checks or {},
        output_shape=output_shape,
        outputs=_each(function),
        commutes=commutes,
    )


def output_shape(params: Params, shapes: Shapes) -> Shape:
    """Return the shape that the operands broadcast to."""
    del params  # no parameter of these has a say in it
    found = broadcast_shape(list(shapes.values()))
    if found is None:
        msg = f"the shapes {', '.join(map(str, shapes.values()))} do not broadcast to one"
        raise ProgramError(msg)
    return found


def _each(function: Function) -> Callable[[Params, Grids], Sequence[Scalar]]:
    """Return what a function makes of all entries; what it made of the same ones it remembers."""
    known: dict[object, Scalar] = {}

    def outputs(params: Params, grids: Grids) -> Sequence[Scalar]:
        shape = broadcast_shape([grid.shape for grid in grids.values()])
        assert shape is not None
        columns = {name: grid.broadcast(shape) for name, grid in grids.items()}
        names, settings = tuple(columns), tuple(params.values())
        if len(known) > _MOST_KNOWN:
            known.clear()
        made = []
        for entries in zip(*columns.values(), strict=True):
            key = (settings, names, *((entry.key, entry.value, entry.zeros) for entry in entries))
            if key not in known:
                made_of = dict(zip(names, entries, strict=True))
                known[key] = of_numbers(function(params, **made_of), *entries)
            made.append(known[key])
        return made

    return outputs


def _clamp(
    params: Params,
    input: Scalar,
    min: Scalar | None = None,
    max: Scalar | None = None,
) -> Scalar:
    lower, upper = _bound(params, "min", min), _bound(params, "max", max)
    above = input if lower is None else maximum(lower, input)
    return above if upper is None else minimum(above, upper)


def _bound(params: Params, key: str, operand: Scalar | None) -> Scalar | None:
    text = params.get(key)
    if text is not None and operand is not None:
        msg = f"params.{key} is {text} beside an operand of this name, expected null"
        raise ProgramError(msg)
    return operand if text is None else stored(text)


def _nan_to_num(params: Params, input: Scalar) -> Scalar:
    if is_finite(input.value):
        return input
    key = "nan" if is_nan(input.value) else "posinf" if input.value > 0 else "neginf"
    return jumping(stored(params[key]), input)


def _copysign(params: Params, input: Scalar, other: Scalar) -> Scalar:
    """Return the magnitude of the one with the sign of the other, which zeros have too.

    Next to a zero of the other it jumps, be it by little, unless that is constant, or a constant 0.
    """
    del params  # it has none
    negative = other.value < 0 or (other.value == 0 and True in other.zeros)
    y = replace(-abs(input) if negative else abs(input), zeros=frozenset((negative,)))
    still = other.is_constant or (input.is_constant and not input.value)
    return jumping(y, other) if other.value == 0 and not still else y


def _where(params: Params, grids: Grids) -> Sequence[Scalar]:
    shape = _where_shape(params, {name: grid.shape for name, grid in grids.items()})
    flags = _broadcast_flags(params["condition"], shape)
    yes, no = (grids[name].broadcast(shape) for name in ("input", "other"))
    return [a if flag else b for flag, a, b in zip(flags, yes, no, strict=True)]


def _where_shape(params: Params, shapes: Shapes) -> Shape:
    return output_shape(params, {**shapes, "condition": params["condition"]["shape"]})


def _broadcast_flags(condition: Mapping[str, Sequence[int]], shape: Shape) -> list[bool]:
    own = (1,) * (len(shape) - len(condition["shape"])) + tuple(condition["shape"])
    return [
        bool(
            condition["data"][
                flat(own, [0 if n == 1 else k for n, k in zip(own, place, strict=True)])
            ]
        )
        for place in places(shape)
    ]


_BOUNDS = {"min": number_or_null, "max": number_or_null}

ELEMENTWISE: dict[str, Definition] = {
    "abs": definition(lambda _, input: abs(input)),
    "clamp": replace(
        definition(_clamp, "input", "min", "max", checks=_BOUNDS), optional=("min", "max")
    ),
    "clamp_min": replace(
        definition(_clamp, "input", "min", checks={"min": number_or_null}), optional=("min",)
    ),
    "clamp_max": replace(
        definition(_clamp, "input", "max", checks={"max": number_or_null}), optional=("max",)
    ),
    "maximum": definition(
        lambda _, input, other: maximum(input, other), "input", "other", commutes=True
    ),
    "minimum": definition(
        lambda _, input, other: minimum(input, other), "input", "other", commutes=True
    ),
    "fmax": definition(
        lambda _, input, other: maximum(*numbers([input, other])), "input", "other", commutes=True
    ),
    "fmin": definition(
        lambda _, input, other: minimum(*numbers([input, other])), "input", "other", commutes=True
    ),
    "nan_to_num": definition(
        _nan_to_num, checks=dict.fromkeys(("nan", "posinf", "neginf"), number)
    ),
    "copysign": definition(_copysign, "input", "other"),
    "where": Definition(
        operands=("input", "other"),
        checks={"condition": tensor_of(bool)},
        output_shape=_where_shape,
        outputs=_where,
        selects=True,
        commutes=True,
    ),
}

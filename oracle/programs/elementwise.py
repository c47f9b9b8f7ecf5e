"""Operations that work entry by entry, their operands broadcast against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from oracle.programs.definition import Check, Definition, Grids, Params, ProgramError, Shapes
from oracle.programs.extended import is_finite, is_nan
from oracle.programs.kinks import maximum, minimum, numbers, pieces
from oracle.programs.operands import Shape, broadcast_shape
from oracle.programs.parameters import exact, number, number_or_null, tensor_of
from oracle.programs.scalar import Scalar, Term
from oracle.programs.transcendental import expm1

Function = Callable[..., Scalar]
"""(params, *scalars) -> scalar."""

# [Klambauer et al. 2017], as the framework's documentation gives them
_SELU_ALPHA = Fraction("1.6732632423543772848170429916717")
_SELU_SCALE = Fraction("1.0507009873554804934193349852946")


def _definition(
    function: Function,
    *operands: str,
    checks: Mapping[str, Check] | None = None,
    commutes: bool = False,
) -> Definition:
    names = operands or ("input",)
    return Definition(
        operands=names,
        checks=checks or {},
        output_shape=_output_shape,
        outputs=_each(function),
        commutes=commutes,
    )


def _output_shape(params: Params, shapes: Shapes) -> Shape:
    del params  # no parameter of these has a say in it
    found = broadcast_shape(list(shapes.values()))
    if found is None:
        msg = f"the shapes {', '.join(map(str, shapes.values()))} do not broadcast to one"
        raise ProgramError(msg)
    return found


def _each(function: Function) -> Callable[[Params, Grids], Sequence[Scalar]]:
    def outputs(params: Params, grids: Grids) -> Sequence[Scalar]:
        shape = broadcast_shape([grid.shape for grid in grids.values()])
        assert shape is not None
        columns = {name: grid.broadcast(shape) for name, grid in grids.items()}
        return [
            function(params, **dict(zip(columns, entries, strict=True)))
            for entries in zip(*columns.values(), strict=True)
        ]

    return outputs


def _leaky_relu(params: Params, input: Scalar) -> Scalar:
    return _leaking(input, _rounded(params["negative_slope"]))


def _rrelu(params: Params, input: Scalar) -> Scalar:
    """In evaluation the slope is the mean of the two bounds: a sum, and half of it."""
    lower, upper = exact(params["lower"]), exact(params["upper"])
    mean = Scalar.constant(
        (lower + upper) / 2, magnitude=(abs(lower) + abs(upper)) / 2, roundings=3
    )
    return _leaking(input, mean)


def _leaking(x: Scalar, slope: Scalar) -> Scalar:
    return pieces(x, [0], [lambda t: t * slope, lambda t: t], at=[0])


def _rounded(text: str) -> Scalar:
    """Return a parameter that takes part in products: it is rounded to the format first."""
    return Scalar.constant(exact(text), roundings=1)


def _relu6(x: Scalar) -> Scalar:
    return minimum(maximum(0, x), 6)


def _hardshrink(params: Params, input: Scalar) -> Scalar:
    width = exact(params["lambd"])
    if width <= 0:
        return input
    return pieces(input, [-width, width], [_same, _zero, _same], at=[1, 1])


def _softshrink(params: Params, input: Scalar) -> Scalar:
    width = exact(params["lambd"])
    if width == 0:
        return input
    if width < 0:
        msg = f"params.lambd is {params['lambd']}, expected 0 or more"
        raise ProgramError(msg)
    parts = [lambda x: x + width, _zero, lambda x: x - width]
    return pieces(input, [-width, width], parts, at=[1, 1])


def _threshold(params: Params, input: Scalar) -> Scalar:
    value = exact(params["value"])
    return pieces(input, [exact(params["threshold"])], [lambda _: value, _same], at=[0])


def _same(x: Scalar) -> Scalar:
    return x


def _zero(x: Scalar) -> Scalar:
    del x  # it is 0 whatever the argument
    return Scalar.constant(0)


def _elu(params: Params, input: Scalar) -> Scalar:
    alpha = _rounded(params["alpha"])
    return pieces(input, [0], [lambda x: expm1(x) * alpha, _same], at=[0])


def _celu(params: Params, input: Scalar) -> Scalar:
    alpha = exact(params["alpha"])
    if alpha == 0:
        msg = "params.alpha is 0, expected another number"
        raise ProgramError(msg)
    factor = Scalar.constant(alpha, roundings=1)
    return pieces(input, [0], [lambda x: expm1(x / alpha) * factor, _same], at=[0])


def _selu(params: Params, input: Scalar) -> Scalar:
    del params  # it has none
    scale = Scalar.constant(_SELU_SCALE, roundings=1)
    negative = Scalar.constant(_SELU_SCALE * _SELU_ALPHA, roundings=3)
    return pieces(input, [0], [lambda x: expm1(x) * negative, lambda x: x * scale], at=[0])


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
    return operand if text is None else Scalar.constant(exact(text))


def _nan_to_num(params: Params, input: Scalar) -> Scalar:
    if is_finite(input.value):
        return input
    key = "nan" if is_nan(input.value) else "posinf" if input.value > 0 else "neginf"
    return _jumping(Scalar.constant(exact(params[key])), input)


def _jumping(y: Scalar, *arguments: Scalar) -> Scalar:
    """Return `y` as the value of a function that jumps here in these arguments."""
    touched = {i: Term(0, 0, 0) for x in arguments for branch in x.branches for i in branch.row}
    rows = [branch._replace(row={**touched, **branch.row}) for branch in y.branches]
    return replace(y, branches=tuple(rows), jump=True)


def _copysign(params: Params, input: Scalar, other: Scalar) -> Scalar:
    del params  # it has none
    negative = other.value < 0 or (other.value == 0 and True in other.zeros)
    y = replace(-abs(input) if negative else abs(input), zeros=frozenset((negative,)))
    return _jumping(y, other) if other.value == 0 and input.value != 0 else y


def _where(params: Params, grids: Grids) -> Sequence[Scalar]:
    shape = _where_shape(params, {name: grid.shape for name, grid in grids.items()})
    flags = _broadcast_flags(params["condition"], shape)
    yes, no = (grids[name].broadcast(shape) for name in ("input", "other"))
    return [a if flag else b for flag, a, b in zip(flags, yes, no, strict=True)]


def _where_shape(params: Params, shapes: Shapes) -> Shape:
    return _output_shape(params, {**shapes, "condition": params["condition"]["shape"]})


def _broadcast_flags(condition: Mapping[str, Sequence[int]], shape: Shape) -> list[bool]:
    from oracle.programs.operands import flat, places  # noqa: PLC0415

    own = (1,) * (len(shape) - len(condition["shape"])) + tuple(condition["shape"])
    return [
        bool(
            condition["data"][
                flat(own, [0 if n == 1 else k for n, k in zip(own, place, strict=True)])
            ]
        )
        for place in places(shape)
    ]


def _prelu(params: Params, grids: Grids) -> Sequence[Scalar]:
    del params  # it has none
    x, weight = grids["input"], grids["weight"]
    inner = 1
    for size in x.shape[2:]:
        inner *= size
    channels = len(weight.entries)
    return [
        _leaking(entry, weight.entries[k // inner % channels]) for k, entry in enumerate(x.entries)
    ]


def _prelu_shape(params: Params, shapes: Shapes) -> Shape:
    del params  # it has none
    shape, weight = shapes["input"], shapes["weight"]
    channels = shape[1] if len(shape) > 1 else 1
    if len(weight) != 1 or weight[0] not in (1, channels):
        msg = f"weight.shape is {list(weight)}, expected [1] or [{channels}], one for each channel"
        raise ProgramError(msg)
    return shape


_BOUNDS = {"min": number_or_null, "max": number_or_null}

ELEMENTWISE: dict[str, Definition] = {
    "abs": _definition(lambda _, input: abs(input)),
    "relu": _definition(lambda _, input: maximum(0, input)),
    "relu6": _definition(lambda _, input: _relu6(input)),
    "leaky_relu": _definition(_leaky_relu, checks={"negative_slope": number}),
    "rrelu": _definition(_rrelu, checks={"lower": number, "upper": number}),
    "prelu": Definition(
        operands=("input", "weight"), checks={}, output_shape=_prelu_shape, outputs=_prelu
    ),
    "hardtanh": _definition(
        lambda params, input: minimum(
            maximum(exact(params["min_val"]), input), exact(params["max_val"])
        ),
        checks={"min_val": number, "max_val": number},
    ),
    "hardsigmoid": _definition(lambda _, input: _relu6(input + 3) / 6),
    "hardswish": _definition(lambda _, input: input * _relu6(input + 3) / 6),
    "hardshrink": _definition(_hardshrink, checks={"lambd": number}),
    "softshrink": _definition(_softshrink, checks={"lambd": number}),
    "threshold": _definition(_threshold, checks={"threshold": number, "value": number}),
    "elu": _definition(_elu, checks={"alpha": number}),
    "celu": _definition(_celu, checks={"alpha": number}),
    "selu": _definition(_selu),
    "clamp": replace(
        _definition(_clamp, "input", "min", "max", checks=_BOUNDS), optional=("min", "max")
    ),
    "clamp_min": replace(
        _definition(_clamp, "input", "min", checks={"min": number_or_null}), optional=("min",)
    ),
    "clamp_max": replace(
        _definition(_clamp, "input", "max", checks={"max": number_or_null}), optional=("max",)
    ),
    "maximum": _definition(
        lambda _, input, other: maximum(input, other), "input", "other", commutes=True
    ),
    "minimum": _definition(
        lambda _, input, other: minimum(input, other), "input", "other", commutes=True
    ),
    "fmax": _definition(
        lambda _, input, other: maximum(*numbers([input, other])), "input", "other", commutes=True
    ),
    "fmin": _definition(
        lambda _, input, other: minimum(*numbers([input, other])), "input", "other", commutes=True
    ),
    "nan_to_num": _definition(
        _nan_to_num, checks=dict.fromkeys(("nan", "posinf", "neginf"), number)
    ),
    "copysign": _definition(_copysign, "input", "other"),
    "where": Definition(
        operands=("input", "other"),
        checks={"condition": tensor_of(bool)},
        output_shape=_where_shape,
        outputs=_where,
        selects=True,
        commutes=True,
    ),
}

"""Layers that choose: held against the certified check of whole layers, `oracle.scale`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from oracle.scale import LayerResult, ScaleError, check_pool, check_program
from suites.frameworks.protocol import Bits
from suites.networks.judging.evidence import Judged, NotJudgedError
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import bits, format_of

Params = Callable[[Layer], dict[str, Any]]
Shaped = Callable[[str, Tensor], Bits]


def pool(op: str, dims: int) -> Callable[[Layer], Judged]:
    """Return the judge of a max pooling with a kernel."""

    def judge(layer: Layer) -> Judged:
        def each(name: str) -> list[int]:
            values = list(layer.parameter(name)) or list(layer.parameter("kernel_size"))
            return values * dims if len(values) == 1 else values

        keys = ("kernel_size", "stride", "padding", "dilation")
        params = {key: each(key) for key in keys} | {"ceil_mode": layer.parameter("ceil_mode")}
        return _pooled(layer, op, params)

    return judge


def adaptive_pool(op: str) -> Callable[[Layer], Judged]:
    """Return the judge of a max pooling to a size."""

    def judge(layer: Layer) -> Judged:
        return _pooled(layer, op, {"output_size": list(layer.parameter("output_size"))})

    return judge


def _pooled(layer: Layer, op: str, params: Mapping[str, object]) -> Judged:
    ((name, gradient),) = layer.gradients(("self",))
    try:
        result = check_pool(
            op,
            params,
            format_of(gradient.dtype).name,
            input=bits(layer.parameter("self")),
            cotangent=bits(layer.cotangent),
            gradient=bits(gradient),
            output=_output(layer),
        )
    except (ScaleError, NotImplementedError) as error:
        raise NotJudgedError(str(error)) from error
    return _judged(result, name)


def program(
    op: str,
    operands: Mapping[str, str],
    params: Params = lambda _: {},
    shaped: Shaped = lambda _, tensor: bits(tensor),
) -> Callable[[Layer], Judged]:
    """Return the judge of another operation of the oracle's catalogue.

    Args:
        op: Its name there.
        operands: The operator's argument -> the operand's name there.
        params: The parameters there.
        shaped: The bits of an operand of this name, or of its gradient, in the shape that it has
            there.
    """

    def judge(layer: Layer) -> Judged:
        returned = dict(layer.gradients(tuple(operands)))
        tensors = {name: shaped(name, layer.parameter(key)) for key, name in operands.items()}
        try:
            result = check_program(
                op,
                params(layer),
                format_of(layer.cotangent.dtype).name,
                operands=tensors,
                cotangent=bits(layer.cotangent),
                gradients={
                    operands[key]: shaped(operands[key], gradient)
                    for key, gradient in returned.items()
                },
                output=_output(layer),
                constants=[name for key, name in operands.items() if key not in returned],
            )
        except (ScaleError, NotImplementedError) as error:
            raise NotJudgedError(str(error)) from error
        return _judged(result, "input")

    return judge


def _output(layer: Layer) -> Bits | None:
    """Return the output's bits, unless something was written over it, as a ReLU in place does."""
    return bits(layer.call.outputs[0]) if layer.call.outputs_intact else None


def by_channel(name: str, tensor: Tensor) -> Bits:
    """Return the bits of an operand; a weight is one number for each channel, or one."""
    found = bits(tensor)
    return found.reshape(-1) if name == "weight" else found


def numbers_of(*keys: str) -> Params:
    """Return what spells some parameters as a case file does; None for one that is not given."""

    def params(layer: Layer) -> dict[str, Any]:
        values = {key: layer.parameter(key) for key in keys}
        return {key: None if value is None else float(value).hex() for key, value in values.items()}

    return params


def reduced(layer: Layer) -> dict[str, Any]:
    """Return the parameters of a reduction; without a dimension it takes all."""
    given = layer.call.arguments
    return {"dim": given.get("dim"), "keepdim": given.get("keepdim", False)}


def _judged(result: LayerResult, name: str) -> Judged:
    verdicts = {word: count for word, count in result.verdicts.items() if count}
    if result.wrong_outputs:
        verdicts["outside"] = verdicts.get("outside", 0) + result.wrong_outputs
    return Judged(
        verdicts=verdicts,
        worst_ratio=result.worst_ratio,
        rule=result.rule,
        windows=result.windows,
        tied=result.tied,
        special=result.is_special,
        detail="" if result.conforms else _detail(result, name),
    )


def _detail(result: LayerResult, name: str) -> str:
    if result.wrong_outputs:
        return f"{result.wrong_outputs} of {result.windows} outputs are not the function's"
    wrong = sum(result.verdicts.get(word, 0) for word in ("outside", "conservative", "undecided"))
    text = f"{wrong} of {result.elements} entries of the gradient are {result.verdict}"
    for finding in result.findings[:1]:
        places = ", ".join(map(str, finding.inputs[:4]))
        text += f"; the first: {name}, flat {places}{', ...' * (len(finding.inputs) > 4)}"
    return text

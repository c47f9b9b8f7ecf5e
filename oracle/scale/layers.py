"""The two entry points: layers of windows, and of programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.formats import Format, FormatError, format_named
from oracle.programs import signature
from oracle.programs.errors import ProgramError
from oracle.scale.bits import SIGNED, Keys
from oracle.scale.passing import Layer
from oracle.scale.pooling import PoolCheck
from oracle.scale.program_layer import ProgramLayer
from oracle.scale.programs import check_layer
from oracle.scale.result import Budget, LayerResult, ScaleError
from oracle.windows import GeometryError, geometry

Bits: TypeAlias = NDArray[np.unsignedinteger]


def check_pool(
    op: str,
    params: Mapping[str, object],
    format_name: str,
    *,
    input: Bits,  # noqa: A002, the framework's name
    cotangent: Bits,
    gradient: Bits,
    output: Bits | None = None,
    flushes: bool = False,
    budget: Budget | None = None,
) -> LayerResult:
    """Return what is proved about a max-pooling layer.

    Args:
        op: `max_pool1d/2d/3d`, `adaptive_max_pool1d/2d/3d` or `fractional_max_pool2d/3d`.
        params: All parameters, as in a case file (`kernel_size`, `stride`, `padding`, `dilation` as
            one integer for each dimension, `ceil_mode`; or `output_size`).
        format_name: `binary16`, `bfloat16`, `binary32` or `binary64`.
        input: Raw bits in the input's shape: uint16, uint32 or uint64.
        cotangent: Raw bits in the output's shape.
        gradient: Raw bits in the input's shape.
        output: Raw bits in the output's shape, if they are to be checked.
        flushes: Whether subnormal numbers may be flushed to zero.
        budget: What the exact core may be asked; `Budget()` by default.

    Raises:
        ScaleError: Operation, parameters, format, a shape or a type of numbers does not fit.
    """
    fmt = _format(format_name)
    try:
        shapes = geometry(op, params, input.shape, fmt)
    except GeometryError as error:
        raise ScaleError(str(error)) from error
    tensors = {"input": (input, shapes.input_shape), "cotangent": (cotangent, shapes.output_shape)}
    tensors |= {"gradient": (gradient, shapes.input_shape)}
    if output is not None:
        tensors["output"] = (output, shapes.output_shape)
    flat = {name: _flat(name, fmt, *pair) for name, pair in tensors.items()}
    empty = np.zeros(0, SIGNED[fmt.width])
    layer = Layer(flat["input"], flat["cotangent"], flat["gradient"], flat.get("output", empty))
    return PoolCheck(shapes, fmt, layer, flushes=flushes, budget=budget or Budget()).run()


def check_program(
    op: str,
    params: Mapping[str, object],
    format_name: str,
    *,
    operands: Mapping[str, Bits],
    cotangent: Bits,
    gradients: Mapping[str, Bits],
    output: Bits | None = None,
    constants: Sequence[str] = (),
    flushes: bool = False,
    budget: Budget | None = None,
) -> LayerResult:
    """Return what is proved about a layer of another operation of the catalogue.

    Args:
        op: Any program: `relu`, `leaky_relu`, `clamp`, `abs`, `amax`, `max`, `avg_pool2d`, ...
        params: All its parameters, as in a case file: numbers are C99 hexadecimal strings
            (`float.hex`), so `leaky_relu` has `{"negative_slope": "0x1.47ae147ae147bp-7"}`.
        format_name: `binary16`, `bfloat16`, `binary32` or `binary64`.
        operands: Operand -> raw bits in its shape (`{"input": x}` for operations of one).
        cotangent: Raw bits in the output's shape.
        gradients: Operand -> raw bits in its shape; constants have none.
        output: Raw bits in the output's shape, if they are to be checked.
        constants: Operands that are not differentiated.
        flushes: Whether subnormal numbers may be flushed to zero.
        budget: What the exact core may be asked; `Budget()` by default.

    Raises:
        ScaleError: Operation, parameters, format, a shape or a type of numbers does not fit.
    """
    fmt = _format(format_name)
    try:
        shapes = signature(
            op, params, {name: tensor.shape for name, tensor in operands.items()}, list(constants)
        )
    except ProgramError as error:
        raise ScaleError(str(error)) from error
    wanted = {operand.name: operand.shape for operand in shapes.differentiated}
    if set(gradients) != set(wanted):
        msg = f"gradients are of {', '.join(gradients)}, expected {', '.join(wanted)}"
        raise ScaleError(msg)
    sizes = {operand.name: operand.shape for operand in shapes.operands}
    empty = np.zeros(0, SIGNED[fmt.width])
    shape = shapes.output_shape
    layer = ProgramLayer(
        shapes=shapes,
        format=fmt,
        operands={name: _flat(name, fmt, operands[name], sizes[name]) for name in sizes},
        cotangent=_flat("cotangent", fmt, cotangent, shape),
        gradients={
            name: _flat(f"gradient of {name}", fmt, gradients[name], wanted[name])
            for name in wanted
        },
        output=empty if output is None else _flat("output", fmt, output, shape),
        flushes=flushes,
        budget=budget or Budget(),
    )
    return check_layer(layer)


def _format(name: str) -> Format:
    try:
        return format_named(name)
    except FormatError as error:
        raise ScaleError(str(error)) from error


def _flat(name: str, fmt: Format, bits: Bits, shape: tuple[int, ...]) -> Keys:
    """Return a tensor as a flat array of signed bit patterns, without a copy where it can be."""
    kind = np.dtype(f"uint{fmt.width}")
    if bits.dtype != kind:
        got = bits.dtype
        msg = f"{name} has numbers of type {got}, expected {kind}, the raw bits of {fmt.name}"
        raise ScaleError(msg)
    if bits.shape != shape:
        msg = f"{name}.shape is {list(bits.shape)}, expected {list(shape)}"
        raise ScaleError(msg)
    return np.ascontiguousarray(bits).reshape(-1).view(SIGNED[fmt.width])

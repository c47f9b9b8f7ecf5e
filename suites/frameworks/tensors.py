"""Tensors from bits and back: how they lie in memory is asked for, and checked."""

from __future__ import annotations

import torch

from oracle.formats import format_named
from suites.frameworks import device
from suites.frameworks.layouts import place
from suites.frameworks.protocol import Bits, bits_dtype

FLOATS = {
    "binary16": torch.float16,
    "bfloat16": torch.bfloat16,
    "binary32": torch.float32,
    "binary64": torch.float64,
}
"""Name of a format -> the type of its tensors."""

_INTEGERS = {16: torch.int16, 32: torch.int32, 64: torch.int64}


class LayoutError(RuntimeError):
    """A tensor that does not lie in memory as it was asked to."""


def laid_out(bits: Bits, layout: str, format_name: str, where: str) -> torch.Tensor:
    """Return a tensor of `bits` that lies in the device's memory as asked.

    Args:
        bits: Bit patterns, in the tensor's shape.
        layout: A layout of inputs or of cotangents.
        format_name: Name of their format.
        where: The device.

    Raises:
        LayoutError: It does not.
    """
    fmt = format_named(format_name)
    placed = place(layout, bits, gaps=(fmt.nan_bits, fmt.infinity_bits))
    storage = device.copied(placed.storage.view(f"int{fmt.width}"), where)
    view = storage.view(FLOATS[format_name]).as_strided(placed.shape, placed.strides, placed.offset)
    got = (view.stride(), view.storage_offset())
    if got != (placed.strides, placed.offset):
        msg = f"{layout}: stride and offset are {got}, expected {placed.strides}, {placed.offset}"
        raise LayoutError(msg)
    return view


def bits_of(tensor: torch.Tensor, format_name: str) -> Bits:
    """Return a copy of a tensor's bits, row-major: what is written to it later does not show.

    Raises:
        TypeError: Its numbers are of another format.
    """
    if tensor.dtype is not FLOATS[format_name]:
        msg = f"what is returned is {tensor.dtype}, expected {FLOATS[format_name]}"
        raise TypeError(msg)
    dtype = bits_dtype(format_name)
    integers = tensor.detach().view(_INTEGERS[dtype.itemsize * 8])
    copied = integers.to("cpu", copy=True, memory_format=torch.contiguous_format)
    bits: Bits = copied.numpy().view(dtype)
    return bits

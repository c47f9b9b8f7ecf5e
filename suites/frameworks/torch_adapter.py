"""Calls an operation on PyTorch tensors and differentiates it, bits in and bits out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

import torch

from oracle.formats import format_named
from suites.frameworks import device
from suites.frameworks.layouts import place
from suites.frameworks.protocol import Bits, Call, Reply, bits_dtype, one_line

Function: TypeAlias = Callable[..., object]

_FLOATS = {
    "binary16": torch.float16,
    "bfloat16": torch.bfloat16,
    "binary32": torch.float32,
    "binary64": torch.float64,
}
_INTEGERS = {16: torch.int16, 32: torch.int32, 64: torch.int64}
LEADING = ("kernel_size", "output_size")
"""The parameters that are passed by position, after the input."""


class NotRunError(Exception):
    """A call that can't be made; the text is the reason."""


class LayoutError(RuntimeError):
    """A tensor that does not lie in memory as it was asked to."""


class ReturnError(TypeError):
    """A function returned something else than PyTorch's would."""


class Library(Protocol):
    """Functions that are called as those of `torch.nn.functional` are."""

    @property
    def operations(self) -> frozenset[str]:
        """The operations there are."""

    def bind(self, op: str, arguments: Mapping[str, object]) -> Function:
        """Return the function of an operation with all its arguments but the input.

        Raises:
            NotRunError: There is none, or an argument can't be passed to it.
        """


class TorchLibrary:
    """PyTorch's own functions, by their dotted names."""

    def __init__(self, operations: tuple[str, ...]) -> None:
        self._functions = {
            op: function
            for op in operations
            if (function := getattr(torch.nn.functional, op, None)) is not None
        }
        self.operations = frozenset(self._functions)

    def bind(self, op: str, arguments: Mapping[str, object]) -> Function:
        """Return `torch.nn.functional.<op>` with its arguments."""
        if op not in self._functions:
            msg = f"torch {torch.__version__} has no {torch.nn.functional.__name__}.{op}"
            raise NotRunError(msg)
        return bound(self._functions[op], arguments)


def bound(function: Function, arguments: Mapping[str, object]) -> Function:
    """Return `function` with its arguments: by keyword, but for what follows the input."""
    leading = [arguments[name] for name in LEADING if name in arguments]
    keywords = {name: value for name, value in arguments.items() if name not in LEADING}
    return lambda primal: function(primal, *leading, **keywords)


def run(call: Call, library: Library) -> Reply:
    """Return what came of a call: forward, backward, and backward again on the same graph."""
    found: dict[str, Any] = {}
    try:
        function = library.bind(call.op, {**call.params, "return_indices": call.return_indices})
        primal = laid_out(call.input, call.layout, call).requires_grad_()
        cotangent = laid_out(call.cotangent, call.cotangent_layout, call)
        output = _forward(call, function(primal), found)
        for name in ("gradient", "second_gradient"):
            (gradient,) = torch.autograd.grad(output, primal, cotangent, retain_graph=True)
            found[name] = bits_of(gradient, call.format)
    except NotRunError as reason:
        return Reply(outcome="not run", message=str(reason))
    except Exception as error:  # noqa: BLE001, whatever it raises is an outcome
        stage = "backward" if "output" in found else "forward"
        return Reply(outcome=_outcome(error, stage), message=one_line(error), stage=stage, **found)
    return Reply(outcome="ran", **found)


def _outcome(error: Exception, stage: str) -> str:
    """Return what an exception is: the word of a missing kernel, or an error.

    PyTorch says of a missing memory format that it is unsupported. That is a missing kernel where
    the forward pass says so; once that has run, the backward pass must take what it is given.
    """
    missing = isinstance(error, NotImplementedError) or "not implemented for" in str(error)
    refused = stage == "forward" and "Unsupported memory format" in str(error)
    return "unsupported" if missing or refused else "errored"


def laid_out(bits: Bits, layout: str, call: Call) -> torch.Tensor:
    """Return a tensor of `bits` that lies in the device's memory as asked.

    Raises:
        LayoutError: It does not.
    """
    fmt = format_named(call.format)
    placed = place(layout, bits, gaps=(fmt.nan_bits, fmt.infinity_bits))
    storage = device.copied(placed.storage.view(f"int{fmt.width}"), call.device)
    view = storage.view(_FLOATS[call.format]).as_strided(
        placed.shape, placed.strides, placed.offset
    )
    got = (view.stride(), view.storage_offset())
    if got != (placed.strides, placed.offset):
        msg = f"{layout}: stride and offset are {got}, expected {placed.strides}, {placed.offset}"
        raise LayoutError(msg)
    return view


def bits_of(tensor: torch.Tensor, format_name: str) -> Bits:
    """Return a copy of a tensor's bits, row-major: what is written to it later does not show."""
    dtype = bits_dtype(format_name)
    integers = tensor.detach().view(_INTEGERS[dtype.itemsize * 8])
    copied = integers.to("cpu", copy=True, memory_format=torch.contiguous_format)
    bits: Bits = copied.numpy().view(dtype)
    return bits


def _forward(call: Call, returned: object, found: dict[str, Any]) -> torch.Tensor:
    """Return the output, and keep its bits and the indices in `found`.

    Raises:
        ReturnError: The function returned something else than was asked for.
    """
    wanted = "a tuple of output and indices" if call.return_indices else "a tensor"
    parts = returned if call.return_indices else (returned,)
    listed = list(parts) if isinstance(parts, tuple | list) else []
    tensors = [part for part in listed if isinstance(part, torch.Tensor)]
    if not len(tensors) == len(listed) == 1 + call.return_indices:
        msg = f"{call.op} returned {_kind(returned)}, expected {wanted}"
        raise ReturnError(msg)
    output = tensors[0]
    _check(call, "output", output, _FLOATS[call.format])
    if call.return_indices:
        _check(call, "indices", tensors[1], torch.int64)
        found["indices"] = tensors[1].detach().to("cpu", copy=True).contiguous().numpy()
    found["output"] = bits_of(output, call.format)
    return output


def _check(call: Call, name: str, tensor: torch.Tensor, dtype: torch.dtype) -> None:
    got = (tensor.dtype, tuple(tensor.shape), tensor.device.type)
    expected = (dtype, call.cotangent.shape, call.device)
    if got != expected:
        msg = f"{name} of {call.op}: {_describe(*got)}, expected {_describe(*expected)}"
        raise ReturnError(msg)


def _describe(dtype: torch.dtype, shape: tuple[int, ...], where: str) -> str:
    return f"{str(dtype).removeprefix('torch.')} {list(shape)} on {where}"


def _kind(returned: object) -> str:
    if isinstance(returned, tuple | list):
        inside = ", ".join(type(part).__name__ for part in returned[:3])
        return f"a {type(returned).__name__} of {len(returned)} ({inside})"
    return f"a value of type {type(returned).__name__}"

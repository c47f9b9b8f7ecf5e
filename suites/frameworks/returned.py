"""What an operation returned: held to what was asked for, its bits kept."""

from __future__ import annotations

from typing import Any

import torch

from suites.frameworks.protocol import Call
from suites.frameworks.tensors import FLOATS, bits_of
from suites.frameworks.units import Unit


class ReturnError(TypeError):
    """A function returned something else than PyTorch's would."""


def output_of(unit: Unit, returned: object, found: dict[str, Any]) -> torch.Tensor:
    """Return the output, and keep its bits and the indices in `found`.

    Raises:
        ReturnError: The function returned something else than was asked for.
    """
    call = unit.call
    wanted = "a tuple of output and indices" if call.return_indices else "a tensor"
    parts = returned if call.return_indices else (returned,)
    listed = list(parts) if isinstance(parts, tuple | list) else []
    tensors = [part for part in listed if isinstance(part, torch.Tensor)]
    if not len(tensors) == len(listed) == 1 + call.return_indices:
        msg = f"{call.op} returned {_kind(returned)}, expected {wanted}"
        raise ReturnError(msg)
    output = tensors[0]
    _check(unit, "output", output, FLOATS[call.format])
    if call.return_indices:
        _check(unit, "indices", tensors[1], torch.int64)
        found["indices"] = tensors[1].detach().to("cpu", copy=True).contiguous().numpy()
    found["output"] = bits_of(output, call.format)
    return output


def a_tensor(call: Call, returned: object) -> torch.Tensor:
    """Return what an operation returned, which has to be one tensor.

    Raises:
        ReturnError: It is something else.
    """
    if not isinstance(returned, torch.Tensor):
        msg = f"{call.op} returned {_kind(returned)}, expected a tensor"
        raise ReturnError(msg)
    return returned


def _check(unit: Unit, name: str, tensor: torch.Tensor, dtype: torch.dtype) -> None:
    call: Call = unit.call
    got = (tensor.dtype, tuple(tensor.shape), tensor.device.type)
    expected = (dtype, tuple(unit.cotangent.shape), call.device)
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

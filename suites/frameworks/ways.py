"""Other ways to a derivative than a reverse pass of eager code: to a gradient or a Jacobian.

A Jacobian is taken entry by entry with unit vectors, so that nothing is added up on the way. Where
the cases of a unit are stacked, one unit vector has its 1 at the same entry of every case.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint

from suites.frameworks.library import NotRunError
from suites.frameworks.returned import a_tensor, output_of
from suites.frameworks.tensors import bits_of
from suites.frameworks.units import Unit

Function = Callable[..., torch.Tensor]
Tensors = tuple[torch.Tensor, ...]
Differentiated = tuple[torch.Tensor, Sequence[torch.Tensor | None]]
"""An output, and the gradients of the operands."""
Matrix = tuple[object, torch.Tensor]
"""What the operation returned, and the Jacobian `(cases, outputs, inputs)`."""


def run(mode: str, unit: Unit, found: dict[str, Any]) -> None:
    """Run a unit in another way; keep the bits of its output and its derivative in `found`.

    Raises:
        NotRunError: The way makes no difference here, or is not to be had.
    """
    if mode in _JACOBIANS:
        output, matrix = _JACOBIANS[mode](unit)
        output_of(unit, output, found)
        found["jacobian"] = bits_of(matrix, unit.call.format)
    else:
        output, gradients = _GRADIENTS[mode](unit)
        output_of(unit, output, found)
        found["gradient"] = bits_of(unit.rows(gradients), unit.call.format)


def _function(unit: Unit) -> Function:
    """Return the operation as one that returns a tensor.

    Raises:
        ReturnError: It does not.
    """

    def function(*operands: torch.Tensor) -> torch.Tensor:
        return a_tensor(unit.call, unit.function(*operands))

    return function


def _leaves(unit: Unit) -> Tensors:
    for operand in unit.operands:
        operand.requires_grad_()
    return unit.operands


def _reverse(unit: Unit, function: Function) -> Differentiated:
    leaves = _leaves(unit)
    output = function(*leaves)
    return output, torch.autograd.grad(output, leaves, unit.cotangent, allow_unused=True)


def _vjp(unit: Unit) -> Differentiated:
    output, pullback, *_ = torch.func.vjp(_function(unit), *unit.operands)
    return output, pullback(unit.cotangent)


def _vmap(unit: Unit) -> Differentiated:
    """Return per-sample gradients: the reverse pass, mapped over the cases of a unit."""
    function = _function(unit)

    def of_one(cotangent: torch.Tensor, *operands: torch.Tensor) -> tuple[torch.Tensor, Tensors]:
        output, pullback, *_ = torch.func.vjp(function, *operands)
        return output, pullback(cotangent)

    apart = [_apart(tensor, unit.cases) for tensor in (unit.cotangent, *unit.operands)]
    output, gradients = torch.func.vmap(of_one)(*apart)
    shaped = [g.reshape(o.shape) for g, o in zip(gradients, unit.operands, strict=True)]
    return output.reshape(unit.cotangent.shape), shaped


def _apart(tensor: torch.Tensor, cases: int) -> torch.Tensor:
    """Return stacked cases along a dimension of their own."""
    if cases == 1:
        return tensor.unsqueeze(0)
    return tensor.reshape(cases, tensor.shape[0] // cases, *tensor.shape[1:])


def _checkpointed(unit: Unit) -> Differentiated:
    function = _function(unit)
    return _reverse(unit, lambda *leaves: checkpoint(function, *leaves, use_reentrant=False))


def _autocast(unit: Unit) -> Differentiated:
    """Return the gradients under autocast; where it computes in a wider format, rounded back.

    Raises:
        NotImplementedError: It computes in a narrower one, so that the operation meets other
            numbers than the case's; cases of that format stand for it.
    """
    function = _function(unit)
    # an operation on numbers of the other 16-bit format is a mixture that nobody asks for
    narrow = torch.float16 if unit.call.format == "binary16" else torch.bfloat16

    def cast(*operands: torch.Tensor) -> torch.Tensor:
        with torch.autocast(unit.call.device, dtype=narrow):
            output = function(*operands)
        if output.dtype.itemsize < unit.cotangent.dtype.itemsize:
            msg = f"under autocast {unit.call.op} computes in {output.dtype}"
            raise NotImplementedError(msg)
        return output.to(unit.cotangent.dtype)

    return _reverse(unit, cast)


def _inplace(unit: Unit) -> Differentiated:
    """Return the gradients of the form that overwrites a copy of its input.

    Raises:
        NotRunError: The operation has no such form.
    """
    if unit.overwriting is None:
        msg = f"{unit.call.op} has no form that overwrites its input"
        raise NotRunError(msg)
    overwriting = unit.overwriting
    return _reverse(
        unit, lambda first, *rest: a_tensor(unit.call, overwriting(first.clone(), *rest))
    )


@contextlib.contextmanager
def _deterministic_algorithms() -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)  # noqa: FBT003, the framework's signature
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def _deterministic(unit: Unit) -> Differentiated:
    with _deterministic_algorithms():
        return _reverse(unit, _function(unit))


def _threads(unit: Unit) -> Differentiated:
    """Return the gradients with four threads in the place of as many as there are."""
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        return _reverse(unit, _function(unit))
    finally:
        torch.set_num_threads(before)


def _streams(unit: Unit) -> Differentiated:
    """Return the gradients of passes on a stream of their own.

    Raises:
        NotRunError: The device has no streams.
    """
    if unit.call.device != "cuda":
        msg = f"{unit.call.device} has no streams"
        raise NotRunError(msg)
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # the framework's
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        differentiated = _reverse(unit, _function(unit))
    torch.cuda.current_stream().wait_stream(stream)
    return differentiated


def _units_of(unit: Unit, like: torch.Tensor) -> Iterator[torch.Tensor]:
    """Yield for each entry of one case the tensor with 1 there, in every case, and 0 elsewhere."""
    entries = like.numel() // unit.cases
    for k in range(entries):
        vector = torch.zeros(unit.cases, entries, dtype=like.dtype, device=like.device)
        vector[:, k] = 1
        yield vector.reshape(like.shape)


def _columns(unit: Unit, columns: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return columns, each of all cases, as `(cases, outputs, inputs)`."""
    return torch.stack([column.detach().reshape(unit.cases, -1) for column in columns], dim=2)


def _jvp(unit: Unit) -> Matrix:
    """Return the Jacobian by forward mode, a unit tangent at a time."""
    function = _function(unit)
    output, columns = None, []
    for number, operand in enumerate(unit.operands):
        for tangent in _units_of(unit, operand):
            tangents = tuple(
                tangent if k == number else torch.zeros_like(other)
                for k, other in enumerate(unit.operands)
            )
            output, column, *_ = torch.func.jvp(function, unit.operands, tangents)
            columns.append(column)
    return output, _columns(unit, columns)


def _case_by_case(take: Callable[..., Any], unit: Unit) -> Matrix:
    """Return the Jacobian of each case by `torch.func.jacfwd` or `jacrev`."""
    function = _function(unit)
    numbers = tuple(range(len(unit.operands)))
    apart = [_apart(operand, unit.cases) for operand in unit.operands]
    matrices = []
    for case in range(unit.cases):
        operands = [tensor[case] for tensor in apart]
        blocks = take(function, argnums=numbers)(*operands)
        outputs = unit.cotangent.numel() // unit.cases
        matrices.append(torch.cat([block.detach().reshape(outputs, -1) for block in blocks], dim=1))
    return function(*unit.operands), torch.stack(matrices)


def _double_backward(unit: Unit) -> Matrix:
    """Return the Jacobian as the derivative of the reverse pass with respect to the cotangent."""
    leaves = _leaves(unit)
    upstream = unit.cotangent.detach().requires_grad_()
    output = _function(unit)(*leaves)
    gradients = torch.autograd.grad(output, leaves, upstream, create_graph=True, allow_unused=True)
    columns = [
        _pushed(upstream, gradient, tangent)
        for operand, gradient in zip(leaves, gradients, strict=True)
        for tangent in _units_of(unit, operand)
    ]
    return output, _columns(unit, columns)


def _pushed(
    upstream: torch.Tensor, gradient: torch.Tensor | None, tangent: torch.Tensor
) -> torch.Tensor:
    """Return what the reverse pass's own derivative makes of a tangent; no graph stands for 0."""
    if gradient is None or not gradient.requires_grad:
        return torch.zeros_like(upstream)
    pushed: torch.Tensor | None = torch.autograd.grad(
        gradient, upstream, tangent, retain_graph=True, allow_unused=True
    )[0]
    return torch.zeros_like(upstream) if pushed is None else pushed


_GRADIENTS: dict[str, Callable[[Unit], Differentiated]] = {
    "vjp": _vjp,
    "vmap": _vmap,
    "checkpoint": _checkpointed,
    "autocast": _autocast,
    "inplace": _inplace,
    "deterministic": _deterministic,
    "threads": _threads,
    "streams": _streams,
}
_JACOBIANS: dict[str, Callable[[Unit], Matrix]] = {
    "jvp": _jvp,
    "jacfwd": functools.partial(_case_by_case, torch.func.jacfwd),
    "jacrev": functools.partial(_case_by_case, torch.func.jacrev),
    "double-backward": _double_backward,
}

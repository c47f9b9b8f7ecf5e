"""Operators as functions of the numbers in their operands, from the database's sample inputs.

A sample's shapes and its other arguments are kept, its numbers are replaced.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import torch
from torch.utils import _pytree as pytree

from suites.frameworks.kinks import Line, value_along
from suites.frameworks.palettes import Palette, directions

Entry: TypeAlias = Any
"""An `OpInfo`; the framework's internals have no types to rely on."""

DRAWN, TAKEN = 100, 6
"""Sample inputs of an operator that are drawn, and of these, evenly, those that are probed."""

MOST_NUMBERS = 10_000
"""Numbers in the differentiable operands of a sample."""

_SEED = 0
_POLE = 2.0**53
"""A pole whose argument is rounded comes back as a number of 1/u or more, no longer as infinity."""


class OutsideError(Exception):
    """The function is not defined there."""


class Function:
    """An operator with all arguments of a sample but the numbers of its differentiable operands."""

    def __init__(self, entry: Entry, sample: Any) -> None:
        self._operator = entry.op
        self._processed = sample.output_process_fn_grad
        leaves, self._structure = pytree.tree_flatten((sample.input, sample.args, sample.kwargs))
        self._leaves: list[Any] = [_constant(leaf) for leaf in leaves]
        self._places = [place for place, leaf in enumerate(leaves) if _is_operand(leaf)]

    @property
    def operands(self) -> list[torch.Tensor]:
        """The differentiable operands that are dense."""
        return [self._leaves[place] for place in self._places]

    @property
    def numbers(self) -> int:
        """How many numbers they hold."""
        return sum(operand.numel() for operand in self.operands)

    @property
    def fits(self) -> bool:
        """Whether it can be probed."""
        return 0 < self.numbers <= MOST_NUMBERS

    def line(self, palette: Palette) -> Line:
        """Return the line through the point that a palette makes of the operands."""
        shapes = [operand.shape for operand in self.operands]
        point = [palette(shape, place) for place, shape in enumerate(shapes)]
        ways = [directions(shape, place) for place, shape in enumerate(shapes)]
        along = ([a for a, _ in ways], [b for _, b in ways])
        return Line(
            value=value_along(self, point, along),
            size=max(float(x.abs().max()) for x in point if x.numel()),
            numbers=self.numbers,
            unit=max((torch.finfo(part.dtype).eps / 2 for part in self._outputs(point)), default=0),
        )

    def __call__(self, operands: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return all outputs for some operands, as one vector in binary64.

        Raises:
            OutsideError: An output is not finite, or there is none.
        """
        parts = [_flat(part) for part in self._outputs(operands)]
        values = torch.cat(parts) if parts else torch.empty(0)
        if not values.numel() or not bool((values.abs() < _POLE).all()):
            msg = "the output is empty or not finite"
            raise OutsideError(msg)
        return values

    def _outputs(self, operands: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        leaves = list(self._leaves)
        for place, numbers in zip(self._places, operands, strict=True):
            leaves[place] = _like(numbers, leaves[place])
        given, arguments, options = pytree.tree_unflatten(leaves, self._structure)
        torch.default_generator.manual_seed(_SEED)
        with torch.no_grad():
            output = self._operator(given, *arguments, **options)
            _test_info(output)
            return [
                part for part in pytree.tree_leaves(self._processed(output)) if _is_inexact(part)
            ]


def functions(entry: Entry) -> Iterator[tuple[int, Function]]:
    """Yield the functions that are probed, each with the number of its sample."""
    dtype = _dtype(entry)
    if dtype is None:
        return
    torch.manual_seed(_SEED)
    drawn = itertools.islice(entry.sample_inputs("cpu", dtype, requires_grad=True), DRAWN)
    drawn_functions = [(number, Function(entry, sample)) for number, sample in enumerate(drawn)]
    fit = [(number, function) for number, function in drawn_functions if function.fits]
    yield from fit[:: math.ceil(len(fit) / TAKEN) or 1]


def unfit(entry: Entry) -> str:
    """Return why an operator has no such function."""
    if _dtype(entry) is None:
        return "it takes no binary64 on the CPU"
    return (
        f"no sample has dense differentiable operands of 1 to {MOST_NUMBERS:,} numbers, of "
        f"{DRAWN} that are drawn"
    )


def _dtype(entry: Entry) -> torch.dtype | None:
    """Return the type of its operands: binary64, or complex where it takes no real ones."""
    supported = entry.supported_dtypes("cpu")
    return next((each for each in (torch.float64, torch.complex128) if each in supported), None)


def _constant(leaf: object) -> object:
    """Return an argument without its graph; numbers in binary64, so that no other format rounds."""
    if not isinstance(leaf, torch.Tensor):
        return leaf
    return leaf.detach().to(torch.float64) if leaf.is_floating_point() else leaf.detach()


def _like(numbers: torch.Tensor, operand: torch.Tensor) -> torch.Tensor:
    """Return new numbers of an operand's type; complex ones have other imaginary parts."""
    if operand.dtype.is_complex:
        turned = numbers.flip(0) if numbers.dim() else numbers
        return torch.complex(numbers, turned).to(operand.dtype)
    return numbers.to(operand.dtype, copy=True)


def _test_info(output: object) -> None:
    """Test what a factorization says of its success.

    Raises:
        OutsideError: It failed, and its other outputs mean nothing.
    """
    info = getattr(output, "info", None)
    if isinstance(info, torch.Tensor) and bool(info.any()):
        msg = "the operator reports that it failed"
        raise OutsideError(msg)


def _flat(part: torch.Tensor) -> torch.Tensor:
    dense = part.to_dense() if part.layout is not torch.strided else part
    known = dense.detach().resolve_conj().resolve_neg()
    if known.is_complex():
        known = torch.view_as_real(known.to(torch.complex128))
    return known.reshape(-1).to(torch.float64)


def _is_operand(value: object) -> bool:
    return isinstance(value, torch.Tensor) and value.requires_grad and value.layout is torch.strided


def _is_inexact(value: object) -> bool:
    return isinstance(value, torch.Tensor) and (value.is_floating_point() or value.is_complex())

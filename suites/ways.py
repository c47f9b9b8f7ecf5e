"""Which cases are differentiated in other ways than by a reverse pass of eager code.

A way is another path through the framework, not another kernel for each geometry: some cases of two
stacks of each operation and format are enough for each way, one of them with many cases; which
stacks goes round with the way and the format. A Jacobian takes a pass for each input, so that it
has fewer and smaller cases.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oracle.catalogue import CATALOGUE
from oracle.formats import FORMATS
from oracle.windows import Geometry
from suites.corpus import Stack
from suites.frameworks.protocol import JACOBIANS, WAYS

_CASES, _JACOBIAN_CASES = 40, 10
_LARGEST, _LARGEST_MATRIX = 4096, 256
"""Inputs of a case, and entries of a Jacobian."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Cases of a stack that are run in a mode.

    Attributes:
        mode: The mode.
        positions: The cases.
        name: Names the part of the stack.
    """

    mode: str
    positions: tuple[int, ...]
    name: str


def ways(stacks: Sequence[Stack], modes: Sequence[str], device: str) -> dict[str, list[Way]]:
    """Return what is run in which mode of the stacks of one operation and format: by stack name."""
    found: dict[str, list[Way]] = {}
    for number, mode in enumerate((*JACOBIANS, *WAYS)):
        if mode in modes and _makes_sense(mode, stacks, device):
            for stack in _chosen(stacks, mode, number):
                found.setdefault(stack.name, []).append(_way(mode, stack))
    return found


def _makes_sense(mode: str, stacks: Sequence[Stack], device: str) -> bool:
    """Return whether a mode exists for the operation on the device."""
    if mode == "streams":
        return device == "cuda"
    return mode != "inplace" or bool(stacks and CATALOGUE[stacks[0].op].inplace)


def _chosen(stacks: Sequence[Stack], mode: str, number: int) -> Iterator[Stack]:
    """Yield two stacks of a mode, each in turn: of those with many cases, and of the others."""
    small = [stack for stack in stacks if _is_small(stack, mode)]
    if not small:
        return
    turn = len(FORMATS) * number + list(FORMATS).index(small[0].format)
    enough = min(_most(mode), max(map(len, small)))
    many = [stack for stack in small if len(stack) >= enough]
    first = many[turn % len(many)]
    yield first
    others = [stack for stack in small if stack is not first]
    if others:
        yield others[turn % len(others)]


def _most(mode: str) -> int:
    """Return how many cases of a stack are run in a mode."""
    return _JACOBIAN_CASES if mode in JACOBIANS else _CASES


def _is_small(stack: Stack, mode: str) -> bool:
    inputs, outputs = int(stack.inputs[0].size), int(stack.cotangents[0].size)
    if not inputs or not outputs or any(0 in operand.shape for operand in stack.operands):
        return False
    if isinstance(stack.geometry, Geometry) and not all(stack.geometry.windows):
        return False  # where a window reads nothing, a backward pass may write astray
    if mode == "inplace" and not _is_overwritable(stack):
        return False
    if mode in JACOBIANS:
        return inputs * outputs <= _LARGEST_MATRIX
    return inputs <= _LARGEST


def _is_overwritable(stack: Stack) -> bool:
    """Return whether the output has the shape of the first operand."""
    return bool(stack.operands) and stack.operands[0].shape == stack.geometry.output_shape


def _way(mode: str, stack: Stack) -> Way:
    """Return some cases of a stack, of every family about as large a share."""
    step = max(1, math.ceil(len(stack) / _most(mode)))
    return Way(mode=mode, positions=tuple(range(0, len(stack), step)), name=f"every-{step}")

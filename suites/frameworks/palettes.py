"""Where operators are probed: tied numbers, zeros and small integers, and directions from there.

All follow from a tensor's shape and its place among the operands, and have few bits: a step along a
direction changes them exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch

Palette: TypeAlias = Callable[[torch.Size, int], torch.Tensor]
"""Shape and place of an operand -> its numbers, in binary64."""


def _all(number: float) -> Palette:
    return lambda shape, _: torch.full(shape, number, dtype=torch.float64)


def _signs(shape: torch.Size, place: int) -> torch.Tensor:
    """Return integers from -2 to 2, each again and again."""
    return (7 * _counted(shape) + 3 * place) % 5 - 2


def _above_one(shape: torch.Size, place: int) -> torch.Tensor:
    """Return 2, 3 and 4, each again and again: for domains with a border at 0 or 1."""
    return 2 + (_counted(shape) + place) % 3


def _dominant(shape: torch.Size, place: int) -> torch.Tensor:
    """Return ones, with a diagonal in square matrices that makes them positive definite."""
    del place
    ones = torch.ones(shape, dtype=torch.float64)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        return ones
    return ones + shape[-1] * torch.eye(shape[-1], dtype=torch.float64)


def _regular(shape: torch.Size, place: int) -> torch.Tensor:
    """Return integers from -6 to 6 by a rule that leaves few matrices singular."""
    number = _counted(shape) + place
    return (number * number + 3 * number) % 13 - 6


PALETTES: dict[str, Palette] = {
    "zeros": _all(0.0),
    "ones": _all(1.0),
    "halves": _all(0.5),
    "minus ones": _all(-1.0),
    "integers from -2 to 2": _signs,
    "integers from 2 to 4": _above_one,
    "ones, with a dominant diagonal": _dominant,
    "integers from -6 to 6": _regular,
}


def directions(shape: torch.Size, place: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return two directions, multiples of 1/8, of which no two numbers nearby are the same."""
    number = _counted(shape)
    return (
        ((37 * number + 11 * place + 5) % 17 - 8) / 8,
        ((53 * number + 29 * place + 1) % 19 - 9) / 8,
    )


def _counted(shape: torch.Size) -> torch.Tensor:
    return torch.arange(shape.numel(), dtype=torch.float64).reshape(shape)

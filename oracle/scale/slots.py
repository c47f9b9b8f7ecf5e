"""Operations on entries of several operands: their operands, as passes take them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.formats import Format
from oracle.programs.parameters import exact
from oracle.scale.bits import Keys
from oracle.scale.program_layer import ProgramLayer

LARGEST, NUMBER, PAIR, CLAMPED, CHOSEN = range(5)
"""What is chosen: the largest, where one NaN makes NaN; the largest number; the largest of two,
which jumps at NaN; the second not below the first, then not above the third; by a condition."""
SIGNS, TRUNCATED, FLOORED, STEPS, FLOOR_STEPS = range(5, 10)
"""What is computed of two: the first with the sign of the second; what is left of a division whose
quotient is truncated, or its floor; the quotient itself, truncated, or its floor."""
SLOTS = 3
"""Operands of such an operation, at most."""
FLAGS = SLOTS
"""In the place of a slot: the condition."""


class Slots(NamedTuple):
    """The operands, in the order in which the operation names them where they are equal.

    Sets of slots are bits: 1, 2 and 4.

    Attributes:
        kind: What is chosen.
        smallest: Whether the smallest is, in the place of the largest.
        shift: Keys are multiplied by a power of two, so that parameters have places between them.
        present: The slots that there are.
        moving: Those of them that are differentiated.
        full: Those of them that have an entry of their own for each output.
        numbers: Slot -> its numbers; empty if it is a parameter.
        gradients: Slot -> its gradient; empty if it has none.
        fixed: Slot -> the place of a parameter among the shifted keys.
        lower: Slot -> a parameter's bits, rounded down.
        upper: Slot -> rounded up.
        flags: The condition, 0 or 1; empty if there is none.
    """

    kind: int
    smallest: int
    shift: int
    present: int
    moving: int
    full: int
    numbers: tuple[Keys, Keys, Keys]
    gradients: tuple[Keys, Keys, Keys]
    fixed: NDArray[np.int64]
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    flags: NDArray[np.int8]


class Axes(NamedTuple):
    """How outputs and entries of operands go together.

    Attributes:
        shape: The outputs' shape, axes joined where they can be.
        steps: `[slot, axis]` -> how far apart the entries of a slot are along an axis, or 0.
    """

    shape: NDArray[np.int64]
    steps: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The names of an operation's slots.

    Attributes:
        kind: What is chosen.
        names: Slot -> operand, or the parameter that stands in its place.
        smallest: Whether the smallest is chosen.
    """

    kind: int
    names: tuple[str, ...]
    smallest: bool = False


_TWO = ("input", "other")
_FUNCTIONS: Mapping[str, Named] = {
    "maximum": Named(kind=LARGEST, names=_TWO),
    "minimum": Named(kind=LARGEST, names=_TWO, smallest=True),
    "fmax": Named(kind=NUMBER, names=_TWO),
    "fmin": Named(kind=NUMBER, names=_TWO, smallest=True),
    "max": Named(kind=PAIR, names=_TWO),
    "min": Named(kind=PAIR, names=_TWO, smallest=True),
    "where": Named(kind=CHOSEN, names=_TWO),
    "copysign": Named(kind=SIGNS, names=_TWO),
    "fmod": Named(kind=TRUNCATED, names=_TWO),
    "remainder": Named(kind=FLOORED, names=_TWO),
}
_CLAMPS = ("clamp", "clamp_min", "clamp_max")


def named_of(layer: ProgramLayer) -> Named | None:
    """Return the names of a layer's slots; None where the operation is no such one."""
    shapes = layer.shapes
    operands = {operand.name for operand in shapes.operands}
    if len(operands) < 2 or not layer.windows:
        return None
    if shapes.op in _CLAMPS:
        lower, upper = (
            key in operands or shapes.params.get(key) is not None for key in ("min", "max")
        )
        if lower and upper:
            return Named(kind=CLAMPED, names=("min", "input", "max"))
        names = ("min", "input") if lower else ("input", "max")
        return Named(kind=LARGEST, names=names, smallest=not lower)
    if shapes.op == "div":
        floor = shapes.params["rounding_mode"] == "floor"
        return Named(kind=FLOOR_STEPS if floor else STEPS, names=_TWO)
    return _FUNCTIONS.get(shapes.op)


def slots_of(layer: ProgramLayer, named: Named) -> Slots:
    """Return a layer's operands."""
    empty, fmt = np.zeros(0, layer.cotangent.dtype), layer.format
    numbers, gradients = [empty] * SLOTS, [empty] * SLOTS
    fixed, lower, upper = np.zeros((3, SLOTS), np.int64)
    moving = full = 0
    shift = int(fmt.width < 64)
    for slot, name in enumerate(named.names):
        if name in layer.operands:
            numbers[slot] = _writable(layer.operands[name])
            if name in layer.gradients:
                gradients[slot] = _writable(layer.gradients[name])
                moving |= 1 << slot
                full |= (numbers[slot].size == layer.windows) << slot
        else:
            place, *ends = parameter(layer.shapes.params[name], fmt, shift)
            fixed[slot] = -place if named.smallest else place
            lower[slot], upper[slot] = ends
    condition = layer.shapes.params.get("condition")
    return Slots(
        kind=named.kind,
        smallest=int(named.smallest),
        shift=shift,
        present=(1 << len(named.names)) - 1,
        moving=moving,
        full=full,
        numbers=(numbers[0], numbers[1], numbers[2]),
        gradients=(gradients[0], gradients[1], gradients[2]),
        fixed=fixed,
        lower=lower,
        upper=upper,
        flags=np.array(condition["data"] if condition else (), np.int8),
    )


def _writable(tensor: Keys) -> Keys:
    """Return a tensor of the one type that compiled code has for all slots."""
    return np.require(tensor, requirements="W")


def parameter(text: str, fmt: Format, shift: int) -> tuple[int, int, int]:
    """Return the place of a number among the shifted keys, and its bits, rounded down and up."""
    units = exact(text) / fmt.eta
    below, above = fmt.floor(units), fmt.ceil(units)
    if abs(above) == fmt.infinity:
        above = below
    key = fmt.encode(abs(below)) if below >= 0 else -fmt.encode(abs(below))
    negative = text.startswith("-")
    ends = [_signed(fmt.encode(n, negative_zero=negative), fmt) for n in (below, above)]
    return (key << shift) + (below != above), ends[0], ends[1]


def _signed(bits: int, fmt: Format) -> int:
    return bits - 2 * fmt.sign_bit if bits >= fmt.sign_bit else bits


def axes_of(layer: ProgramLayer, named: Named) -> Axes:
    """Return how a layer's outputs and entries go together."""
    shape = layer.shapes.output_shape
    sizes = {operand.name: operand.shape for operand in layer.shapes.operands}
    condition = layer.shapes.params.get("condition")
    steps = np.zeros((SLOTS + 1, len(shape)), np.int64)
    for slot, name in enumerate(named.names):
        if name in sizes:
            steps[slot] = _steps(sizes[name], len(shape))
    if condition is not None:
        steps[FLAGS] = _steps(condition["shape"], len(shape))
    return _joined(shape, steps)


def _steps(sizes: Sequence[int], rank: int) -> list[int]:
    padded = (1,) * (rank - len(sizes)) + tuple(sizes)
    return [0 if n == 1 else math.prod(padded[d + 1 :]) for d, n in enumerate(padded)]


def _joined(shape: Sequence[int], steps: NDArray[np.int64]) -> Axes:
    """Return the same with axes joined that every operand goes along as along one."""
    sizes, kept = [1], [np.zeros(len(steps), np.int64)]
    for size, step in zip(shape, steps.T, strict=True):
        if size == 1:
            continue
        if sizes[-1] == 1 or (kept[-1] == step * size).all():
            sizes[-1], kept[-1] = sizes[-1] * size, step
        else:
            sizes.append(size)
            kept.append(step)
    return Axes(np.array(sizes, np.int64), np.ascontiguousarray(np.stack(kept, axis=1)))


def places_of(axes: Axes, slot: int, outputs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the entries of a slot that some outputs depend on."""
    found, left = np.zeros_like(outputs), outputs
    for size, step in zip(axes.shape[::-1], axes.steps[slot, ::-1], strict=True):
        left, number = np.divmod(left, size)
        found += number * step
    return found

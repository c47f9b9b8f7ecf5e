r"""Does a function have a kink at a point? What values in binary64 can show.

A function with a derivative at `x` has one-sided directional derivatives that are additive:
`f'(x; a) + f'(x; b) = f'(x; a + b)`; with `b = -a`, the slopes from the left and from the right
agree. (These alone would miss the median of three equal numbers: `f'(x; d)` is the median of `d`,
the same from both sides, yet not additive.) So its **defects**

    S(h) = (f(x + h(a + b)) - f(x + ha) - f(x + hb) + f(x)) / h

go to 0 with `h`: like `h` where the derivative is Lipschitz, since then `|S(h)| <= L |a| |b| h`. At
a kink they go to the defect of the directional derivatives, like `h^0`; at a jump, grow like `1/h`.

**The order is rounded, no tolerance is chosen.** Steps are halved twice. An order of 1 or more
divides a defect by at least 2 each time in the limit, an order of 0 or less does not; the middle of
the two is the order 1/2. A kink shows where both halvings have less: `S(h)^2 < 2 S(h/2)^2`.

**Rounding.** A backward stable algorithm of `N` operations returns the value at a point that is off
by `N u` of its size, rounded to `N u`: an error of `E = N u (|f| + |f'| |x|)` at most, where the
largest difference quotient stands for `|f'|`. A defect has four values, so that rounding makes
`4 E / h` of it; smaller ones show nothing. `N` is the number of numbers that the operator is given,
and `CONSTANT` for what it does to each (elementary functions take some ten operations); `u` is that
of the outputs' format. Steps and directions have few bits, so that the points themselves are exact.

**Scales.** A smooth function can bend sharply: `x / sqrt(x^2 + eps)` looks like a jump down to
steps of `sqrt(eps)`. And where the first terms of a defect cancel, one triple of steps may mislead.
So a kink has to show at one of the `SCALES` after the other, `CONFIRMED` of them at least, and
until rounding hides it.

What does not show: a kink that no point of a probe hits, or that is additive in the directions of
all its pairs; one below rounding, some `N 2^-37` of the values in binary64; one smaller than the
bend beside it over the first step, `2^-10 f''`. That step is long because elementary functions are
computed by approximations in pieces, whose seams are jumps larger than rounding (that of trigamma
at 1/2 is 3e-9), and no kinks of the function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch

Weights: TypeAlias = tuple[float, float]
"""A direction, as multiples of the two directions `a` and `b` of a probe."""

SCALES = tuple(2.0**-power for power in range(10, 31, 4))
"""The first of three steps, each half of the one before."""

CONFIRMED = 2

CONSTANT = 32
PAIRS: tuple[tuple[Weights, Weights], ...] = (
    ((1, 0), (-1, 0)),
    ((0, 1), (0, -1)),
    ((1, 0), (0, 1)),
)
"""Pairs of directions whose slopes have to add up."""

_STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Kink:
    """What shows a kink.

    Attributes:
        output: Index of the output that has it.
        step: The first of three steps.
        defects: The defect at each of them, which does not shrink.
    """

    output: int
    step: float
    defects: tuple[float, ...]

    def __str__(self) -> str:
        numbers = ", ".join(f"{defect:.6g}" for defect in self.defects)
        return f"output {self.output}, defects {numbers} at steps from {self.step:.6g}, halved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A function near a point, along two directions.

    Attributes:
        value: Weights of the directions -> the outputs, flattened; (0, 0) is the point itself.
        size: The largest coordinate of the point, in absolute value.
        numbers: How many numbers the function is given.
        unit: The unit roundoff of its outputs.
    """

    value: Callable[[Weights], torch.Tensor]
    size: float
    numbers: int
    unit: float


def kink(line: Line) -> Kink | None:
    """Return what shows a kink at the point of a line; None if nothing does."""
    middle = line.value((0, 0))
    shown = torch.ones(len(PAIRS), middle.numel(), dtype=torch.bool)
    found = None
    for number, step in enumerate(SCALES):
        defects, bounds = _measured(line, middle, step)
        visible = (defects > bounds).all(dim=0)
        squares = defects.square()
        slow = visible & (squares[:-1] < 2 * squares[1:]).all(dim=0)
        shown &= slow if number < CONFIRMED else slow | ~visible
        if not shown.any():
            return None
        if (shown & slow).any():
            found = _first(shown & slow, defects, step)
    return found


def _measured(line: Line, middle: torch.Tensor, step: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the defects and their bounds: (steps, pairs, outputs), and the same broadcast."""
    steps = [step / 2**halving for halving in range(_STEPS)]
    measured = [_defects(line, middle, h) for h in steps]
    return (
        torch.stack([defects for defects, _ in measured]).abs(),
        torch.tensor([bound for _, bound in measured], dtype=torch.float64).reshape(-1, 1, 1),
    )


def _defects(line: Line, middle: torch.Tensor, h: float) -> tuple[torch.Tensor, float]:
    """Return the defects of all pairs at one step, and what rounding can make of a defect."""
    sums = [(a[0] + b[0], a[1] + b[1]) for a, b in PAIRS]
    ends = {ends for pair in PAIRS for ends in pair} | set(sums)
    values = {at: line.value((h * at[0], h * at[1])) if any(at) else middle for at in ends}
    defects = [
        (values[both] - values[a] - values[b] + middle) / h
        for (a, b), both in zip(PAIRS, sums, strict=True)
    ]
    slope = max(_largest(values[at] - middle) for at in ends) / h
    largest = max(map(_largest, (middle, *values.values())))
    error = (CONSTANT + line.numbers) * line.unit * (largest + slope * line.size)
    return torch.stack(defects), 4 * error / h


def _largest(values: torch.Tensor) -> float:
    return float(values.abs().max())


def _first(shown: torch.Tensor, defects: torch.Tensor, step: float) -> Kink:
    pair, output = shown.nonzero()[0].tolist()
    return Kink(output=output, step=step, defects=tuple(defects[:, pair, output].tolist()))


def value_along(
    function: Callable[[Sequence[torch.Tensor]], torch.Tensor],
    point: Sequence[torch.Tensor],
    directions: tuple[Sequence[torch.Tensor], Sequence[torch.Tensor]],
) -> Callable[[Weights], torch.Tensor]:
    """Return the function of a line's weights."""

    def value(weights: Weights) -> torch.Tensor:
        a, b = directions
        moved = [x + weights[0] * p + weights[1] * q for x, p, q in zip(point, a, b, strict=True)]
        return function(moved)

    return value

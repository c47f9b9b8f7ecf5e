"""How this oracle says what outputs are: plain functions of the numbers that they read."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

Function: TypeAlias = Callable[[Sequence[Fraction]], Any]
"""(numbers) -> a number; of no numbers perhaps an infinity."""
Parameters: TypeAlias = Mapping[str, Any]

ONE = Fraction(1)


class Summand(NamedTuple):
    """A function of some inputs; an output is a sum of them, mostly of a single one.

    Attributes:
        reads: The numbers of the inputs, each once.
        function: What they give; it is called with the inputs and, behind them, the constants.
        constants: Numbers that the inputs are compared with, where the chain rule may decide each
            comparison by itself, although the function as a whole leaves no choice.
        weight: The factor of the sum.
        anchored: Whether it compares an input with a fixed number, and not inputs alone.
        roundings: How many roundings a coefficient other than 0, 1 and -1 and its product cost.
        magnitude: What their relative errors are relative to, if it is larger than the coefficient.
        in_turn: Whether the rule first-index gives the outputs of equal inputs these in turn.
    """

    reads: tuple[int, ...]
    function: Function
    constants: tuple[Fraction, ...] = ()
    weight: Fraction = ONE
    anchored: bool = False
    roundings: int = 0
    magnitude: Fraction = Fraction(0)
    in_turn: bool = False

    def holding(self, inputs: Mapping[int, Fraction]) -> Summand:
        """Return the summand as a function of the other inputs, where some are constants."""
        if inputs.keys().isdisjoint(self.reads):
            return self
        held = tuple(inputs[i] for i in self.reads if i in inputs)
        kept = tuple(i for i in self.reads if i not in inputs)

        def function(row: Sequence[Fraction]) -> Any:
            moved, still = iter(row), iter(row[len(kept) :])
            own = [next(still if i in inputs else moved) for i in self.reads]
            return self.function([*own, *row[len(self.reads) :]])

        constants = (*held, *self.constants)
        return self._replace(reads=kept, function=function, constants=constants, anchored=True)


Output: TypeAlias = tuple[Summand, ...]


class Entries(NamedTuple):
    """Where the entries of an operand stand among all inputs: row-major, from `first` on."""

    first: int
    shape: tuple[int, ...]

    def number(self, place: Sequence[int]) -> int:
        """Return the number of the entry at a place."""
        index = 0
        for size, position in zip(self.shape, place, strict=True):
            index = index * size + position
        return self.first + index

    def stretched(self, place: Sequence[int]) -> int:
        """Return the number of the entry that broadcasting puts at a place of the output."""
        own = place[len(place) - len(self.shape) :]
        return self.number([k if n > 1 else 0 for n, k in zip(self.shape, own, strict=True)])

    @property
    def all(self) -> range:
        """The numbers of all entries."""
        return range(self.first, self.first + math.prod(self.shape))


Operands: TypeAlias = Mapping[str, Entries]
Values: TypeAlias = Callable[[Parameters, Operands], Sequence[Output]]
"""The outputs, row-major, of an operation with these parameters on these operands."""


def selecting(reads: Sequence[int], function: Function, *, in_turn: bool = False) -> Output:
    """Return an output that is one of the inputs, by comparing them with each other."""
    return (Summand(tuple(reads), function, in_turn=in_turn),)


def constant(number: Fraction | float) -> Output:
    """Return an output that reads nothing."""
    return (Summand((), lambda _: number),)


def places(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield the places of a shape, row-major."""
    return itertools.product(*map(range, shape))


def nth_smallest(n: int) -> Function:
    """Return the function that gives the smallest number for `n = 0`, then the next, and so on."""
    return lambda row: sorted(row)[n]


def real(text: str) -> Fraction:
    """Return the real number that a parameter spells."""
    return Fraction(float.fromhex(text))


def as_is(row: Sequence[Fraction]) -> Fraction:
    """Return the one number that is read."""
    return row[0]

"""Along which directions a branch is the one that counts, to first order."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, TypeAlias

Number: TypeAlias = int | Fraction
Form: TypeAlias = tuple[tuple[int, Number], ...]
"""A linear form: inputs, ascending, with their nonzero coefficients."""


class Ahead(NamedTuple):
    """`form . d > 0`: the chosen expression grows faster than the one it is compared with.

    Attributes:
        form: The difference of their gradients, not empty.
        decides: Whether first order decides near the inputs, not only in the limit: both are
            affine, or they depend on one input alone, where each side is a side.
        pair: The chosen expression and the other one, by structure.
    """

    form: Form
    decides: bool
    pair: tuple[object, object]

    @property
    def inputs(self) -> tuple[int, ...]:
        """The inputs whose moves it compares."""
        return tuple(i for i, _ in self.form)

    def holds(self, d: Mapping[int, Number]) -> bool:
        """Return whether the direction `d` meets the condition."""
        return sum(c * d.get(i, 0) for i, c in self.form) > 0


class Ranked(NamedTuple):
    """Of equal inputs, `below` move less than the chosen one, and the others more.

    Attributes:
        tied: The equal inputs, in the order of the definition.
        chosen: One of them.
        below: From 0 (the smallest of them) to `len(tied) - 1` (the largest).
    """

    tied: tuple[int, ...]
    chosen: int
    below: int

    @property
    def inputs(self) -> tuple[int, ...]:
        """The inputs whose moves it compares."""
        return self.tied

    def holds(self, d: Mapping[int, Number]) -> bool:
        """Return whether the direction `d` meets the condition, no other input moving as much."""
        own = d.get(self.chosen, 0)
        others = [d.get(i, 0) for i in self.tied if i != self.chosen]
        return own not in others and sum(other < own for other in others) == self.below


Condition: TypeAlias = Ahead | Ranked

"""What a script checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "output",
    "indices",
    "box",
    "direction",
    "values",
    "sides",
    "second",
    "layout",
    "repeat",
    "reverse",
    "errored",
    "crashed",
]


@dataclass(frozen=True, kw_only=True)
class Check:
    """What a script compares; every text in it is Python source for an exact value.

    Attributes:
        kind: Which question the script asks.
        index: The coordinate of a box.
        low: The box's lower end.
        high: The box's upper end.
        direction: Coordinate -> factor, of a separating direction.
        limit: The largest value that the direction may have.
        subject: What the box, the direction or the values are of.
        values: Coordinate -> the number that it should be.
        whole: Whether every other coordinate should be 0.
        sides: Of each side of a jump, coordinate -> the number that it should be.
        output: Position -> the outputs that are right, as `float.hex` spells them.
        allowed: Position -> the indices that are right.
        crash: How the process died.
    """

    kind: Kind
    index: int = 0
    low: str = ""
    high: str = ""
    direction: dict[int, str] | None = None
    limit: str = ""
    subject: str = "gradient"
    values: dict[int, str] | None = None
    whole: bool = False
    sides: Sequence[dict[int, str]] = ()
    output: dict[int, list[str]] | None = None
    allowed: dict[int, list[int]] | None = None
    crash: str = ""

    @property
    def wants_gradient(self) -> bool:
        """Whether it asks for a gradient."""
        numbers = (
            self.kind in ("box", "direction", "values", "sides") and self.subject == "gradient"
        )
        return numbers or self.kind in ("second", "repeat")

    @property
    def wants_output(self) -> bool:
        """Whether it asks for the output alone."""
        return self.kind == "output" or self.subject == "y"

    @property
    def wants_jacobian(self) -> bool:
        """Whether it asks for a Jacobian."""
        return self.kind == "reverse" or self.subject == "jacobian"

    @property
    def exact(self) -> bool:
        """Whether the check needs rationals."""
        values = "".join(
            text for each in (self.values or {}, *self.sides) for text in each.values()
        )
        return self.kind == "direction" or "Fraction" in self.low + self.high + values

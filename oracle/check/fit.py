"""How a gradient compares with a point of a set."""

from __future__ import annotations

from oracle.check.bound import GRADES, Exact


class Fit:
    """How a gradient within rounding of a point compares with it.

    Attributes:
        ratio: Largest `|error| / B_i`.
        grades: Coordinates per accuracy grade.
    """

    __slots__ = ("grades", "ratio")

    def __init__(self, coordinates: int) -> None:
        self.ratio: Exact = 0
        self.grades = dict.fromkeys(GRADES, 0) | {"exact": coordinates}

"""The verdict `verdict/1` and the refusal of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SCHEMA = "verdict/1"
WAYS = ("rule", "order", "hull", "undecided")
"""How a component can be decided."""


class RefusedError(ValueError):
    """A certificate or a verdict that does not follow from the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is proved about a gradient; the fields are the file's keys, in its order.

    Attributes:
        name: The case's name.
        verdict: `smooth`, `clarke`, `conservative`, `outside` or `undecided`.
        rule: `none`, `first-index`, `last-index`, `even-split`, `order` or `other`.
        output_exact: Whether the output is the maximum bit for bit; None without an output.
        special: Whether NaN or infinite values take part.
        worst_ratio: Largest `|error| / B_i` against the certificate's point, rounded up.
        grades: Coordinates per accuracy grade.
        overflow: Coordinates whose NaN or infinity overflow explains.
        vacuous: Coordinates with `a_i u >= 1/2`.
        ties: `windows`, and `tied`: those with more than one tied input.
        components: Components of the active windows by the way they were decided.
        certificate: The proof; None for `undecided`.
    """

    name: str | None
    verdict: str
    rule: str
    output_exact: bool | None
    special: bool
    worst_ratio: float | None
    grades: dict[str, int] | None
    overflow: int
    vacuous: int
    ties: dict[str, int]
    components: dict[str, int]
    certificate: dict[str, Any] | None

    def document(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"schema": SCHEMA} | {key: getattr(self, key) for key in self.__slots__}

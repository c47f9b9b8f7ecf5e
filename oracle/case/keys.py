"""The keys of a case, by the operation's operands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from oracle.programs import PROGRAMS

SCHEMA = "case/1"
SEVERAL = {"input": "inputs", "gradient": "gradients"}
"""The keys of operations with several operands: objects by operand name."""
METADATA: Mapping[str, tuple[type, str]] = {
    "name": (str, "a string"),
    "provenance": (dict, "an object"),
    "seed": (int, "an integer"),
    "comment": (str, "a string"),
    "flags": (list, "a list"),
    "source": (str, "a string"),
}
"""Optional keys that say nothing of the operation: kind, and how a message names it."""
_REQUIRED = ("schema", "op", "params", "format", "input", "cotangent")


@dataclass(frozen=True)
class Form:
    """The keys of a case: those for one operand, or those for several."""

    input: str
    gradient: str
    constants: tuple[str, ...]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The keys that every case has."""
        return tuple(self.input if key == "input" else key for key in _REQUIRED)

    @cached_property
    def known(self) -> frozenset[str]:
        """All keys that a case may have."""
        optional = ("output", self.gradient, "jacobian", *self.constants, *METADATA)
        return frozenset((*self.required, *optional))


ONE = Form("input", "gradient", ())
MANY = Form(**SEVERAL, constants=("constants",))


def form_of(op: object) -> Form:
    """Return the keys that the operation's cases have."""
    several = isinstance(op, str) and op in PROGRAMS and len(PROGRAMS[op].operands) > 1
    return MANY if several else ONE

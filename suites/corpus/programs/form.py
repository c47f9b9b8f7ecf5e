"""A form of an operation: parameters and operand shapes, written down once for all formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oracle.programs import PROGRAMS, Signature, signature
from suites.corpus.blueprint import Portion

_SHORT = {
    "kernel_size": "k",
    "stride": "s",
    "padding": "p",
    "output_size": "o",
    "negative_slope": "slope",
    "include_self": "self",
    "count_include_pad": "counted",
    "divisor_override": "over",
    "posinf": "pos",
    "neginf": "neg",
}
_TAGGED = frozenset(("input", "offsets", "index", "lengths"))
"""Lists that are too long for a name; a tag stands for them."""

_SUFFIXES = ("repeated", "constant")
"""Roles of forms that may be like another one."""

SCALAR = "scalar"
"""The shape without a dimension, as tables spell it."""


def _as_it_is(portion: Portion) -> Portion:
    return portion


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One geometry of an operation.

    Attributes:
        shapes: The operands' shapes, `2x3,1x3`, in the order of the definition; an operand that is
            left out has none between the commas.
        role: What is drawn for it, as `suites.corpus.programs.portions` says.
        tag: Tells forms apart whose parameters are too long for a name.
        cuts: The numbers at which an entry alone decides on the piece, exact in every format.
        values: How many values each entry takes in the lattice.
        levels: From how many values wide and large cases draw, in turn.
        together: Whether cases can be stacked along the first dimension of every operand.
        nonnegative: Whether only zeros and what lies above them may be inputs.
        adapt: What becomes of the portions of its role, where not every number may be an input.
        params: The parameters; numbers as floats, which stand for themselves.
    """

    shapes: str
    role: str
    tag: str = ""
    cuts: tuple[float, ...] = ()
    values: int = 3
    levels: tuple[int, ...] = (2, 3, 5)
    together: bool = True
    nonnegative: bool = False
    adapt: Callable[[Portion], Portion] = _as_it_is
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells the form from the others of its operation, safe in a file's name."""
        told = [_told(key, value) for key, value in self.params.items()]
        operands = [shape or "none" for shape in self.shapes.split(",")]
        suffix = self.role if self.role in _SUFFIXES else ""
        return "-".join(part for part in (self.tag, *told, *operands, suffix) if part)

    def signature(self, op: str) -> Signature:
        """Return the checked signature of one case."""
        named = zip(PROGRAMS[op].operands, self.shapes.split(","), strict=False)
        shapes = {name: _shape(spelled) for name, spelled in named if spelled}
        return signature(op, {key: _spelled(value) for key, value in self.params.items()}, shapes)


def tensor(shape: str, *data: int | bool) -> dict[str, object]:
    """Return a tensor among the parameters: indices, or flags."""
    return {"shape": list(_shape(shape)), "data": list(data)}


def _shape(spelled: str) -> tuple[int, ...]:
    return () if spelled == SCALAR else tuple(int(size) for size in spelled.split("x"))


def _spelled(value: object) -> object:
    """Return a parameter as case files have it: numbers in C99 hexadecimal."""
    if isinstance(value, tuple):
        return [_spelled(part) for part in value]
    return value.hex() if isinstance(value, float) else value


def _told(key: str, value: object) -> str:
    """Return what a parameter adds to a name; nothing where it is off, or too long."""
    if value is None or value is False or key in _TAGGED or isinstance(value, Mapping):
        return ""
    word = _SHORT.get(key, key.replace("_", ""))
    if value is True:
        return word
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, tuple) else (value,)
    return word + "x".join(f"{part:g}".replace("-", "m") for part in parts)

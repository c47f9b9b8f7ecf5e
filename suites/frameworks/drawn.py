"""What a child process says of an operator's own sample inputs: each call, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from suites.frameworks.protocol import Bits


@dataclass(frozen=True, slots=True)
class SampleOperator:
    """Asks an operator to be run on its own sample inputs.

    Attributes:
        name: Its name, as `ListOperators` is answered.
    """

    name: str

    def unanswered(self, reason: str) -> Drawn:
        """Return what stands for an answer that does not come."""
        return Drawn(name=self.name, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Numbers:
    """A tensor of a format's numbers.

    Attributes:
        format: Name of the format.
        bits: Bit patterns, in the tensor's shape.
        operand: Its place among the sample's gradients; None where it requires none.
    """

    format: str
    bits: Bits
    operand: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A tensor of integers or flags.

    Attributes:
        dtype: The framework's name of their type.
        shape: The tensor's shape.
        data: Its entries, row-major.
    """

    dtype: str
    shape: tuple[int, ...]
    data: tuple[int | bool, ...]


@dataclass(frozen=True, slots=True)
class Foreign:
    """An argument that is none of the others; the text says what it is."""

    kind: str


Argument: TypeAlias = "bool | int | float | str | list[Argument] | Numbers | Whole | Foreign | None"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Returned:
    """An output that is differentiated.

    Attributes:
        format: Name of its format; of another type, the framework's name of that.
        bits: Bit patterns, in its shape; none of another type.
        cotangent: The same of its cotangent.
    """

    format: str
    bits: Bits
    cotangent: Bits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """An operator's sample input, and what came of it.

    Attributes:
        number: Its number among those that were drawn in its format.
        format: Name of the format that it was drawn in.
        arguments: What the operator was called with by position.
        options: And by keyword.
        outputs: The outputs that are differentiated.
        gradients: Bit patterns of the operands' gradients; empty where it did not run.
        raised: The framework's own words on one line, where it did not run; else "".
    """

    number: int
    format: str
    arguments: tuple[Argument, ...]
    options: Mapping[str, Argument]
    outputs: tuple[Returned, ...] = ()
    gradients: tuple[Bits, ...] = ()
    raised: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """The sample inputs of an operator.

    Attributes:
        name: Its name.
        samples: Those that were run.
        left_out: Why samples were not run -> how many.
        reason: Why there is none at all, or None.
    """

    name: str
    samples: tuple[Sample, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    reason: str | None = None

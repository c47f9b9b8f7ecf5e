"""The form of a catalogue entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oracle.catalogue.calls import Params, Spelling

REQUIRED = "required"
"""The default of a parameter that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """The rule at ties that the framework documents.

    Attributes:
        rule: The documented rule in the verdict's words, or None where none is documented.
        quote: The documentation's own words, or "".
        source: Where they stand, or where one would look for them.
    """

    rule: str | None
    quote: str
    source: str

    def document(self) -> dict[str, str | None]:
        """Return the JSON object."""
        return {"rule": self.rule, "quote": self.quote, "source": self.source}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An operation as the suites see it.

    Attributes:
        name: Its name in case files.
        family: Under which it stands in reports.
        function: The framework's function, a dotted name.
        formats: Names of the formats that its numbers may have.
        layouts: The memory layouts that a tensor of its shape can have beside contiguous.
        convention: The documented rule at ties.
        cuda_atomics: Whether its CUDA backward pass may add to the gradient with global atomics,
            some of which flush subnormal numbers to zero. A declaration: whether the device's do
            is measured in each run, and the bound is no wider where they don't.
        dims: Number of spatial dimensions, of pooling.
        windows: Which windows it has: `sliding`, `adaptive` or `fractional`, as `oracle.windows`
            computes them; "" for a program.
        parameters: Of pooling, parameter -> its default in the framework; the name of another
            parameter stands for that one's value.
        spelling: Of a program, how it is called.
        inplace: How it can be asked to overwrite its input: `argument`, `method`, or "" for no way.
        composition: Whether the framework computes it from several operations: only then may a
            gradient be `conservative`.
    """

    name: str
    family: str
    function: str
    formats: tuple[str, ...]
    layouts: tuple[str, ...]
    convention: Convention
    cuda_atomics: bool
    dims: int = 0
    windows: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    spelling: Spelling | None = None
    inplace: str = ""
    composition: bool = False

    def expression(self, params: Params, operands: Sequence[str]) -> str:
        """Return the call of a program as a Python expression; "" for pooling.

        Args:
            params: The case's parameters, checked.
            operands: The names of the operands that are there.
        """
        return "" if self.spelling is None else self.spelling(params, operands)

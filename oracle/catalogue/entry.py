"""The form of a catalogue entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
        function: The framework's function, a dotted name.
        dims: Number of spatial dimensions.
        windows: Which windows it has: `sliding`, `adaptive` or `fractional`, as `oracle.windows`
            computes them.
        parameters: Parameter -> its default in the framework; the name of another parameter
            stands for that one's value.
        formats: Names of the formats that its numbers may have.
        layouts: The memory layouts that a tensor of its shape can have beside contiguous.
        convention: The documented rule at ties.
        cuda_atomics: Whether its CUDA backward pass may add to the gradient with global atomics,
            some of which flush subnormal numbers to zero. A declaration: whether the device's do
            is measured in each run, and the bound is no wider where they don't.
        composition: Whether the framework computes it from several operations: only then may a
            gradient be `conservative`.
    """

    name: str
    function: str
    dims: int
    windows: str
    parameters: Mapping[str, object]
    formats: tuple[str, ...]
    layouts: tuple[str, ...]
    convention: Convention
    cuda_atomics: bool
    composition: bool = False

"""What is hunted: the hunts of a selection, and how many examples each draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oracle.catalogue import CATALOGUE
from suites.flushing import Flushing
from suites.selection import Selection
from suites.variants import REPEAT, VARIANTS, Variant

EXAMPLES = {"smoke": 0, "standard": 2_000, "deep": 50_000}
"""Profile -> examples of one operation and format."""

MODE = "eager"
"""The only mode that is searched: another graph for each example would take hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunt:
    """A search for counterexamples.

    Attributes:
        op: Name of the operation.
        format: Name of the format.
        device: Where it runs.
        examples: How many are to be drawn.
        seed: What the draws follow from.
        layouts: The layouts that are drawn from.
        flushes: Whether subnormal numbers may become zero there.
        failures: After so many distinct failures it is over.
    """

    op: str
    format: str
    device: str
    examples: int
    seed: int | str
    layouts: tuple[str, ...]
    flushes: bool = False
    failures: int = 3

    @property
    def id(self) -> str:
        """`<op>/search/<format>/<mode>/<device>`; its findings have it as their cell."""
        return f"{self.op}/search/{self.format}/{MODE}/{self.device}"

    @property
    def name(self) -> str:
        """The name of its item."""
        return f"search/{self.op}/{self.format}"

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The variants of its layouts that the operation can have."""
        return tuple(
            variant
            for variant in VARIANTS
            if variant is not REPEAT
            and variant.layout in self.layouts
            and _can_have(variant, CATALOGUE[self.op].dims)
        )


def hunts(selection: Selection, seed: int | str, flushing: Flushing) -> Iterator[Hunt]:
    """Yield the hunts of a selection; none beside a single case, or without the eager mode."""
    examples = EXAMPLES[selection.profile]
    if not examples or selection.case is not None or MODE not in selection.modes:
        return
    for op in filter(is_hunted, selection.ops):
        for format_name in selection.formats:
            hunt = Hunt(
                op=op,
                format=format_name,
                device=selection.device,
                examples=examples,
                seed=seed,
                layouts=selection.layouts,
                flushes=flushing.declared(op, format_name),
            )
            if hunt.variants:
                yield hunt


def is_hunted(op: str) -> bool:
    """Return whether examples of an operation can be drawn: those of pooling."""
    return bool(CATALOGUE[op].windows)


def _can_have(variant: Variant, dims: int) -> bool:
    return variant.layout != "channels-last" or dims > 1

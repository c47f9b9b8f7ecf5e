"""Where subnormal numbers may have become zero: the bound allows for it where it is declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from oracle.catalogue import CATALOGUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Flushing:
    """What a run declares of flushing to zero; by default nothing.

    Attributes:
        everywhere: Whether the processor flushes in all that it computes.
        atomics: Whether the device does in what it adds to binary32 numbers with atomics.
    """

    everywhere: bool = False
    atomics: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, object]) -> Self:
        """Return what the facts about a run's device declare."""
        on_cpu = environment["device"] == "cpu"
        return cls(
            everywhere=on_cpu and environment["flushes_subnormals"] is True,
            atomics=not on_cpu and environment["atomics_flush_subnormals"] is True,
        )

    def declared(self, op: str, format_name: str) -> bool:
        """Return whether gradients of an operation may lack their subnormal terms."""
        by_atomics = format_name == "binary32" and CATALOGUE[op].cuda_atomics
        return self.everywhere or (self.atomics and by_atomics)

"""What a child process can be asked about the operators that its release has."""

from __future__ import annotations

from dataclasses import dataclass

from suites.frameworks.drawn import Drawn, SampleOperator


@dataclass(frozen=True, slots=True)
class ListOperators:
    """Asks for the names of the differentiable operators."""

    def unanswered(self, reason: str) -> Listed:
        """Return what stands for an answer that does not come."""
        return Listed(refusal=reason)


@dataclass(frozen=True, slots=True)
class ProbeOperator:
    """Asks whether an operator shows a kink.

    Attributes:
        name: Its name, as `ListOperators` is answered.
    """

    name: str

    def unanswered(self, reason: str) -> Probed:
        """Return what stands for an answer that does not come."""
        return Probed(name=self.name, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The operators of a release.

    Attributes:
        names: Their names, sorted.
        refusal: Why they can't be known, or None.
    """

    names: tuple[str, ...] = ()
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What probing an operator came to.

    Attributes:
        name: Its name.
        points: Inputs at which it was probed.
        skipped: Inputs that are outside of its domain.
        kinks: Of the points, the number of those with a kink.
        first: Where the first is, and what shows it; "" if there is none.
        reason: Why it was not probed at all, or None.
    """

    name: str
    points: int = 0
    skipped: int = 0
    kinks: int = 0
    first: str = ""
    reason: str | None = None


Question = ListOperators | ProbeOperator | SampleOperator
Answer = Listed | Probed | Drawn

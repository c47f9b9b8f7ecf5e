"""What is found about one layer's backward pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

WORDS = ("outside", "conservative", "undecided", "clarke", "smooth")
"""Verdicts, worst first; what has one derivative is `smooth` or `outside`."""


class NotJudgedError(Exception):
    """A layer that can't be judged; the message is the reason, one line."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The verdict on one layer.

    Attributes:
        verdicts: Word -> number of gradient entries.
        worst_ratio: The largest error as a share of its bound; None if some bound is missed.
        rule: The rule at ties, of layers that choose.
        windows: How many choices there were.
        tied: How many of them were between equal inputs.
        special: Whether NaN or infinite values take part.
        vacuous: Entries whose bound leaves no digit (`n u >= 1/2`), and that need it.
        sensitivity: The smallest relative error of a whole gradient that would show, the largest
            over the gradients; None where nothing says so.
        assumed: What the library may have done that the bound allows for, beyond plain sums.
        detail: The worst entry, where one is wrong.
    """

    verdicts: Mapping[str, int]
    worst_ratio: float | None = 0.0
    rule: str = "none"
    windows: int = 0
    tied: int = 0
    special: bool = False
    vacuous: int = 0
    sensitivity: float | None = None
    assumed: tuple[str, ...] = ()
    detail: str = ""

    @property
    def verdict(self) -> str:
        """The worst word."""
        return next((word for word in WORDS if self.verdicts.get(word)), "smooth")

    def of_what_is_stored(self) -> Judged:
        """Return the verdict on numbers that the forward pass stored for the backward one.

        They are no gradient: they count only where they are wrong, and have no sensitivity.
        """
        wrong = self.verdicts.get("outside", 0)
        return replace(self, verdicts={"outside": wrong} if wrong else {}, sensitivity=None)


@dataclass(kw_only=True)
class Tally:
    """Verdicts on several gradients of one layer, added up."""

    parts: list[Judged] = field(default_factory=list)

    def add(self, judged: Judged) -> None:
        """Take one more gradient into account."""
        self.parts.append(judged)

    def total(self) -> Judged:
        """Return the verdict on all of them."""
        verdicts: dict[str, int] = {}
        for part in self.parts:
            for word, count in part.verdicts.items():
                verdicts[word] = verdicts.get(word, 0) + count
        ratios = [part.worst_ratio for part in self.parts]
        known = [ratio for ratio in ratios if ratio is not None]
        sensitivities = [p.sensitivity for p in self.parts if p.sensitivity is not None]
        return Judged(
            verdicts=verdicts,
            worst_ratio=max(known, default=0.0) if len(known) == len(ratios) else None,
            rule=next((part.rule for part in self.parts if part.rule != "none"), "none"),
            windows=sum(part.windows for part in self.parts),
            tied=sum(part.tied for part in self.parts),
            special=any(part.special for part in self.parts),
            vacuous=sum(part.vacuous for part in self.parts),
            sensitivity=max(sensitivities, default=None),
            assumed=tuple(sorted({one for part in self.parts for one in part.assumed})),
            detail=next((part.detail for part in self.parts if part.detail), ""),
        )

"""What the verdicts on a stack of cases add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from oracle.check import Verdict
from reports.record import RULES, VERDICTS

_VERDICT_LETTERS = {word: letter for letter, word in VERDICTS.items()}
_RULE_LETTERS = {word: letter for letter, word in RULES.items()}
_COARSE = ("narrow", "vacuous")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """Sums over verdicts, and a letter for each.

    Attributes:
        verdicts: Letters of the verdicts.
        rules: Letters of the rules.
        grades: Accuracy grade -> number of coordinates.
        worst: The case with the largest error as a share of its bound, or None.
        decided: How many components were decided in which way.
        windows: Number of windows.
        tied: How many of them have more than one tied input.
        special: The cases with special values.
        coarse: The cases with a coordinate that is `narrow` or `vacuous`.
        graded: Number of cases with grades.
    """

    verdicts: str
    rules: str
    grades: dict[str, int]
    worst: int | None
    decided: dict[str, int]
    windows: int
    tied: int
    special: frozenset[int]
    coarse: frozenset[int]
    graded: int


def aggregate(verdicts: Sequence[Verdict]) -> Aggregate:
    """Return what verdicts add up to."""
    ratios = {i: v.worst_ratio for i, v in enumerate(verdicts) if v.worst_ratio is not None}
    grades = [verdict.grades for verdict in verdicts if verdict.grades is not None]
    return Aggregate(
        verdicts="".join(_VERDICT_LETTERS[verdict.verdict] for verdict in verdicts),
        rules="".join(_RULE_LETTERS[verdict.rule] for verdict in verdicts),
        grades=_summed(grades),
        worst=max(ratios, key=ratios.__getitem__, default=None),
        decided=_summed(verdict.components for verdict in verdicts),
        windows=sum(verdict.ties["windows"] for verdict in verdicts),
        tied=sum(verdict.ties["tied"] for verdict in verdicts),
        special=_where(verdict.special for verdict in verdicts),
        coarse=_where(_is_coarse(verdict) for verdict in verdicts),
        graded=len(grades),
    )


def _is_coarse(verdict: Verdict) -> bool:
    return verdict.grades is not None and any(verdict.grades[grade] for grade in _COARSE)


def _where(flags: Iterable[bool]) -> frozenset[int]:
    return frozenset(i for i, flag in enumerate(flags) if flag)


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for words in counts:
        for word, count in words.items():
            total[word] += count
    return dict(total)

"""The words for outcomes, their letters, and which one stands for several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LETTERS = {
    "crashed": "X",
    "errored": "E",
    "deviates": "D",
    "conservative": "V",
    "undecided": "U",
    "not run": "R",
    "differs": "B",
    "known": "K",
    "unsupported": "N",
    "conforms": "C",
}
"""Outcome -> its letter in the matrix, the worst first."""

MEANINGS = {
    "crashed": "crashed: the process died",
    "errored": "errored: it raised something else than that it has no kernel",
    "deviates": "deviates: wrong",
    "conservative": "conservative: legal automatic differentiation, wrong over the reals",
    "undecided": "undecided: our gap, no statement about the framework",
    "not run": "not run: planned, and the reason is given",
    "differs": "differs: other bits than the base cell's, or another choice; never a failure",
    "known": "known deviation: listed with its reason, does not fail the run",
    "unsupported": "unsupported: the framework says that it has no such kernel",
    "conforms": "conforms",
}

CASE_WORDS = ("conforms", "conservative", "deviates", "undecided")
"""The outcomes that a summary shows even where they count nothing."""

FORMATS = ("binary16", "bfloat16", "binary32", "binary64")

_WORST_FIRST = tuple(LETTERS)


def worst(words: Iterable[str]) -> str:
    """Return the worst of some outcomes; an unknown word is worse than all."""
    return min(words, key=rank)


def ordered(counts: Mapping[str, int], always: Iterable[str] = ()) -> dict[str, int]:
    """Return the counts that are not 0, and those of `always`: these first, then worst first."""
    first = tuple(always)
    rest = sorted((word for word in counts if word not in first), key=rank)
    found = {word: counts.get(word, 0) for word in (*first, *rest)}
    return {word: count for word, count in found.items() if count or word in first}


def format_rank(name: str) -> int:
    """Return the place of a format in every list of formats."""
    return FORMATS.index(name) if name in FORMATS else len(FORMATS)


def rank(word: str) -> int:
    """Return the place of an outcome among all, the worst first."""
    return _WORST_FIRST.index(word) if word in LETTERS else -1

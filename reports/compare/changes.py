"""What changed in one cell: for each pair of cases, what it was and what it is now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reports.compare.place import NOTHING, Place
from reports.record import RULES, VERDICTS

NEW = "new"
FIXED = "fixed"
CHANGED = "changed"
VALID = "valid"
CONSISTENCY = "consistency"
LOST = "lost"
GAINED = "gained"
ACCURACY = "accuracy"

BESIDE = {
    "adjoint": CONSISTENCY,
    "consistency-windows": CONSISTENCY,
    "minimum-norm": VALID,
    "jump": VALID,
    "accuracy": ACCURACY,
}
"""Requirement that never fails a run -> what a change of it is."""

_RANKS = {"undecided": 1, "conservative": 2, "deviates": 3}
"""How bad a case is, by a requirement; what conforms is 0."""
_ENDED = {"unsupported": 1, "not run": 2, "errored": 3, "crashed": 4}
"""How bad it is that a cell did not run."""
_FAILED = ("errored", "crashed")

Pairs: TypeAlias = Sequence[tuple[int, int]]
"""Places of one case in the stacks of both runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Cases of a cell of which one thing changed in one way.

    Attributes:
        kind: One of the words above.
        requirement: What it is a question of.
        was: What the cases were.
        now: What they are.
        old: The earlier cell.
        new: The later cell.
        pairs: The cases; empty where all cases of the cell changed with it.
    """

    kind: str
    requirement: str
    was: str
    now: str
    old: Place
    new: Place
    pairs: Pairs


def changes(old: Place, new: Place, pairs: Pairs, failing: Collection[str]) -> Iterator[Change]:
    """Yield what changed between two cells.

    Args:
        old: The earlier one.
        new: The later one.
        pairs: The cases that both have.
        failing: The requirements that fail a run.
    """
    if old.outcome != new.outcome:
        yield _change(_of_outcome(old, new), old, new, pairs)
    if not new.ran:
        return
    whole = old.key == new.key
    if whole and _says_the_same(old, new):
        return
    yield from _of_words(old, new, pairs, failing, beside=whole)
    if old.ran:
        yield from _of_letters(old, new, pairs, failing)


def _says_the_same(old: Place, new: Place) -> bool:
    return (old.verdicts, old.rules, old.agreement, old.words) == (
        new.verdicts,
        new.rules,
        new.agreement,
        new.words,
    )


def _of_outcome(old: Place, new: Place) -> tuple[str, str, str, str]:
    was, now = _ENDED.get(old.outcome, 0), _ENDED.get(new.outcome, 0)
    if now > was:
        kind = NEW if new.outcome in _FAILED else LOST
    elif now:
        kind = CHANGED
    else:
        kind = FIXED if old.outcome in _FAILED else GAINED
    return kind, "safe", old.outcome, new.outcome


def _of_words(
    old: Place, new: Place, pairs: Pairs, failing: Collection[str], *, beside: bool
) -> Iterator[Change]:
    """Yield what changed by the requirements whose words are kept, `beside` those that fail."""
    for requirement in sorted({*old.words, *new.words}):
        if requirement not in failing and not (beside and old.ran):
            continue
        same = old.words.get(requirement, NOTHING) == new.words.get(requirement, NOTHING)
        if same and old.key == new.key:
            continue
        found = _of_requirement(old, new, pairs, requirement, asked=requirement in failing)
        for (was, now), listed in found.items():
            kind = _kind(requirement, was, now, failing)
            if kind is not None:
                yield _change((kind, requirement, was, now), old, new, listed)


def _of_requirement(
    old: Place, new: Place, pairs: Pairs, requirement: str, *, asked: bool
) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Return what cases were and are by a requirement -> the cases, where that is not the same."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for i, j in pairs:
        was = old.word(requirement, i) if old.ran else old.outcome
        now = new.word(requirement, j)
        if was != now and (asked or _is_asked(old, new, i, j, requirement)):
            found[was, now].append((i, j))
    return found


def _kind(requirement: str, was: str, now: str, failing: Collection[str]) -> str | None:
    if requirement not in failing:
        return BESIDE.get(requirement, CONSISTENCY)
    before, after = _RANKS.get(was, 0), _RANKS.get(now, 0)
    if after > before:
        return NEW
    if after:
        return CHANGED
    # where the cell did not run before, that it runs has been said
    return FIXED if before else None


def _is_asked(old: Place, new: Place, i: int, j: int, requirement: str) -> bool:
    """Return whether both runs asked a question beside right and wrong of a case.

    None is asked of a gradient that is wrong; accuracy, where a case is judged anew alone.
    """
    if _is_wrong(old, i) or _is_wrong(new, j):
        return False
    return requirement != "accuracy" or old.agreement == new.agreement


def _is_wrong(place: Place, i: int) -> bool:
    return place.verdicts[i : i + 1] in ("o", "u")


def _of_letters(old: Place, new: Place, pairs: Pairs, failing: Collection[str]) -> Iterator[Change]:
    """Yield other rules, other verdicts that are as good, and other bits than the base's."""
    rules, verdicts, bits = _Noted(), _Noted(), _Noted()
    for i, j in pairs:
        if not (_is_wrong(old, i) or _is_wrong(new, j)):
            rules.note(old.rules, new.rules, i, j)
            verdicts.note(old.verdicts, new.verdicts, i, j)
        bits.note(old.agreement, new.agreement, i, j)
    for (was, now), listed in rules.found.items():
        words = RULES.get(was, was), RULES.get(now, now)
        yield _change((VALID, "convention", *words), old, new, listed)
    for (was, now), listed in verdicts.found.items():
        kept = [pair for pair in listed if not _fails(old, new, pair, failing)]
        if kept:
            words = VERDICTS.get(was, was), VERDICTS.get(now, now)
            yield _change((VALID, "gradient", *words), old, new, kept)
    for (was, now), listed in bits.found.items():
        if {was, now} == set(_BITS):
            yield _change((CONSISTENCY, consistency(new), _BITS[was], _BITS[now]), old, new, listed)


THE_BASES = "the base's bits"
_BITS = {"=": THE_BASES, "~": "other bits"}


def consistency(place: Place) -> str:
    """Return the requirement that asks for the bits of the base."""
    # the parts of a cell's id from the end: device, variant, mode
    if place.base is not None and place.mode != place.base.split("/")[-3]:
        return "consistency-mode"
    return "consistency-repeat" if place.variant == "repeat" else "consistency-layout"


class _Noted:
    """Letters that are not the same: what they were and are -> the cases."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)

    def note(self, before: str, after: str, i: int, j: int) -> None:
        """Note a case, if both runs have a letter of it and they differ."""
        was, now = before[i : i + 1], after[j : j + 1]
        if was != now and was and now:
            self.found[was, now].append((i, j))


def _fails(old: Place, new: Place, pair: tuple[int, int], failing: Collection[str]) -> bool:
    """Return whether a case fails a requirement in one of the runs: then that says it."""
    return any(
        pair[side] in place.words.get(requirement, NOTHING)
        for side, place in enumerate((old, new))
        for requirement in failing
    )


def _change(words: tuple[str, str, str, str], old: Place, new: Place, pairs: Pairs) -> Change:
    """Return a change; the words are its kind, its requirement, what it was and what it is."""
    kind, requirement, was, now = words
    return Change(
        kind=kind, requirement=requirement, was=was, now=now, old=old, new=new, pairs=pairs
    )

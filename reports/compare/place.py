"""A cell as a comparison sees it: what each of its cases is, and nothing of its times."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reports.record import CellRecord

Words: TypeAlias = Mapping[str, Mapping[int, str]]
"""Requirement -> place in the stack -> what the case is instead of `conforms`."""

NOTHING: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """A cell.

    Attributes:
        cell: Its id.
        outcome: One of `CELL_OUTCOMES`.
        message: Why it did not run.
        base: The cell whose bits these are compared with, or None.
        cases: How many cases it has.
        ids: Their ids; None where a baseline keeps no more than their digest.
        key: The digest of the ids.
        known_ids: Place -> id, of a baseline's cases that fail it.
        verdicts: A letter of `VERDICTS` for each case, or empty.
        rules: A letter of `RULES` for each case, or empty.
        agreement: `=`, `~` or `.` for each case, or empty.
        words: What the cases are that do not conform.
        left_out: Whether it need not say the same twice.
    """

    cell: str
    op: str
    format: str
    mode: str
    variant: str
    device: str
    outcome: str
    message: str | None
    base: str | None
    cases: int
    ids: Sequence[str] | None
    key: str
    verdicts: str
    rules: str
    agreement: str
    words: Words
    known_ids: Mapping[int, str]
    left_out: bool = False

    @property
    def ran(self) -> bool:
        """Whether it came to a gradient."""
        return self.outcome == "ran"

    @property
    def way(self) -> tuple[str, str, str]:
        """How its cases were run."""
        return self.mode, self.variant, self.device

    def id_of(self, place: int) -> str | None:
        """Return the id of a case; None where a baseline does not keep it."""
        return self.known_ids.get(place) if self.ids is None else self.ids[place]

    def word(self, requirement: str, place: int) -> str:
        """Return what a case is, by a requirement."""
        return self.words.get(requirement, NOTHING).get(place, "conforms")


def key_of(ids: Sequence[str]) -> str:
    """Return the digest of the ids of a stack's cases, in their order."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:12]


def place_of(cell: CellRecord, ids: Sequence[str], key: str, *, left_out: bool) -> Place:
    """Return a cell of a run file, its cases' ids given: a cell may have those of its base."""
    return Place(
        cell=cell.cell,
        op=cell.op,
        format=cell.format,
        mode=cell.mode,
        variant=cell.variant,
        device=cell.device,
        outcome=cell.outcome,
        message=cell.message,
        base=cell.base,
        cases=cell.cases,
        ids=ids,
        key=key,
        verdicts=cell.verdicts,
        rules=cell.rules,
        agreement=cell.agreement,
        words=words_of(cell.misses or {}),
        known_ids={},
        left_out=left_out,
    )


def words_of(misses: Mapping[str, Mapping[str, Sequence[int]]]) -> Words:
    """Return requirement -> place -> word, of requirement -> word -> places."""
    return {
        requirement: {place: word for word, places in found.items() for place in places}
        for requirement, found in misses.items()
    }

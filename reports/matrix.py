"""The matrix: for each requirement, operation, format, mode and variant, how many cases ended how.

A cell that did not run counts all its cases under each requirement that others of its kind, of the
same operation, mode and variant, were held to: in its own word, or as known where a known deviation
covers that it did not run.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from reports.outcomes import LETTERS, format_rank, ordered, worst
from reports.record import CellRecord, Run

Kind: TypeAlias = tuple[str, str, str]
"""Operation, mode and variant of a cell."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One place of the matrix.

    Attributes:
        cells: How many cells are counted.
        counts: Word -> number of cases, the worst first.
        letter: The letter of the worst word.
    """

    requirement: str
    op: str
    format: str
    mode: str
    variant: str
    cells: int
    counts: dict[str, int]
    letter: str


def matrix(run: Run) -> list[Entry]:
    """Return the places of the matrix that hold something, in the order of the requirements."""
    held = held_to(run)
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    cells: Counter[tuple[str, ...]] = Counter()
    for cell in run.cells:
        for requirement, words in _words(cell, held).items():
            place = (requirement, cell.op, cell.format, cell.mode, cell.variant)
            counts[place].update(words)
            cells[place] += 1
    order = [row["id"] for row in run.header.requirements]
    places = sorted(counts, key=lambda place: _place_rank(place, order))
    entries = [_entry(place, cells[place], counts[place]) for place in places]
    return [entry for entry in entries if entry.counts]


def per_requirement(entries: Iterable[Entry]) -> dict[str, dict[str, int]]:
    """Return requirement -> word -> number of cases, over all cells."""
    found: dict[str, Counter[str]] = {}
    for entry in entries:
        found.setdefault(entry.requirement, Counter()).update(entry.counts)
    return {requirement: ordered(words) for requirement, words in found.items()}


def kind_of(cell: CellRecord) -> Kind:
    """Return what cells have in common that are held to the same requirements."""
    return cell.op, cell.mode, cell.variant


def held_to(run: Run) -> dict[Kind, set[str]]:
    """Return kind of cell -> the requirements that such cells were held to, where they ran.

    Where none did, those of the same mode and variant tell, else all that can fail a run.
    """
    failing = {row["id"] for row in run.header.requirements if row["fails_run"]}
    held: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for cell in run.cells:
        if cell.outcome == "ran":
            held[kind_of(cell)].update(cell.requirements)
            held[kind_of(cell)[1:]].update(cell.requirements)
    return {
        kind: held.get(kind) or held.get(kind[1:]) or failing for kind in map(kind_of, run.cells)
    }


def _words(cell: CellRecord, held: dict[Kind, set[str]]) -> dict[str, dict[str, int]]:
    if cell.outcome == "ran":
        return cell.requirements
    missing = held[kind_of(cell)] - cell.requirements.keys()
    return {**cell.requirements, **{name: {word_of(cell): cell.cases} for name in missing}}


def word_of(cell: CellRecord) -> str:
    """Return the word for the cases of a cell that did not run."""
    said = {word for words in cell.requirements.values() for word in words}
    return "known" if "known" in said and cell.outcome not in said else cell.outcome


def _entry(place: tuple[str, ...], cells: int, words: Counter[str]) -> Entry:
    counts = ordered(words)
    return Entry(
        requirement=place[0],
        op=place[1],
        format=place[2],
        mode=place[3],
        variant=place[4],
        cells=cells,
        counts=counts,
        letter=LETTERS.get(worst(counts), "?") if counts else "",
    )


def _place_rank(place: tuple[str, ...], order: list[str]) -> tuple[object, ...]:
    requirement, op, format_name, mode, variant = place
    known = requirement in order
    rank = order.index(requirement) if known else len(order)
    return rank, requirement, op, format_rank(format_name), mode != "eager", mode, variant

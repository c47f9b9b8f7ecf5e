"""What a run measured beside its outcomes, per operation and format."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import TypeAlias

from reports.matrix import word_of
from reports.outcomes import format_rank, ordered
from reports.record import VERDICTS, CellRecord, Run
from reports.text import plain

Row: TypeAlias = dict[str, object]

_DECIDED = ("rule", "order", "hull", "undecided")
_GRADES = ("exact", "faithful", "wide", "narrow", "vacuous")


def verdicts(run: Run) -> dict[str, int]:
    """Return verdict -> number of cases, in their base cells."""
    letters = Counter("".join(cell.verdicts for cell in run.cells if cell.base is None))
    return {word: letters[letter] for letter, word in VERDICTS.items()}


def verdicts_by_op(run: Run) -> list[Row]:
    """Return, per operation, verdict -> number of cases, in their base cells."""
    letters: dict[str, Counter[str]] = defaultdict(Counter)
    for cell in run.cells:
        if cell.base is None:
            letters[cell.op].update(cell.verdicts)
    return [
        {"op": op, "counts": {word: letters[op][letter] for letter, word in VERDICTS.items()}}
        for op in sorted(letters)
    ]


def ties(run: Run) -> list[Row]:
    """Return, per operation, how many windows its cases have and how many of them are tied."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for cell in run.cells:
        if cell.base is None:
            found[cell.op].update(windows=cell.windows, tied=cell.tied)
    return [
        {"op": op, "windows": found[op]["windows"], "tied": found[op]["tied"]}
        for op in sorted(found)
    ]


def decided(run: Run) -> dict[str, int]:
    """Return how many components were decided in which way, in the base cells."""
    return _sum((cell.decided for cell in run.cells if cell.base is None), _DECIDED)


def worst_ratios(run: Run) -> list[Row]:
    """Return, per operation and format, the largest error as a share of its bound."""
    rows: list[Row] = []
    for op, format_name, cells in by_op_and_format(run, lambda cell: cell.worst_ratio is not None):
        worst = max(cells, key=_ratio)
        ratio = _ratio(worst)
        rows.append(
            {
                "op": op,
                "format": format_name,
                "ratio": worst.worst_ratio,
                "decimal": f"{ratio:.6g}",
                "case": worst.worst_ratio_case,
                "cell": worst.cell,
            }
        )
    return rows


def grades(run: Run) -> list[Row]:
    """Return, per operation and format, the number of coordinates of each accuracy grade."""
    return [
        {"op": op, "format": format_name, "counts": counts}
        for op, format_name, cells in by_op_and_format(run, lambda cell: cell.base is None)
        if any((counts := _sum((cell.grades for cell in cells), _GRADES)).values())
    ]


def agreement(run: Run) -> list[Row]:
    """Return, per operation, mode and variant, how many cases had the base's bits or others."""
    found: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for cell in run.cells:
        if cell.base is not None and cell.agreement:
            found[cell.op, cell.mode, cell.variant].update(cell.agreement)
    return [
        {"op": op, "mode": mode, "variant": variant, "same": n["="], "other": n["~"]}
        for (op, mode, variant), n in sorted(found.items())
    ]


def not_ran(run: Run) -> list[Row]:
    """Return the cells that did not run to their end, those of one reason together."""
    found: dict[tuple[str, str, str, str, bool], list[CellRecord]] = defaultdict(list)
    for cell in run.cells:
        if cell.outcome != "ran":
            known = word_of(cell) == "known"
            words = (cell.outcome, cell.op, cell.stage or "", plain(cell.message or ""), known)
            found[words].append(cell)
    return [_not_ran_row(words, cells) for words, cells in sorted(found.items())]


def _not_ran_row(words: tuple[str, str, str, str, bool], cells: list[CellRecord]) -> Row:
    outcome, op, stage, message, known = words
    crashed = next((cell.crash for cell in cells if cell.crash), None)
    return {
        "outcome": outcome,
        "known": known,
        "op": op,
        "stage": stage or None,
        "message": message or None,
        "crash": crashed,
        "cells": len(cells),
        "cases": sum(cell.cases for cell in cells),
        "formats": sorted({cell.format for cell in cells}, key=format_rank),
        "modes": sorted({cell.mode for cell in cells}),
        "variants": sorted({cell.variant for cell in cells}),
        "first_cell": cells[0].cell,
    }


def by_op_and_format(
    run: Run, wanted: Callable[[CellRecord], bool]
) -> Iterable[tuple[str, str, list[CellRecord]]]:
    """Yield operation, format and the cells that are wanted, of each pair that has some."""
    groups: dict[tuple[str, str], list[CellRecord]] = defaultdict(list)
    for cell in run.cells:
        if wanted(cell):
            groups[cell.op, cell.format].append(cell)
    for op, format_name in sorted(groups, key=lambda key: (key[0], format_rank(key[1]))):
        yield op, format_name, groups[op, format_name]


def _ratio(cell: CellRecord) -> float:
    return float.fromhex(cell.worst_ratio or "0x0p+0")


def _sum(counts: Iterable[dict[str, int]], always: tuple[str, ...]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for words in counts:
        total.update(words)
    return ordered(total, always)

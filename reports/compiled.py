"""What was compiled, and into what: generated code, or calls of the framework's own kernels."""

from __future__ import annotations

from collections import Counter, defaultdict

from reports.measures import Row
from reports.outcomes import format_rank
from reports.record import CellRecord, Run


def compiled(run: Run) -> list[Row]:
    """Return, per operation, format and mode, the compiled cells, their graphs and their code."""
    groups: dict[tuple[str, str, str], list[CellRecord]] = defaultdict(list)
    for cell in run.cells:
        if cell.compiled is not None:
            groups[cell.op, cell.mode, cell.format].append(cell)
    ranked = sorted(groups, key=lambda key: (key[0], key[1], format_rank(key[2])))
    return [_row(key, groups[key]) for key in ranked]


def _row(key: tuple[str, str, str], cells: list[CellRecord]) -> Row:
    op, mode, format_name = key
    found = [cell.compiled for cell in cells if cell.compiled is not None]
    return {
        "op": op,
        "format": format_name,
        "mode": mode,
        "cells": len(cells),
        "graphs": _graphs(cells),
        "forward": dict(sorted(Counter(how["forward"] for how in found).items())),
        "backward": dict(sorted(Counter(how["backward"] for how in found).items())),
    }


def _graphs(cells: list[CellRecord]) -> int:
    """Return how many graphs were compiled; cells that share theirs count it once."""
    graphs: dict[str, int] = {}
    for cell in cells:
        if cell.compiled is not None:
            first = min([cell.cell, *cell.compiled["shared_with"]])
            graphs[first] = max(graphs.get(first, 0), cell.compiled["graphs"])
    return sum(graphs.values())

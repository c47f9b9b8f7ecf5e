"""Which cells need not say the same twice: those of rows that say `sometimes`.

Such a defect reads or writes outside of its memory. Its cells run in processes of their own, so
left out are these alone, what is compared with their bits, and what shares a graph with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reports.families import case_family
from reports.record import CellRecord

_LISTS = {"formats": "format", "modes": "mode", "variants": "variant", "devices": "device"}


def unsteady(
    rows: Iterable[Mapping[str, object]],
    cells: Sequence[CellRecord],
    ids: Mapping[str, Sequence[str]],
) -> set[str]:
    """Return the ids of the cells that need not say the same twice.

    Args:
        rows: The rows of known deviations.
        cells: The cells of a run.
        ids: Cell -> the ids of its cases.
    """
    sometimes = [row for row in rows if row.get("sometimes")]
    by_op = {op: [r for r in sometimes if r["operation"] == op] for op in map(_op, sometimes)}
    # the cells of a stack share one list of ids
    families = {id(ids[cell.cell]): ids[cell.cell] for cell in cells if cell.op in by_op}
    of = {key: frozenset(map(case_family, listed)) for key, listed in families.items()}
    found = {
        cell.cell
        for cell in cells
        if any(_names(row, cell, of[id(ids[cell.cell])]) for row in by_op.get(cell.op, ()))
    }
    return found | {
        cell.cell
        for cell in cells
        if cell.base in found
        or (cell.compiled is not None and not found.isdisjoint(cell.compiled["shared_with"]))
    }


def _op(row: Mapping[str, object]) -> str:
    return str(row["operation"])


def _names(row: Mapping[str, object], cell: CellRecord, shown: frozenset[str]) -> bool:
    if any(
        row.get(key) and getattr(cell, of) not in _entries(row, key) for key, of in _LISTS.items()
    ):
        return False
    families = _entries(row, "families")
    return not families or not shown.isdisjoint(families)


def _entries(row: Mapping[str, object], key: str) -> Sequence[str]:
    listed = row.get(key)
    return listed if isinstance(listed, list) else ()

"""Operations by family, in the order in which a run names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

NO_FAMILY = "other"


def family(families: Mapping[str, str], op: str) -> str:
    """Return the family of an operation."""
    return families.get(op, NO_FAMILY)


def in_order(families: Mapping[str, str], ops: Iterable[str]) -> list[str]:
    """Return operations, those of one family together; unknown ones last, by name.

    Args:
        families: Operation -> family; its order is that of the result.
        ops: Operations, each once or several times.
    """
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys(families.values()))}
    places = {op: place for place, op in enumerate(families)}

    def key(op: str) -> tuple[int, int, str]:
        rank = ranks.get(family(families, op), len(ranks))
        return rank, places.get(op, len(places)), op

    return sorted(set(ops), key=key)


def case_family(case: str) -> str:
    """Return the family of a case, what it was made for, which stands in its id."""
    return case.partition("/")[2].rpartition("-")[0]

"""Which cells, and which of their cases, two runs have in common: by the cases' ids."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reports.compare.changes import Pairs
from reports.compare.place import Place


@dataclass(kw_only=True)
class Matched:
    """What two runs have in common, and what only one of them has.

    Attributes:
        pairs: Cells, and the places of the cases that both have.
        added: The later run's cells with the places of cases that the earlier does not have.
        gone: The earlier run's cells with the places of cases that the later does not have.
        unknown: Stack -> number of cases of which a baseline does not keep enough to compare them,
            since the cases of their stack are no longer the same.
    """

    pairs: list[tuple[Place, Place, Pairs]] = field(default_factory=list)
    added: list[tuple[Place, list[int]]] = field(default_factory=list)
    gone: list[tuple[Place, list[int]]] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)


def matched(old: Mapping[str, Place], new: Mapping[str, Place]) -> Matched:
    """Return what two runs have in common.

    Cells with the same cases in the same order are matched as they are; the cases of all others by
    their ids and by how they were run, wherever they stand.
    """
    found, left = Matched(), []
    for cell, later in new.items():
        earlier = old.get(cell)
        if earlier is not None and earlier.key == later.key:
            found.pairs.append((earlier, later, _same(earlier.cases)))
        else:
            left.append(later)
    taken = {earlier.cell for earlier, _, _ in found.pairs}
    _match_cases([place for cell, place in old.items() if cell not in taken], left, found)
    return found


def _same(cases: int) -> Pairs:
    return [(i, i) for i in range(cases)]


def _match_cases(old: Sequence[Place], new: Iterable[Place], found: Matched) -> None:
    index = _Index(old)
    # a baseline does not keep cases one by one: those that it lacks may have been there
    vague = {place.cell for place in old if place.ids is None}
    for later in new:
        pairs, added = index.take(later)
        found.pairs += [(place, later, listed) for place, listed in pairs]
        if later.cell in vague:
            found.unknown[later.cell] += len(added)
        elif added:
            found.added.append((later, added))
    found.gone += index.left(vague)


class _Index:
    """The cases of the earlier run, by id and by how they were run."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self._where = {
            (case, *place.way): (place, i) for place in places for i, case in _known(place)
        }
        self._met: dict[str, set[int]] = defaultdict(set)

    def take(self, later: Place) -> tuple[list[tuple[Place, Pairs]], list[int]]:
        """Return the earlier cells with the cases of a later one, and those that none has."""
        pairs: dict[str, tuple[Place, list[tuple[int, int]]]] = {}
        added = []
        for j, case in _known(later):
            before = self._where.get((case, *later.way))
            if before is None:
                added.append(j)
                continue
            place, i = before
            self._met[place.cell].add(i)
            pairs.setdefault(place.cell, (place, []))[1].append((i, j))
        return list(pairs.values()), added

    def left(self, vague: Collection[str]) -> Iterator[tuple[Place, list[int]]]:
        """Yield the cells with cases that were not taken."""
        for place in self._places:
            gone = [i for i, _ in _known(place) if i not in self._met[place.cell]]
            if gone and place.cell not in vague:
                yield place, gone


def _known(place: Place) -> Iterator[tuple[int, str]]:
    if place.ids is None:
        yield from place.known_ids.items()
    else:
        yield from enumerate(place.ids)

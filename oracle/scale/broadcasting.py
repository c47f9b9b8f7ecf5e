"""What the filter leaves open where operands are broadcast, decided by the exact core.

Outputs that add to one broadcast entry belong together. Where one operand alone is broadcast these
are whole components, which go to the core as they are (one whose gradient is 0 wherever anything is
asked does not count: nothing is added to it). Elsewhere the core is asked whether one coordinate
shows that the component is outside: the interval that holds it at all conservative points follows
from the outputs that add to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from oracle.check import problem_of
from oracle.scale.asking import Locate, entries_of, leave
from oracle.scale.program_layer import Part, Places
from oracle.scale.sayings import Sayings
from oracle.scale.showing import out_of_box


class Broadcasting:
    """The open coordinates of a layer with broadcast operands.

    Args:
        sayings: Where the answers go.
        full: The differentiated operands that are not broadcast.
        unproved: Operand that is broadcast -> whether its entries are open.
        locate: Where the entries of outputs lie.
        steady: Operands to whose gradients no output adds.
    """

    def __init__(
        self,
        sayings: Sayings,
        full: Sequence[str],
        unproved: Mapping[str, NDArray[np.bool_]],
        locate: Locate,
        steady: Sequence[str] = (),
    ) -> None:
        self._sayings, self._layer = sayings, sayings.layer
        self._full, self._unproved, self._locate = full, unproved, locate
        joining = [name for name in unproved if name not in steady]
        self._whole = joining if len(joining) == 1 else []
        self._asked = 0

    def ask(self, outputs: Places) -> None:
        """Ask about these outputs' coordinates, and about all broadcast entries that are open."""
        left = set(outputs.tolist())
        for name, open_ in self._unproved.items():
            wanted = np.flatnonzero(open_)
            if name in self._whole:
                wanted = np.union1d(wanted, self._locate(name, outputs))
            groups = self._groups(name, wanted)
            for entry, members in zip(wanted.tolist(), groups, strict=True):
                self._ask_group(name, entry, members, left)
        for output in sorted(left):
            part = entries_of(self._layer, np.array([output]), self._locate)
            for name in self._full:
                self._ask_coordinate(part, self._number(part, name))

    def _groups(self, name: str, entries: Places) -> list[Places]:
        """Return for each of some entries of an operand the outputs that add to it."""
        places = self._locate(name, np.arange(self._layer.windows))
        order = np.argsort(places, kind="stable")
        starts = np.searchsorted(places[order], entries, "left")
        ends = np.searchsorted(places[order], entries, "right")
        return [order[start:end] for start, end in zip(starts, ends, strict=True)]

    def _ask_group(self, name: str, entry: int, members: Places, left: set[int]) -> None:
        """Ask about a broadcast entry, and about open outputs where the group is a component."""
        open_ = bool(self._unproved[name][entry])
        part = entries_of(self._layer, members, self._locate, single=[name])
        number = self._number(part, name)
        if name not in self._whole:
            if open_:
                self._ask_coordinate(part, number)
            return
        mine = left.intersection(members.tolist())
        places = np.flatnonzero(np.isin(members, list(mine)))
        asked = {number} if open_ else set()
        for one in self._full:
            asked.update((self._number(part, one) + places).tolist())
        if asked and self._may_ask(part):
            case, verdict = self._sayings.shown(part)
            if verdict is not None:
                left -= mine
                self._sayings.say(
                    part, case, verdict, size=len(asked), counted=True, asked=frozenset(asked)
                )
                return
        leave(self._sayings, int(open_), counted=True)

    def _ask_coordinate(self, part: Part, number: int) -> None:
        """Ask whether a coordinate shows that it is outside, of which a part has all outputs."""
        if self._may_ask(part):
            case = self._layer.case(part)
            problem = problem_of(case)
            if number in problem.free:
                self._sayings.free(1)
                return
            verdict = out_of_box(problem, number)
            if verdict is not None:
                asked = frozenset([number])
                self._sayings.say(part, case, verdict, size=1, counted=True, asked=asked)
                return
        leave(self._sayings, 1, counted=True)

    def _number(self, part: Part, name: str) -> int:
        """Return the number of an operand's first entry in a part's case."""
        names = [operand.name for operand in part.shapes.operands]
        return part.shapes.offsets[names.index(name)]

    def _may_ask(self, part: Part) -> bool:
        self._asked += 1
        budget = self._layer.budget
        return self._asked <= budget.components and self._layer.numbers(part) <= budget.cells

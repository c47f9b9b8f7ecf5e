"""Shards: parts of a run for several machines, each operation whole in one of them.

So the cells of a stack and of a graph stay together, a rule is first followed where it is in the
whole run, and a row of the known deviations finds in one shard all that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from suites.agreement import Question
from suites.hunting import Hunt
from suites.layerwise import NetworkPlan
from suites.plan import Cell
from suites.selection import SelectionError

BESIDE = "beside"
"""The unit of what is asked of the whole run: equal functions, and completeness."""

_CELL, _CASE, _GRAPH, _EXAMPLE = 4, 1, 5_000, 8
"""What a call, a case in it, a compiled graph and an example of a search cost, in a quarter of a
millisecond: measured on two cores, and nothing but the balance depends on it."""
_BESIDE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of several parts.

    Attributes:
        index: Its number, from 1.
        of: How many there are.
    """

    index: int
    of: int

    @classmethod
    def parsed(cls, text: str | None) -> Shard | None:
        """Return the shard that `3/16` names.

        Raises:
            SelectionError: It names none.
        """
        if text is None:
            return None
        found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            msg = f"--shard: {text!r} is unknown, expected one like 3/16, from 1/16 to 16/16"
            raise SelectionError(msg)
        return cls(index=int(found[1]), of=int(found[2]))


def units(
    cells: Iterable[Cell], hunts: Iterable[Hunt], shard: Shard, *, beside: bool
) -> frozenset[str]:
    """Return the operations of a shard, and `BESIDE` where that is its part.

    The dearest unit goes first, each to the shard that has the least; it follows from the plan.

    Args:
        cells: The plan.
        hunts: Its searches.
        shard: Which part is wanted.
        beside: Whether something is asked of the whole run.
    """
    costs = _costs(cells, hunts)
    if beside:
        costs[BESIDE] = _BESIDE
    loads = [0] * shard.of
    parts: list[list[str]] = [[] for _ in loads]
    for unit in sorted(costs, key=lambda unit: (-costs[unit], unit)):
        least = loads.index(min(loads))
        loads[least] += costs[unit]
        parts[least].append(unit)
    return frozenset(parts[shard.index - 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a run is to do.

    Attributes:
        cells: The cells.
        hunts: The searches.
        questions: What is asked of equal functions.
        surveys: Whether completeness is measured.
        networks: Networks that are judged layer by layer.
    """

    cells: list[Cell]
    hunts: list[Hunt]
    questions: list[Question]
    surveys: bool
    networks: list[NetworkPlan] = field(default_factory=list)

    def part(self, shard: Shard) -> Plan:
        """Return what a shard is to do.

        Raises:
            SelectionError: That is nothing.
        """
        beside = bool(self.questions or self.networks) or self.surveys
        mine = units(self.cells, self.hunts, shard, beside=beside)
        part = Plan(
            cells=[cell for cell in self.cells if cell.group.stack.op in mine],
            hunts=[hunt for hunt in self.hunts if hunt.op in mine],
            questions=self.questions if BESIDE in mine else [],
            surveys=self.surveys and BESIDE in mine,
            networks=self.networks if BESIDE in mine else [],
        )
        if not mine:
            most = len({cell.group.stack.op for cell in self.cells}) + beside
            msg = f"--shard: {shard.index}/{shard.of} has nothing, expected at most {most} shards"
            raise SelectionError(msg)
        return part


def _costs(cells: Iterable[Cell], hunts: Iterable[Hunt]) -> dict[str, int]:
    costs: dict[str, int] = {}
    seen: set[str] = set()
    for cell in cells:
        op = cell.group.stack.op
        graph = cell.graph not in seen if cell.graph else False
        seen.add(cell.graph)
        costs[op] = costs.get(op, 0) + _CELL + _CASE * cell.cases + _GRAPH * graph
    for hunt in hunts:
        costs[hunt.op] = costs.get(hunt.op, 0) + _EXAMPLE * hunt.examples
    return costs

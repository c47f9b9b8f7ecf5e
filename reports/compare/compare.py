"""Compares two runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.compare import changes as kinds
from reports.compare.beside import Remark, remarks, searched_alike
from reports.compare.changes import Change, changes
from reports.compare.environment import Difference, differences
from reports.compare.groups import KINDS, Group, Grouping
from reports.compare.match import matched
from reports.compare.networks import only_in
from reports.compare.place import Place
from reports.compare.sides import At, Side
from reports.record import Network
from reports.text import counted

UNHEALTHY = "unhealthy"
ADDED = "added"
GONE = "gone"

FAIL_ON = (*KINDS, UNHEALTHY, ADDED, GONE)
"""What `--fail-on` can name; `added` is what only the later run has, and what fails it."""
DEFAULT = (kinds.NEW, kinds.LOST, UNHEALTHY)
"""What is worse unless the command line says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Cases of an operation that only one of the runs has.

    Attributes:
        op: The operation.
        cases: How many.
        cells: In how many cells.
        failing: Cause -> how many places fail the run that has them.
    """

    op: str
    cases: int
    cells: int
    failing: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """What changed.

    Attributes:
        old: The earlier run.
        new: The later run.
        groups: What changed, the kinds in the order of `KINDS`, then the most cases first.
        remarks: What changed beside the cells.
        environment: What is not the same beside the results.
        added: Cases that only the later run has.
        gone: Cases that only the earlier run has.
        networks_added: Networks that only the later run has.
        networks_gone: Networks that only the earlier run has.
        compared: Cases in cells that both runs have, each cell's counted.
        left_out: Cells that need not say the same twice.
        unknown: Cases that a baseline can't be asked for.
        searched: Whether the searches drew the same examples, so that they were compared.
        fail_on: What counts as worse.
    """

    old: Side
    new: Side
    groups: Sequence[Group]
    remarks: Sequence[Remark]
    environment: Sequence[Difference]
    added: Sequence[Apart]
    gone: Sequence[Apart]
    networks_added: Sequence[Network]
    networks_gone: Sequence[Network]
    compared: int
    left_out: int
    unknown: int
    searched: bool
    fail_on: Collection[str]

    def of_kind(self, kind: str) -> list[Group]:
        """Return the groups of one kind."""
        return [group for group in self.groups if group.key[0] == kind]

    @property
    def worse(self) -> list[str]:
        """What got worse, a phrase each."""
        return [*self._worse_kinds(), *self._worse_runs()]

    @property
    def nothing_changed(self) -> bool:
        """Whether nothing changed at all."""
        apart = self.added or self.gone or self.networks_added or self.networks_gone
        return not (self.groups or self.remarks or apart or self._ended_otherwise)

    @property
    def _ended_otherwise(self) -> bool:
        return self.old.footer.healthy != self.new.footer.healthy

    def _worse_kinds(self) -> Iterator[str]:
        for kind in KINDS:
            found = self.of_kind(kind)
            beside = [remark for remark in self.remarks if remark.kind == kind]
            if kind in self.fail_on and (found or beside):
                cases = sum(len(group.cases) for group in found)
                texts = [f"{counted(len(found), *WORDS[kind])} ({counted(cases, 'case')})"] * bool(
                    found
                )
                texts += [f"{counted(len(beside), *WORDS[kind])} beside the cells"] * bool(beside)
                yield " and ".join(texts)

    def _worse_runs(self) -> Iterator[str]:
        healthy = self.old.footer.healthy, self.new.footer.healthy
        if UNHEALTHY in self.fail_on and healthy == (True, False):
            yield "the later run is unhealthy, the earlier one was not"
        if ADDED in self.fail_on and any(apart.failing for apart in self.added):
            yield "added cases fail"
        if ADDED in self.fail_on and any(network.fails for network in self.networks_added):
            yield "added networks fail"
        if GONE in self.fail_on and self.gone:
            yield f"{counted(sum(apart.cases for apart in self.gone), 'case')} gone"
        if GONE in self.fail_on and self.networks_gone:
            yield f"{counted(len(self.networks_gone), 'network')} gone"


WORDS = {
    kinds.NEW: ("new deviation", "new deviations"),
    kinds.FIXED: ("fixed deviation", "fixed deviations"),
    kinds.CHANGED: ("changed deviation", "changed deviations"),
    kinds.VALID: ("valid change", "valid changes"),
    kinds.CONSISTENCY: ("change of consistency", "changes of consistency"),
    kinds.LOST: ("lost kind of call", "lost kinds of call"),
    kinds.GAINED: ("gained kind of call", "gained kinds of call"),
    kinds.ACCURACY: ("change of accuracy", "changes of accuracy"),
}
"""Kind -> what one group of it is called, and what several are."""


def compare(old: Side, new: Side, fail_on: Collection[str] = DEFAULT) -> Comparison:
    """Return what changed from one run to another."""
    pair = matched(old.places, new.places)
    unsteady = {
        place.cell for side in (old, new) for place in side.places.values() if place.left_out
    }
    grouping = Grouping(old, new)
    failing = {row["id"] for row in new.header.requirements if row["fails_run"]}
    steady = [
        (earlier, later, pairs)
        for earlier, later, pairs in pair.pairs
        if unsteady.isdisjoint((earlier.cell, later.cell))
    ]
    for earlier, later, pairs in steady:
        for change in changes(earlier, later, pairs, failing):
            grouping.add(change)
    for change, cause, case in _differently(old, new, steady, failing):
        grouping.note(change, cause, case)
    return Comparison(
        old=old,
        new=new,
        groups=sorted(grouping.groups.values(), key=_place),
        remarks=remarks(old, new),
        environment=differences(old, new),
        added=_apart(pair.added, failing),
        gone=_apart(pair.gone, failing),
        networks_added=only_in(new.networks, old.networks),
        networks_gone=only_in(old.networks, new.networks),
        compared=sum(len(pairs) for _, _, pairs in steady),
        left_out=len(unsteady),
        unknown=sum(pair.unknown.values()),
        searched=searched_alike(old, new),
        fail_on=fail_on,
    )


def _place(group: Group) -> tuple[int, int, tuple[str, ...]]:
    return KINDS.index(group.key[0]), -group.places, group.key


def _differently(
    old: Side,
    new: Side,
    steady: Iterable[tuple[Place, Place, object]],
    failing: Collection[str],
) -> Iterator[tuple[Change, str, str]]:
    """Yield cases that deviate in both runs with another cause or another result.

    What both runs keep a finding of is compared; how a process died is not: the same defect may
    end it in several ways.
    """
    cells = {later.cell: (earlier, later) for earlier, later, _ in steady}
    before = {(at.requirement, at.case, *_way(old, at)): told for at, told in old.told.items()}
    for at, told in new.told.items():
        if at.requirement not in failing or at.cell not in cells or told.outcome == "crashed":
            continue
        was = before.get((at.requirement, at.case, *_way(new, at)))
        if was is None or was.outcome != told.outcome or was[1:] == told[1:]:
            continue
        earlier, later = cells[at.cell]
        other = told.cause if was.cause != told.cause else "another result"
        change = Change(
            kind=kinds.CHANGED,
            requirement=at.requirement,
            was=f"{was.outcome} ({was.cause})",
            now=f"{told.outcome} ({other})",
            old=earlier,
            new=later,
            pairs=(),
        )
        yield change, told.cause, at.case


def _way(side: Side, at: At) -> tuple[str, ...]:
    place = side.places.get(at.cell)
    return place.way if place else ("", "", "")


def _apart(found: Sequence[tuple[Place, list[int]]], failing: Collection[str]) -> list[Apart]:
    by_op: dict[str, list[tuple[Place, list[int]]]] = {}
    for place, cases in found:
        by_op.setdefault(place.op, []).append((place, cases))
    return [_of_op(op, places, failing) for op, places in by_op.items()]


def _of_op(op: str, places: Sequence[tuple[Place, list[int]]], failing: Collection[str]) -> Apart:
    ids = {place.id_of(i) for place, cases in places for i in cases}
    wrong: Counter[str] = Counter()
    for place, cases in places:
        for i in cases:
            words = [f"{r}: {place.word(r, i)}" for r in place.words if r in failing]
            wrong.update(word for word in words if not word.endswith(": conforms"))
        if place.outcome in ("errored", "crashed"):
            wrong[f"safe: {place.outcome}"] += len(cases)
    return Apart(op=op, cases=len(ids), cells=len(places), failing=dict(wrong))

"""What changed beside the cells: networks, searches, equal functions, the release's operators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reports.compare.changes import FIXED, NEW, VALID
from reports.compare.networks import changes_of
from reports.compare.sides import Side
from reports.record import Agreement, Completeness


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing that changed.

    Attributes:
        kind: A kind of change.
        of: `network`, `search`, `equal functions` or `operator`.
        name: Of what.
        was: What it was.
        now: What it is.
    """

    kind: str
    of: str
    name: str
    was: str
    now: str


def remarks(old: Side, new: Side) -> list[Remark]:
    """Return what changed beside the cells."""
    return [
        *_of_networks(old, new),
        *_of_searches(old, new),
        *_of_functions(old, new),
        *_of_operators(old, new),
    ]


def searched_alike(old: Side, new: Side) -> bool:
    """Return whether the searches of two runs drew the same examples.

    They do with one seed, one corpus and one version of what draws.
    """
    pairs = ((side.header.seed, side.header.corpus, _drawn_by(side)) for side in (old, new))
    return len(set(pairs)) == 1


def _drawn_by(side: Side) -> str:
    return str(side.header.environment.get("hypothesis"))


def _of_networks(old: Side, new: Side) -> Iterator[Remark]:
    before = {network.network: network for network in old.networks}
    for network in new.networks:
        if network.network in before:
            for kind, was, now in changes_of(before[network.network], network):
                yield Remark(kind=kind, of="network", name=network.network, was=was, now=now)


def _of_searches(old: Side, new: Side) -> Iterator[Remark]:
    if not searched_alike(old, new):
        return
    before = {search.search: search.outcome for search in old.searches}
    for search in new.searches:
        was = before.get(search.search)
        if was in (None, search.outcome) or "not run" in (was, search.outcome):
            continue
        kind = NEW if search.outcome == "found" else FIXED
        yield Remark(kind=kind, of="search", name=search.search, was=str(was), now=search.outcome)


def _of_functions(old: Side, new: Side) -> Iterator[Remark]:
    before = {(a.name, a.format, a.device): a for a in old.agreements}
    for agreement in new.agreements:
        earlier = before.get((agreement.name, agreement.format, agreement.device))
        if earlier is None:
            continue
        both = set(earlier.functions) & set(agreement.functions)
        was, now = _groups(earlier, both), _groups(agreement, both)
        if was != now:
            yield Remark(
                kind=VALID,
                of="equal functions",
                name=f"{agreement.name}, {agreement.format}",
                was=was,
                now=now,
            )


def _groups(agreement: Agreement, of: set[str]) -> str:
    kept = (sorted(of.intersection(group)) for group in agreement.groups)
    return "; ".join(sorted(" = ".join(group) for group in kept if group))


def _of_operators(old: Side, new: Side) -> Iterator[Remark]:
    if old.completeness is None or new.completeness is None:
        return
    for found in ("kinks", "samples_failing"):
        yield from _named(_entries(old.completeness, found), _entries(new.completeness, found))


def _entries(completeness: Completeness, found: str) -> Mapping[str, str]:
    entries: Mapping[str, str] = getattr(completeness, found)
    return entries


def _named(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Remark]:
    for name in sorted({*was, *now}):
        if (name in was) != (name in now):
            yield Remark(
                kind=NEW if name in now else FIXED,
                of="operator",
                name=name,
                was=was.get(name, "nothing"),
                now=now.get(name, "nothing"),
            )

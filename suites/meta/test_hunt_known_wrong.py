"""The search alone finds each wrong implementation, and shows it by what can be checked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.record import Finding
from suites.corpus import POOLING
from suites.hunting import EXAMPLES, Hunt
from suites.hunting.hunting import ON_PAPER
from suites.meta.hunts import hunt_of, hunted
from suites.meta.implementations.catalogue import Entry, entries
from suites.selection import FORMAT_NAMES

WRONG = {entry.name: entry for entry in entries() if entry.fails}
RIGHT = {entry.name: entry for entry in entries() if entry.right and not entry.ops}

NEEDED = {
    # an index of 16 bits holds all that are smaller
    "wrong_index_overflow": 2**16 + 2,
    # where it is a tie that shows it: two channels of three windows of two inputs
    "wrong_fractional_samples_of_channel_0": 10,
}
"""What needs more than nine inputs, so many, and why."""

FEW = 400
"""Examples of one hunt: a fifth of the standard profile's."""

RARE = {"crashed", "errored"}
"""Outcomes of what is wrong with one number in one kind of window only: as many as standard has."""


@pytest.mark.parametrize("name", WRONG)
def test_the_search_alone_finds_it_and_shows_it_on_paper(name: str) -> None:
    entry, turn = WRONG[name], list(WRONG).index(name) + 1
    formats = entry.formats or FORMAT_NAMES
    op = (entry.ops or POOLING)[0]
    hunt = hunt_of(op, formats[turn % len(formats)], examples=examples(entry))
    # special cases have ordinary ties and sums, too: one of them may come first; and of wrong
    # gradients some are conservative by chance
    hunts = (replace(hunt, seed=seed) for seed in ("corpus", *range(5)))
    failures = (first(each, entry) for each in hunts)
    shown = next(found for found in failures if set(entry.outcomes) <= {f.outcome for f in found})
    assert {finding.op for finding in shown} == {op}
    sizes = [len(finding.input["data"]) for finding in shown]
    assert max(sizes) <= NEEDED.get(name, ON_PAPER)


def first(hunt: Hunt, entry: Entry) -> list[Finding]:
    """The findings of the first failure, of the requirements that are to fail."""
    found = hunted(hunt, entry.path, cell_timeout=1 if entry.name == "wrong_hangs" else 60)
    assert found.search.outcome == "found"
    assert {finding.requirement for finding in found.findings}.isdisjoint(entry.passes)
    return [finding for finding in found.findings if finding.requirement in entry.fails]


def examples(entry: Entry) -> int:
    everything = entry.name in NEEDED or not RARE.isdisjoint(entry.outcomes)
    return EXAMPLES["standard"] if everything else FEW


def test_only_what_cannot_be_smaller_needs_more() -> None:
    assert NEEDED.keys() <= WRONG.keys()
    assert min(NEEDED.values()) > ON_PAPER


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_found_in_a_right_implementation(name: str) -> None:
    turn = list(RIGHT).index(name)
    op, format_name = POOLING[turn % len(POOLING)], FORMAT_NAMES[turn % len(FORMAT_NAMES)]
    found = hunted(hunt_of(op, format_name, examples=200), RIGHT[name].path)
    assert (found.search.outcome, found.search.examples) == ("none", 200)
    assert (list(found.findings), dict(found.cases)) == ([], {})

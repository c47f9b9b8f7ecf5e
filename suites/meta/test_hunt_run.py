"""Searches as a part of a run: its items, its records, its end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reports.record import Search
from suites import health
from suites.corpus import POOLING
from suites.flushing import Flushing
from suites.hunting import EXAMPLES, hunts, not_hunted
from suites.meta.hunts import hunt_of
from suites.meta.processes import IMPLEMENTATIONS, pytest_suites
from suites.selection import FORMAT_NAMES, Selection

ONE = ("--ops", "max_pool1d", "--formats", "binary32")
WHOLE = Selection(profile="standard", device="cpu", modes=("eager",))


def test_a_search_that_finds_something_fails_the_run(tmp_path: Path) -> None:
    file = IMPLEMENTATIONS / "wrong_zero_gradient.py"
    ended = pytest_suites(tmp_path, *ONE, "-k", "search/", "--implementation", str(file))
    assert ended.status == 1, ended.lines
    run = ended.run
    (search,) = run.searches
    assert (search.outcome, search.search) == ("found", "max_pool1d/search/binary32/eager/cpu")
    assert {finding.cell for finding in run.findings} == {search.search}
    assert all(finding.fails_run and not finding.known for finding in run.findings)
    places = sorted(path.name for path in (tmp_path / "counterexamples").iterdir())
    assert sorted(f"counterexamples/{name}" for name in places) == sorted(search.counterexamples)
    assert run.footer is not None
    assert (run.footer.failed, run.footer.unhealthy) == (True, [])
    assert ended.said("failed: max_pool1d, gradient: deviates (box)")


def test_a_search_that_finds_nothing_says_how_much_it_tried(tmp_path: Path) -> None:
    file = IMPLEMENTATIONS / "right_first_index.py"
    ended = pytest_suites(tmp_path, *ONE, "-k", "search/", "--implementation", str(file))
    assert ended.status == 0, ended.lines
    (search,) = ended.run.searches
    assert (search.outcome, search.examples) == ("none", EXAMPLES["standard"])
    assert search.reached["contested tie"] > 0
    assert (search.counterexamples, search.seed) == ([], "corpus")
    assert not (tmp_path / "counterexamples").exists()


def test_the_plan_counts_searches_and_their_examples(tmp_path: Path) -> None:
    ended = pytest_suites(tmp_path, "--collect-only", "-q", "--modes", "eager", *ONE)
    assert ended.said("1 searches of 2000 examples")
    assert ended.said("search/max_pool1d/binary32")


def test_every_operation_and_format_is_searched_in_order() -> None:
    names = [hunt.name for hunt in planned(WHOLE)]
    assert names == [f"search/{op}/{of}" for op in POOLING for of in FORMAT_NAMES]
    assert {hunt.examples for hunt in planned(WHOLE)} == {EXAMPLES["standard"]}


@pytest.mark.parametrize(
    "selection",
    [
        replace(WHOLE, profile="smoke"),
        replace(WHOLE, modes=("inductor",)),
        replace(WHOLE, case="max_pool1d/sweep-0123456789abcdef"),
        replace(WHOLE, ops=("max_pool1d",), layouts=("channels-last",)),
    ],
    ids=["smoke", "compiled", "one case", "no such layout"],
)
def test_some_runs_have_no_search(selection: Selection) -> None:
    assert planned(selection) == []


def planned(selection: Selection) -> list:
    return list(hunts(selection, "corpus", Flushing()))


def test_flushing_is_declared_to_the_search_as_to_the_cells() -> None:
    assert {hunt.flushes for hunt in hunts(WHOLE, 1, Flushing(everywhere=True))} == {True}
    assert {hunt.seed for hunt in hunts(WHOLE, 1, Flushing())} == {1}


@pytest.mark.parametrize("own_file", [False, True])
def test_a_search_that_did_not_run_is_unhealthy(own_file: bool) -> None:
    died = not_hunted(hunt_of("max_pool1d"), "a process that hunts has ended").search
    assert unhealthy([died], own_file=own_file) == [
        "1 searches did not run all their examples: a process that hunts has ended"
    ]
    assert unhealthy([], own_file=own_file) == ["0 of 1 planned searches were run"]


def test_what_a_file_lacks_is_healthy_for_a_search_too() -> None:
    words = "max_pool1d(kernel_size) takes no argument `stride`"
    lacking = not_hunted(hunt_of("max_pool1d"), words).search
    assert unhealthy([lacking], own_file=True) == []
    assert unhealthy([lacking], own_file=False) != []


def unhealthy(searches: list[Search], *, own_file: bool) -> list[str]:
    return list(health.of_searches(1, searches, own_file=own_file))


def test_records_of_searches_are_plain_json() -> None:
    search = not_hunted(hunt_of("max_pool1d"), "no reason").search
    assert json.loads(json.dumps(search.document()))["outcome"] == "not run"

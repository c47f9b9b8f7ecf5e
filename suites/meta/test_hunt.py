"""A hunt: what it counts, what it writes down, and what it does where things go wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from oracle.case import case_id, read_case
from suites.hunting import Hunted, Pack
from suites.hunting.pursuit import FLAKY, MOST_CRASHES
from suites.meta.hunts import equipment, hunt_of, hunted
from suites.meta.implementations.catalogue import FOLDER
from suites.meta.runs import python
from suites.rows import PATH, read_rows

GETS_ALL = FOLDER / "wrong_every_tie_gets_all.py"

SOMETIMES = """
import torch
from suites.meta.implementations.right_first_index import *

_right, _calls = max_pool1d, []

def max_pool1d(*arguments, **options):
    _calls.append(1)
    if len(_calls) == 30:
        raise RuntimeError("once in a lifetime")
    return _right(*arguments, **options)
"""

DIES = """
import os
from suites.meta.implementations.right_first_index import *

def max_pool1d(*arguments, **options):
    with open({log!r}, "a") as log:
        log.write("x")
    os._exit(7)
"""

NOTHING = """
def max_pool1d(input, kernel_size):
    raise NotImplementedError("not implemented for anything")
"""


def untimed(found: Hunted) -> tuple[object, ...]:
    return replace(found.search, seconds=0), list(found.findings), dict(found.cases)


def test_two_hunts_of_one_seed_are_the_same_and_another_seed_draws_others() -> None:
    hunt = replace(hunt_of("max_pool1d", examples=60), failures=3)
    first, again = hunted(hunt, GETS_ALL), hunted(hunt, GETS_ALL)
    assert untimed(first) == untimed(again)
    other = hunted(replace(hunt, seed=1), GETS_ALL)
    assert other.search.seed == 1
    assert other.search.reached != first.search.reached


def test_a_counterexample_is_a_case_file_that_the_judge_takes(tmp_path: Path) -> None:
    found = hunted(hunt_of("max_pool2d"), GETS_ALL)
    found.keep(tmp_path)
    (place,) = found.search.counterexamples
    document = json.loads((tmp_path / place).read_text())
    case, finding = read_case(document), found.findings[0]
    assert finding.cell == found.search.search == "max_pool2d/search/binary32/eager/cpu"
    # a case with a NaN, say, is named after the corpus's family of those
    family = finding.case.removeprefix("max_pool2d/").rpartition("-")[0]
    assert finding.case == document["name"] == case_id(case, family)
    assert document["provenance"]["implementation"] == GETS_ALL.name
    judged = python("-m", "oracle", "judge", str(tmp_path / place))
    assert judged.returncode == 1
    assert json.loads(judged.stdout) == finding.verdict


def test_what_is_known_is_counted_and_got_past() -> None:
    """Half of the examples at the borders lie in the padding altogether."""
    rows = tuple(read_rows(PATH))
    hunt = hunt_of("max_pool2d", examples=400)
    found = equipment(rows=rows).hunt(hunt)
    assert (found.search.outcome, found.search.examples) == ("none", 400)
    unknown = equipment().hunt(hunt)
    assert found.search.reached["nothing read"] > 0
    assert (unknown.search.outcome == "found") == (found.search.known > 0)


def test_what_fails_but_once_is_recorded_as_that(tmp_path: Path) -> None:
    file = tmp_path / "sometimes.py"
    file.write_text(SOMETIMES)
    found = hunted(hunt_of("max_pool1d", examples=100), file)
    (finding,) = found.findings
    assert found.search.outcome == "found"
    assert (finding.requirement, finding.outcome) == ("safe", "errored")
    assert "once in a lifetime" in (finding.message or "")
    assert FLAKY in (finding.message or "")


def test_a_crash_costs_a_bounded_number_of_processes(tmp_path: Path) -> None:
    file, log = tmp_path / "dies.py", tmp_path / "log"
    file.write_text(DIES.format(log=str(log)))
    found = hunted(hunt_of("max_pool1d", examples=100), file)
    (finding,) = found.findings
    assert (finding.requirement, finding.outcome) == ("safe", "crashed")
    assert finding.cause == "exit status 7"
    # each crash once more in a process of its own, and the first one before shrinking began
    assert len(log.read_text()) <= 2 * (MOST_CRASHES + 1)
    (document,) = found.cases.values()
    assert "gradient" not in document
    assert len(finding.input["data"]) == 1


def test_a_missing_kernel_is_counted_and_nothing_is_found(tmp_path: Path) -> None:
    file = tmp_path / "nothing.py"
    file.write_text(NOTHING)
    search = hunted(hunt_of("max_pool1d", examples=40), file).search
    assert search.outcome == "none"
    assert search.examples == search.unsupported > 0
    # what the signature lacks is not run, and said to be so
    assert search.examples < 40
    assert "takes no argument" in (search.message or "")


def test_what_cannot_be_run_at_all_is_said(tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text("raise ValueError('no way')")
    search = hunted(hunt_of("max_pool1d"), file).search
    assert (search.outcome, search.examples) == ("not run", 0)
    assert "no way" in (search.message or "")


def test_hunts_run_side_by_side_and_come_back_each_under_its_name() -> None:
    hunts = [hunt_of(op, examples=40) for op in ("max_pool1d", "adaptive_max_pool1d")]
    with Pack(hunts, equipment(GETS_ALL)) as pack:
        found = [pack.result(hunt) for hunt in hunts]
    assert [one.search.search for one in found] == [hunt.id for hunt in hunts]
    alone = hunted(hunts[1], GETS_ALL)
    assert untimed(found[1]) == untimed(alone)


def test_a_pack_ends_with_its_hunts_unfinished() -> None:
    hunts = [hunt_of(op, examples=10**6) for op in ("max_pool1d", "max_pool2d")]
    quick = hunt_of("adaptive_max_pool1d", examples=1)
    with Pack([quick, *hunts], equipment()) as pack:
        assert pack.result(quick).search.outcome == "none"


@pytest.mark.parametrize("layouts", [("contiguous",), ("sliced", "contiguous")])
def test_only_the_layouts_that_are_asked_for_are_drawn(layouts: tuple[str, ...]) -> None:
    hunt = replace(hunt_of("max_pool2d"), layouts=layouts)
    assert {variant.layout for variant in hunt.variants} == set(layouts)


def test_an_operation_that_cannot_have_a_layout_is_not_searched_in_it() -> None:
    assert replace(hunt_of("max_pool1d"), layouts=("channels-last",)).variants == ()

"""Each wrong implementation fails the requirements that its name says, and no other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from suites.corpus import POOLING
from suites.meta.direct import conducted
from suites.meta.implementations.catalogue import FOLDER, Entry, entries
from suites.meta.runs import Done, listed, python, smoke
from suites.requirements import FAILING
from suites.selection import FORMAT_NAMES, LAYOUTS, Selection
from suites.variants import VARIANTS

WRONG = {
    entry.name: entry for entry in entries() if entry.fails and "crashed" not in entry.outcomes
}

SCRIPTED = (
    "wrong_every_tie_gets_all",
    "wrong_rule_changes",
    "wrong_overlap_overwrites",
    "wrong_output_one_ulp_off",
    "wrong_indices_window_relative",
    "wrong_second_backward_differs",
    "wrong_infinity_ignored",
    "wrong_channels_last_misread",
    "wrong_raises_in_backward",
)
"""Those whose scripts are run: each way in which a script checks, once."""

EAGER = [name for name in FAILING if name not in ("jacobian", "linear")]
"""Requirements of the eager pass; the others are asked in other ways, as `test_ways` does."""

RIGHT = FOLDER / "right_first_index.py"


def operations(entry: Entry, turn: int) -> list[str]:
    """Return the operations of one dimension that show it: the dimensions go round."""
    shown = entry.ops or POOLING
    dims = [d for d in "123" if any(op.endswith(f"{d}d") for op in shown)]
    return [op for op in shown if op[-2] == dims[turn % len(dims)]]


def selection(entry: Entry) -> Selection:
    """Return the part of the corpus that the entry is run on; the formats go round."""
    turn = list(WRONG).index(entry.name)
    formats = entry.formats or FORMAT_NAMES
    shown = {variant.layout for variant in VARIANTS if variant.name in entry.variants}
    return Selection(
        profile="smoke",
        device="cpu",
        ops=tuple(operations(entry, turn)),
        formats=(formats[turn % len(formats)],),
        layouts=tuple(of for of in LAYOUTS if of in {"contiguous", *shown}),
        modes=("eager",),
    )


def run_of(entry: Entry, folder: Path) -> Done:
    """Run it: in this process, or as a user does where scripts are built of what it finds."""
    part = selection(entry)
    if entry.name not in SCRIPTED:
        return conducted(folder, entry.path, part)
    return smoke(
        folder,
        *("--implementation", str(entry.path), "--formats", listed(part.formats)),
        *("--ops", listed(part.ops), "--layouts", listed(part.layouts)),
    )


@pytest.mark.parametrize("name", WRONG)
def test_wrong_implementation_fails_where_its_name_says(name: str, tmp_path: Path) -> None:
    entry = WRONG[name]
    done = run_of(entry, tmp_path)
    assert done.status == 1, done.text
    assert done.run.footer is not None
    assert (done.run.footer.failed, done.run.footer.unhealthy) == (True, [])
    failed = {requirement for requirement in FAILING if done.accused(requirement)}
    assert failed >= set(entry.fails)
    assert failed.isdisjoint(entry.passes)
    assert_words(entry, done)
    assert_variants(entry, done)
    if name in SCRIPTED:
        assert_scripts(entry, done, tmp_path)


def assert_words(entry: Entry, done: Done) -> None:
    found = sum((done.words(requirement) for requirement in entry.fails), Counter[str]())
    assert set(entry.outcomes) <= found.keys()
    assert found.keys() <= {*entry.outcomes, "conforms", "conservative", "undecided"}
    shown = {finding.outcome for finding in done.run.findings if finding.fails_run}
    assert shown >= set(entry.outcomes)


def assert_variants(entry: Entry, done: Done) -> None:
    failing = {cell.variant for requirement in entry.fails for cell in done.accused(requirement)}
    assert failing >= set(entry.variants)
    if not any(variant.startswith("contiguous") for variant in entry.variants):
        assert not any(variant.startswith("contiguous") for variant in failing)


def assert_scripts(entry: Entry, done: Done, folder: Path) -> None:
    """Of each requirement one script shows the fault, and nothing in a right implementation."""
    python("-m", "reports", "build", str(done.run.path))
    document = json.loads((folder / "report.json").read_text())
    failures = document["runs"][0]["failures"]
    for requirement in entry.fails:
        failure = scripted(failures, requirement, entry.outcomes)
        script = str(folder / "scripts" / f"{failure['slug']}.py")
        shown = python(script, str(entry.path))
        assert shown.returncode == 1, shown.stdout + shown.stderr
        right = python(script, str(RIGHT))
        assert right.returncode == 0, right.stdout + right.stderr


def scripted(
    failures: list[dict[str, Any]], requirement: str, outcomes: Collection[str]
) -> dict[str, Any]:
    found = [
        failure
        for failure in failures
        if failure["requirement"] == requirement and failure["outcome"] in outcomes
    ]
    assert found
    assert all(failure["script"] for failure in found), found[0]["no_script"]
    return found[0]


@pytest.mark.parametrize("requirement", EAGER)
def test_every_requirement_that_fails_a_run_fails_alone_for_some_implementation(
    requirement: str,
) -> None:
    """Special cases have ordinary ties and sums, too: they may fail beside any other."""
    others = set(EAGER) - {requirement, "special"}
    alone = [entry for entry in entries() if entry.fails == (requirement,)]
    assert [entry.name for entry in alone if others <= set(entry.passes)]


def test_a_kernel_that_is_not_there_fails_nothing(tmp_path: Path) -> None:
    entry = next(entry for entry in entries() if entry.name == "wrong_not_implemented")
    done = smoke(
        tmp_path,
        *("--implementation", str(entry.path), "--ops", "max_pool1d", "--layouts", "contiguous"),
        *("--formats", "bfloat16,binary32"),
    )
    assert done.status == 0, done.text
    outcomes = {(cell.format, cell.outcome) for cell in done.run.cells}
    assert outcomes == {("bfloat16", "unsupported"), ("binary32", "ran")}
    assert not any(finding.fails_run for finding in done.run.findings)

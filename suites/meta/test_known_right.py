"""No right implementation is accused of anything, over the whole smoke corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.record import RULES
from reports.record.gates import MOST_UNDECIDED
from suites.corpus import POOLING
from suites.meta.implementations.catalogue import Entry, entries
from suites.meta.runs import Done, listed, smoke
from suites.requirements import FAILING
from suites.selection import FORMAT_NAMES

RIGHT = {entry.name: entry for entry in entries() if entry.right}

CONTIGUOUS = ("--layouts", "contiguous")
CELLS: dict[str, tuple[str, ...]] = {
    "right_first_index": (),
    "right_rule_by_layout": (),
}
"""Layouts that an implementation is run in; the others are contiguous."""

ONCE = "not indices and (binary16 or bfloat16 or not repeat)"
"""Cells of what is judged anew in each: one repetition of each stack is enough."""

FORMATS = {
    "right_last_index": ("bfloat16", "binary64"),
    "right_even_split": ("bfloat16", "binary32"),
    "right_even_split_reciprocal": ("binary16", "binary64"),
    "right_random_order": ("bfloat16", "binary32"),
    "right_three_orders": ("binary16", "binary64"),
    "right_own_format": ("binary16", "binary32"),
    "right_own_format_reversed": ("bfloat16", "binary32"),
    "right_own_format_tree": ("binary16", "binary64"),
    "right_rule_by_layout": ("bfloat16", "binary64"),
    "right_exact_windows": ("binary16", "bfloat16"),
}
"""Of those that vary another one: a format for two dimensions, another for one and three."""

ALSO = {
    "first-index": "n",
    "last-index": "nf",
    "even-split": "nf",
    "order": "nfle",
    "other": "nfler",
}
"""Letters of the simpler rules that fit a case, too, where its ties or cotangents are few."""


def formats_of(name: str, op: str) -> tuple[str, ...]:
    """Return the formats that an operation of an implementation is run in."""
    if name not in FORMATS:
        return FORMAT_NAMES
    return (FORMATS[name]["2" not in op],)


def run_of(entry: Entry, folder: Path) -> Done:
    cells = CELLS.get(entry.name, CONTIGUOUS)
    options = ("--implementation", str(entry.path), "--formats")
    if entry.name not in FORMATS:
        return smoke(folder, *options, listed(FORMAT_NAMES), *cells)
    even, odd = FORMATS[entry.name]
    chosen = f"(2d/ and {even} or not 2d/ and {odd})"
    if entry.name == "right_random_order":
        chosen += f" and {ONCE}"
    return smoke(folder, *options, f"{even},{odd}", *cells, "-k", chosen)


def assert_not_accused(done: Done) -> None:
    footer = done.run.footer
    assert footer is not None
    assert (done.status, footer.failed, footer.unhealthy) == (0, False, []), done.text
    assert {name: done.accused(name) for name in FAILING if done.accused(name)} == {}
    assert [finding for finding in done.run.findings if finding.fails_run] == []
    totals = done.run.totals
    assert totals["cases"].keys() <= {"conforms", "undecided", "not run"}
    assert totals["cases"].get("undecided", 0) <= MOST_UNDECIDED * totals["judged"]


@pytest.mark.parametrize("name", [name for name in RIGHT if name.startswith("right_")])
def test_right_implementation_is_not_accused(name: str, tmp_path: Path) -> None:
    entry = RIGHT[name]
    done = run_of(entry, tmp_path)
    assert_not_accused(done)
    assert {(cell.op, cell.format) for cell in done.run.cells} == {
        (op, of) for op in POOLING for of in formats_of(name, op)
    }
    assert {cell.outcome for cell in done.run.cells} == {"ran"}
    assert_rules(entry, done)
    assert_consistent(entry, done)


def assert_rules(entry: Entry, done: Done) -> None:
    assert entry.rule is not None
    letter = next(letter for letter, rule in RULES.items() if rule == entry.rule)
    found = {letter for cell in done.run.cells if cell.base is None for letter in cell.rules}
    assert letter in found
    assert found <= {letter, *ALSO[entry.rule]}


def assert_consistent(entry: Entry, done: Done) -> None:
    differing = {cell.variant for cell in done.run.cells if "~" in cell.agreement}
    if entry.name == "right_random_order":
        assert "repeat" in differing
    elif entry.name == "right_rule_by_layout":
        assert {"channels-last", "transposed"} <= differing
        assert not any(v.startswith(("contiguous", "cotangent", "repeat")) for v in differing)
    else:
        assert not differing


def test_windows_of_exact_arithmetic_are_a_finding_of_consistency(tmp_path: Path) -> None:
    """Where the format's windows differ, some cases conform by the exact ones alone."""
    operations = ("--ops", "fractional_max_pool2d", "--formats", "bfloat16")
    causes = {}
    for name in ("right_first_index", "right_exact_windows"):
        folder = tmp_path / name
        folder.mkdir()
        path = str(RIGHT[name].path)
        done = smoke(folder, "--implementation", path, *CONTIGUOUS, *operations)
        assert_not_accused(done)
        assert done.words("consistency-windows")["differs"] > 0
        assert done.words("consistency-windows")["conforms"] > 0
        causes[name] = {
            finding.cause
            for finding in done.run.findings
            if finding.requirement == "consistency-windows"
        }
    assert causes["right_first_index"] == {"windows rounded in the format"}
    assert causes["right_exact_windows"] == {
        "windows rounded in the format",
        "windows of exact arithmetic",
    }


def test_what_a_signature_lacks_is_not_run_and_healthy(tmp_path: Path) -> None:
    done = run_of(RIGHT["signature_small"], tmp_path)
    assert_not_accused(done)
    outcomes = {cell.outcome for cell in done.run.cells}
    assert outcomes == {"ran", "not run"}
    assert all(
        "takes no argument" in (c.message or "") for c in done.run.cells if c.outcome != "ran"
    )

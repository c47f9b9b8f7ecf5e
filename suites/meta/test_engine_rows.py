"""The rows of known deviations: what they cover, when they expire, when they are stale."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from suites.known import Known
from suites.plan import Cell, planned
from suites.rows import DeviationsError, Row, read_rows
from suites.selection import Selection

ROW = Row(
    requirement="gradient",
    operation="max_pool1d",
    versions=">=2",
    outcome="deviates",
    reason="it does",
    link="",
    expiry="2999-01-01",
    script="some.py",
)


@pytest.fixture(scope="module")
def cell() -> Cell:
    """Return a base cell."""
    selection = Selection(profile="smoke", device="cpu", ops=("max_pool1d",), formats=("binary16",))
    return next(planned(selection))


@pytest.mark.parametrize(
    ("change", "in_force"),
    [
        ({}, True),
        ({"versions": "==2.13.*"}, True),
        ({"versions": ">2.13.0"}, False),
        ({"devices": ("cuda",)}, False),
        ({"devices": ("cpu",)}, True),
    ],
)
def test_rows_are_in_force_for_their_versions_and_devices(
    change: dict[str, Any], *, in_force: bool
) -> None:
    known = Known([replace(ROW, **change)], "2.13.0+cpu", "cpu")

    assert bool(known.rows) == in_force


@pytest.mark.parametrize(
    ("change", "covered"),
    [
        ({}, True),
        ({"formats": ("binary16",), "families": ("sweep", "nan")}, True),
        ({"formats": ("binary32",)}, False),
        ({"families": ("nan",)}, False),
        ({"variants": ("sliced",)}, False),
        ({"operation": "max_pool2d"}, False),
        ({"requirement": "output"}, False),
        ({"outcome": "conservative"}, False),
    ],
)
def test_rows_cover_what_they_name(cell: Cell, change: dict[str, Any], *, covered: bool) -> None:
    known = Known([replace(ROW, **change)], "2.13.0", "cpu")

    assert known.covers(cell, "gradient", "deviates", ["sweep"]) == covered


@pytest.mark.parametrize(
    ("row", "outcome", "covered"),
    [
        ("deviates", "conservative", True),
        ("deviates", "undecided", False),
        ("conservative", "deviates", False),
        ("errored", "crashed", False),
    ],
)
def test_of_gradients_that_deviate_some_may_be_conservative(
    cell: Cell, row: str, outcome: str, *, covered: bool
) -> None:
    known = Known([replace(ROW, outcome=row)], "2.13.0", "cpu")

    assert known.covers(cell, "gradient", outcome, ["sweep"]) == covered


def test_a_row_of_another_mode_is_not_stale_where_that_was_not_run(cell: Cell) -> None:
    selection = Selection(profile="standard", device="cpu", modes=("eager",))
    row = replace(ROW, formats=("binary16",), variants=("contiguous",))

    def problems(row: Row) -> list[str]:
        return list(Known([row], "2.13.0", "cpu").problems(selection, [cell]))

    assert problems(replace(row, modes=("eager",)))
    assert not problems(replace(row, modes=("inductor",)))
    assert not problems(replace(row, modes=("eager", "inductor")))


def test_rows_expire_on_a_date_or_with_a_release() -> None:
    today = dt.date(2026, 6, 1)
    for expiry, expired in (("2026-06-01", True), ("2026-06-02", False), ("2.14", True)):
        assert replace(ROW, expiry=expiry).expired(Version("2.14.1"), today) == expired


def test_a_row_is_stale_once_everything_that_it_names_conforms(cell: Cell) -> None:
    selection = Selection(profile="standard", device="cpu")
    row = replace(ROW, formats=("binary16",), variants=("contiguous",))

    def problems(row: Row, selection: Selection) -> list[str]:
        return list(Known([row], "2.13.0", "cpu").problems(selection, [cell]))

    assert "stale" in problems(row, selection)[0]
    assert not problems(replace(row, sometimes=True), selection)
    assert not problems(replace(row, formats=()), selection)
    assert not problems(replace(row, variants=("contiguous", "sliced")), selection)
    assert not problems(row, replace(selection, profile="smoke"))
    assert not problems(row, replace(selection, case="max_pool1d/sweep-0"))
    assert "expired" in problems(replace(row, expiry="2020-01-01"), selection)[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("deviation = 3", "expected tables"),
        ("[[deviations]]", "expected tables"),
        ("[[deviation]]\nrequirement = 'gradient'", "texts missing"),
        ("[[deviation", "can't be read"),
    ],
)
def test_a_file_that_holds_no_deviations_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "rows.toml").write_text(text, encoding="utf-8")

    with pytest.raises(DeviationsError, match=words):
        read_rows(tmp_path / "rows.toml")

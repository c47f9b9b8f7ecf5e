"""A comparison shows each group by a case, wherever a run has kept what that takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports import compare
from reports.record import CellRecord, Finding
from suites.meta.compared import IDS, VARIANT, base, compared, failing, found, run, variant
from suites.meta.test_record import a_header

_GRADIENT = ["0x0.0p+0", "0x1.0p+0", "0x0.0p+0", "-0x1.0p+1"]
_REQUIREMENTS = [
    {"id": "gradient", "sentence": "It is right.", "source": "docs", "fails_run": True},
    {"id": "minimum-norm", "sentence": "It is the least.", "source": "docs", "fails_run": False},
]
_LAYOUT = {"cell": VARIANT, "variant": "transposed", "requirement": "consistency-layout"}
_OTHER_BITS: dict[str, Any] = {
    **_LAYOUT,
    "outcome": "differs",
    "cause": "other bits",
    "fails_run": False,
    "expected": {"base_output": ["0x1.0p+0", "0x1.8p+0"], "base_gradient": _GRADIENT},
}

Group = Callable[..., dict[str, Any]]


@pytest.fixture
def group(tmp_path: Path) -> Group:
    """Return what returns the one group between two runs, as a document."""

    def only(old: list[CellRecord | Finding], new: list[CellRecord | Finding]) -> dict[str, Any]:
        runs = [
            run(tmp_path / name, *records, header=a_header(requirements=_REQUIREMENTS))
            for name, records in (("old", old), ("new", new))
        ]
        (entry,) = compare.document(compared(*runs))["groups"]
        return dict(entry)

    return only


def test_bits_that_are_the_bases_again_are_shown_by_the_earlier_run(group: Group) -> None:
    other = [base(), variant(agreement="=~=="), found(1, **_OTHER_BITS)]

    entry = group(other, [base(), variant()])

    assert (entry["was"], entry["now"]) == ("other bits", "the base's bits")
    assert entry["shown_by"] == "old"
    assert entry["case"] == IDS[1]
    assert entry["ends"] == {"old": 1, "new": 0}
    assert entry["script"] is not None


@pytest.mark.parametrize(("agreement", "cell"), [("====", VARIANT), ("==~=", None)])
def test_what_is_found_of_the_base_is_true_of_cells_with_its_bits(
    group: Group, agreement: str, cell: str | None
) -> None:
    wrong = [failing(base(), 2), found(2)]

    cells = variant(agreement=agreement), failing(variant(agreement=agreement), 2)

    entry = group(*([*wrong, cell] for cell in cells))

    shown = entry["smallest"]
    assert (shown and shown["cell"]) == cell
    assert (shown and shown["variant"]) == (cell and "transposed")
    assert (entry["script"] is None) == (cell is None)


def test_a_rule_is_shown_by_a_gradient_that_was_kept_for_something_else(group: Group) -> None:
    kept = found(1, requirement="minimum-norm", fails_run=False, got={"gradient": _GRADIENT})

    entry = group([base()], [base(rules="nlff"), kept])

    shown = entry["smallest"]
    assert (shown["requirement"], shown["cause"], shown["outcome"]) == (
        *("convention", "last-index"),
        "differs",
    )
    assert shown["got"]["gradient"] == _GRADIENT
    assert shown["expected"] is None
    assert entry["ends"] == {"new": 0, "old": 1}
    assert entry["script"] is not None


def test_a_rule_is_not_shown_by_a_gradient_of_another_case_or_cell(group: Group) -> None:
    kept = [
        found(2, requirement="minimum-norm", got={"gradient": _GRADIENT}),
        found(1, **_LAYOUT, got={"gradient": _GRADIENT}, expected=None),
    ]

    entry = group([base(), variant()], [base(rules="nlff"), kept[0], variant(), kept[1]])

    assert entry["smallest"] is None
    assert entry["script"] is None
    assert "keep no example" in entry["no_script"]


def test_a_rule_is_shown_by_the_bits_that_others_are_held_against(group: Group) -> None:
    records = [variant(agreement="=~=="), found(1, **_OTHER_BITS)]

    entry = group([base(), *records], [base(rules="nlff"), *records])

    shown = entry["smallest"]
    assert shown["cell"] == base().cell
    assert shown["variant"] == "contiguous"
    assert shown["got"]["gradient"] == _GRADIENT
    assert shown["verdict"] is None

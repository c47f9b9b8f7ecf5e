"""The ledger of one run and of several, and equal functions: what was followed, what changed."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports
from reports.build import build
from reports.document import report
from reports.equal import equal_by_release, equal_functions, equal_together
from reports.ledger import by_release, entries, how_often, ledger
from reports.page import page
from reports.record import Agreement, CellRecord, Header, Run
from suites.meta.made import FORMATS
from suites.meta.test_page import written
from suites.meta.test_record import a_cell, a_header, an_agreement

_SCHEMA = Path(reports.__file__).parent / "schemas" / "report.schema.json"
_FAMILIES = {"max_pool1d": "pooling", "amax": "reductions", "relu": "elementwise"}
_EVEN = {"rule": "even-split", "quote": "evenly", "source": "https://docs.pytorch.org/x"}


def _cell(op: str, name: str = "binary32", rules: str = "nf", **changes: Any) -> CellRecord:
    return a_cell(
        cell=f"{op}/k/{name}/eager/contiguous/cpu", op=op, format=name, rules=rules, **changes
    )


def _norm(conforms: int, differs: int) -> dict[str, dict[str, int]]:
    words = {"conforms": conforms, "differs": differs}
    return {"minimum-norm": {word: n for word, n in words.items() if n}}


def _header(version: str = "2.13.0", **changes: Any) -> Header:
    conventions = {
        "amax": _EVEN,
        "max_pool1d": {"rule": None, "quote": "", "source": "docs"},
    }
    return a_header(
        **{
            "families": _FAMILIES,
            "conventions": conventions,
            "framework": {"name": "torch", "version": version},
            **changes,
        }
    )


def _run(folder: Path, *records: CellRecord | Agreement, header: Header | None = None) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    return written(folder, *records, header=header or _header())


def test_a_ledger_has_rules_minimum_norm_and_what_is_documented(tmp_path: Path) -> None:
    base = _cell("amax", rules="ne", requirements=_norm(1, 0) | {"jump": {"differs": 2}})
    variant = dataclasses.replace(base, cell="variant", base=base.cell, requirements=_norm(9, 9))

    (row,) = ledger(_run(tmp_path, base, variant))

    assert row["counts"] == {"none": 1, "even-split": 1}
    assert row["minimum_norm"] == {"conforms": 1}, "each case counts once, in its base"
    assert row["jump"] == {"differs": 2}
    assert (row["documented"], row["quote"], row["follows"]) == ("even-split", "evenly", True)


@pytest.mark.parametrize(
    ("rules", "follows"), [("nf", False), ("ne", True), ("ef", False), ("nn", None)]
)
def test_a_documented_rule_is_followed_where_no_other_is(
    tmp_path: Path, rules: str, *, follows: bool | None
) -> None:
    (row,) = ledger(_run(tmp_path, _cell("amax", rules=rules)))

    assert row["follows"] is follows


def test_where_nothing_is_documented_nothing_is_followed(tmp_path: Path) -> None:
    (row,) = ledger(_run(tmp_path, _cell("max_pool1d", rules="ff")))

    assert (row["documented"], row["follows"]) == (None, None)


def test_an_operation_at_jumps_alone_is_in_the_ledger(tmp_path: Path) -> None:
    cell = _cell("amax", rules="", verdicts="", requirements={"jump": {"conforms": 2}})

    assert [row["jump"] for row in ledger(_run(tmp_path, cell))] == [{"conforms": 2}]


@pytest.mark.parametrize(
    ("counts", "word"),
    [
        ({}, "not asked"),
        (None, "not asked"),
        ({"conforms": 3}, "always"),
        ({"differs": 3}, "never"),
        ({"conforms": 1, "differs": 3}, "sometimes"),
        ({"conforms": 1, "undecided": 1}, "sometimes"),
    ],
)
def test_the_minimum_norm_is_followed_always_sometimes_or_never(
    counts: dict[str, int] | None, word: str
) -> None:
    assert how_often(counts) == word


def test_formats_that_say_the_same_share_an_entry(tmp_path: Path) -> None:
    cells = [
        _cell("amax", name, rules="ee" if name != "bfloat16" else "fe", requirements=_norm(1, 0))
        for name in FORMATS
    ] + [_cell("max_pool1d")]
    run = _run(tmp_path, *cells)

    found = entries(ledger(run), run.header.families)

    assert [(row["op"], row["formats"], row["counts"]) for row in found] == [
        ("max_pool1d", ["binary32"], {"none": 1, "first-index": 1}),
        ("amax", ["binary16", "binary32", "binary64"], {"even-split": 6}),
        ("amax", ["bfloat16"], {"first-index": 1, "even-split": 1}),
    ]
    assert found[1]["minimum_norm"] == {"conforms": 3}


def _releases(
    folder: Path, old: list[CellRecord], new: list[CellRecord], **changes: Any
) -> list[Run]:
    return [
        _run(folder / "old", *old),
        _run(folder / "new", *new, header=_header("2.14.1", **changes)),
    ]


def test_one_run_is_compared_with_nothing(tmp_path: Path) -> None:
    run = _run(tmp_path, _cell("amax"), an_agreement())

    assert by_release([run]) == equal_by_release([run]) == []


def test_releases_stand_side_by_side_with_what_changed(tmp_path: Path) -> None:
    old = [
        *(_cell("amax", name, "ee", requirements=_norm(2, 0)) for name in FORMATS),
        _cell("relu"),
        _cell("max_pool1d", rules="nf"),
    ]
    new = [
        *(
            _cell("amax", name, "ff" if name == "bfloat16" else "ee", requirements=_norm(1, 1))
            for name in FORMATS
        ),
        _cell("max_pool1d", rules="ff"),
    ]

    found = {row["op"]: row for row in by_release(_releases(tmp_path, old, new))}

    assert list(found) == ["max_pool1d", "amax", "relu"]
    assert found["max_pool1d"]["changes"] == [[]], "numbers of cases are no change"
    assert found["relu"]["changes"] == [["only in the earlier run"]]
    assert found["relu"]["runs"][1] is None  # type: ignore[index]  # as it was made
    assert found["amax"]["changes"] == [
        [
            "minimum norm: always → sometimes (binary16, binary32, binary64)",
            "rules: even-split → first-index (bfloat16)",
            "minimum norm: always → sometimes (bfloat16)",
        ]
    ]


def test_a_change_of_the_documentation_is_one(tmp_path: Path) -> None:
    cells = [_cell("amax", name, "ee") for name in FORMATS]
    changed = _EVEN | {"rule": "first-index", "quote": "the first"}
    runs = _releases(tmp_path, cells, cells, conventions={"amax": changed})

    (row,) = by_release(runs)

    assert row["changes"] == [
        [
            "documented rule: even-split → first-index (all)",
            "the documentation says something else",
        ]
    ]


def test_equal_functions_agree_where_they_are_one_group(tmp_path: Path) -> None:
    agreements = [
        an_agreement(),
        an_agreement(name="abs", functions=["abs", "max"], groups=[["max", "abs"]], example=None),
        an_agreement(name="sort", functions=["sort"], groups=[["sort"]], example=None),
    ]

    rows = equal_functions(_run(tmp_path, *agreements))

    assert {row["name"]: row["agree"] for row in rows} == {"abs": True, "relu": False, "sort": None}


def test_formats_in_which_the_same_functions_agree_are_together(tmp_path: Path) -> None:
    groups = [["relu"], ["clamp_min(0)", "maximum(x, 0)"]]
    agreements = [an_agreement(format=name) for name in FORMATS[:3]]
    rows = equal_functions(
        _run(tmp_path, *agreements, an_agreement(format="binary64", groups=groups))
    )

    found = equal_together(rows)

    assert [(row["formats"], row["cases"]) for row in found] == [
        (["binary16", "bfloat16", "binary32"], 36),
        (["binary64"], 12),
    ]


def test_equal_functions_that_agree_otherwise_are_marked(tmp_path: Path) -> None:
    old = _run(tmp_path / "old", *(an_agreement(format=name) for name in FORMATS))
    same = [["maximum(x, 0)"], ["clamp_min(0)", "relu"]]
    other = [["relu"], ["clamp_min(0)", "maximum(x, 0)"]]
    new = _run(
        tmp_path / "new",
        *(an_agreement(format=name, groups=same) for name in FORMATS[:2]),
        *(an_agreement(format=name, groups=other) for name in FORMATS[2:]),
        an_agreement(name="abs", functions=["abs"], groups=[["abs"]], example=None),
    )

    found = {row["name"]: row for row in equal_by_release([old, new])}

    assert found["relu"]["changes"] == [["other functions agree (binary32, binary64)"]]
    assert found["abs"]["runs"][0] is None  # type: ignore[index]  # as it was made


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Return the folder of a report of two releases."""
    old = [_cell("amax", rules="ee", requirements=_norm(2, 0)), _cell("relu")]
    new = [_cell("amax", rules="ff", requirements=_norm(0, 2)), _cell("relu")]
    runs = [
        _run(tmp_path / "old", *old, an_agreement()),
        _run(
            tmp_path / "new",
            *new,
            an_agreement(groups=[["relu"], ["clamp_min(0)", "maximum(x, 0)"]]),
            header=_header("2.14.1"),
        ),
    ]
    build(runs, tmp_path)
    return tmp_path


def test_releases_are_in_every_form(built: Path) -> None:
    document = json.loads((built / "report.json").read_text())
    html = re.sub(r"<[^>]*>", " ", (built / "report.html").read_text()).replace("&nbsp;", " ")
    text = (built / "report.md").read_text()

    jsonschema.validate(document, json.loads(_SCHEMA.read_text()))
    assert [row["op"] for row in document["ledger"]] == ["amax", "relu"]
    for said in (
        "rules: even-split → first-index (binary32)",
        "minimum norm: always → never (binary32)",
        "other functions agree (binary32)",
        "torch 2.14.1 on cpu",
        "The ledger by release",
        "Equal functions by release",
    ):
        assert said in html, said
        assert said in text, said
    assert "even-split 2; minimum norm always" in html
    assert (
        "| amax | binary32: even-split 2, minimum norm always | binary32: first-index 2, " in text
    )
    assert "`relu`, `clamp_min(0)` · `maximum(x, 0)`" in text


def test_a_changed_place_is_marked_on_the_page(built: Path) -> None:
    html = (built / "report.html").read_text()
    part = html[html.index('data-table="releases"') : html.index('data-table="equal-releases"')]

    rows = re.findall(r'<tr class="first-of"><th scope="row">(\w+)</th>(.*?)</tr>', part, re.DOTALL)

    assert {op: row.count('class="text new"') for op, row in rows} == {"amax": 1, "relu": 0}


def test_one_run_has_no_ledger_by_release(tmp_path: Path) -> None:
    build([_run(tmp_path, _cell("amax"), an_agreement())], tmp_path)

    assert "by release" not in (tmp_path / "report.html").read_text()
    assert "by release" not in (tmp_path / "report.md").read_text()


def test_runs_of_one_release_are_told_apart(tmp_path: Path) -> None:
    runs = [_run(tmp_path / name, _cell("amax")) for name in ("a", "b")]
    runs[1] = dataclasses.replace(runs[1], header=_header(started="2026-07-02T08:00:00+00:00"))

    html = re.sub(r"<[^>]*>", " ", page(report(runs)))

    assert "torch 2.13.0 on cpu, 2026-07-01T08:00:00+00:00" in html
    assert "torch 2.13.0 on cpu, 2026-07-02T08:00:00+00:00" in html

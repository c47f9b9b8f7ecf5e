"""The page as text: what it says, that it needs nothing, that nothing in a run acts in it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports
from reports.build import build
from reports.document import report
from reports.markdown import markdown
from reports.page import page
from reports.places import Table
from reports.record import (
    RUN_FILE,
    Agreement,
    CellRecord,
    Finding,
    Header,
    Run,
    Search,
    read_run,
)
from reports.tables import by_format_and_mode, by_requirement, comparisons, overview
from suites.meta.made import (
    FAMILIES,
    FORMATS,
    MODES,
    OPERATIONS,
    a_compiled_cell,
    a_search,
    large,
)
from suites.meta.test_record import (
    a_cell,
    a_finding,
    a_footer,
    a_header,
    an_agreement,
    write_run,
)

HOSTILE = (
    "\"'></template></pre></script></style><script>pwned()</script><img src=x onerror=pwned()> $x$"
)
_SCHEMA = Path(reports.__file__).parent / "schemas" / "report.schema.json"
_LIMIT = 5_000_000  # bytes


class Elements(HTMLParser):
    """The elements of a page, each with its attributes and its own text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.found.append((tag, dict(attrs)))
        if tag in ("script", "style", "title"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Keep the text of what a browser does not show as text."""
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def tags(self) -> Counter[str]:
        """Return tag -> number of elements."""
        return Counter(tag for tag, _ in self.found)

    def attributes(self, name: str) -> list[str]:
        """Return the values of an attribute."""
        return [str(attributes[name]) for _, attributes in self.found if name in attributes]


def written(
    folder: Path,
    *records: CellRecord | Finding | Search | Agreement,
    header: Header | None = None,
    **end: object,
) -> Run:
    """Write a run and read it back."""
    cells = [record for record in records if isinstance(record, CellRecord)]
    path = folder / RUN_FILE
    return read_run(write_run(path, header or a_header(), *records, a_footer(*cells, **end)))


def everything(folder: Path, text: str = "plain") -> Run:
    """Write a run with every kind of record, in which each free text is `text`."""
    op = text if text != "plain" else "max_pool1d"
    cell = a_cell(op=op, cell=f"{text} base", variant=text, format=text, case_shape=[1, 1, 4])
    records = [
        cell,
        a_finding(
            cell=cell.cell,
            op=op,
            cause=text,
            case=text,
            requirement="gradient",
            params={text: text},
            message=text,
            variant=text,
            expected={text: [text]},
            crash={"signal": text, "smallest": [0, 0], "processes": 1},
            verdict={"verdict": text, "certificate": {"kind": text, text: text}},
            operands=[{"name": text, "shape": [1, 1, 4]}],
            expression=text,
        ),
        a_compiled_cell(
            cell,
            cell=f"{text} compiled",
            mode=text,
            compiled={"forward": text, "backward": text, "graphs": 1, "shared_with": [text]},
        ),
        dataclasses.replace(
            a_compiled_cell(cell, cell=f"{text} missing", mode=text, requirements={}, agreement=""),
            outcome="not run",
            message=text,
            stage=text,
            compiled=None,
        ),
        a_search(
            search=text, op=op, outcome="found", reached={text: 1}, counterexamples=[text, "a.json"]
        ),
        a_finding(cell=text, op=op, cause=f"{text}, searched", outcome="conservative"),
        an_agreement(
            name=text,
            functions=[text, "other"],
            format=text,
            device=text,
            groups=[[text], ["other"]],
            example={"input": [text], "cotangent": [text], "gradients": {text: [text]}},
            message=text,
        ),
    ]
    header = a_header(
        profile=text,
        device=text,
        framework={"name": text, "version": text},
        environment={text: text, "instruction_set": text},
        commit=text,
        implementation=text,
        options={text: [text]},
        requirements=[
            {"id": name, "sentence": text, "source": text, "fails_run": True}
            for name in ("gradient", text)
        ],
        conventions={op: {"rule": text, "quote": text, "source": text}},
        functions={op: text},
        families={op: text},
        deviations=[
            dict.fromkeys(("requirement", "operation", "reason", "link", "versions"), text)
        ],
    )
    return written(folder, *records, header=header, healthy=False, unhealthy=[text])


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return large(tmp_path_factory.mktemp("big"), cases=100_000, failures=200)


@pytest.fixture(scope="module")
def big_report(big: Run) -> dict[str, Any]:
    return report([big])


@pytest.fixture(scope="module")
def big_page(big_report: dict[str, Any]) -> str:
    return page(big_report)


def test_the_page_needs_nothing_from_anywhere(tmp_path: Path) -> None:
    text = page(report([everything(tmp_path)]))
    elements = Elements(text)

    assert not elements.attributes("src")
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(elements.tags())
    assert not elements.attributes("action")
    assert "@import" not in text
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", text))
    assert all(
        link.startswith(("#", "https://")) or link in (RUN_FILE, "a.json", "plain")
        for link in elements.attributes("href")
    )


def test_the_policy_lets_only_the_pages_own_style_and_script_run(tmp_path: Path) -> None:
    elements = Elements(page(report([everything(tmp_path)])))
    (policy,) = (
        attributes["content"] or ""
        for _, attributes in elements.found
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = elements.texts[tag]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not elements.attributes("style")


def test_nothing_in_a_run_becomes_markup(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = Elements(page(report([everything(tmp_path / "plain")])))

    hostile = Elements(page(report([everything(tmp_path, HOSTILE)])))

    assert hostile.tags()["script"] == plain.tags()["script"] == 1
    assert set(hostile.tags()) <= set(plain.tags()) | {"wbr"}
    assert hostile.texts["script"] == plain.texts["script"]
    names = {name for _, attributes in hostile.found for name in attributes}
    assert names <= {name for _, attributes in plain.found for name in attributes}
    assert not [name for name in names if name.startswith("on")]
    assert set(hostile.attributes("href")) <= set(plain.attributes("href")) | {
        f"#r1-{slug}" for slug in re.findall(r'class="failure" id="r1-([^"]*)"', page_of(tmp_path))
    }


def page_of(folder: Path) -> str:
    """Return the page of the run in a folder."""
    return page(report([read_run(folder)]))


@pytest.mark.parametrize(
    ("end", "findings", "said"),
    [
        ({}, [], ("CONFORMS", "Nothing is new: no failure was found.", "2 of 2 (100.0 %) judged")),
        ({}, [{"known": True}], ("CONFORMS", "Nothing is new: 1 distinct failure is known.")),
        (
            {"failed": True},
            [{}, {"known": True, "cause": "old"}],
            ("FAILS", "1 distinct failure that no known deviation covers", "max_pool1d, gradient"),
        ),
        (
            {"healthy": False, "unhealthy": ["too few ties"]},
            [],
            ("UNHEALTHY", "no score, because too few ties", "has no score: what it found stands"),
        ),
    ],
)
def test_the_first_screen_answers(
    tmp_path: Path, end: dict[str, object], findings: list[dict[str, Any]], said: tuple[str, ...]
) -> None:
    text = page(report([written(tmp_path, a_cell(), *(a_finding(**f) for f in findings), **end)]))
    first = re.sub(r"<[^>]*>", "", text[text.index("<header") : text.index("</header>")])

    assert "torch 2.13.0 on cpu (AVX2)" in first
    for words in (*said, "smoke", "eager", "binary32", "0123abc with changes"):
        assert words in first, words
    if "UNHEALTHY" in said:
        assert "judged cases conform" not in text


def _matrix(document: dict[str, Any]) -> list[dict[str, Any]]:
    matrix: list[dict[str, Any]] = document["runs"][0]["matrix"]
    return matrix


def _numbers(table: Table) -> int:
    """Return the sum of all numbers in a table's places."""
    texts = [place.text for row in table.rows for place in row.places if place]
    return sum(int(n.replace(",", "")) for text in texts for n in re.findall(r"[\d,]+", text))


def test_the_tables_add_up_to_the_matrix(big_report: dict[str, Any]) -> None:
    matrix = _matrix(big_report)
    wanted: Counter[str] = Counter()
    for entry in matrix:
        wanted[entry["requirement"]] += sum(entry["counts"].values())

    grids = by_requirement(matrix, OPERATIONS)

    assert {grid.requirement: sum(grid.counts.values()) for grid in grids} == wanted
    assert {grid.requirement: _numbers(grid) for grid in grids} == wanted
    assert _numbers(overview(matrix, OPERATIONS)) == sum(wanted.values())
    assert {column.mode for grid in grids for column in grid.columns} == set(MODES)


def test_by_format_and_mode_every_case_stands_twice(big: Run, big_report: dict[str, Any]) -> None:
    matrix = _matrix(big_report)
    failing = [row["id"] for row in big.header.requirements if row["fails_run"]]

    table = by_format_and_mode(matrix, OPERATIONS, failing)

    counted = sum(sum(e["counts"].values()) for e in matrix if e["requirement"] in failing)
    assert _numbers(table) == 2 * counted == 2 * sum(table.counts.values())
    assert [column.format or column.mode for column in table.columns] == [
        *FORMATS,
        "eager",
        *sorted(set(MODES) - {"eager"}),
    ]


def test_operations_stand_in_their_families(big_report: dict[str, Any]) -> None:
    table = overview(_matrix(big_report), OPERATIONS)

    assert {name: tuple(row.op for row in rows) for name, rows in table.families} == FAMILIES
    assert [name for name, _ in table.families] == list(FAMILIES)


def test_formats_share_a_row_only_where_they_say_the_same(tmp_path: Path) -> None:
    cells = [
        a_cell(
            cell=name,
            format=name,
            requirements={"gradient": {"conforms": 2} if name != "bfloat16" else {"deviates": 2}},
        )
        for name in FORMATS
    ]
    matrix = _matrix(report([written(tmp_path, *cells)]))

    (grid,) = by_requirement(matrix, {})
    (row,) = overview(matrix, {}).rows

    assert [(row.formats, row.places[0].text) for row in grid.rows if row.places[0]] == [
        (("binary16", "binary32", "binary64"), "C\u00a06"),
        (("bfloat16",), "D\u00a02"),
    ]
    assert [row.spelled for row in grid.odd] == ["bfloat16"]
    assert row.places[0] is not None
    assert row.places[0].text == "D\u00a02\u2002C\u00a06"


def test_a_comparison_that_found_other_bits_is_odd() -> None:
    rows = [
        {"op": op, "mode": "jvp", "variant": "contiguous", "same": 5, "other": other}
        for op, other in (("relu", 0), ("amax", 2))
    ]

    table = comparisons(rows, {})

    assert [row.op for row in table.odd] == ["amax"]
    assert [row.places[0].text for row in table.rows if row.places[0]] == [
        "B\u00a02\u2002C\u00a05",
        "C\u00a05",
    ]


def test_each_place_has_the_letters_and_numbers_of_its_outcomes(tmp_path: Path) -> None:
    words = {"conforms": 1200, "known": 3, "differs": 1}
    cell = a_cell(
        requirements={"gradient": words}, cases=1204, ids=[], verdicts="", rules="", agreement=""
    )

    (row,) = overview(_matrix(report([written(tmp_path, cell)])), {}).rows

    assert row.places[0] is not None
    assert row.places[0].letter == "B"
    assert row.places[0].text.split() == ["B", "1", "K", "3", "C", "1,200"]


def test_a_plot_is_read_aloud_and_takes_its_colours_from_the_page(big_page: str) -> None:
    text = big_page
    plots = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)

    assert len(plots) == 3
    for plot in plots:
        assert re.search(r'role="img" aria-label="[^"]+"', plot)
        assert "<title>" in plot
        assert not re.search(r"#[0-9a-f]{6}\b", plot), "a colour of its own"
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    referred = re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', text)
    assert referred
    assert set(referred) <= set(ids)


@pytest.mark.parametrize(
    ("ratio", "ticks"),
    [
        ("0x1.8p-1", ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ("0x1p+6", ["0", "1", "10"]),
        ("inf", ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    ],
)
def test_the_axis_of_ratios_is_linear_up_to_the_bound(
    tmp_path: Path, ratio: str, ticks: list[str]
) -> None:
    text = page(report([written(tmp_path, a_cell(worst_ratio=ratio))]))
    (plot,) = re.findall(r'<svg[^>]*aria-label="The largest error.*?</svg>', text, flags=re.DOTALL)
    labels = re.findall(r"<text[^>]*>([^<]*)</text>", plot)

    assert labels[: len(ticks)] == ticks
    assert {"max_pool1d", "binary32", "the bound"} <= set(labels)
    # the legend's marker, and the point; an infinity has no place on an axis
    assert plot.count("<use") == (1 if ratio == "inf" else 2)


def test_the_page_is_small_however_much_was_run(big_page: str) -> None:
    assert len(big_page.encode()) < _LIMIT


def test_of_many_operations_a_plot_shows_the_families(big_page: str) -> None:
    plots = re.findall(r"<svg.*?</svg>", big_page, flags=re.DOTALL)

    for plot in plots:
        labels = set(re.findall(r"<text[^>]*>([^<]*)</text>", plot))
        assert set(FAMILIES) <= labels
        assert not set(OPERATIONS) & labels


def test_of_very_many_failures_the_page_has_a_line_each(tmp_path: Path) -> None:
    findings = [a_finding(cause=f"box {k}") for k in range(1500)]
    text = page(report([written(tmp_path, a_cell(), *findings, failed=True)]))

    assert text.count('<details class="failure"') == 1500
    assert text.count("Its smallest case stands in <code>report.json</code>") == 1250
    assert len(text.encode()) < _LIMIT


def test_a_long_script_stays_beside_the_page(tmp_path: Path) -> None:
    numbers = {"shape": [1, 1, 800], "data": [f"0x1.{k * k % 4096:03x}p+0" for k in range(800)]}
    text = page(report([written(tmp_path, a_cell(), a_finding(input=numbers), failed=True)]))

    assert "It is too long to stand here." in text
    assert 'data-copy="script"' not in text
    assert "raise SystemExit" not in text


def test_what_was_compiled_and_searched_is_in_every_form(tmp_path: Path) -> None:
    base = a_cell()
    shared = {"forward": "generated", "backward": "calls ATen", "graphs": 1}
    names = [f"{base.cell} {k}" for k in range(2)]
    cells = [
        a_compiled_cell(base, cell=name, compiled=shared | {"shared_with": [other]})
        for name, other in zip(names, reversed(names), strict=True)
    ]
    found = a_search(search="found", outcome="found", counterexamples=["a.json"])
    away = a_search(search="away", outcome="not run", message="the time was up")
    counterexample = a_finding(cell="found", cause="searched")
    run = written(tmp_path, base, *cells, a_search(), away, found, counterexample, failed=True)
    build([run], tmp_path)

    document = json.loads((tmp_path / "report.json").read_text())

    jsonschema.validate(document, json.loads(_SCHEMA.read_text()))
    (row,) = document["runs"][0]["compiled"]
    assert row["graphs"] == 1, "two calls share one graph"
    assert (row["cells"], row["forward"], row["backward"]) == (
        2,
        {"generated": 2},
        {"calls ATen": 2},
    )
    answers = [row["answer"] for row in document["runs"][0]["searches"]]
    assert answers == [
        "not run: the time was up",
        "searched 2,000 examples: 1 counterexample",
        "searched 2,000 examples: none",
    ]
    (failure,) = document["runs"][0]["failures"]
    assert failure["extent"] == "1 case in 1 search"
    assert failure["searches"] == ["found"]
    for form in ("report.html", "report.md"):
        text = (tmp_path / form).read_text()
        for said in (*answers, "calls ATen", "overlap"):
            assert said in text.replace("&nbsp;", " "), (form, said)
    assert '<a href="a.json">' in (tmp_path / "report.html").read_text()


def test_the_limits_name_what_was_left_out(tmp_path: Path) -> None:
    base = a_cell()
    alone = "\n".join(report([written(tmp_path, base)])["runs"][0]["limits"])  # type: ignore[index]

    run = written(tmp_path, base, a_compiled_cell(base), a_search())
    more = "\n".join(report([run])["runs"][0]["limits"])  # type: ignore[index]

    for said in (
        "device cuda; mode inductor, aot_eager, jvp, vjp, ",
        "; format binary16, bfloat16, binary64; layout channels-last",
        "operations max_pool1d; ",
        "Nothing was compiled",
        "Nothing was searched for",
    ):
        assert said in alone, said
    assert "mode inductor" not in more
    assert "1 of 1 compiled cell called ATen" in more
    assert "no proof: 2,000 examples in 1 search" in more
    assert "AVX2" in markdown(report([run]))


def test_the_limits_count_many_operations_by_family(big_report: dict[str, Any]) -> None:
    (said,) = (line for line in big_report["runs"][0]["limits"] if line.startswith("Only what"))

    assert "operations pooling 8, reductions 16, indexed 7, elementwise 37, averages 6;" in said


def test_the_page_is_the_same_in_every_process(tmp_path: Path) -> None:
    run = everything(tmp_path)
    pages = []
    for seed in ("1", "2"):
        subprocess.run(
            [
                sys.executable,
                "-m",
                "reports",
                "build",
                str(run.path),
                "--output",
                str(tmp_path / seed),
            ],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "MPLCONFIGDIR": str(tmp_path / "fonts")},
        )
        pages.append((tmp_path / seed / "report.html").read_bytes())

    assert pages[0] == pages[1]

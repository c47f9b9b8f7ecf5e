"""Run file in, report out: every outcome, hostile strings, the summary, the commands."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports
from reports.__main__ import main
from reports.build import build
from reports.document import report
from reports.failures import distinct_failures
from reports.markdown import markdown
from reports.matrix import matrix
from reports.record import RUN_FILE, CellRecord, Finding, Run, read_run
from reports.summary import LINES, summary
from suites.meta.test_record import a_cell, a_finding, a_footer, a_header, write_run

HOSTILE = "a`b``` | c\n\n# <script>alert(1)</script> \x1b[31m [x](http://y) ``` | \ud800 \u202e \\|"

_SCHEMA = Path(reports.__file__).parent / "schemas" / "report.schema.json"


def every_outcome() -> tuple[list[CellRecord], list[Finding]]:
    """Return cells and findings that use each word at least once."""
    words = ["conforms", "conservative", "deviates", "undecided", "known", "differs"]
    ran = a_cell(
        cases=6,
        ids=[f"max_pool1d/lattice-{k}" for k in range(6)],
        outcomes=dict.fromkeys(words[:4], 1) | {"conforms": 3},
        requirements={"output": {"conforms": 6}, "gradient": dict.fromkeys(words, 1)},
        verdicts="scvoeu".replace("e", "o"),
        rules="nflerx",
        agreement="......",
    )
    sliced = a_cell(
        cell="max_pool1d/k2/binary32/eager/sliced/cpu",
        variant="sliced",
        base=ran.cell,
        ids=[],
        agreement="=~",
        requirements={"consistency-layout": {"conforms": 1, "differs": 1}},
    )
    died = a_cell(
        cell="max_pool2d/k2/bfloat16/eager/contiguous/cpu",
        op="max_pool2d",
        format="bfloat16",
        outcome="crashed",
        message="the process ended",
        stage="backward",
        crash={"signal": "SIGSEGV", "smallest": [1, 1], "processes": 4},
        outcomes={"crashed": 2},
        requirements={"safe": {"crashed": 2}},
        verdicts="",
        rules="",
        worst_ratio=None,
        windows=0,
        tied=0,
    )
    others = [
        dataclasses.replace(
            died,
            cell=f"{outcome} cell",
            outcome=outcome,
            crash=None,
            message=message,
            outcomes={outcome: 2},
            requirements={"safe": {outcome: 2}} if outcome == "errored" else {},
        )
        for outcome, message in (
            ("unsupported", "max_pool is not implemented for 'Half'"),
            ("errored", "RuntimeError: no"),
            ("not run", "the time was up"),
        )
    ]
    findings = [
        a_finding(
            cell=ran.cell,
            outcome=word,
            cause=word,
            known=word == "known",
            fails_run=word in ("conservative", "deviates", "known"),
        )
        for word in words[1:]
    ]
    findings.append(
        a_finding(
            cell=died.cell,
            requirement="safe",
            outcome="crashed",
            cause="SIGSEGV",
            crash=died.crash,
            op="max_pool2d",
        )
    )
    return [ran, sliced, died, *others], findings


def write(folder: Path, cells: list[CellRecord], findings: list[Finding], **end: object) -> Run:
    """Write a run in which every cell comes with its findings, and read it back."""
    records: list[CellRecord | Finding] = []
    for cell in cells:
        records.append(cell)
        records += [found for found in findings if found.cell == cell.cell]
    planned = {
        "cells": len(cells),
        "cases": sum(cell.cases for cell in cells if cell.base is None),
    }
    header = a_header(
        planned=planned,
        deviations=[
            {
                "requirement": "gradient",
                "operation": "max_pool1d",
                "formats": ["binary32"],
                "reason": "a bug",
                "link": "https://github.com/pytorch/pytorch/issues/1",
                "expiry": "2027-01-01",
            },
            {"requirement": "output", "operation": "max_pool3d", "reason": "another"},
        ],
    )
    return read_run(write_run(folder / RUN_FILE, header, *records, a_footer(*cells, **end)))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write(tmp_path, *every_outcome(), failed=True, exit_status=1)


@pytest.fixture
def conforming(tmp_path: Path) -> Run:
    return write(tmp_path, [a_cell()], [])


def built(run: Run) -> dict[str, Any]:
    """Build a run's report beside it and return the JSON form."""
    build([run], run.path.parent)
    document: dict[str, Any] = json.loads((run.path.parent / "report.json").read_text())
    return document


def test_the_report_is_what_its_schema_says(run: Run) -> None:
    schema = json.loads(_SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)

    jsonschema.Draft202012Validator(schema).validate(built(run))


def test_a_report_without_a_key_is_not_what_the_schema_says(run: Run) -> None:
    document = built(run)
    del document["runs"][0]["failures"][0]["smallest"]["input"]["shape"]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(_SCHEMA.read_text()))


def test_the_numbers_of_the_report_are_the_run_files(run: Run) -> None:
    assert run.footer is not None
    lines = [json.loads(line) for line in run.path.read_text().splitlines()]
    cells = [line for line in lines if line["kind"] == "cell"]

    section = built(run)["runs"][0]

    assert section["totals"] == lines[-1]["totals"]
    assert section["cells"] == len(cells)
    for name in ("output", "gradient", "consistency-layout"):
        in_matrix = sum(
            sum(entry["counts"].values())
            for entry in section["matrix"]
            if entry["requirement"] == name and entry["op"] == "max_pool1d"
        )
        assert in_matrix == sum(sum(cell["requirements"].get(name, {}).values()) for cell in cells)
    assert section["verdicts"] == {
        "smooth": 1,
        "clarke": 1,
        "conservative": 1,
        "outside": 2,
        "undecided": 1,
    }
    assert [row["ratio"] for row in section["worst_ratios"]] == ["0x1.8p-1"]
    assert section["agreement"] == [
        {"op": "max_pool1d", "mode": "eager", "variant": "sliced", "same": 1, "other": 1}
    ]
    assert [entry["showed"] for entry in section["known_deviations"]] == [True, False]


def test_a_cell_that_did_not_run_has_its_own_word_in_the_matrix(run: Run) -> None:
    places = {(e.requirement, e.op): e for e in matrix(run) if e.format == "bfloat16"}

    found = places["gradient", "max_pool2d"]

    assert found.counts == {"crashed": 2, "errored": 2, "not run": 2, "unsupported": 2}
    assert found.letter == "X"


def test_a_cell_that_did_not_run_counts_where_cells_of_its_mode_are_held(tmp_path: Path) -> None:
    """Compiled cells run no second backward pass, so that one that raised has not failed there."""
    eager = a_cell(requirements={"gradient": {"conforms": 2}, "second-backward": {"conforms": 2}})
    compiled = a_cell(cell="it ran", mode="inductor", requirements={"gradient": {"conforms": 2}})
    raised = a_cell(
        cell="it raised",
        mode="inductor",
        outcome="errored",
        verdicts="",
        rules="",
        requirements={"safe": {"errored": 2}},
        outcomes={"errored": 2},
    )
    places = matrix(write(tmp_path, [eager, compiled, raised], []))

    found = {e.requirement: e.counts for e in places if e.mode == "inductor"}
    assert found == {"gradient": {"errored": 2, "conforms": 2}, "safe": {"errored": 2}}


def test_a_cell_that_did_not_run_as_is_known_counts_as_known(tmp_path: Path) -> None:
    ran = a_cell()
    died = a_cell(
        cell="died",
        format="bfloat16",
        outcome="crashed",
        verdicts="",
        rules="",
        requirements={"safe": {"known": 2}},
        outcomes={"known": 2},
    )
    run = write(tmp_path, [ran, died], [])

    places = {(e.requirement, e.format): e for e in matrix(run)}

    assert places["gradient", "bfloat16"].counts == {"known": 2}
    assert places["gradient", "bfloat16"].letter == "K"
    assert [row["known"] for row in built(run)["runs"][0]["not_ran"]] == [True]


def test_findings_of_one_kind_are_one_failure_with_its_smallest_case(tmp_path: Path) -> None:
    counts = {"deviates": 30, "conforms": 10}
    cell = a_cell(
        cases=40,
        ids=[],
        verdicts="",
        rules="",
        agreement="",
        requirements={"gradient": counts},
        outcomes=counts,
    )
    small = {"shape": [2], "data": ["0x1.0p+0", "0x1.0p+0"]}
    long = {"shape": [2], "data": ["0x1.0p+0", "0x1.8p+10"]}
    findings = [
        a_finding(case="large"),
        a_finding(case="long", input=long, cotangent=small),
        a_finding(case="small", input=small, cotangent=small),
        a_finding(case="coarse", input=long, cotangent=small, format="bfloat16"),
    ]

    (failure,) = distinct_failures(write(tmp_path, [cell], findings, failed=True))

    assert (failure.cases, failure.at_least, failure.cells) == (30, False, 1)
    assert failure.smallest.case == "coarse"
    assert failure.formats == ("bfloat16", "binary32")


def test_where_causes_share_a_count_it_is_said(tmp_path: Path) -> None:
    counts = {"deviates": 30}
    cell = a_cell(
        cases=30,
        ids=[],
        verdicts="",
        rules="",
        agreement="",
        requirements={"gradient": counts},
        outcomes=counts,
    )
    run = write(tmp_path, [cell], [a_finding(), a_finding(cause="separation")], failed=True)

    found = distinct_failures(run)

    assert [(failure.cases, failure.at_least) for failure in found] == [(1, True), (1, True)]
    assert "at least 1 case in 1 cell" in summary(run)


def test_scripts_have_names_of_their_own(tmp_path: Path) -> None:
    findings = [a_finding(cause="a b"), a_finding(cause="a-b"), a_finding(cause="../a b")]
    run = write(tmp_path, [a_cell()], findings, failed=True)

    built(run)

    assert sorted(path.name for path in (tmp_path / "scripts").iterdir()) == [
        "gradient-max_pool1d-deviates-a-b.py",
        "gradient-max_pool1d-deviates-a-b__2.py",
        "gradient-max_pool1d-deviates-a-b__3.py",
    ]


def test_building_again_leaves_no_script_of_before_and_nothing_temporary(tmp_path: Path) -> None:
    built(write(tmp_path, [a_cell()], [a_finding()], failed=True))
    (tmp_path / "scripts" / "mine.py").write_text("print()\n")

    built(write(tmp_path, [a_cell()], []))

    assert {path.name for path in tmp_path.rglob("*")} == {
        RUN_FILE,
        "junit.xml",
        "report.html",
        "report.json",
        "report.md",
        "scripts",
        "mine.py",
    }


def test_the_answer_comes_first_with_counts(conforming: Run, tmp_path: Path) -> None:
    build([conforming], tmp_path)
    text = (tmp_path / "report.md").read_text()

    assert text.index("**CONFORMS**: no failure") < text.index("What was claimed")
    assert "2 of 2 (100.0 %) judged cases conform" in text


def test_a_run_with_known_deviations_alone_conforms_but_for_them(tmp_path: Path) -> None:
    cell = a_cell()
    run = write(tmp_path, [cell], [a_finding(cell=cell.cell, known=True)])

    assert "CONFORMS: all but 1 known deviation; " in summary(run)
    assert "**CONFORMS**: all but 1 known deviation." in markdown(report([run]))


def test_the_markdown_says_everything_that_was_asked_of_it(run: Run) -> None:
    text = markdown(report([run]))

    for said in (
        "**FAILS**: 3 distinct failures, beside 1 known deviation",
        "| `gradient` | The gradient is right. | docs | yes |",
        "`AVX2`",
        "| max_pool1d | C 6 | ",
        "#### output, by mode and variant",
        "In all X 2 · E 2 · R 2 · N 2 · C 6; where it does not simply conform:",
        "not implemented for 'Half'",
        "SIGSEGV, smallest stack: cases 1 to 1, 4 processes used",
        "| max_pool1d | 0.75 | `0x1.8p-1` |",
        "exact 8",
        'max_pool1d: "first" (docs)',
        "The ledger: what torch 2.13.0 does at ties",
        "| max_pool1d | B 1 · C 1 |",
        "<https://github.com/pytorch/pytorch/issues/1> | 2027-01-01 | yes, 1 finding |",
        "allowed          coordinate 3 of the gradient in [-1, -1]",
        "distance         8388608 (8.38861e+06) ulp",
        "certificate      coordinate 3 of every point of the conservative set is in [-1, -1]",
        "raise SystemExit",
        "instruction set AVX2",
        "1 undecided case",
        "did not run to their end",
    ):
        assert said in text, said


def _outside_code(text: str) -> str:
    """Return Markdown without what its fences and code spans hold."""
    text = re.sub(r"^(`{3,})[a-z]*\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def test_nothing_in_a_run_can_become_markup(tmp_path: Path) -> None:
    cells, findings = every_outcome()
    cells = [dataclasses.replace(cell, message=HOSTILE, op=HOSTILE) for cell in cells]
    findings = [
        dataclasses.replace(
            found,
            message=HOSTILE,
            cause=HOSTILE,
            case=HOSTILE,
            op=HOSTILE,
            requirement=HOSTILE,
            expected={HOSTILE: [HOSTILE]},
        )
        for found in findings
    ]
    run = write(tmp_path, cells, findings)
    header = a_header(
        profile=HOSTILE,
        environment={HOSTILE: HOSTILE},
        conventions={HOSTILE: {"rule": HOSTILE, "quote": HOSTILE, "source": HOSTILE}},
        deviations=[dict.fromkeys(("requirement", "operation", "reason", "link"), HOSTILE)],
        requirements=[{"id": HOSTILE, "sentence": HOSTILE, "source": HOSTILE, "fails_run": True}],
    )

    build([dataclasses.replace(run, header=header)], tmp_path)
    page = (tmp_path / "report.md").read_text()
    text = _outside_code(page)

    assert "<script" not in text
    assert "](" not in text
    assert "\x1b" not in page
    assert not re.search(r"^# <script", page, flags=re.MULTILINE)
    assert {line for line in text.splitlines() if line.startswith("# ")} == {"# Conformance report"}
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1, block


def test_the_summary_of_a_conforming_run_says_what_was_run_and_the_answer(conforming: Run) -> None:
    lines = summary(conforming, ["report: report.md"]).splitlines()

    assert lines[0] == (
        "torch 2.13.0 on cpu (AVX2), profile smoke, started 2026-07-01T08:00:00+00:00"
    )
    assert "CONFORMS: no failure; 2 of 2 (100.0 %) cases conform" in lines[1]
    assert "1 of 1 planned cell · 2 of 2 planned cases · 1 operation · binary32" in lines[2]
    assert "conforms 2 · conservative 0 · deviates 0 · undecided 0" in lines[3]
    assert lines[-1] == "report: report.md"
    assert any("2 of 4 (50.0 %) tied" in line for line in lines)
    assert any("first-index: max_pool1d 1" in line for line in lines)


@pytest.mark.parametrize("failures", [0, 1, 5, 200])
def test_the_summary_has_at_most_24_lines(tmp_path: Path, failures: int) -> None:
    cells, findings = every_outcome()
    cells[2] = dataclasses.replace(cells[2], message=HOSTILE)
    findings += [a_finding(cause=f"{HOSTILE} {k}") for k in range(failures)]
    run = write(tmp_path, cells, findings, failed=True)

    text = summary(run, ["run file: a", "report: b"])

    lines = text.splitlines()
    assert len(lines) <= LINES
    assert lines[-2:] == ["run file: a", "report: b"]
    assert all(line.isprintable() and len(line) <= 118 for line in lines)
    for said in ("unsupported 1", "not run 1", "undecided 1", "1 showed", "errored 1"):
        assert said in text, said
    if failures > 5:
        assert re.search(r"and \d+ distinct failures in the report", text)


def test_a_summary_of_many_requirements_leaves_room_for_failures(tmp_path: Path) -> None:
    odd = [f"failing-{k}" for k in range(5)]
    never = [f"never-{k}" for k in range(20)]
    words = {"conforms": 1, "not run": 1}
    cell = a_cell(
        requirements=dict.fromkeys((*odd, *never), words) | {odd[4]: {"deviates": 2}},
    )
    requirements = [
        {"id": name, "sentence": name, "source": name, "fails_run": name in odd}
        for name in (*odd, *never)
    ]
    findings = [a_finding(cause=f"box {k}") for k in range(3)]
    path = write_run(
        tmp_path / RUN_FILE,
        a_header(requirements=requirements),
        cell,
        *findings,
        a_footer(cell, failed=True),
    )

    lines = summary(read_run(path), ["run file: a", "report: b"]).splitlines()

    assert len(lines) <= LINES
    labels = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert [name for name in labels if name.startswith("failing")] == [odd[4], odd[0]]
    assert {"others", "beside"} <= set(labels)
    assert sum("max_pool1d gradient: deviates, box" in line for line in lines) == 3


def test_a_rule_of_many_operations_is_two_numbers(tmp_path: Path) -> None:
    cells = [a_cell(cell=f"{k}", op=f"operation{k}") for k in range(9)]

    assert "first-index: 9 operations, 9 cases" in summary(write(tmp_path, cells, []))


def test_a_rule_that_is_not_the_documented_one_is_said(tmp_path: Path) -> None:
    run = write(tmp_path, [a_cell(rules="nl")], [])

    assert "last-index (not the documented first-index): max_pool1d 1" in summary(run)


def test_an_unhealthy_run_has_no_score_anywhere(tmp_path: Path) -> None:
    reasons = ["2 planned cells were not run", "too few ties"]
    run = write(tmp_path, [a_cell()], [], healthy=False, unhealthy=reasons, exit_status=6)

    found = built(run)["runs"][0]["answer"]

    assert found["word"] == "unhealthy"
    assert (found["conforming"], found["judged"]) == (None, None)
    for text in (summary(run), (tmp_path / "report.md").read_text()):
        assert "no score, because 2 planned cells were not run; too few ties" in text
        assert not re.search(r"%\W* (judged )?cases conform", text)
        assert "CONFORMS" not in text


def test_a_run_that_was_cut_off_is_unhealthy(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / RUN_FILE, a_header(), a_cell()))

    text = summary(run)

    assert "UNHEALTHY: no score, because the run was cut off: 1 cell of 1 planned cell" in text
    assert "not at all: the run was cut off" in markdown(report([run]))


def test_a_stale_row_fails_a_run_without_failures(tmp_path: Path) -> None:
    run = write(tmp_path, [a_cell()], [], failed=True, exit_status=1)

    assert "FAILS: no case does, but a known deviation is stale or has expired" in summary(run)


def test_several_runs_are_sections_with_scripts_of_their_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, [a_cell()], [a_finding()], failed=True)

    status = main(["build", str(tmp_path / "a"), str(tmp_path / "b"), "--output", str(tmp_path)])

    assert status == 0
    assert len(json.loads((tmp_path / "report.json").read_text())["runs"]) == 2
    assert sorted(path.name for path in (tmp_path / "scripts").iterdir()) == [
        "run1-gradient-max_pool1d-deviates-box.py",
        "run2-gradient-max_pool1d-deviates-box.py",
    ]


def _reports(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reports", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_ends_with_the_pages_path(run: Run) -> None:
    done = _reports("build", str(run.path))

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == str(run.path.parent / "report.html")


@pytest.mark.parametrize("content", [None, b"", b"no run\n"])
def test_what_is_no_run_is_one_line_and_status_2(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)

    done = _reports("build", str(path))

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert str(path) in done.stderr


def test_two_builds_of_one_run_are_equal(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        build([run], tmp_path / name)

    for form in ("report.html", "report.json", "report.md", "junit.xml"):
        first, second = ((tmp_path / name / form).read_bytes() for name in ("a", "b"))
        assert first == second, form


@pytest.mark.parametrize(
    ("row", "showed"),
    [
        ({}, True),
        ({"outcome": "deviates", "formats": ["binary32"], "families": ["lattice"]}, True),
        ({"modes": [], "variants": []}, True),
        ({"outcome": "crashed"}, False),
        ({"formats": ["binary64"]}, False),
        ({"families": ["special"]}, False),
        ({"devices": ["cuda"]}, False),
    ],
)
def test_a_row_showed_where_it_covers_a_known_finding(
    tmp_path: Path, row: dict[str, object], *, showed: bool
) -> None:
    header = a_header(deviations=[{"requirement": "gradient", "operation": "max_pool1d"} | row])
    cell = a_cell()
    path = write_run(tmp_path / RUN_FILE, header, cell, a_finding(known=True), a_footer(cell))

    (found,) = built(read_run(path))["runs"][0]["known_deviations"]

    assert found["showed"] is showed

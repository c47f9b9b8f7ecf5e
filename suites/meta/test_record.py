"""The run file: written and read back, cut off, foreign, edited."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.record import (
    RUN_FILE,
    Agreement,
    CellRecord,
    Finding,
    Footer,
    Header,
    RunFileError,
    RunWriter,
    Tally,
    read_run,
)

SLIDING = {"kernel_size": [2], "stride": [2], "padding": [0], "dilation": [1], "ceil_mode": False}


def a_header(**changes: object) -> Header:
    """Return a header; `changes` replace its fields, as in the builders below."""
    requirements = [
        {"id": name, "sentence": f"The {name} is right.", "source": "docs", "fails_run": fails}
        for name, fails in (
            ("output", True),
            ("indices", True),
            ("gradient", True),
            ("second-backward", True),
            ("special", True),
            ("safe", True),
            ("consistency-layout", False),
            ("convention", False),
        )
    ]
    fields = {
        "started": "2026-07-01T08:00:00+00:00",
        "profile": "smoke",
        "device": "cpu",
        "framework": {"name": "torch", "version": "2.13.0"},
        "environment": {"python": "3.11.7", "instruction_set": "AVX2", "threads": 1},
        "commit": "0123abc-dirty",
        "corpus": "ab" * 32,
        "seed": 0,
        "implementation": None,
        "options": {"formats": ["binary32"]},
        "planned": {"cells": 1, "cases": 2},
        "requirements": requirements,
        "conventions": {"max_pool1d": {"rule": "first-index", "quote": "first", "source": "docs"}},
        "deviations": [],
        "functions": {"max_pool1d": "torch.nn.functional.max_pool1d"},
        "families": {"max_pool1d": "pooling"},
    }
    return Header(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def a_cell(**changes: object) -> CellRecord:
    """Return a base cell of two conforming cases."""
    fields = {
        "cell": "max_pool1d/k2/binary32/eager/contiguous/cpu",
        "op": "max_pool1d",
        "params": SLIDING,
        "case_shape": [1, 1, 4],
        "format": "binary32",
        "mode": "eager",
        "variant": "contiguous",
        "layout": "contiguous",
        "device": "cpu",
        "base": None,
        "outcome": "ran",
        "message": None,
        "stage": None,
        "crash": None,
        "cases": 2,
        "ids": ["max_pool1d/lattice-0", "max_pool1d/lattice-1"],
        "outcomes": {"conforms": 2},
        "requirements": {"output": {"conforms": 2}, "gradient": {"conforms": 2}},
        "verdicts": "sc",
        "rules": "nf",
        "agreement": "..",
        "grades": {"exact": 8},
        "worst_ratio": "0x1.8p-1",
        "worst_ratio_case": "max_pool1d/lattice-1",
        "decided": {"rule": 2, "order": 0, "hull": 0, "undecided": 0},
        "windows": 4,
        "tied": 2,
        "special": 0,
        "compiled": None,
        "seconds": 0.25,
    }
    return CellRecord(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def a_finding(**changes: object) -> Finding:
    """Return a gradient outside of its box, in the cell of `a_cell`."""
    fields = {
        "requirement": "gradient",
        "outcome": "deviates",
        "known": False,
        "fails_run": True,
        "cause": "box",
        "cell": "max_pool1d/k2/binary32/eager/contiguous/cpu",
        "case": "max_pool1d/lattice-1",
        "op": "max_pool1d",
        "params": SLIDING,
        "format": "binary32",
        "mode": "eager",
        "variant": "contiguous",
        "layout": "contiguous",
        "device": "cpu",
        "input": {"shape": [1, 1, 4], "data": ["0x1.0p+0", "0x1.0p+0", "0x0.0p+0", "0x1.8p+0"]},
        "cotangent": {"shape": [1, 1, 2], "data": ["0x1.0p+0", "-0x1.0p+1"]},
        "got": {"gradient": ["0x1.0p+0", "0x1.0p+0", "0x0.0p+0", "-0x1.0p+1"]},
        "expected": {"box": {"index": 3, "low": "-1/1", "high": "-1/1"}},
        "distance_ulps": "8388608/1",
        "verdict": {
            "verdict": "outside",
            "certificate": {"kind": "box", "index": 3, "low": "-1/1", "high": "-1/1"},
        },
        "message": None,
        "crash": None,
        "operands": [],
        "expression": "",
    }
    return Finding(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def an_agreement(**changes: object) -> Agreement:
    """Return three equal functions of which the last does otherwise at ties."""
    fields = {
        "name": "relu",
        "functions": ["relu", "clamp_min(0)", "maximum(x, 0)"],
        "format": "binary32",
        "device": "cpu",
        "cases": 12,
        "groups": [["relu", "clamp_min(0)"], ["maximum(x, 0)"]],
        "example": {
            "input": ["0x0.0p+0"],
            "cotangent": ["0x1.0p+0"],
            "gradients": {
                "relu": ["0x0.0p+0"],
                "clamp_min(0)": ["0x0.0p+0"],
                "maximum(x, 0)": ["0x1.0p-1"],
            },
        },
        "message": None,
    }
    return Agreement(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def a_footer(*cells: CellRecord, **changes: object) -> Footer:
    """Return the footer of a healthy run of `cells` that did not fail."""
    tally = Tally()
    for cell in cells:
        tally.add(cell)
    fields = {
        "finished": "2026-07-01T08:01:00+00:00",
        "seconds": 60.5,
        "totals": tally.totals(),
        "healthy": True,
        "unhealthy": [],
        "failed": False,
        "exit_status": 0,
    }
    return Footer(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def write_run(path: Path, *records: Header | CellRecord | Finding | Agreement | Footer) -> Path:
    """Write records as a run file."""
    with RunWriter(path) as writer:
        for record in records:
            writer.append(record)
    return path


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    cell = a_cell()
    records = (a_header(), cell, a_finding(), an_agreement(), a_footer(cell))
    return write_run(tmp_path / RUN_FILE, *records)


def test_what_was_written_is_read_back(run_file: Path) -> None:
    cell = a_cell()

    run = read_run(run_file)

    assert run.complete
    assert (run.header, run.cells, run.findings) == (a_header(), (cell,), (a_finding(),))
    assert run.agreements == (an_agreement(),)
    assert run.footer == a_footer(cell)


def test_a_folder_stands_for_its_run_file(run_file: Path) -> None:
    assert read_run(run_file.parent) == read_run(run_file)


def test_the_writer_counts_the_totals(tmp_path: Path) -> None:
    base, variant = a_cell(), a_cell(cell="other", base="a base", agreement="=~", ids=[])
    with RunWriter(tmp_path / RUN_FILE) as writer:
        writer.append(base)
        writer.append(variant)

        totals = writer.totals()

    assert totals == {
        "cells": {"ran": 2},
        "cases": {"conforms": 2},
        "judged": 2,
        "windows": 4,
        "tied": 2,
        "rules": {"max_pool1d": {"none": 1, "first-index": 1}},
    }


def test_a_killed_writer_has_written_all_its_records(tmp_path: Path) -> None:
    path = tmp_path / RUN_FILE
    program = (
        "import os, pathlib, signal, sys\n"
        "from reports.record import RunWriter\n"
        "from suites.meta.test_record import a_cell, a_header\n"
        "writer = RunWriter(pathlib.Path(sys.argv[1]))\n"
        "writer.append(a_header())\n"
        "writer.append(a_cell())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", program, str(path)], env=environment, check=False)

    run = read_run(path)

    assert ended.returncode == -signal.SIGKILL
    assert not run.complete
    assert run.cells == (a_cell(),)


def test_a_run_that_was_cut_off_anywhere_is_read_as_far_as_it_goes(run_file: Path) -> None:
    whole = run_file.read_bytes()
    header_ends = whole.index(b"\n")

    for end in range(header_ends, len(whole) - 1, 3):
        run_file.write_bytes(whole[:end])
        run = read_run(run_file)
        lines = whole[:end].count(b"\n") + (whole[end : end + 1] == b"\n")
        records = (*run.cells, *run.findings, *run.agreements)
        assert len(records) + run.complete == lines - 1


def test_without_a_whole_header_it_is_no_run(run_file: Path) -> None:
    run_file.write_bytes(run_file.read_bytes()[:100])

    with pytest.raises(RunFileError, match="no whole header"):
        read_run(run_file)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"hello\n", b"\x00\xff\xfe\n", b"[]\n", b'{"kind": []}\n', b'{"schema": "x"}\n'],
)
def test_a_foreign_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign"
    path.write_bytes(content)

    with pytest.raises(RunFileError, match="line 1: ") as caught:
        read_run(path)

    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="No such file or directory, expected a run file"):
        read_run(tmp_path / "none")


def _without(key: str) -> Callable[[dict[str, object]], object]:
    return lambda record: record.pop(key)


def _with(**changes: object) -> Callable[[dict[str, object]], object]:
    return lambda record: record.update(changes)


@pytest.mark.parametrize(
    ("line", "edit", "message"),
    [
        (1, _with(kind="note"), "is no record, expected one of kind header, cell"),
        (1, _with(schema="run/9"), "schema is 'run/9', expected 'run/1'"),
        (1, _without("corpus"), "corpus is missing, expected in every header"),
        (1, _with(requirements=[{"id": "output"}]), "requirements is "),
        (2, _with(cases=True), "cases is True, expected int"),
        (2, _with(cases=3), "ids has 2 entries, expected 3"),
        (2, _with(verdicts="s"), "verdicts has 1 entries, expected 2"),
        (2, _with(outcome="passed"), "outcome is 'passed', expected one of ran, unsupported"),
        (2, _with(surprise=1), "'surprise' is no key of a cell"),
        (2, _with(outcomes={"conforms": "2"}), "outcomes is "),
        (2, _with(worst_ratio="nearly 1"), "worst_ratio is 'nearly 1'"),
        (3, _with(cell="elsewhere"), "a finding of 'elsewhere', which is not among"),
        (3, _with(input={"shape": [5], "data": []}), "input has 0 numbers, expected 5"),
        (3, _without("expression"), "expression is missing, expected in every finding"),
        (3, _with(operands=[{"name": "input"}]), "operands is "),
        (
            3,
            _with(operands=[{"name": "a", "shape": [3]}, {"name": "b", "shape": []}] * 2),
            "input has 4 numbers, expected 8 for the shapes of its operands",
        ),
        (4, _with(groups=[["relu"], ["relu6"]]), "groups has 'relu6', expected one of its"),
        (4, _with(groups=[["relu"], ["relu"]]), "groups has 'relu' 2 times, expected once"),
        (4, _with(functions=["relu", "clamp_min(0)"], groups=[]), "example has 'maximum(x, 0)'"),
        (4, _with(example={"input": []}), "example is "),
        (5, _with(seconds="60"), "seconds is '60', expected float"),
        (5, _with(totals={}), "totals is {}, expected Totals"),
    ],
)
def test_an_edited_record_is_named(
    run_file: Path, line: int, edit: Callable[[dict[str, object]], object], message: str
) -> None:
    records = [json.loads(text) for text in run_file.read_text().splitlines()]
    edit(records[line - 1])
    run_file.write_text("".join(json.dumps(record) + "\n" for record in records))

    with pytest.raises(RunFileError) as caught:
        read_run(run_file)

    assert f"line {line}: " in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_changed_verdict_does_not_agree_with_the_footer(run_file: Path) -> None:
    told, edited = '"outcomes":{"conforms":2}', '"outcomes":{"conforms":1}'
    run_file.write_text(run_file.read_text().replace(told, edited))

    with pytest.raises(RunFileError, match=r"line 5: totals\.cases is .* add up to"):
        read_run(run_file)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((2, 1, 5), "line 1: a cell comes before the header"),
        ((1, 2, 2, 5), "line 3: cell .* is there twice"),
        ((1, 4, 4, 5), "line 3: agreement 'relu binary32 cpu' is there twice"),
        ((1, 1), "line 2: there is a second header"),
        ((1, 2, 5, 3), "line 4: a finding comes after the footer"),
        ((1, 5), r"line 2: totals\.cells is .* but the cells add up to"),
    ],
)
def test_records_in_the_wrong_place_are_refused(
    run_file: Path, lines: tuple[int, ...], message: str
) -> None:
    records = run_file.read_text().splitlines(keepends=True)
    run_file.write_text("".join(records[line - 1] for line in lines))

    with pytest.raises(RunFileError, match=message):
        read_run(run_file)


def test_every_record_has_exactly_the_fields_of_its_kind(run_file: Path) -> None:
    kinds = (Header, CellRecord, Finding, Agreement, Footer)

    for kind, line in zip(kinds, run_file.read_text().splitlines(), strict=True):
        fields = {field.name for field in dataclasses.fields(kind)}
        assert json.loads(line).keys() == fields | {"kind"}

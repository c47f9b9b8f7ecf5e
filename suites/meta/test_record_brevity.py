"""A run file leaves out what its lines say already, and loses nothing."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.record import (
    EARLIER,
    SCHEMA,
    CellRecord,
    Finding,
    Header,
    Run,
    RunFileError,
    RunWriter,
    Search,
    read_run,
)
from reports.record.brevity import Reading, Writing
from suites.meta.compared import IDS, base, failing, found, variant
from suites.meta.made import a_search, large
from suites.meta.test_record import a_footer, a_header

PART = base(
    cell="max_pool1d/k2-few/binary32/jvp/contiguous/cpu",
    base=base().cell,
    mode="jvp",
    cases=2,
    ids=[IDS[3], IDS[1]],
    verdicts="cc",
    rules="ff",
    agreement="==",
)
RECORDS: dict[str, list[CellRecord | Finding | Search]] = {
    "like its base": [base(), variant()],
    "other bits": [base(), variant(agreement="=~==", rules="nlff")],
    "a part of its base": [base(), PART],
    "of another base": [base(), variant(base="max_pool1d/k9/binary32/eager/contiguous/cpu")],
    "before its base": [variant(), base()],
    "what the base has and it has not": [
        base(message="odd", worst_ratio=None, misses=None, findings=None),
        variant(worst_ratio="0x0.0p+0", misses={}),
    ],
    "another operation between": [
        base(), base(op="relu", cell="relu/1/binary32/eager/contiguous/cpu"), variant()
    ],
    "findings": [
        failing(base(findings=2), 1, 2), found(1), found(2, known=True, message="so"), variant(),
        found(0, cell=variant().cell, variant="transposed"),
    ],
    "a case twice": [
        base(), found(1), variant(), found(1, cell=variant().cell, variant="transposed"),
        found(1, cell=variant().cell, variant="transposed", cotangent=found(1).input),
    ],
    "a finding of a search": [
        base(), a_search(outcome="found"), found(1, cell=a_search().search, mode="vjp"),
    ],
    "numbers of other types": [
        base(grades={"exact": 1}, seconds=0.0), variant(grades={"exact": True}, seconds=-0.0)
    ],
    "ids of other forms": [base(ids=[*IDS[:3], "relu/lattice-0123456789abcdef"])],
    "ids with a short number": [base(ids=[*IDS[:3], "max_pool1d/lattice-1"])],
    "families in turn": [
        base(ids=[f"max_pool1d/{f}-{k:016x}" for k, f in enumerate(("a", "b-c", "a", "a"))])
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_every_line_comes_back_as_it_was(name: str) -> None:
    documents = [record.document() for record in RECORDS[name]]
    writing, reading = Writing(), Reading()
    lines = [json.dumps(writing.short(document)) for document in documents]

    back = [reading.whole(json.loads(line)) for line in lines]

    # as text: 1, 1.0 and true are three things there
    assert list(map(_sorted, back)) == list(map(_sorted, documents))


def _sorted(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)


def test_what_is_said_already_is_left_out() -> None:
    writing = Writing()
    writing.short(base().document())
    like = writing.short(variant().document())
    assert set(like) == {"kind", "cell", "base", "cases", "variant"}
    part = writing.short(PART.document())
    assert part["places"] == [3, 3, 1, 1]
    first, second = (
        writing.short(found(1, cell=PART.cell, mode="jvp", cause=cause).document())
        for cause in ("one", "two")
    )
    assert "op" not in first
    assert first.keys() - second.keys() == {"input", "cotangent"}


def test_a_run_that_goes_on_is_written_as_one_that_was_not_cut_off(tmp_path: Path) -> None:
    records = [a_header(), failing(base(), 1), found(1), variant(), found(1, cell=variant().cell)]
    with RunWriter(tmp_path / "whole") as whole:
        whole.append(*records)
    expected = (tmp_path / "whole").read_bytes()
    lines = expected.splitlines(keepends=True)
    for end in range(1, len(records)):
        cells = [record for record in records[:end] if isinstance(record, CellRecord)]
        with RunWriter.going_on(tmp_path / "rest", lines[:end], cells) as writer:
            writer.append(*records[end:])
        assert (tmp_path / "rest").read_bytes() == expected


def test_a_large_run_is_the_same_and_shorter(tmp_path: Path) -> None:
    run = large(tmp_path, cases=4_000, failures=20, geometries=1)
    documents = [record.document() for record in (run.header, *run.cells, *run.findings)]
    whole = sum(len(json.dumps(document, separators=(",", ":"))) for document in documents)
    assert run.path.stat().st_size < whole / 2


def _written(path: Path, schema: str, *records: Header | CellRecord | Finding) -> Run:
    """Write a file of whole lines, as earlier versions of the suites did."""
    cells = [record for record in records if isinstance(record, CellRecord)]
    lines = [replace(a_header(), schema=schema), *records, a_footer(*cells)]
    path.write_text("".join(f"{json.dumps(line.document())}\n" for line in lines))
    return read_run(path)


def test_a_file_of_the_earlier_version_is_read_as_it_is(tmp_path: Path) -> None:
    cell = base(misses=None, findings=None)
    run = _written(tmp_path / "earlier", EARLIER, cell)
    assert run.cells == (cell,)
    whole = _written(tmp_path / "whole", SCHEMA, cell)
    assert whole.cells == run.cells


def test_a_line_of_the_earlier_version_leaves_nothing_out(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with RunWriter(path) as writer:
        writer.append(a_header(), base(), variant())
    path.write_text(path.read_text().replace(f'"{SCHEMA}"', f'"{EARLIER}"'))
    with pytest.raises(RunFileError, match=r"line 2: .* is missing, expected in every cell"):
        read_run(path)


@pytest.mark.parametrize("places", [[0], [0, 9], ["a", "b"], [-9, -8], 3])
def test_places_that_the_base_does_not_have_are_refused(tmp_path: Path, places: object) -> None:
    path = tmp_path / "run"
    with RunWriter(path) as writer:
        writer.append(a_header(), base(), PART)
    *lines, last = path.read_text().splitlines()
    document = json.loads(last) | {"places": places}
    path.write_text("".join(f"{line}\n" for line in (*lines, json.dumps(document))))
    with pytest.raises(RunFileError, match="line 3: "):
        read_run(path)


def test_whatever_is_written_comes_back() -> None:
    draw = random.Random(0)
    writing, reading = Writing(), Reading()
    pool = [record for records in RECORDS.values() for record in records]
    for _ in range(500):
        document = draw.choice(pool).document()
        assert _sorted(reading.whole(writing.short(document))) == _sorted(document)

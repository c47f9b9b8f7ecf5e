"""What changed between two runs: each fault is caught, and what is no change is not said."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reports import compare
from reports.__main__ import main
from reports.compare.document import ends_elsewhere
from reports.compare.forms import ends
from reports.record import CellRecord, Run, RunFileError
from suites.meta.compared import (
    BASE,
    IDS,
    VARIANT,
    base,
    compared,
    failing,
    found,
    kinds,
    run,
    variant,
)
from suites.meta.made import large
from suites.meta.test_record import a_header, an_agreement

SOMETIMES = {"requirement": "gradient", "operation": "max_pool1d", "sometimes": True}
SCHEMA = json.loads(Path("reports/schemas/compare.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def folders(tmp_path: Path) -> Callable[[], Path]:
    """Return what makes folders for runs."""
    numbers = itertools.count()

    def new() -> Path:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return folder

    return new


def test_two_runs_of_one_build_say_that_nothing_changed(folders: Callable[[], Path]) -> None:
    records = (failing(base(), 2), found(2), variant())
    old = run(folders(), *records, seconds=1.0)
    later = (replace(records[0], seconds=9.5, worst_ratio="0x1.0p-1"), *records[1:])
    new = run(folders(), *later, seconds=77.0, finished="2027-01-01T00:00:00+00:00")

    comparison = compared(old, new)

    assert comparison.nothing_changed
    assert comparison.worse == []
    assert comparison.compared == 8
    assert compare.document(comparison)["answer"]["sentence"] == "nothing changed"


WORSE: dict[str, tuple[CellRecord, str, str, int]] = {
    "a case deviates": (failing(base(), 2), "new", "gradient", 1),
    "an output does": (failing(base(), 1, 3, requirement="output"), "new", "output", 2),
    "a cell crashes": (
        base(outcome="crashed", verdicts="", rules="", agreement="",
             outcomes={"crashed": 4}, requirements={"safe": {"crashed": 4}}),
        "new", "safe", 4,
    ),
    "a cell has no kernel": (
        base(outcome="unsupported", verdicts="", rules="", agreement="",
             outcomes={"unsupported": 4}, requirements={}),
        "lost", "safe", 4,
    ),
    "a cell is not run": (
        base(outcome="not run", verdicts="", rules="", agreement="",
             outcomes={"not run": 4}, requirements={}),
        "lost", "safe", 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", WORSE)
def test_what_got_worse_is_said_and_what_got_better_is_not_worse(
    folders: Callable[[], Path], fault: str
) -> None:
    cell, kind, requirement, places = WORSE[fault]
    good, bad = run(folders(), base()), run(folders(), cell)

    assert kinds(compared(good, bad)) == [(kind, requirement, places)]
    assert compared(good, bad).worse
    ((back, _, _),) = kinds(compared(bad, good))
    assert back == {"new": "fixed", "lost": "gained"}[kind]
    assert not compared(bad, good).worse
    assert compared(bad, bad).nothing_changed


def test_a_known_deviation_is_one_whatever_the_rows_say(folders: Callable[[], Path]) -> None:
    known = replace(
        failing(base(), 2),
        outcomes={"conforms": 3, "known": 1},
        requirements={"gradient": {"conforms": 3, "known": 1}},
    )
    old, new = run(folders(), failing(base(), 2)), run(folders(), known)
    assert compared(old, new).nothing_changed


def test_a_deviation_with_another_result_is_a_change(folders: Callable[[], Path]) -> None:
    cell = failing(base(), 2)
    got = {"gradient": ["0x1.0p+1", "0x1.0p+0", "0x0.0p+0", "-0x1.0p+1"]}
    runs = [run(folders(), cell, found(2)), run(folders(), cell, found(2, got=got))]

    comparison = compared(*runs)

    assert kinds(comparison) == [("changed", "gradient", 1)]
    assert not comparison.worse


def test_the_words_of_a_message_are_no_change(folders: Callable[[], Path]) -> None:
    cell = failing(base(), 2)
    words = [found(2, message=f"at 0x{k}") for k in (1, 2)]
    runs = [run(folders(), cell, finding) for finding in words]
    assert compared(*runs).nothing_changed


def test_another_rule_at_a_tie_is_valid(folders: Callable[[], Path]) -> None:
    old, new = run(folders(), base()), run(folders(), base(rules="nlff"))
    comparison = compared(old, new)
    assert kinds(comparison) == [("valid", "convention", 1)]
    assert comparison.groups[0].key[3:5] == ("first-index", "last-index")
    assert not comparison.worse
    assert compared(old, new, fail_on=("valid",)).worse


def test_the_rule_of_a_wrong_gradient_is_no_choice(folders: Callable[[], Path]) -> None:
    wrong = failing(base(), 1)
    old, new = run(folders(), wrong), run(folders(), replace(wrong, rules="nxff"))
    assert compared(old, new).nothing_changed


def test_other_bits_in_a_layout_are_a_change_of_consistency(folders: Callable[[], Path]) -> None:
    old, new = run(folders(), base(), variant()), run(folders(), base(), variant(agreement="=~~="))
    assert kinds(compared(old, new)) == [("consistency", "consistency-layout", 2)]
    assert not compared(old, new).worse


def test_two_changes_of_a_kind_are_counted_as_two(folders: Callable[[], Path]) -> None:
    one, other = variant(agreement="=~=="), variant(cell=f"{VARIANT}-2", variant="repeat")
    old = run(folders(), base(), variant(), other)
    new = run(folders(), base(), one, replace(other, agreement="~==="))
    sentence = compare.document(compared(old, new))["answer"]["sentence"]
    assert sentence == "changed, nothing got worse: 2 changes of consistency"


def test_a_case_is_found_again_in_another_stack(folders: Callable[[], Path]) -> None:
    moved = failing(
        base(
            cell=BASE.replace("k2", "k2-more"),
            ids=[IDS[3], "max_pool1d/lattice-new", *IDS[:3]],
            cases=5,
            verdicts="cssss",
            rules="fnnff",
            agreement=".....",
            outcomes={"conforms": 5},
            requirements={"gradient": {"conforms": 5}},
        ),
        4,
    )
    old, new = run(folders(), base(rules="nnff", verdicts="sssc")), run(folders(), moved)

    comparison = compared(old, new)

    assert ("new", "gradient", 1) in kinds(comparison)
    assert comparison.groups[0].cases == {IDS[2]}
    assert [(apart.op, apart.cases) for apart in comparison.added] == [("max_pool1d", 1)]
    assert not comparison.gone
    assert comparison.compared == 4


def test_a_lost_case_is_said(folders: Callable[[], Path]) -> None:
    fewer = base(
        cases=3, ids=IDS[:3], verdicts="scc", rules="nff", agreement="...",
        outcomes={"conforms": 3}, requirements={"gradient": {"conforms": 3}},
    )  # fmt: skip
    old, new = run(folders(), base()), run(folders(), fewer)

    comparison = compared(old, new)

    assert not comparison.nothing_changed
    assert [(apart.op, apart.cases, apart.cells) for apart in comparison.gone] == [
        ("max_pool1d", 1, 1)
    ]
    assert not comparison.worse
    assert compared(old, new, fail_on=("gone",)).worse


def test_an_added_case_that_fails_is_worse_only_where_that_is_asked_for(
    folders: Callable[[], Path],
) -> None:
    old, new = run(folders(), base()), run(folders(), base(), failing(variant(), 1))
    comparison = compared(old, new)
    assert comparison.added[0].failing == {"gradient: deviates": 1}
    assert not comparison.worse
    assert compared(old, new, fail_on=("added",)).worse


def test_a_healthy_run_before_an_unhealthy_one_is_worse(folders: Callable[[], Path]) -> None:
    healthy = run(folders(), base())
    sick = run(folders(), base(), healthy=False, unhealthy=["too few ties"])

    assert "the later run is unhealthy" in compared(healthy, sick).worse[0]
    assert not compared(sick, healthy).worse
    assert not compared(sick, healthy).nothing_changed
    said = compare.document(compared(sick, healthy))["answer"]["unhealthy"]
    assert said == ["the earlier run is unhealthy and has no score: too few ties"]


@pytest.mark.parametrize("rows", [(True, False), (False, True), (True, True)])
def test_what_shows_sometimes_is_left_out(
    folders: Callable[[], Path], rows: tuple[bool, bool]
) -> None:
    row = SOMETIMES | {"families": ["lattice"], "modes": ["eager"]}
    headers = [a_header(deviations=[row] if has else []) for has in rows]
    old = run(folders(), base(), header=headers[0])
    new = run(folders(), failing(base(), 1), failing(variant(), 2), header=headers[1])

    comparison = compared(old, new)

    assert comparison.groups == []
    assert comparison.left_out > 0


@pytest.mark.parametrize("other", [{"families": ["other"]}, {"modes": ["inductor"]}])
def test_what_a_row_does_not_name_is_compared(
    folders: Callable[[], Path], other: dict[str, list[str]]
) -> None:
    header = a_header(deviations=[SOMETIMES | other])
    old, new = (run(folders(), cell, header=header) for cell in (base(), failing(base(), 1)))
    assert kinds(compared(old, new)) == [("new", "gradient", 1)]


def test_a_deviation_that_gets_worse_is_new_and_one_that_gets_better_changed(
    folders: Callable[[], Path],
) -> None:
    milder = replace(
        failing(base(), 2),
        verdicts="scvc",
        outcomes={"conforms": 3, "conservative": 1},
        requirements={"gradient": {"conforms": 3, "conservative": 1}},
        misses={"gradient": {"conservative": [2]}},
    )
    mild, bad = run(folders(), milder), run(folders(), failing(base(), 2))
    assert kinds(compared(mild, bad)) == [("new", "gradient", 1)]
    assert kinds(compared(bad, mild)) == [("changed", "gradient", 1)]


def test_equal_functions_that_part_are_a_valid_change(folders: Callable[[], Path]) -> None:
    old, new = run(folders(), base()), run(folders(), base())
    agree = an_agreement(groups=[["relu", "clamp_min(0)", "maximum(x, 0)"]], example=None)
    old, new = replace(old, agreements=(agree,)), replace(new, agreements=(an_agreement(),))
    (remark,) = compared(old, new).remarks
    assert (remark.kind, remark.of) == ("valid", "equal functions")
    assert not compared(old, new).worse


def test_another_machine_is_said_and_is_no_change(folders: Callable[[], Path]) -> None:
    facts = {"python": "3.12.1", "instruction_set": "AVX512", "threads": 1}
    old = run(folders(), base())
    new = run(folders(), base(), header=a_header(environment=facts))
    comparison = compared(old, new)
    assert comparison.nothing_changed
    assert {fact.what for fact in comparison.environment} == {"python", "instruction_set"}


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_baseline_is_compared_as_its_run_is(folders: Callable[[], Path], side: str) -> None:
    changed = failing(variant(), 1, requirement="output")
    records = ([failing(base(), 2), found(2), variant(agreement="=~==")], [base(rules="nlff")])
    runs = [run(folders(), *records[0]), run(folders(), *records[1], changed)]
    sides = dict(zip(("old", "new"), map(compare.side_of, runs), strict=True))
    as_run = compare.document(compare.compare(**sides))
    path = folders() / f"one{compare.SUFFIX}"
    compare.write_baseline(sides[side], path)
    packed = compare.document(compare.compare(**(sides | {side: compare.read_side(path)})))

    for key in ("answer", "groups", "compared", "left_out", "added", "gone", "kinds"):
        assert packed[key] == as_run[key], key


def test_two_baselines_are_compared_too(folders: Callable[[], Path]) -> None:
    paths = []
    for cell in (base(), base(rules="nlff")):
        paths.append(folders() / f"one{compare.SUFFIX}")
        compare.write_baseline(compare.side_of(run(folders(), cell)), paths[-1])
    old, new = map(compare.read_side, paths)
    assert kinds(compare.compare(old, new)) == [("valid", "convention", 1)]
    assert compare.compare(old, old).nothing_changed


def test_a_baseline_says_what_it_does_not_know(folders: Callable[[], Path]) -> None:
    path = folders() / f"one{compare.SUFFIX}"
    compare.write_baseline(compare.side_of(run(folders(), failing(base(), 2), found(2))), path)
    ids = [*IDS, "max_pool1d/lattice-new"]
    more = base(
        ids=ids, cases=5, verdicts="scccc", rules="nffff", agreement=".....",
        outcomes={"conforms": 5}, requirements={"gradient": {"conforms": 5}},
    )  # fmt: skip
    new = compare.side_of(run(folders(), more))

    comparison = compare.compare(compare.read_side(path), new)

    assert kinds(comparison) == [("fixed", "gradient", 1)]
    assert comparison.unknown == 4
    assert not comparison.added
    assert not comparison.gone


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _edited(path: Path) -> None:
    # the letter alone: nothing but the digest tells
    path.write_text(path.read_text().replace('"verdicts":"sccc"', '"verdicts":"sccs"'))


def _without_finding(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if '"kind":"finding"' not in line))


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _foreign(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04\x00nothing of ours\n\n")


def _of_earlier_suites(path: Path) -> None:
    records = [json.loads(line) for line in path.read_text().splitlines()]
    for record in records:
        record.pop("misses", None)
        record.pop("digest", None)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def _badly_packed(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes())[:-9])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_cut, "--resume"),
        (_edited, "digest"),
        (_without_finding, "0 findings follow"),
        (_emptied, "no whole header"),
        (_foreign, "is no JSON object"),
        (_of_earlier_suites, "run again"),
        (_badly_packed, "damaged"),
    ],
)
@pytest.mark.parametrize("bad", [0, 1])
def test_a_bad_file_is_one_line_and_status_2(
    folders: Callable[[], Path],
    damage: Callable[[Path], None],
    words: str,
    bad: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = [run(folders(), failing(base(rules="nnff"), 3), found(3), variant()) for _ in range(2)]
    damage(runs[bad].path)

    status = main(["compare", *(str(of.path) for of in runs)])

    told = capsys.readouterr()
    assert status == 2
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert words in told.err
    assert str(runs[bad].path) in told.err


@pytest.mark.parametrize("content", [b"", b"\xfd7zXZ\x00", b"{}", b'{"schema": "baseline/2"}'])
def test_a_bad_baseline_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / f"bad{compare.SUFFIX}"
    path.write_bytes(content)
    with pytest.raises(RunFileError) as refused:
        compare.read_side(path)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_packed_run_file_is_read(folders: Callable[[], Path]) -> None:
    plain = run(folders(), base())
    packed = folders() / "run.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.path.read_bytes()))
    side = compare.read_side(packed)
    assert compare.compare(compare.side_of(plain), side).nothing_changed


def test_the_command_writes_every_form_and_says_what_got_worse(
    folders: Callable[[], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = run(folders(), base()), run(folders(), failing(base(), 2), found(2))

    assert main(["compare", str(old.path), str(new.path.parent)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "answer: worse: 1 new deviation (1 case)"
    folder = new.path.parent
    assert Path(lines[-1]) == folder / "compare.html"
    document = json.loads((folder / "compare.json").read_text())
    jsonschema.validate(document, SCHEMA)
    (group,) = document["groups"]
    assert group["case"] == IDS[2]
    assert group["ends"] == {"new": 1, "old": 0}
    script = (folder / "scripts" / f"{group['slug']}.py").read_text()
    assert script.endswith(group["script"])
    assert IDS[2] in (folder / "compare.md").read_text()

    assert main(["compare", str(old.path), str(new.path), "--fail-on", "none"]) == 0
    assert main(["compare", str(new.path), str(old.path)]) == 0
    with pytest.raises(SystemExit) as refused:
        main(["compare", str(old.path), str(new.path), "--fail-on", "everything"])
    assert refused.value.code == 2
    assert "'everything' is unknown" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "was", "now", "shown", "other", "ends"),
    [
        ("new", "conforms", "deviates", "new", "old", {"old": 0}),
        ("new", "errored", "conservative", "new", "old", {"old": 1}),
        ("new", "crashed", "deviates", "new", "old", {}),
        ("fixed", "deviates", "conforms", "old", "new", {"new": 0}),
        ("changed", "deviates (box)", "deviates (another result)", "new", "old", {}),
    ],
)
def test_a_script_ends_elsewhere_as_what_was_found_there(
    kind: str, was: str, now: str, shown: str, other: str, ends: dict[str, int]
) -> None:
    assert {shown, other} == {"old", "new"}
    assert ends_elsewhere((kind, "clamp", "gradient", was, now, "box"), other) == ends


def test_a_status_that_comes_of_a_call_that_raises_is_said_to_be_one() -> None:
    group = {"ends": {"old": 1, "new": 1}, "was": "errored", "now": "conservative"}
    assert ends(group, {"old": "this", "new": "that"}) == (
        "ends with status 1 under this (the call raises) and 1 under that"
    )


def test_one_case_of_many_is_found(tmp_path: Path) -> None:
    made = large(tmp_path, cases=20_000, failures=20, geometries=1)
    cells = tuple(replace(cell, misses={}) for cell in made.cells)
    wrong = next(k for k, cell in enumerate(cells) if cell.verdicts and cell.mode == "eager")
    word = cells[wrong].ids[0]
    worse = replace(cells[wrong], misses={"gradient": {"deviates": [0]}})
    old = replace(made, cells=cells)
    new = replace(made, cells=(*cells[:wrong], worse, *cells[wrong + 1 :]))

    comparison = compared(old, new)

    assert [(group.key[0], group.cases) for group in comparison.groups] == [("new", {word})]
    assert compared(old, old).nothing_changed


def _document(folders: Callable[[], Path], text: str) -> dict[str, Any]:
    old = run(folders(), base())
    cell = failing(base(), 2)
    new = run(folders(), cell, found(2, cause=text), header=a_header(commit=text))
    return compare.document(compared(old, new))


def test_what_a_run_file_says_is_text_in_every_form(folders: Callable[[], Path]) -> None:
    hostile = "<script>alert(1)</script> | `x` ![y](z)"
    document = _document(folders, hostile)
    jsonschema.validate(document, SCHEMA)
    page = compare.page(document)
    assert "<script>alert" not in page
    # within a fence nothing acts
    text = compare.markdown(document).replace(document["groups"][0]["script"].rstrip(), "")
    assert "<script>" not in text
    assert "![y]" not in text


def _ids(made: Run) -> set[str]:
    return {cell.cell for cell in made.cells}


def test_runs_of_different_selections_have_added_and_gone_cells(
    folders: Callable[[], Path],
) -> None:
    old, new = run(folders(), base(), variant()), run(folders(), base())
    assert _ids(old) - _ids(new) == {VARIANT}
    comparison = compared(old, new)
    assert [(apart.op, apart.cells) for apart in comparison.gone] == [("max_pool1d", 1)]
    assert not comparison.nothing_changed

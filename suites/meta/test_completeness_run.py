"""Completeness in a run and in its reports: what is unknown has no score, a kink fails."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import torch

import reports
from reports.document import report
from reports.junit import junit
from reports.markdown import markdown
from reports.page import page
from reports.record import Completeness, Run, RunFileError, RunWriter, read_run
from reports.summary import summary
from suites import health
from suites.completeness import Operator, Survey, completeness, read_operators
from suites.completeness.samples import SampleJudge
from suites.conductor import Conductor, Ending
from suites.frameworks.questions import Listed, Probed
from suites.known import Known
from suites.meta.test_record import a_footer, a_header
from suites.options import Options
from suites.run import SuiteRun
from suites.selection import Selection

VERSION = torch.__version__.partition("+")[0]
AN_ABS = Operator(name="abs", kind="smooth", reason="wrong: it has a kink at 0")


def a_completeness(**changes: object) -> Completeness:
    """Return a record of a release whose operators are all accounted for."""
    fields = {
        "outcome": "measured",
        "message": None,
        "classes": {"covered": 20, "smooth": 300, "later": 7, "out of scope": 3},
        "later": {"losses": 4, "norms and distances": 3, "rounding bounds": 0},
        "unclassified": [],
        "gone": [],
        "covered": 19,
        "uncovered": ["lu"],
        "probes": True,
        "probed": 299,
        "points": 4000,
        "skipped": 310,
        "not_probed": {"flash": "it takes no binary64 on the CPU"},
        "kinks": {},
        "samples": {"abs": {"conforms": 4}, "amax": {"conforms": 20, "known": 2}, "elu": {}},
        "samples_left_out": {"elu": {"refused: exp(…)": 2, "refused: 0": 1}, "amax": {"mask": 7}},
        "samples_failing": {},
        "seconds": 20.5,
    }
    return Completeness(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


KINK = a_completeness(kinks={"abs": "sample 0, zeros: output 0, defects 1, 1, 1"})
UNKNOWN = a_completeness(unclassified=["brand_new", "<b>new</b>"])
NOT_RUN = a_completeness(
    outcome="not run", message="the database of operators can't be imported", classes={}, later={}
)


def written(folder: Path, *records: Completeness, **end: object) -> Run:
    path = folder / "run.jsonl"
    with RunWriter(path) as writer:
        for record in (a_header(), *records, a_footer(**end)):
            writer.append(record)
    return read_run(path)


def ended(folder: Path, record: Completeness | None) -> Ending:
    """Return how a run ends that measures completeness alone."""
    with RunWriter(folder / "run.jsonl") as writer:
        writer.append(a_header())
        conductor = Conductor(
            selection=Selection(profile="smoke", device="cpu"),
            plan=[],
            searches=0,
            questions=0,
            surveys=True,
            whole_plan=False,
            own_file=False,
            replies=None,  # type: ignore[arg-type]  # no cell asks for one
            known=Known([], VERSION, "cpu"),
            writer=writer,
        )
        if record is not None:
            conductor.survey(record)
        return conductor.finish(interrupted=False)


def test_what_a_release_has_is_counted_by_class() -> None:
    found = Listed(names=("abs", "amax", "brand_new", "lu", "sin"))
    expected = [
        AN_ABS,
        Operator(name="amax", kind="covered", reason="ties", nonsmooth=True, entries=("amax",)),
        Operator(name="lu", kind="out of scope", reason="pivots", nonsmooth=True),
        Operator(name="sin", kind="smooth", reason="analytic"),
        Operator(name="norm", kind="later", reason="a norm", group="norms and distances"),
    ]
    probed = [
        Probed(name="abs", points=8, kinks=2, first="at 0"),
        Probed(name="sin", skipped=5, reason="crashed"),
    ]
    record = completeness(found, expected, probed, probes=True, samples=SampleJudge(rows=()))
    assert record.classes == {"covered": 1, "smooth": 2, "later": 0, "out of scope": 1}
    assert (record.unclassified, record.gone) == (["brand_new"], ["norm"])
    assert (record.covered, record.uncovered) == (1, ["lu"])
    assert (record.probed, record.points, record.skipped) == (1, 8, 5)
    assert (record.kinks, record.not_probed) == ({"abs": "at 0"}, {"sin": "crashed"})


@pytest.mark.parametrize(
    ("record", "words", "status"),
    [
        pytest.param(a_completeness(), None, 0, id="all accounted for"),
        pytest.param(UNKNOWN, "2 operators have no class", 6, id="an unknown operator"),
        pytest.param(NOT_RUN, "not measured: the database", 6, id="no database"),
        pytest.param(None, "completeness was not measured", 6, id="not run"),
        pytest.param(KINK, None, 1, id="a kink"),
    ],
)
def test_a_run_ends_as_its_operators_are(
    tmp_path: Path, record: Completeness | None, words: str | None, status: int
) -> None:
    end = ended(tmp_path, record)
    assert end.exit_status == status
    assert [words in reason for reason in end.unhealthy] == ([True] if words else [])
    assert [problem for problem in end.problems if "abs" in problem] == list(end.problems)
    assert len(end.problems) == (record is KINK)


def test_many_unknown_operators_are_cut_short() -> None:
    many = a_completeness(unclassified=[f"op{n}" for n in range(30)])
    (reason,) = health.of_completeness(many)
    assert reason.endswith("op8, op9 and 20 more")


def test_abs_held_to_be_smooth_is_caught_in_child_processes() -> None:
    record = Survey(operators=[AN_ABS], version=VERSION, probes=True, timeout=100.0).run()
    assert list(record.kinks) == ["abs"]
    assert (record.probed, record.classes["smooth"]) == (1, 1)
    assert "amax" in record.unclassified


def test_without_probes_the_operators_are_listed_alone() -> None:
    ours = read_operators()
    record = Survey(operators=ours, version=VERSION, probes=False, timeout=100.0).run()
    assert (record.unclassified, record.gone, record.points) == ([], [], 0)
    assert sum(record.classes.values()) == sum(each.of(VERSION) for each in ours)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, True),
        ({"ops": ("max_pool1d",)}, False),
        ({"formats": ("binary32",)}, False),
        ({"case": "max_pool1d/lattice-0"}, False),
    ],
)
def test_only_a_whole_run_asks_for_the_operators(changes: dict[str, object], asked: bool) -> None:
    assert Selection(profile="smoke", device="cpu", **changes).whole is asked  # type: ignore[arg-type]


def test_a_users_file_is_not_asked_for_operators(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def max_pool1d(input, kernel_size): return input\n")
    options = Options(
        selection=Selection(profile="smoke", device="cpu"),
        names_ops=False,
        run_file=None,
        deviations=Path("none"),
        seed=0,
        cell_timeout=100.0,
        implementation=path,
    )
    run = SuiteRun(options, only_plan=True)
    try:
        assert not run.surveys
    finally:
        run.close()


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([a_completeness(), a_completeness()], "a second record of completeness"),
        ([a_completeness(outcome="perhaps")], "outcome is 'perhaps'"),
    ],
)
def test_a_record_that_does_not_fit_is_refused(
    tmp_path: Path, records: list[Completeness], words: str
) -> None:
    with pytest.raises(RunFileError, match=words):
        written(tmp_path, *records)


@pytest.mark.parametrize("record", [None, a_completeness(), KINK, UNKNOWN, NOT_RUN])
def test_the_report_is_what_its_schema_says(tmp_path: Path, record: Completeness | None) -> None:
    path = Path(reports.__file__).parent / "schemas" / "report.schema.json"
    run = written(tmp_path, *([record] if record else []))
    jsonschema.validate(json.loads(json.dumps(report([run]))), json.loads(path.read_text()))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (a_completeness(), "330, 0 unclassified, 0 kinks; 19 of 20 (95.0 %) nonsmooth covered"),
        (a_completeness(probes=False), "330, 0 unclassified; 19 of 20"),
        (KINK, "330, 0 unclassified, 1 kink; 19"),
        (UNKNOWN, "332, 2 unclassified, 0 kinks"),
        (NOT_RUN, "not run: the database of operators can't be imported"),
    ],
)
def test_the_summary_has_a_line_of_it(tmp_path: Path, record: Completeness, words: str) -> None:
    (line,) = [
        each
        for each in summary(written(tmp_path, record)).splitlines()
        if each.startswith("operators")
    ]
    assert words in line


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (a_completeness(), "330 operators"),
        (a_completeness(), "19 of 20 (95.0 %) nonsmooth covered"),
        (a_completeness(), "299 of 300 smooth probed at 4,000 inputs, 0 kinks"),
        (a_completeness(probes=False, probed=0), "none probed for kinks in this profile"),
        (KINK, "1 kink"),
        (UNKNOWN, "unclassified 2"),
        (NOT_RUN, "not run: the database of operators can't be imported"),
    ],
)
def test_every_form_of_the_report_says_it(tmp_path: Path, record: Completeness, words: str) -> None:
    run = written(tmp_path, record)
    document = report([run])
    assert words.replace("%", "&#37;") in markdown(document)
    assert words.replace("'", "&#39;") in page(document)
    assert words in junit([run]).replace("&apos;", "'")


def test_a_run_that_did_not_ask_says_so(tmp_path: Path) -> None:
    run = written(tmp_path)
    document = report([run])
    assert "operators" not in summary(run)
    for text in (markdown(document), page(document)):
        assert "It was not asked whether every differentiable operator" in text
    assert 'name="completeness"' not in junit([run])


def test_names_in_a_record_become_no_markup(tmp_path: Path) -> None:
    document = report([written(tmp_path, UNKNOWN)])
    assert "<b>new" not in page(document)
    assert "<b>new" not in markdown(document).replace("`<b>new</b>`", "")


@pytest.mark.parametrize(
    ("record", "tag"),
    [(a_completeness(), None), (KINK, "failure"), (UNKNOWN, "error"), (NOT_RUN, "skipped")],
)
def test_junit_tells_how_the_operators_are(
    tmp_path: Path, record: Completeness, tag: str | None
) -> None:
    root = ET.fromstring(junit([written(tmp_path, record, failed=record is KINK)]))
    (case,) = root.findall(".//testcase[@name='completeness']")
    assert [each.tag for each in case if each.tag != "system-out"] == ([tag] if tag else [])
    (stale,) = root.findall(".//testcase[@name='known deviations']")
    assert list(stale) == []


def test_the_answer_says_that_a_kink_fails_the_run(tmp_path: Path) -> None:
    run = written(tmp_path, KINK)
    assert "FAILS: no case does, but 1 operator that is held to be smooth with a kink" in summary(
        run
    )

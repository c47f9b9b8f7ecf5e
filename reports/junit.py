"""The run as JUnit XML, for Jenkins, GitLab and whatever else reads it.

A test case for each cell and requirement, and one for each search. The words map so:

- failure: `deviates`, `conservative`, where the requirement fails a run;
- error: `errored`, `crashed`, `undecided` (our gap is no pass);
- skipped, with the reason: `known` deviations, `unsupported`, `not run`, and whatever a cell that
  did not run to its end could not be held to (its end is under `safe`);
- passed: the rest, and every requirement that never fails a run; what it found is its output.

A first test case says whether the run is healthy and no known deviation is stale, so that nothing
is green that `pytest suites` would not call so. The time of a cell stands in its first test case.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from junitparser.junitparser import FinalResult

from reports.answer import of_networks, of_operators
from reports.completeness import sentences
from reports.matrix import held_to, kind_of
from reports.outcomes import ordered
from reports.record import CellRecord, Finding, Run, Search
from reports.text import counted, counts, plain

_RESULTS: dict[str, type[FinalResult]] = {
    "crashed": Error,
    "errored": Error,
    "deviates": Failure,
    "conservative": Failure,
    "undecided": Error,
    "not run": Skipped,
    "known": Skipped,
    "unsupported": Skipped,
}
"""Word -> what a test case with it is, the worst first."""

_Found: TypeAlias = dict[str, list[Finding]]  # requirement -> findings


def junit(runs: Sequence[Run]) -> str:
    """Return the document: a suite for each run and operation."""
    document = JUnitXml("conformance")
    for run in runs:
        for suite in _suites(run):
            suite.update_statistics()  # type: ignore[no-untyped-call]  # the library's gap
            document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]  # the library's gap
    text: bytes = document.tostring()  # type: ignore[no-untyped-call]  # the library's gap
    return text.decode() + "\n"


def _suites(run: Run) -> Iterator[TestSuite]:
    whole = _suite(run, "run")
    whole.add_testcases([_healthy(run), _up_to_date(run), *_complete(run), *_networks(run)])
    yield whole
    cases: dict[str, list[TestCase]] = defaultdict(list)
    held, findings = held_to(run), _findings(run)
    failing = {row["id"] for row in run.header.requirements if row["fails_run"]}
    for cell in run.cells:
        cases[cell.op] += _cell(cell, held[kind_of(cell)], failing, findings)
    for search in run.searches:
        cases[search.op].append(_search(search, findings))
    for op, listed in cases.items():
        suite = _suite(run, op)
        suite.add_testcases(listed)
        yield suite


def _suite(run: Run, name: str) -> TestSuite:
    header = run.header
    suite = TestSuite(plain(f"{' '.join(header.framework.values())} {header.device}: {name}"))
    suite.timestamp = plain(header.started).removesuffix("+00:00")
    return suite


def _case(
    classname: str, name: str, seconds: float | None = None, result: FinalResult | None = None
) -> TestCase:
    case = TestCase(name, classname, seconds)
    if result is not None:
        case.result = [result]
    return case


def _healthy(run: Run) -> TestCase:
    if run.footer is None:
        return _case(
            "run", "healthy", result=Error("the run was cut off: it has no score", "unhealthy")
        )
    if not run.footer.healthy:
        reasons = "; ".join(run.footer.unhealthy) or "the run says so, without a reason"
        return _case(
            "run", "healthy", result=Error(f"no score: {plain(reasons, 2000)}", "unhealthy")
        )
    return _case("run", "healthy")


def _up_to_date(run: Run) -> TestCase:
    """Return the case of a run that fails though no finding does."""
    failed = run.footer is not None and run.footer.failed
    fails = any(finding.fails_run and not finding.known for finding in run.findings)
    message = "the run failed, and no finding does: a known deviation is stale or has expired"
    others = of_operators(run) or of_networks(run)
    result = Failure(message, "stale") if failed and not fails and not others else None
    return _case("run", "known deviations", result=result)


def _complete(run: Run) -> Iterator[TestCase]:
    """Yield the case of the release's operators, where they were asked for."""
    record = run.completeness
    if record is None:
        return
    said = plain("; ".join(sentences(record)))
    result: FinalResult | None = None
    if record.outcome == "not run":
        result = Skipped(said, "not run")
    elif record.unclassified:
        result = Error(said, "unclassified")
        result.text = plain(", ".join(record.unclassified), 2000)
    elif record.kinks or record.samples_failing:
        result = Failure(said, "kink" if record.kinks else "sample")
        failing = [*record.kinks.items(), *record.samples_failing.items()]
        result.text = "\n".join(plain(f"{name}: {at}") for name, at in failing)
    case = _case("run", "completeness", record.seconds, result)
    if result is None:
        case.system_out = said
    yield case


def _networks(run: Run) -> Iterator[TestCase]:
    """Yield a case for each network that was judged layer by layer."""
    kinds: dict[str, type[FinalResult]] = {"incomplete": Error, **_RESULTS}
    for record in run.networks:
        said = plain(record.answer, 2000)
        kind = kinds.get(record.outcome)
        result = kind(said, record.outcome) if kind else None
        case = _case("run", plain(record.network), record.seconds, result)
        if result is None:
            case.system_out = said
        yield case


def _cell(
    cell: CellRecord, held: set[str], failing: set[str], findings: Mapping[str, _Found]
) -> Iterator[TestCase]:
    name, classname = plain(cell.cell), plain(f"{cell.op}.{cell.format}.{cell.mode}")
    seconds: float | None = cell.seconds
    for requirement, words in cell.requirements.items():
        case = _case(classname, f"{name} {plain(requirement)}", seconds)
        found = findings.get(cell.cell, {}).get(requirement, [])
        _judge(case, words, found, fails=requirement in failing)
        yield case
        seconds = None
    if cell.outcome != "ran":
        reason = f"{cell.outcome}: {plain(cell.message or 'no reason is given')}"
        for requirement in sorted(held - cell.requirements.keys()):
            skipped = Skipped(reason, cell.outcome)
            yield _case(classname, f"{name} {plain(requirement)}", seconds, skipped)
            seconds = None


def _judge(
    case: TestCase, words: Mapping[str, int], found: Sequence[Finding], *, fails: bool
) -> None:
    """Give a case its result, the worst of its words, and the words themselves."""
    if not words.keys() - {"conforms"}:
        return
    said = counts(ordered(words), ", ")
    causes = "\n".join(dict.fromkeys(plain(f"{f.outcome}: {f.cause}, {f.case}") for f in found))
    word = next((word for word in _RESULTS if words.get(word)), None)
    if fails and word is not None:
        result = _RESULTS[word](said, word)
        result.text = causes
        case.result = [result]
    else:
        case.system_out = f"{said}\n{causes}".rstrip()


def _search(search: Search, findings: Mapping[str, _Found]) -> TestCase:
    classname = plain(f"{search.op}.{search.format}.{search.mode}")
    case = _case(classname, plain(search.search), search.seconds)
    if search.outcome == "not run":
        case.result = [Skipped(plain(search.message or "no reason is given"), "not run")]
        return case
    found = [each for listed in findings.get(search.search, {}).values() for each in listed]
    words = Counter("known" if finding.known else finding.outcome for finding in found)
    _judge(case, words, found, fails=any(finding.fails_run for finding in found))
    if not found:
        case.system_out = f"searched {counted(search.examples, 'example')}: none"
    return case


def _findings(run: Run) -> dict[str, _Found]:
    found: dict[str, _Found] = defaultdict(lambda: defaultdict(list))
    for finding in run.findings:
        if finding.outcome != "conforms":
            found[finding.cell][finding.requirement].append(finding)
    return found

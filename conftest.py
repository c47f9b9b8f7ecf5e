"""Plumbing between pytest and the suites: options, collection, exit status. It decides nothing."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from suites import hooks, options as command_line, progress, summary
from suites.conductor import UNHEALTHY
from suites.frameworks.protocol import FrameworkError
from suites.items import (
    AgreementItem,
    CellItem,
    NetworkItem,
    Requirements,
    SearchItem,
    are_ours,
    has_survey,
    plans_of,
)
from suites.requirements import PATH as REQUIREMENTS
from suites.rows import DeviationsError
from suites.run import SuiteRun
from suites.selection import SelectionError

META = REQUIREMENTS.parent / "meta"
OPTIONS = pytest.StashKey[command_line.Options]()
RUN = pytest.StashKey[SuiteRun]()
LINES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    command_line.add_to(parser.getgroup("conformance suites").addoption)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    try:
        config.stash[OPTIONS] = command_line.options(config.option)
    except SelectionError as error:
        raise pytest.UsageError(str(error)) from None
    shown = progress.of_terminal()
    if shown is not None:
        config.pluginmanager.register(shown, "suites-progress")


def pytest_report_teststatus(
    report: pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """Print no letter for a cell: there are thousands, and the summary has what failed."""
    is_cell = report.when == "call" and report.location[0].endswith(REQUIREMENTS.name)
    return (report.outcome, "", "") if is_cell and config.option.verbose <= 0 else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the tests of our own code out unless they are asked for."""
    is_meta = collection_path == META and not _asked_for(config, META)
    return True if is_meta else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Prepare the run before anything is collected, so that what is missing shows at once."""
    config = session.config
    if not any(REQUIREMENTS.is_relative_to(path) for path in _arguments(config)):
        return
    try:
        suite_run = SuiteRun(config.stash[OPTIONS], only_plan=config.option.collectonly)
    except (SelectionError, DeviationsError, FrameworkError) as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[RUN] = suite_run
    config.add_cleanup(suite_run.close)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    suite_run = parent.config.stash.get(RUN, None)
    if file_path != REQUIREMENTS or suite_run is None:
        return None
    return Requirements.of(parent, file_path, suite_run)


def pytest_collection_finish(session: pytest.Session) -> None:
    config = session.config
    suite_run = config.stash.get(RUN, None)
    cells, searches = plans_of(session.items, CellItem), plans_of(session.items, SearchItem)
    surveys, questions = has_survey(session.items), plans_of(session.items, AgreementItem)
    networks = len(plans_of(session.items, NetworkItem))
    beside = surveys or questions or networks
    planned = cells or searches or beside or (suite_run and suite_run.goes_on)
    if suite_run is None or not planned or session.testsfailed:
        return
    if config.option.collectonly:
        config.stash[LINES] = [summary.plan(cells, searches)]
        return
    if config.option.tbstyle == "auto" and are_ours(session.items):
        # the summary at the end has each distinct failure once
        config.option.tbstyle = "no"
        config.pluginmanager.getplugin("terminalreporter").reportchars = ""
    try:
        path = suite_run.begin(cells, searches, questions, surveys=surveys, networks=networks)
    except (SelectionError, DeviationsError, FrameworkError, OSError) as error:
        raise pytest.UsageError(str(error)) from None
    # the plan and its cases stay to the end: to look for garbage in them takes seconds
    gc.freeze()
    config.hook.pytest_suites_begun(path=path)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    suite_run = session.config.stash.get(RUN, None)
    if suite_run is None:
        return
    ending = suite_run.finish(interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)
    if ending is not None:
        # beside cells there may be tests of our own code, which can fail as well
        only_others_failed = ending.exit_status == 0 and session.testsfailed
        session.exitstatus = exitstatus if only_others_failed else ending.exit_status
        session.config.stash[LINES] = list(summary.ending(suite_run, ending))
    elif session.testsfailed:
        session.exitstatus = UNHEALTHY
        session.config.stash[LINES] = [summary.NOT_COLLECTED]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print what a run comes to after everything that pytest itself has to say."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    for line in config.stash.get(LINES, []):
        reporter.write_line(line)


def _asked_for(config: pytest.Config, folder: Path) -> bool:
    return any(path.is_relative_to(folder) for path in _arguments(config))


def _arguments(config: pytest.Config) -> list[Path]:
    return [config.invocation_params.dir / arg.partition("::")[0] for arg in config.args]

"""One command for two releases: what it installs, runs and compares, without doing it here."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reports.__main__ import main as reports
from reports.record import RUN_FILE
from suites.meta.compared import base, failing, found, run
from suites.provenance import ROOT
from suites.release import main


@dataclass(kw_only=True)
class Machine:
    """What stands for tox: it writes the run of a release, and compares in this process.

    Attributes:
        statuses: Release -> exit status of its run; one that is not named deviates.
        commands: The command lines, so far.
        releases: What was installed.
    """

    statuses: dict[str, int] = field(default_factory=dict)
    commands: list[Sequence[str]] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)

    def __call__(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run a command."""
        self.commands.append(command)
        if "reports" in command:
            return reports(command[command.index("reports") + 1 :])
        release = environment["TORCH"]
        self.releases.append(release)
        status = self.statuses.get(release, 1)
        if status != 4:
            folder = Path(command[-1]).parent
            folder.mkdir(parents=True)
            run(folder, *([failing(base(), 2), found(2)] if status else [base()]))
        return status


def test_both_are_run_and_compared(tmp_path: Path) -> None:
    machine = Machine(statuses={"2.13.0": 0})
    status = main(["2.13.0", "2.14.1", "--output", str(tmp_path), "--ops", "relu"], machine)

    assert status == 1
    assert machine.releases == ["2.13.0", "2.14.1"]
    assert (tmp_path / "compare.html").exists()
    for command, which in zip(machine.commands, ("old", "new"), strict=False):
        ending = ["--", "--ops", "relu", "--run-file", str(tmp_path / which / RUN_FILE)]
        assert list(command[-5:]) == ending
        assert command[1:6] == ("-m", "tox", "run", "-e", "cpu")
    places = [command[command.index("--workdir") + 1] for command in machine.commands[:2]]
    assert len(set(places)) == 2


def test_a_release_that_was_run_is_not_run_again(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    there = run(tmp_path / "there", failing(base(), 2), found(2))
    baseline = tmp_path / "torch-2.13.0-cpu.baseline.xz"
    assert reports(["baseline", str(there.path), "--output", str(baseline)]) == 0
    machine = Machine()
    assert main([str(baseline), "2.14.1", "--output", str(tmp_path / "out")], machine) == 0
    assert machine.releases == ["2.14.1"]


def test_what_counts_as_worse_is_passed_on(tmp_path: Path) -> None:
    machine = Machine(statuses={"2.13.0": 0})
    options = ["--output", str(tmp_path), "--fail-on", "none"]
    assert main(["2.13.0", "2.14.1", *options], machine) == 0


def test_a_device_has_its_own_environment(tmp_path: Path) -> None:
    machine = Machine()
    main(["2.13.0", "2.14.1", "--output", str(tmp_path), "--device", "cuda"], machine)
    assert machine.commands[0][5] == "gpu"


def test_a_release_that_can_not_be_run_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = Machine(statuses={"9.9.9": 4})
    assert main(["9.9.9", "2.14.1", "--output", str(tmp_path)], machine) == 4
    assert machine.releases == ["9.9.9"]
    assert capsys.readouterr().err == "python -m suites.release: 9.9.9 could not be run\n"


def test_the_command_is_that_of_tox() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "tox.ini")
    assert config["testenv:release"]["commands"].split() == [
        *("python", "-m", "suites.release", "{posargs}")
    ]
    done = subprocess.run(
        (sys.executable, "-m", "suites.release"), cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"OLD, NEW" in done.stderr


def test_the_workflow_runs_every_shard_and_names_commands_that_exist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    shards = re.search(r"SHARDS: (\d+)", text)
    indices = re.search(r"index: \[(.*)\]", text)
    assert shards is not None
    assert indices is not None
    assert indices[1].split(", ") == [str(k + 1) for k in range(int(shards[1]))]
    commands = set(re.findall(r"python -m reports (\w+)", text))
    assert commands == {"baseline", "merge", "build", "compare"}
    with pytest.raises(SystemExit):
        reports(["--help"])
    told = capsys.readouterr().out
    assert all(f"{command} " in told for command in commands)
    assert "reports/baselines/torch-$OLD-cpu.baseline.xz" in text

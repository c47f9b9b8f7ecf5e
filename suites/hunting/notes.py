"""What is noted of a hunt: counts, and what was found; in the end its record."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reports.record import Finding, Search
from suites.hunting.counterexample import counterexample
from suites.hunting.hunt import MODE, Hunt
from suites.hunting.pursuit import FLAKY, Pursuit
from suites.hunting.trials import Kind, Trial, kind_of
from suites.strategies import features


@dataclass(frozen=True, kw_only=True, eq=False)
class Hunted:
    """What came of a hunt.

    Attributes:
        search: Its record.
        findings: What it found.
        cases: Place beside the run file -> case file, for each counterexample.
    """

    search: Search
    findings: Sequence[Finding]
    cases: Mapping[str, Mapping[str, object]]

    def keep(self, folder: Path) -> None:
        """Write the case files, where the record says that they are."""
        for place, document in self.cases.items():
            path = folder / place
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(document) + "\n", encoding="utf-8")


@dataclass(kw_only=True)
class Notes:
    """What is counted, and what was found so far.

    Attributes:
        drawn: Examples that were drawn, whatever came of them.
        not_run: The first reason for which one was not run.
        caught: The kinds of failures that were found.
        cases: Place beside the run file -> case file, for each counterexample.
    """

    drawn: int = 0
    not_run: str | None = None
    caught: set[Kind] = field(default_factory=set)
    cases: dict[str, Mapping[str, object]] = field(default_factory=dict)
    _examples: int = 0
    _known: int = 0
    _unsupported: int = 0
    _reached: Counter[str] = field(default_factory=Counter)
    _findings: list[Finding] = field(default_factory=list)

    def count(self, trial: Trial) -> None:
        """Count a trial."""
        self.drawn += 1
        if trial.reply.outcome == "not run":
            self.not_run = self.not_run or trial.reply.message
            return
        self._examples += 1
        self._known += trial.known and not trial.failing
        self._unsupported += trial.reply.outcome == "unsupported"
        self._reached.update(features(trial.example))
        if trial.judgment and trial.judgment.verdicts[0].verdict == "undecided":
            self._reached["undecided"] += 1

    def catch(self, pursuit: Pursuit, provenance: Mapping[str, object]) -> None:
        """Keep what a pursuit found, where it found something."""
        trial = pursuit.best
        if trial is None:
            return
        new = [finding for finding in trial.failing if kind_of(finding) not in self.caught]
        if pursuit.flaky:
            new = [_flaky(finding) for finding in new]
        place, document = counterexample(trial, new[0], provenance)
        self.cases[place] = document
        self.caught |= trial.kinds
        self._findings += new

    def hunted(self, hunt: Hunt, seconds: float) -> Hunted:
        """Return what came of the hunt that these notes are of."""
        outcome = "found" if self._findings else "none" if self._examples else "not run"
        search = Search(
            search=hunt.id,
            op=hunt.op,
            format=hunt.format,
            mode=MODE,
            device=hunt.device,
            outcome=outcome,
            message=self.not_run,
            examples=self._examples,
            known=self._known,
            unsupported=self._unsupported,
            reached=dict(sorted(self._reached.items())),
            counterexamples=list(self.cases),
            seed=hunt.seed,
            seconds=round(seconds, 3),
        )
        return Hunted(search=search, findings=self._findings, cases=self.cases)


def _flaky(finding: Finding) -> Finding:
    words = f"{finding.message} ({FLAKY})" if finding.message else FLAKY
    return replace(finding, message=words)

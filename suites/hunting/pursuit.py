"""One run of Hypothesis: draws examples until one fails in a new way, then shrinks that one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from suites.frameworks.child import TIMEOUT
from suites.frameworks.runner import Runner
from suites.hunting.trials import Kind, Trial, Trials, key_of, kind_of
from suites.strategies import Example

MOST_CRASHES = 16
"""Processes that may die while one failure shrinks. A count: no time decides what is found."""

FLAKY = "not again when it was repeated"


class _FoundError(Exception):
    """The example fails in the way that is sought."""


class Notebook(Protocol):
    """What a pursuit knows of those before it, and tells those behind."""

    caught: set[Kind]

    def count(self, trial: Trial) -> None:
        """Count a trial."""


@dataclass(kw_only=True)
class Pursuit:
    """Pursues one failure.

    Attributes:
        trials: Tries examples.
        hasty: Gives up early on a call that hangs, while that shrinks.
        notes: What was found before, and told of each trial until a failure is found.
        target: The kind of failure that is shrunk, once there is one.
        best: The last example that showed it.
        flaky: Whether that did not fail again.
    """

    trials: Trials
    hasty: Runner
    notes: Notebook
    target: Kind | None = None
    best: Trial | None = None
    flaky: bool = False
    _failed: dict[bytes, Trial] = field(default_factory=dict)
    _crashes: int = 0

    @property
    def inputs(self) -> int:
        """How many inputs the best example has."""
        return self.best.example.stack.inputs.size if self.best else 0

    def again(self) -> Pursuit:
        """Return the pursuit of the same failure, from the beginning."""
        return replace(self, best=None, flaky=False, _failed={}, _crashes=0)

    def run(self, examples: SearchStrategy[Example], budget: int, number: int) -> None:
        """Draw up to `budget` examples, and shrink the first new failure.

        Args:
            examples: What is drawn from.
            budget: How many, shrinking not counted.
            number: The seed.
        """

        @seed(number)
        @settings(
            max_examples=budget,
            database=None,
            deadline=None,
            derandomize=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
        )
        @given(examples)
        def attempt(example: Example) -> None:
            if self._fails(example):
                raise _FoundError

        try:
            attempt()
        except _FoundError:
            self._confirm()
        except Flaky:
            self.flaky = True

    def _confirm(self) -> None:
        """Give a call that hangs all its time once more: it may only be slow."""
        if self.best is not None and self._hangs:
            trial = self.trials.of(self.best.example)
            self.flaky = self.target not in trial.kinds
            self.best = self.best if self.flaky else trial

    @property
    def _hangs(self) -> bool:
        """Whether what is shrunk is a call that hangs."""
        return self.target is not None and self.target[2] == TIMEOUT

    def _fails(self, example: Example) -> bool:
        trial = self._tried(example)
        if trial is None:
            return False
        if self.target is None:
            self.notes.count(trial)
            new = [kind for kind in map(kind_of, trial.failing) if kind not in self.notes.caught]
            self.target = new[0] if new else None
        if self.target not in trial.kinds:
            return False
        self.best = trial
        self._failed[key_of(example)] = trial
        return True

    def _tried(self, example: Example) -> Trial | None:
        """Return what comes of an example; None where it would cost one process too many."""
        tired = self._crashes >= MOST_CRASHES
        before = self._failed.get(key_of(example)) if self.target else None
        if before and (tired or before.reply.crash):
            return before
        if tired:
            return None
        trial = self.trials.of(example, self.hasty if self._hangs else None)
        self._crashes += self.target is not None and trial.reply.crash is not None
        return trial

"""A whole hunt: stage after stage, failure after failure, to its record."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hypothesis.strategies import SearchStrategy

from suites.corpus.draws import CORPUS_VERSION
from suites.frameworks.runner import Runner
from suites.hunting.hunt import Hunt
from suites.hunting.notes import Hunted, Notes
from suites.hunting.pursuit import Pursuit
from suites.hunting.trials import Trials
from suites.known import Known
from suites.strategies import Example, borders, ordinary, small, vast
from suites.variants import Variant

ON_PAPER = 9
"""Inputs that a counterexample may have before it is sought among small examples, too."""

_SMALL_ONES = 500  # examples that this takes

Stage = Callable[[str, str, Sequence[Variant]], SearchStrategy[Example]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """What hunts work with.

    Attributes:
        runner: Runs the calls.
        hasty: Does so while a call that hangs is shrunk: its time is shorter.
        known: The known deviations.
        provenance: What case files say of framework and device.
    """

    runner: Runner
    hasty: Runner
    known: Known
    provenance: Mapping[str, object]


def hunted(hunt: Hunt, ground: Ground) -> Hunted:
    """Return what came of a hunt."""
    began, notes = time.monotonic(), Notes()
    trials = Trials(hunt, ground.runner, ground.known)
    for stage, budget in _stages(hunt.examples):
        end = notes.drawn + budget
        while notes.drawn < end and len(notes.cases) < hunt.failures:
            pursuit = Pursuit(trials=trials, hasty=ground.hasty, notes=notes)
            pursuit.run(
                _drawn(stage, hunt), end - notes.drawn, _number(hunt, stage, len(notes.cases))
            )
            notes.catch(_smaller(pursuit, hunt), ground.provenance)
            if pursuit.best is None:
                break
    return notes.hunted(hunt, time.monotonic() - began)


def not_hunted(hunt: Hunt, reason: str) -> Hunted:
    """Return the record of a hunt that could not begin or came to no end."""
    return Notes(not_run=reason).hunted(hunt, 0.0)


def _stages(examples: int) -> Iterator[tuple[Stage, int]]:
    """Yield what is drawn from, and how many of the examples: isolated and large ones are dear."""
    few, fewest, quarter = min(examples // 100, 40), min(examples // 250, 8), examples // 4
    yield small, quarter
    yield ordinary, examples - quarter - few - fewest
    yield borders, few
    yield vast, fewest


def _drawn(stage: Stage, hunt: Hunt) -> SearchStrategy[Example]:
    return stage(hunt.op, hunt.format, hunt.variants)


def _smaller(pursuit: Pursuit, hunt: Hunt) -> Pursuit:
    """Return the pursuit, or one of the same failure that began and ended with fewer inputs.

    What shrinks from a large example can end where no single step leads on.
    """
    if pursuit.best is None or pursuit.inputs <= ON_PAPER:
        return pursuit
    again = pursuit.again()
    again.run(_drawn(small, hunt), _SMALL_ONES, _number(hunt, small, hunt.failures))
    found = again.best is not None and not again.flaky
    return again if found and again.inputs < pursuit.inputs else pursuit


def _number(hunt: Hunt, stage: Stage, turn: int) -> int:
    """Return the seed of one pursuit: it follows from nothing but the hunt and its turn."""
    root = f"corpus {CORPUS_VERSION}" if hunt.seed == "corpus" else hunt.seed
    key = f"{root}/{hunt.op}/{hunt.format}/{stage.__name__}/{turn}"
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")

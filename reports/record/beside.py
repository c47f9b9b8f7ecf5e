"""The kinds of record beside the cells: searches, and what is asked of a whole run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from reports.record.kind import Kind
from reports.record.parts import TiedExample


@dataclass(frozen=True, kw_only=True)
class Search(Kind):
    """A search for counterexamples; its findings follow it, and none of it counts in the totals.

    Attributes:
        search: `<op>/search/<format>/<mode>/<device>`; its findings have it as their cell.
        outcome: One of `SEARCH_OUTCOMES`.
        message: Why it was not run, or None.
        examples: How many examples were drawn and judged.
        known: How many of them showed nothing but known deviations.
        unsupported: How many of them the framework has no kernel for.
        reached: What the examples had -> how many of them, `overlap` or `padding` say.
        counterexamples: Files beside the run file, one for each counterexample.
        seed: What the draws follow from.
        seconds: Wall time.
    """

    kind: ClassVar[str] = "search"
    search: str
    op: str
    format: str
    mode: str
    device: str
    outcome: str
    message: str | None
    examples: int
    known: int
    unsupported: int
    reached: dict[str, int]
    counterexamples: list[str]
    seed: int | str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Agreement(Kind):
    """Equal functions, at ties: which of them gave the same gradients.

    Attributes:
        name: What they are one function of, `relu` say; once for each format and device.
        functions: The functions as they were called, `clamp_min(0)` say; their names below.
        cases: How many tied cases each of them was given.
        groups: The functions that gave the same bits on all of these, together; each function
            that ran is in one group.
        example: A case on which two groups differ; None where there is one group at most.
        message: Why some of them did not run, or None.
    """

    kind: ClassVar[str] = "agreement"
    name: str
    functions: list[str]
    format: str
    device: str
    cases: int
    groups: list[list[str]]
    example: TiedExample | None
    message: str | None


@dataclass(frozen=True, kw_only=True)
class Completeness(Kind):
    """Is every differentiable operator of the release accounted for? Once in a run.

    Attributes:
        outcome: One of `COMPLETENESS_OUTCOMES`.
        message: Why the operators are not known, or None.
        classes: Class -> number of the release's operators.
        later: What comes later -> number of operators.
        unclassified: The operators without a class.
        gone: Those with a class that the release does not have, though it should.
        covered: How many nonsmooth operators are covered, of those that need not come later.
        uncovered: Such operators that are not.
        probes: Whether the operators that are held to be smooth were to be probed for kinks.
        probed: How many were.
        points: Inputs at which they were, over all of them.
        skipped: Inputs that were outside of an operator's domain.
        not_probed: Operator -> why it was not.
        kinks: Operator -> where it shows a kink, and what shows it.
        samples: Covered operator -> word -> number of its own sample inputs; `conforms`, or what
            they are instead.
        samples_left_out: Covered operator -> why samples were not judged -> number of them.
        samples_failing: Covered operator -> its first sample that fails the run, and how.
        seconds: Wall time.
    """

    kind: ClassVar[str] = "completeness"
    outcome: str
    message: str | None
    classes: dict[str, int]
    later: dict[str, int]
    unclassified: list[str]
    gone: list[str]
    covered: int
    uncovered: list[str]
    probes: bool
    probed: int
    points: int
    skipped: int
    not_probed: dict[str, str]
    kinks: dict[str, str]
    samples: dict[str, dict[str, int]]
    samples_left_out: dict[str, dict[str, int]]
    samples_failing: dict[str, str]
    seconds: float

"""The parts of records: their words, their letters, and the objects inside them."""

from __future__ import annotations

from typing import TypedDict

CELL_OUTCOMES = ("ran", "unsupported", "errored", "crashed", "not run")

SEARCH_OUTCOMES = ("none", "found", "not run")
"""Of a search: it found no counterexample, or some, or could not be run."""

COMPLETENESS_OUTCOMES = ("measured", "not run")
"""Of the question whether every operator is accounted for."""

VERDICTS = {"s": "smooth", "c": "clarke", "v": "conservative", "o": "outside", "u": "undecided"}
"""Letter of a cell's `verdicts` -> verdict; `-` is a case that was not judged."""

RULES = {
    "n": "none",
    "f": "first-index",
    "l": "last-index",
    "e": "even-split",
    "r": "order",
    "x": "other",
}
"""Letter of a cell's `rules` -> rule; `-` is a case without one."""


class Requirement(TypedDict):
    """A row of the requirements: what is claimed, where that is written, does it fail a run."""

    id: str
    sentence: str
    source: str
    fails_run: bool


class Numbers(TypedDict):
    """A tensor: its shape and its numbers as C99 hexadecimal strings, row-major."""

    shape: list[int]
    data: list[str]


class OperandShape(TypedDict):
    """An operand of a case: its name in the call, and its shape."""

    name: str
    shape: list[int]


class Stacked(TypedDict):
    """Where a case stood among those of one call, one behind the other along the first dimension.

    Attributes:
        place: Its place, from 0.
        cases: How many there were.
    """

    place: int
    cases: int


class TiedExample(TypedDict):
    """A tied case of equal functions, and the gradient that each of them gave."""

    input: list[str]
    cotangent: list[str]
    gradients: dict[str, list[str]]


class Crash(TypedDict):
    """How a process died, and the smallest stack of cases (first and last index) that does it."""

    signal: str
    smallest: list[int]
    processes: int


class Compiled(TypedDict):
    """How a cell's call was compiled.

    Attributes:
        forward: `generated`, `calls ATen`, or both joined by ` and `.
        backward: The same of the backward pass.
        graphs: How many graphs were compiled for the call.
        shared_with: The cells whose calls are parts of the same graph.
    """

    forward: str
    backward: str
    graphs: int
    shared_with: list[str]


class Totals(TypedDict):
    """What a run's cells add up to; all but `cells` over base cells only, each case once.

    Attributes:
        cells: Outcome -> number of cells.
        cases: Word for the outcome -> number of cases.
        judged: Cases with a verdict.
        windows: Windows of the cases.
        tied: Windows with more than one tied input.
        rules: Operation -> rule -> number of cases.
    """

    cells: dict[str, int]
    cases: dict[str, int]
    judged: int
    windows: int
    tied: int
    rules: dict[str, dict[str, int]]


class ShardOf(TypedDict):
    """Which part of a run a file has.

    Attributes:
        index: Its number, from 1.
        of: How many parts there are.
        corpus: SHA-256 of the corpus of the whole run.
        planned: What the whole run has planned.
        whole: Whether that is every case of its profile, so that half of its windows are tied.
        kinks: Whether one of its operations has kinks.
    """

    index: int
    of: int
    corpus: str
    planned: dict[str, int]
    whole: bool
    kinks: bool

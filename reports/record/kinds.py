"""The kinds of record that a run file holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from reports.record.beside import Agreement, Completeness, Search
from reports.record.kind import Kind
from reports.record.network import Network
from reports.record.parts import (
    Compiled,
    Crash,
    Numbers,
    OperandShape,
    Requirement,
    ShardOf,
    Stacked,
    Totals,
)

SCHEMA = "run/1"

_LATER = {"later": True}
"""Metadata of a field that files of this project's first version lack: it is None there."""


@dataclass(frozen=True, kw_only=True)
class Header(Kind):
    """What is run, of what, and where.

    Attributes:
        schema: The version of the run file.
        started: UTC, ISO 8601.
        profile: Name of the profile.
        device: `cpu` or `cuda`.
        framework: `name` and `version`.
        environment: Facts of the machine and of the framework's settings.
        commit: The project's commit, `-dirty` where files were changed, or None.
        corpus: SHA-256 of the corpus.
        seed: The seed of whatever is drawn.
        implementation: Name of the file under test, or None for the framework's own.
        options: The selection, by option name.
        planned: Numbers of what is to be run: `cells`, `cases` in them and `graphs` to compile;
            `searches`, `agreements`, `networks`, and `completeness`, which is 1 or 0. Earlier
            files lack what stands beside the cells and the searches.
        requirements: What is claimed.
        conventions: Operation -> the documented rule at ties: `rule`, `quote`, `source`.
        deviations: The rows of known deviations that are in force.
        functions: Operation -> dotted name of the framework's function, `torch.amax` say.
        families: Operation -> what it belongs to, `pooling` or `elementwise` say.
        shard: Which part of a run this is; None where it is a whole one.
    """

    kind: ClassVar[str] = "header"
    schema: str = SCHEMA
    started: str
    profile: str
    device: str
    framework: dict[str, str]
    environment: dict[str, object]
    commit: str | None
    corpus: str
    seed: int | str | None
    implementation: str | None
    options: dict[str, object]
    planned: dict[str, int]
    requirements: list[Requirement]
    conventions: dict[str, dict[str, str | None]]
    deviations: list[dict[str, object]]
    functions: dict[str, str] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    shard: ShardOf | None = field(default=None, metadata=_LATER)


@dataclass(frozen=True, kw_only=True)
class CellRecord(Kind):
    """One framework call: its outcome, counts, and a letter for each of its cases.

    Attributes:
        cell: `<op>/<stack name>/<format>/<mode>/<variant>/<device>`.
        base: The cell whose bits these are compared with; None if it is such a cell itself.
        outcome: One of `CELL_OUTCOMES`.
        message: The framework's own words, or the reason, where it did not run.
        stage: `forward` or `backward` where it raised.
        cases: How many cases are stacked in the call.
        ids: Their ids; empty in a cell whose base was run.
        outcomes: Word -> number of cases, the worst over the requirements that fail a run.
        requirements: Requirement -> word -> number of cases.
        verdicts: A letter of `VERDICTS` for each case, or empty.
        rules: A letter of `RULES` for each case, or empty.
        agreement: For each case `=` or `~`, the base's bits or others, `.` in a base; or empty.
        grades: Accuracy grade -> number of coordinates.
        worst_ratio: The largest error as a share of its bound, C99 hexadecimal.
        worst_ratio_case: Id of the case that has it.
        decided: How many components `rule`, `order` and `hull` decided, and `undecided` ones.
        windows: Number of windows over all cases; 0 of an operation that has no kinks.
        tied: How many of them have more than one tied input.
        special: Number of cases with NaN or infinity.
        compiled: How the call was compiled; None where it was not.
        seconds: Wall time of the framework's call.
        misses: Requirement -> word -> the places in the stack of the cases that are that instead
            of `conforms`, known deviations by their own words. Without consistency and convention,
            which `agreement` and `rules` have.
        findings: How many findings follow it.
    """

    kind: ClassVar[str] = "cell"
    cell: str
    op: str
    params: dict[str, object]
    case_shape: list[int]
    format: str
    mode: str
    variant: str
    layout: str
    device: str
    base: str | None
    outcome: str
    message: str | None
    stage: str | None
    crash: Crash | None
    cases: int
    ids: list[str]
    outcomes: dict[str, int]
    requirements: dict[str, dict[str, int]]
    verdicts: str
    rules: str
    agreement: str
    grades: dict[str, int]
    worst_ratio: str | None
    worst_ratio_case: str | None
    decided: dict[str, int]
    windows: int
    tied: int
    special: int
    compiled: Compiled | None
    seconds: float
    misses: dict[str, dict[str, list[int]]] | None = field(default=None, metadata=_LATER)
    findings: int | None = field(default=None, metadata=_LATER)


@dataclass(frozen=True, kw_only=True)
class Finding(Kind):
    """One case that does not conform, or the first of a change of rule; follows its cell.

    What a search found is a finding, too: its `cell` is the search.

    Attributes:
        known: A row of the known deviations covers it.
        cause: Short stable text; findings of one requirement, operation, outcome and cause are
            one distinct failure.
        got: What came back (`output`, `gradient`, `second_gradient`, `jacobian`, `indices`), as
            strings; None for what does not matter here. A Jacobian has a row for each output.
        expected: What was allowed, rationals as `p/q`: `output`, `allowed_indices`, `box` (or
            `output_box`, of the output), `direction` with `limit`, or, of what never fails a run,
            the whole `gradient` or `jacobian`, or `sides`: of each side of a jump, coordinate ->
            number. Coordinates are those of `got`'s Jacobian, where it
            has one, else of its gradient.
        distance_ulps: How far off it is, `p/q`.
        verdict: The whole `verdict/1`.
        operands: The operands that the numbers of `input` are, one after another, each row-major;
            empty for an operation of one tensor. `got` has gradients in the same order.
        expression: How the operation is called, as Python in which `f` is its function and the
            operands have their names; empty where its parameters are the keywords of the call.
        stacked: Where it stood in its call, which may decide about bits: the last few numbers of a
            tensor go through other code. None where the call had no other case.
    """

    kind: ClassVar[str] = "finding"
    requirement: str
    outcome: str
    known: bool
    fails_run: bool
    cause: str
    cell: str
    case: str
    op: str
    params: dict[str, object]
    format: str
    mode: str
    variant: str
    layout: str
    device: str
    input: Numbers
    cotangent: Numbers
    got: dict[str, list[str] | None] | None
    expected: dict[str, object] | None
    distance_ulps: str | None
    verdict: dict[str, object] | None
    message: str | None
    crash: Crash | None
    operands: list[OperandShape] = field(default_factory=list)
    expression: str = ""
    stacked: Stacked | None = field(default=None, metadata=_LATER)


@dataclass(frozen=True, kw_only=True)
class Footer(Kind):
    """The end of a run that was not cut off.

    Attributes:
        seconds: Wall time of the process that came to the end; another may have begun the run.
        totals: What `Tally` counts over the cells.
        healthy: Whether the run may be read as an answer.
        unhealthy: Why not.
        failed: Whether a requirement failed, or a known deviation is stale.
        exit_status: The test run's.
        digest: SHA-256 of all lines before this one: an edited file does not have it.
    """

    kind: ClassVar[str] = "footer"
    finished: str
    seconds: float
    totals: Totals
    healthy: bool
    unhealthy: list[str]
    failed: bool
    exit_status: int
    digest: str | None = field(default=None, metadata=_LATER)


Record: TypeAlias = (
    Header | CellRecord | Search | Finding | Agreement | Completeness | Network | Footer
)

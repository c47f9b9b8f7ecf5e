"""The record of a cell, from its judgment or from what kept it from running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from reports.record import CellRecord, Compiled, Crash
from suites.frameworks.protocol import Reply
from suites.judgment import Covered, Judgment
from suites.plan import Cell
from suites.variants import REPEAT

_FAILED = ("errored", "crashed")


def ran(
    judgment: Judgment, base: Cell | None, known: Covered, *, new_rules: int, seconds: float
) -> CellRecord:
    """Return the record of a cell that ran.

    Args:
        judgment: What it is worth.
        base: The cell that it belongs to; None if it is the first of its stack.
        known: What known deviations cover.
        new_rules: How many of its cases are the first to follow another rule than those before.
        seconds: Wall time of the call.
    """
    cell, total = judgment.cell, judgment.total
    reference = judgment.reference
    worst = total.worst
    return replace(
        _blank(cell, base if reference is None else reference.cell, seconds),
        ids=_ids(cell, is_base=reference is None),
        outcomes=_outcomes(judgment, known),
        requirements=_requirements(judgment, known) | _qualities(judgment, new_rules),
        verdicts=total.verdicts,
        rules=total.rules,
        agreement=_agreement(judgment, base),
        grades=total.grades,
        worst_ratio=None if worst is None else _hexadecimal(judgment, worst),
        worst_ratio_case=None if worst is None else cell.group.ids[worst],
        decided=total.decided,
        windows=total.windows,
        tied=total.tied,
        special=len(total.special),
        misses=_misses(judgment),
    )


def did_not_run(
    cell: Cell, reply: Reply, base: Cell | None, *, known: bool, seconds: float
) -> CellRecord:
    """Return the record of a cell that came to no gradient."""
    word = "known" if known else reply.outcome
    return replace(
        _blank(cell, base, seconds),
        outcome=reply.outcome,
        message=message_of(reply),
        stage=reply.stage,
        crash=crash_of(reply),
        outcomes={word: cell.cases},
        requirements={"safe": {word: cell.cases}} if reply.outcome in _FAILED else {},
        misses={},
    )


def crash_of(reply: Reply) -> Crash | None:
    """Return how the process died, as records have it."""
    if reply.crash is None:
        return None
    return Crash(
        signal=reply.crash.signal,
        smallest=[reply.crash.span.first, reply.crash.span.end - 1],
        processes=reply.crash.span.calls,
    )


def message_of(reply: Reply) -> str | None:
    """Return what is said of a call that did not run, and of its error what the search found."""
    raised = reply.raised
    if raised is None or (raised.reproduced and raised.end - raised.first == 1):
        return reply.message
    if not raised.reproduced:
        return f"{reply.message} (not again in another call)"
    return f"{reply.message} (cases {raised.first} to {raised.end - 1} together)"


def compiled(reply: Reply, partners: list[str]) -> Compiled | None:
    """Return how a call was compiled, as records have it.

    Args:
        reply: What came of the call.
        partners: The cells that were to share its graph.
    """
    made = reply.compilation
    if made is None:
        return None
    # where the graph of several calls failed, each was compiled by itself
    shared_with = partners if made.calls > 1 else []
    return Compiled(
        forward=made.forward, backward=made.backward, graphs=made.graphs, shared_with=shared_with
    )


def consistency(judgment: Judgment) -> str:
    """Return the requirement that asks for the same bits as the reference's."""
    cell, reference = judgment.cell, judgment.reference
    if reference is not None and cell.mode != reference.cell.mode:
        return "consistency-mode"
    return "consistency-repeat" if cell.variant is REPEAT else "consistency-layout"


def _blank(cell: Cell, base: Cell | None, seconds: float) -> CellRecord:
    stack = cell.group.stack
    return CellRecord(
        cell=cell.id,
        op=stack.op,
        params=dict(stack.params),
        case_shape=list(stack.case_shape),
        format=stack.format,
        mode=cell.mode,
        variant=cell.variant.name,
        layout=cell.variant.layout,
        device=cell.group.device,
        base=None if base is None else base.id,
        outcome="ran",
        message=None,
        stage=None,
        crash=None,
        cases=cell.cases,
        ids=_ids(cell, is_base=base is None),
        outcomes={},
        requirements={},
        verdicts="",
        rules="",
        agreement="",
        grades={},
        worst_ratio=None,
        worst_ratio_case=None,
        decided={},
        windows=0,
        tied=0,
        special=0,
        compiled=None,
        seconds=round(seconds, 6),
    )


def _ids(cell: Cell, *, is_base: bool) -> list[str]:
    """Return the ids of the cases, unless they are those of the base cell, one by one."""
    return cell.group.ids if is_base or cell.group.whole is not None else []


def _outcomes(judgment: Judgment, known: Covered) -> dict[str, int]:
    return _counted(judgment.cell.cases, judgment.worst(known).values())


def _requirements(judgment: Judgment, known: Covered) -> dict[str, dict[str, int]]:
    found = {}
    for requirement, count in judgment.held_to().items():
        covered = known.get(requirement, frozenset())
        misses = judgment.misses.get(requirement, {})
        words = ("known" if i in covered else miss.word for i, miss in misses.items())
        found[requirement] = _counted(count, words)
    if judgment.reference is not None:
        others = ["differs"] * len(judgment.different)
        found[consistency(judgment)] = _counted(judgment.cell.cases, others)
    for requirement, remark in judgment.remarks.items():
        found[requirement] = _counted(len(remark.asked), ["differs"] * len(remark.differs))
    windows = judgment.cell.group.windowed
    if windows is not None and windows.format is not None:
        others = ["differs"] * len(judgment.inexact_windows())
        found["consistency-windows"] = _counted(judgment.cell.cases, others)
    return {requirement: counts for requirement, counts in found.items() if counts}


def _misses(judgment: Judgment) -> dict[str, dict[str, list[int]]]:
    """Return which cases are not `conforms`: requirement -> word -> places in the stack."""
    found: dict[str, dict[int, str]] = {
        requirement: {i: miss.word for i, miss in misses.items()}
        for requirement, misses in judgment.misses.items()
    }
    for requirement, remark in judgment.remarks.items():
        found[requirement] = dict.fromkeys(remark.differs, "differs")
    windows = judgment.cell.group.windowed
    if windows is not None and windows.format is not None:
        found["consistency-windows"] = dict.fromkeys(judgment.inexact_windows(), "differs")
    found["accuracy"] = dict.fromkeys(judgment.total.coarse & judgment.judged, "differs")
    return {requirement: _by_word(words) for requirement, words in sorted(found.items()) if words}


def _by_word(words: Mapping[int, str]) -> dict[str, list[int]]:
    listed: dict[str, list[int]] = {}
    for i in sorted(words):
        listed.setdefault(words[i], []).append(i)
    return listed


def _qualities(judgment: Judgment, new_rules: int) -> dict[str, dict[str, int]]:
    """Return what is said of the cases judged here beside right and wrong: rule and accuracy."""
    verdicts = [judgment.verdicts[i] for i in judgment.judged]
    rules = sum(verdict.rule != "none" for verdict in verdicts)
    graded = sum(verdict.grades is not None for verdict in verdicts)
    coarse = len(judgment.total.coarse & judgment.judged)
    found = {
        "convention": _counted(rules, ["differs"] * new_rules),
        "accuracy": _counted(graded, ["differs"] * coarse),
    }
    return {requirement: counts for requirement, counts in found.items() if counts}


def _counted(total: int, words: Iterable[str]) -> dict[str, int]:
    counts = Counter(words)
    conforming = total - counts.total()
    return ({"conforms": conforming} if conforming else {}) | dict(counts)


def _agreement(judgment: Judgment, base: Cell | None) -> str:
    if judgment.reference is None:
        return "." * judgment.cell.cases if base is None else ""
    return "".join("~" if i in judgment.different else "=" for i in range(judgment.cell.cases))


def _hexadecimal(judgment: Judgment, position: int) -> str:
    ratio = judgment.verdicts[position].worst_ratio
    return float(ratio or 0).hex()

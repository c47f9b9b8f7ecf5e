"""The summary of a run on a terminal: at most 24 lines."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from reports.answer import Answer, answer
from reports.completeness import in_short
from reports.deviations import known_deviations
from reports.failures import Failure, distinct_failures
from reports.ledger import tied
from reports.matrix import matrix, per_requirement
from reports.measures import decided, verdicts
from reports.networks import in_short as networks_in_short
from reports.outcomes import CASE_WORDS, FORMATS, ordered, rank, worst
from reports.record import CELL_OUTCOMES, Run
from reports.text import counted, counts, number, plain, share

LINES = 24
_WIDTH = 118
_LABEL = 19
_LINES_EACH = 3  # requirements that have a line each
_NAMED = 8  # operations of a rule that are named


def summary(run: Run, paths: Sequence[str] = ()) -> str:
    """Return the summary: what was run, the answer, the counts, the failures, then `paths`."""
    failures = distinct_failures(run)
    top = [
        _title(run),
        *_entry("answer", _answer(answer(run, failures)), lines=3),
        *_entry("run", _amounts(run), lines=2),
        *_outcomes(run),
        *_requirements(run),
        *_measured(run),
    ]
    room = max(LINES - len(top) - len(paths), 0)
    lines = top + _failure_lines(failures, room)
    return "\n".join([*lines[: LINES - len(paths)], *(plain(path, 1000) for path in paths)])


def _title(run: Run) -> str:
    header = run.header
    what = " ".join(header.framework.values())
    if header.implementation is not None:
        what = f"{header.implementation} beside {what}"
    facts = header.environment
    where = facts.get("device_name") or facts.get("instruction_set")
    place = f"{header.device} ({where})" if where else header.device
    return plain(f"{what} on {place}, profile {header.profile}, started {header.started}", _WIDTH)


def _answer(found: Answer) -> str:
    word, rest = found.word.upper(), found.sentence.removeprefix(found.word)
    if found.conforming is None or found.judged is None:
        return word + rest
    return f"{word}{rest}; {share(found.conforming, found.judged)} cases conform"


def _amounts(run: Run) -> str:
    planned = run.header.planned
    cases = sum(cell.cases for cell in run.cells if cell.base is None)
    seen = {cell.format for cell in run.cells}
    formats = [name for name in FORMATS if name in seen] + sorted(seen.difference(FORMATS))
    parts = [
        f"{number(len(run.cells))} of {counted(planned.get('cells', 0), 'planned cell')}",
        f"{number(cases)} of {counted(planned.get('cases', 0), 'planned case')}",
        counted(len({cell.op for cell in run.cells}), "operation"),
        ", ".join(formats) or "no format",
    ]
    return " · ".join(parts)


def _outcomes(run: Run) -> list[str]:
    totals = run.totals
    return [
        *_entry("cases", counts(ordered(totals["cases"], CASE_WORDS))),
        *_entry("cells", counts(ordered(totals["cells"], CELL_OUTCOMES))),
    ]


def _requirements(run: Run) -> list[str]:
    """Return a line for each requirement that can fail a run and has other words than `conforms`.

    The rest of these share a line, what conforms another two, and what never fails a run two more.
    """
    found = per_requirement(matrix(run))
    plainly = {
        name: words["conforms"] for name, words in found.items() if set(words) == {"conforms"}
    }
    failing = {row["id"] for row in run.header.requirements if row["fails_run"]}
    odd = {name: words for name, words in found.items() if name not in plainly}
    # sorting is stable: those of one outcome stay in the requirements' order
    first = sorted((name for name in odd if name in failing), key=lambda n: rank(worst(odd[n])))
    beside = {name: words for name, words in odd.items() if name not in failing}
    lines = _entry("conforming", counts(plainly), lines=2) if plainly else []
    kept = first if len(first) <= _LINES_EACH else first[: _LINES_EACH - 1]
    for name in kept:
        lines += _entry(name, counts(found[name]))
    rest = {name: found[name] for name in first[len(kept) :]}
    return [*lines, *_shared("others", rest, 1), *_shared("beside", beside, 2)]


def _shared(label: str, found: Mapping[str, dict[str, int]], lines: int) -> list[str]:
    """Return requirements that share some lines."""
    text = "; ".join(f"{name} {counts(words)}" for name, words in found.items())
    return _entry(label, text, lines=lines) if found else []


def _measured(run: Run) -> list[str]:
    totals = run.totals
    rows = known_deviations(run)
    showed = sum(row["showed"] is True for row in rows)
    return [
        *_entry("windows", f"{share(totals['tied'], totals['windows'])} tied"),
        *_entry("verdicts", counts(verdicts(run))),
        *_entry("decided by", counts(decided(run)) + " (components)"),
        # what a whole run asks beside takes its second line
        *_entry("rules at ties", _rules(run), lines=1 if run.completeness else 2),
        *_operators(run),
        *(_entry("networks", networks_in_short(run)) if run.networks else []),
        *_entry(
            "known",
            f"{counted(len(rows), 'row')} of deviations.toml in force, {number(showed)} showed",
        ),
    ]


def _operators(run: Run) -> list[str]:
    if run.completeness is None:
        return []
    return _entry("operators", in_short(run.completeness))


def _rules(run: Run) -> str:
    """Return, per rule, the operations whose ties followed it, with the numbers of cases."""
    followed: dict[str, dict[str, int]] = {}
    for op, rules in run.totals["rules"].items():
        documented = run.header.conventions.get(op, {}).get("rule")
        for rule, count in tied(rules).items():
            beside = "" if documented in (None, rule) else f" (not the documented {documented})"
            followed.setdefault(rule + beside, {})[op] = count
    return "; ".join(f"{rule}: {_cases(ops)}" for rule, ops in followed.items()) or "none seen"


def _cases(ops: Mapping[str, int]) -> str:
    """Return operations with numbers of cases; many of them as two numbers."""
    if len(ops) <= _NAMED:
        return ", ".join(f"{op} {number(count)}" for op, count in ops.items())
    return f"{counted(len(ops), 'operation')}, {counted(sum(ops.values()), 'case')}"


def _failure_lines(failures: Sequence[Failure], room: int) -> list[str]:
    shown = [failure for failure in failures if failure.fails]
    if len(shown) <= room:
        return [_failure_line(failure) for failure in shown]
    if not room:
        return []
    kept = shown[: room - 1]
    left = counted(len(shown) - len(kept), "distinct failure")
    return [*map(_failure_line, kept), f"  {'and' if kept else 'with'} {left} in the report"]


def _failure_line(failure: Failure) -> str:
    text = (
        f"{failure.op} {failure.requirement}: {failure.outcome}, {failure.cause}: {failure.extent}"
    )
    return "  " + plain(text, _WIDTH - 2)


def _entry(label: str, text: str, lines: int = 1) -> list[str]:
    """Return `label  text`, wrapped to at most so many lines."""
    first = f"{plain(label, 24):<{_LABEL}} "
    return textwrap.wrap(
        plain(text, 2000),
        width=_WIDTH,
        initial_indent=first,
        subsequent_indent=" " * (_LABEL + 1),
        max_lines=lines,
        break_on_hyphens=False,
        placeholder=" … (see the report)",
    )

"""The ledger: which conventions an operation follows at ties, apart from whether that is right.

Per operation and format the rules that were followed, how often the gradient was the one of minimum
norm, and what was found at jumps; beside what the framework documents. Of several runs, the same
side by side, and what changed from one to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from reports.families import family, in_order
from reports.measures import Row, by_op_and_format
from reports.outcomes import ordered
from reports.record import RULES, CellRecord, Run
from reports.together import spelled, together

_BESIDE = {"minimum_norm": "minimum-norm", "jump": "jump"}
"""Key of a row -> the requirement whose counts it has."""
_NO_RULE = "none"


def ledger(run: Run) -> list[Row]:
    """Return, per operation and format, what was followed, and what is documented."""
    rows: list[Row] = []
    for op, format_name, cells in by_op_and_format(run, lambda cell: cell.base is None):
        letters = Counter("".join(cell.rules for cell in cells))
        counts = {rule: letters[letter] for letter, rule in RULES.items() if letters[letter]}
        beside = {key: _counted(cells, name) for key, name in _BESIDE.items()}
        documented = run.header.conventions.get(op, {})
        if counts or any(beside.values()):
            rows.append(
                {
                    "op": op,
                    "format": format_name,
                    "counts": counts,
                    **beside,
                    "documented": documented.get("rule"),
                    "quote": documented.get("quote"),
                    "source": documented.get("source"),
                    "follows": _follows(set(tied(counts)), documented.get("rule")),
                }
            )
    return rows


def entries(rows: Sequence[Mapping[str, Any]], families: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of a ledger, an operation's formats together where they say the same."""
    return together(rows, families, _said)


def by_release(runs: Sequence[Run]) -> list[Row]:
    """Return the ledgers of several runs side by side, an operation an entry; of one run, none.

    Each entry has, per run, its `entries` (None where the run has none) and its documented rule;
    and `changes`, per run but the first, sentences on what is not as in the run before; `changed`
    says whether there are any.
    """
    if len(runs) < 2:
        return []
    families = {op: name for run in runs for op, name in run.header.families.items()}
    found = [_by_op(ledger(run), families) for run in runs]
    ops = in_order(families, (op for entries_of in found for op in entries_of))
    return [_side_by_side(op, families, [listed.get(op) for listed in found]) for op in ops]


def _side_by_side(
    op: str, families: Mapping[str, str], listed: Sequence[list[dict[str, Any]] | None]
) -> Row:
    changes = [_changes(before, after) for before, after in pairwise(listed)]
    return {
        "op": op,
        "family": family(families, op),
        "runs": [
            None if entries_of is None else list(map(_shown, entries_of)) for entries_of in listed
        ],
        "changed": any(changes),
        "changes": changes,
    }


def _by_op(
    rows: Sequence[Mapping[str, Any]], families: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in entries(rows, families):
        found.setdefault(entry["op"], []).append(entry)
    return found


def _shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("formats", "counts", "minimum_norm", "jump", "documented", "quote", "source", "follows")
    return {key: entry[key] for key in kept}


def _changes(
    before: Sequence[Mapping[str, Any]] | None, after: Sequence[Mapping[str, Any]] | None
) -> list[str]:
    """Return what changed; numbers of cases are no change, another corpus has others."""
    if before is None or after is None:
        return ["only in the later run" if before is None else "only in the earlier run"] * (
            before is not after
        )
    changes = []
    old, new = _per_format(before), _per_format(after)
    for words in dict.fromkeys((old[name], new[name]) for name in old if name in new):
        formats = [name for name in old if (old[name], new.get(name)) == words]
        changes += [f"{change} ({spelled(formats)})" for change in _named(*words)]
    quotes = [listed[0]["quote"] or "" for listed in (before, after)]
    if quotes[0] != quotes[1]:
        changes.append("the documentation says something else")
    return changes


def _named(old: tuple[str, ...], new: tuple[str, ...]) -> list[str]:
    labels = ("rules", "documented rule", "minimum norm", "jumps")
    return [
        f"{label}: {was} → {now}"
        for label, was, now in zip(labels, old, new, strict=True)
        if was != now
    ]


def _per_format(entries_of: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return format -> what a ledger says of it, without numbers."""
    return {
        name: (
            ", ".join(sorted(tied(entry["counts"]))) or "no tie",
            entry["documented"] or "nothing",
            how_often(entry["minimum_norm"]),
            how_often(entry["jump"]),
        )
        for entry in entries_of
        for name in entry["formats"]
    }


def how_often(counts: Mapping[str, int] | None) -> str:
    """Return `always`, `never`, `sometimes`, or `not asked`, for counts of cases."""
    followed = (counts or {}).get("conforms", 0)
    asked = sum((counts or {}).values())
    if not asked:
        return "not asked"
    if followed == asked:
        return "always"
    return "sometimes" if followed else "never"


def tied(counts: Mapping[str, int]) -> dict[str, int]:
    """Return rule -> number of cases, without those in which nothing was tied."""
    return {rule: count for rule, count in counts.items() if rule != _NO_RULE}


def _said(row: Mapping[str, Any]) -> tuple[object, ...]:
    rules = frozenset(tied(row["counts"]))
    return rules, how_often(row["minimum_norm"]), how_often(row["jump"]), row["documented"]


def _counted(cells: Sequence[CellRecord], requirement: str) -> dict[str, int]:
    total: Counter[str] = Counter()
    for cell in cells:
        total.update(cell.requirements.get(requirement, {}))
    return ordered(total)


def _follows(rules: set[str], documented: str | None) -> bool | None:
    """Whether the documented rule was followed; None where there is none, or no tie was seen."""
    if documented is None or not rules:
        return None
    return rules == {documented}

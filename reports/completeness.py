"""The release's differentiable operators: are all accounted for, do smooth ones show a kink?"""

from __future__ import annotations

from collections import Counter

from reports.measures import Row
from reports.record import Completeness, Run
from reports.text import counted, counts, number, share


def completeness(run: Run) -> Row | None:
    """Return what is known of the operators, with a sentence; None where it was not asked."""
    record = run.completeness
    if record is None:
        return None
    return {key: value for key, value in record.document().items() if key != "kind"} | {
        "operators": operators(record),
        "nonsmooth": nonsmooth(record),
        "sampled": sampled(record),
        "not_sampled": not_sampled(record),
        "unsampled": [name for name, words in record.samples.items() if not words],
        "answer": "; ".join(sentences(record)),
    }


def operators(record: Completeness) -> int:
    """Return how many operators the release has."""
    return sum(record.classes.values()) + len(record.unclassified)


def nonsmooth(record: Completeness) -> int:
    """Return how many nonsmooth operators need not come later."""
    return record.covered + len(record.uncovered)


def sampled(record: Completeness) -> dict[str, int]:
    """Return word -> number of samples, over all operators, those that conform first."""
    found: Counter[str] = Counter()
    for words in record.samples.values():
        found.update(words)
    return dict(sorted(found.items(), key=lambda each: (each[0] != "conforms", each[0])))


def not_sampled(record: Completeness) -> dict[str, int]:
    """Return why samples were not judged -> number of them; refusals of all kinds together."""
    found: Counter[str] = Counter()
    for reasons in record.samples_left_out.values():
        for reason, n in reasons.items():
            found[_REFUSED if reason.startswith("refused: ") else reason] += n
    return dict(found.most_common())


_REFUSED = "refused by the definition"


def sentences(record: Completeness) -> list[str]:
    """Return what is known, in clauses."""
    if record.outcome == "not run":
        return [f"not run: {record.message or 'no reason is given'}"]
    classes = counts({**record.classes, "unclassified": len(record.unclassified)})
    return [
        f"{counted(operators(record), 'operator')}: {classes}",
        f"{share(record.covered, nonsmooth(record))} nonsmooth covered",
        _probed(record),
        *([_sampled(record)] if record.samples else []),
    ]


def in_short(record: Completeness) -> str:
    """Return what is known, on one line."""
    if record.outcome == "not run":
        return sentences(record)[0]
    shown = [counted(len(record.kinks), "kink")] if record.probes else []
    failing = len(record.samples_failing)
    if failing:
        shown.append(f"{number(failing)} with a failing sample")
    said = "".join(f", {each}" for each in shown)
    return (
        f"{number(operators(record))}, {number(len(record.unclassified))} unclassified{said}; "
        f"{share(record.covered, nonsmooth(record))} nonsmooth covered"
    )


def _sampled(record: Completeness) -> str:
    judged = sum(map(bool, record.samples.values()))
    return (
        f"{counted(sum(sampled(record).values()), 'sample input')} of "
        f"{number(judged)} of {counted(len(record.samples), 'covered operator')} judged"
        f" ({counts(sampled(record), ', ') or 'none'}), "
        f"{number(sum(not_sampled(record).values()))} left out"
    )


def _probed(record: Completeness) -> str:
    if not record.probes:
        return "none probed for kinks in this profile"
    smooth = record.probed + len(record.not_probed)
    return (
        f"{number(record.probed)} of {number(smooth)} smooth probed at "
        f"{counted(record.points, 'input')}, {counted(len(record.kinks), 'kink')}"
    )

"""A distinct failure as the page shows it, and as it goes to an issue tracker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.families import family
from reports.markdown import code, prose, smallest_case
from reports.outcomes import LETTERS
from reports.text import plain

_DETAILED = 250
"""So many failures are shown whole; of the others the page has a line each."""
_LONGEST = 6_000
"""Characters of a script that the page holds; a longer one lies beside it."""


@dataclass(frozen=True, kw_only=True)
class Issue:
    """A failure and its texts.

    Attributes:
        failure: As it stands in the report.
        family: The family of its operation.
        letter: The letter of its outcome.
        case: Its smallest case, readable; None where the page has a line only.
        script: The script's source, where it is not too long.
        head: The Markdown before the smallest case.
        foot: The Markdown before the script, or what stands in its place.
    """

    failure: Mapping[str, Any]
    family: str
    letter: str
    case: str | None
    script: str | None
    head: str
    foot: str


def issues(section: Mapping[str, Any]) -> list[Issue]:
    """Return the distinct failures of a run, in the report's order."""
    return [
        _issue(failure, section["run"], detailed=place < _DETAILED)
        for place, failure in enumerate(section["failures"])
    ]


def _issue(failure: Mapping[str, Any], run: Mapping[str, Any], *, detailed: bool) -> Issue:
    script = failure["script"]
    inside = script is not None and detailed and len(script) <= _LONGEST
    return Issue(
        failure=failure,
        family=family(run["families"], failure["op"]),
        letter=LETTERS["known"] if failure["known"] else LETTERS.get(failure["outcome"], "?"),
        case=smallest_case(failure) if detailed else None,
        script=script if inside else None,
        head=_head(failure, run),
        foot=_foot(failure, inside=inside),
    )


def _head(failure: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    title = f"{failure['op']}, {failure['requirement']}: {failure['outcome']}, {failure['cause']}"
    facts = run["environment"]
    versions = [" ".join(run["framework"].values()), run["device"]]
    versions += [
        f"{key} {facts[key]}"
        for key in ("python", "platform", "processor", "instruction_set", "device_name", "driver")
        if facts.get(key)
    ]
    shown = (("formats", "formats"), ("modes", "modes"), ("variants", "variants"))
    places = [f"{label} {', '.join(failure[key])}" for label, key in shown]
    blocks = [
        f"### {prose(title)}",
        prose("; ".join([failure["extent"], *places])),
        prose("; ".join(versions)),
        *_said(failure["smallest"]),
        "Its smallest case:",
    ]
    return "\n\n".join(blocks)


def _said(finding: Mapping[str, Any]) -> Sequence[str]:
    lines = []
    if finding["message"]:
        lines.append(f"In the framework's own words: {code(finding['message'])}")
    if finding["crash"]:
        lines.append(f"The process died: {prose(finding['crash']['signal'])}.")
    return lines


def _foot(failure: Mapping[str, Any], *, inside: bool) -> str:
    if failure["script"] is None:
        return f"No script: {prose(failure['no_script'])}."
    command = f"`python {plain(failure['slug'], 200)}.py`"
    if inside:
        return f"A script that shows it by itself; {command} ends with status 1 where it shows:"
    return f"The script that shows it by itself is too long to stand here; {command} is attached."

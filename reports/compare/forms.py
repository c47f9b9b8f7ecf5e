"""A comparison as Markdown, for a pull request, and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import markdown as text
from reports.markdown import prose, smallest_case
from reports.outcomes import LETTERS, MEANINGS
from reports.page import environment, frame
from reports.text import counted, plain

_DETAILED = 150
"""So many groups are shown whole; of the others the page has a line each."""
_LONGEST = 6_000
"""Characters of a script that the page holds; a longer one lies beside it."""
_MARKDOWN = {"groups": 30, "scripts": 10}
"""What the Markdown shows of each kind: a comment on a pull request is short."""


def markdown(document: Mapping[str, Any]) -> str:
    """Return the Markdown form of a comparison."""
    return _MARKDOWN_TEMPLATE.render(**document, **_named(document), limits=_MARKDOWN)


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a comparison."""
    return _PAGE_TEMPLATE.render(**document, **_named(document), letters=LETTERS, **frame())


def _named(document: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        side: f"{document[side]['name']}"
        + (f", {document[side]['started']}" if _alike(document) else "")
        for side in ("old", "new")
    }
    shown = [
        _shown(group, named, detailed=place < _DETAILED)
        for place, group in enumerate(document["groups"])
    ]
    return {"named": named, "shown": shown, "meanings": MEANINGS}


def _alike(document: Mapping[str, Any]) -> bool:
    return bool(document["old"]["name"] == document["new"]["name"])


def _shown(group: Mapping[str, Any], named: Mapping[str, str], *, detailed: bool) -> dict[str, Any]:
    script = group["script"]
    inside = script is not None and detailed and len(script) <= _LONGEST
    shows = group["smallest"] is not None and detailed
    return {
        **group,
        "title": title(group),
        "letter": letter(group),
        "extent": extent(group),
        "readable": smallest_case(group) if shows else None,
        "inside": script if inside else None,
        "told": ends(group, named),
        "head": _head(group, named),
        "foot": ""
        if script is None
        else f"`python {plain(group['slug'], 200)}.py` {ends(group, named)}:",
    }


def title(group: Mapping[str, Any]) -> str:
    """Return what changed, as a phrase."""
    cause = f", {group['cause']}" if group["cause"] and group["kind"] != "changed" else ""
    return f"{group['requirement']}: {group['was']} → {group['now']}{cause}"


def extent(group: Mapping[str, Any]) -> str:
    """Return how much shows it."""
    return f"{counted(group['cases'], 'case')} in {counted(group['cells'], 'cell')}"


def letter(group: Mapping[str, Any]) -> str:
    """Return the letter of what the cases are now."""
    word = str(group["now"]).partition(" (")[0]
    return LETTERS.get(word, {"fixed": "C", "gained": "C"}.get(group["kind"], "B"))


def ends(group: Mapping[str, Any], named: Mapping[str, str]) -> str:
    """Return the exit status of a script under each release of which it is known."""
    if group["ends"] is None:
        return ""
    known = [side for side in ("old", "new") if side in group["ends"]]
    words = (f"{group['ends'][side]} under {named[side]}{_raising(group, side)}" for side in known)
    return f"ends with status {' and '.join(words)}"


def _raising(group: Mapping[str, Any], side: str) -> str:
    """Return that a status is that of any call which raises, where it is."""
    word = group["was"] if side == "old" else group["now"]
    return " (the call raises)" if word in ("errored", "unsupported") else ""


def _head(group: Mapping[str, Any], named: Mapping[str, str]) -> str:
    shown = (("formats", "formats"), ("modes", "modes"), ("variants", "variants"))
    places = [f"{label} {', '.join(group[key])}" for label, key in shown]
    return "\n\n".join(
        (
            f"### {prose(group['op'])}, {prose(title(group))}",
            prose(f"From {named['old']} to {named['new']}: {extent(group)}"),
            prose("; ".join(places)),
            "Its smallest case:",
        )
    )


def _foot(group: Mapping[str, Any], named: Mapping[str, str]) -> str:
    if group["script"] is None:
        return ""
    return f"`python {plain(group['slug'], 200)}.py` {ends(group, named)}:"


_MARKDOWN_TEMPLATE = text.environment().get_template("compare.md.j2")
_PAGE_TEMPLATE = environment().get_template("compare.html.j2")

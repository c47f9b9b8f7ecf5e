"""A comparison as one JSON document, `compare/1`: every form of it is made from it."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from reports.compare import changes as kinds
from reports.compare.compare import WORDS, Apart, Comparison
from reports.compare.groups import CHOICES, KINDS, Group, Key
from reports.compare.sides import Side
from reports.expectation import describe
from reports.families import family
from reports.outcomes import format_rank
from reports.record import Finding, Network
from reports.reproducer import NoScriptError, script
from reports.text import counted

SCHEMA = "compare/1"

TITLES = {
    kinds.NEW: "New deviations",
    kinds.FIXED: "Fixed",
    kinds.CHANGED: "Still deviating, differently",
    kinds.VALID: "Changed but valid",
    kinds.CONSISTENCY: "Consistency",
    kinds.LOST: "No longer supported, or not run",
    kinds.GAINED: "Now supported, or run",
    kinds.ACCURACY: "Accuracy",
}
"""Kind -> its heading."""

MEANINGS = {
    kinds.NEW: "What conformed, or ran, and does not any more.",
    kinds.FIXED: "What deviated and conforms now.",
    kinds.CHANGED: "What deviates in both runs, with another outcome, cause or result.",
    kinds.VALID: (
        "Another choice where several are right: no bug, and yet it can move a training run."
    ),
    kinds.CONSISTENCY: "Other answers to whether layouts, modes and runs give the same bits.",
    kinds.LOST: "Calls that ran and have no kernel now, or were not run.",
    kinds.GAINED: "Calls that had no kernel, or were not run, and run now.",
    kinds.ACCURACY: "Results that have become coarse for their format, or are so no longer.",
}
"""Kind -> what stands there."""

_SLUG = 80  # characters of a file name


def document(comparison: Comparison) -> dict[str, Any]:
    """Return the JSON document of a comparison."""
    families = {**comparison.old.header.families, **comparison.new.header.families}
    groups = _with_slugs([_group(group, comparison, families) for group in comparison.groups])
    return {
        "schema": SCHEMA,
        "old": _side(comparison.old),
        "new": _side(comparison.new),
        "answer": _answer(comparison),
        "fail_on": list(comparison.fail_on),
        "compared": comparison.compared,
        "left_out": comparison.left_out,
        "unknown": comparison.unknown,
        "searches_compared": comparison.searched,
        "environment": [dataclasses.asdict(fact) for fact in comparison.environment],
        "kinds": [_kind(kind, comparison, groups) for kind in KINDS],
        "groups": groups,
        "remarks": [dataclasses.asdict(remark) for remark in comparison.remarks],
        "added": [_apart(apart, families) for apart in comparison.added],
        "gone": [_apart(apart, families) for apart in comparison.gone],
        "networks": {
            "added": [_network(network) for network in comparison.networks_added],
            "gone": [_network(network) for network in comparison.networks_gone],
        },
    }


def _answer(comparison: Comparison) -> dict[str, Any]:
    worse = comparison.worse
    sick = [
        f"the {name} run is unhealthy and has no score: {'; '.join(side.footer.unhealthy)}"
        for name, side in (("earlier", comparison.old), ("later", comparison.new))
        if not side.footer.healthy
    ]
    if worse:
        word, sentence = "worse", f"worse: {'; '.join(worse)}"
    elif comparison.nothing_changed:
        word, sentence = "same", "nothing changed"
    else:
        word, sentence = "changed", f"changed, nothing got worse: {_changed(comparison)}"
    return {"word": word, "sentence": sentence, "worse": worse, "unhealthy": sick}


def _changed(comparison: Comparison) -> str:
    kinds_of = Counter(group.key[0] for group in comparison.groups)
    kinds_of.update(remark.kind for remark in comparison.remarks)
    said = [counted(kinds_of[kind], *WORDS[kind]) for kind in KINDS if kinds_of[kind]]
    for word, apart in (("added", comparison.added), ("gone", comparison.gone)):
        if apart:
            said.append(f"{counted(sum(entry.cases for entry in apart), 'case')} {word}")
    for word, networks in (
        ("added", comparison.networks_added),
        ("gone", comparison.networks_gone),
    ):
        if networks:
            said.append(f"{counted(len(networks), 'network')} {word}")
    return "; ".join(said) or "the runs ended differently"


def _side(side: Side) -> dict[str, Any]:
    header, footer = side.header, side.footer
    return {
        "file": side.path.name,
        "name": side.name,
        "framework": header.framework,
        "device": header.device,
        "profile": header.profile,
        "implementation": header.implementation,
        "started": header.started,
        "commit": header.commit,
        "corpus": header.corpus,
        "cells": len(side.places),
        "healthy": footer.healthy,
        "unhealthy": footer.unhealthy,
        "failed": footer.failed,
        "baseline": side.packed,
    }


def _kind(kind: str, comparison: Comparison, groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = [group for group in groups if group["kind"] == kind]
    return {
        "kind": kind,
        "title": TITLES[kind],
        "meaning": MEANINGS[kind],
        "worse": kind in comparison.fail_on,
        "groups": len(found),
        "cases": sum(group["cases"] for group in found),
        "places": sum(group["places"] for group in found),
        "beside": sum(remark.kind == kind for remark in comparison.remarks),
    }


def _apart(apart: Apart, families: Mapping[str, str]) -> dict[str, Any]:
    return {**dataclasses.asdict(apart), "family": family(families, apart.op)}


def _network(network: Network) -> dict[str, Any]:
    return {"network": network.network, "answer": network.answer, "fails": network.fails}


def _group(group: Group, comparison: Comparison, families: Mapping[str, str]) -> dict[str, Any]:
    kind, op, requirement, was, now, cause = group.key
    finding = group.smallest
    source, reason, ends = _script(group, comparison)
    return {
        "kind": kind,
        "op": op,
        "family": family(families, op),
        "requirement": requirement,
        "was": was,
        "now": now,
        "cause": cause,
        "worse": kind in comparison.fail_on,
        "cases": len(group.cases),
        "places": group.places,
        "cells": len(group.cells),
        "formats": sorted(group.formats, key=format_rank),
        "modes": sorted(group.modes),
        "variants": sorted(group.variants),
        "case": finding.case if finding else min(group.cases, default=None),
        "cell": finding.cell if finding else min(group.cells, default=None),
        "shown_by": group.shows if finding else None,
        "smallest": finding.document() if finding else None,
        "allowed": describe(finding.expected) if finding else [],
        "script": source,
        "no_script": reason,
        "ends": ends,
    }


def _script(
    group: Group, comparison: Comparison
) -> tuple[str | None, str | None, dict[str, int] | None]:
    """Return a script, or why there is none; and the exit status to expect under a release."""
    finding = group.smallest
    if finding is None:
        return None, "the run files keep no example of it; `pytest suites --case ID` shows it", None
    header = (comparison.new if group.shows == "new" else comparison.old).header
    choice = group.key[0] in CHOICES
    other = "old" if group.shows == "new" else "new"
    try:
        source = script(_asking_for_the_same(finding) if choice else finding, header)
    except NoScriptError as error:
        return None, str(error), None
    if choice:
        return source, None, {group.shows: 0, other: 1}
    return source, None, {group.shows: 1, **ends_elsewhere(group.key, other)}


def ends_elsewhere(key: Key, other: str) -> dict[str, int]:
    """Return how the script ends under the release that it is not of; nothing where that is open.

    What deviates in both need not deviate by the same numbers, and a process may die in many ways.
    """
    kind, _, _, was, now, _ = key
    word = was if other == "old" else now
    if kind == kinds.CHANGED or word == "crashed":
        return {}
    return {other: int(word in ("errored", "unsupported"))}  # the call raises


def _asking_for_the_same(finding: Finding) -> Finding:
    """Return a finding whose script asks for the very gradient that came back: it is valid."""
    got = finding.got or {}
    subject = "jacobian" if got.get("jacobian") is not None else "gradient"
    try:
        values = [str(Fraction(float.fromhex(text))) for text in got.get(subject) or []]
    except (ValueError, OverflowError):
        values = []
    return dataclasses.replace(finding, expected={subject: values} if values else None)


def _with_slugs(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: Counter[str] = Counter()
    named = []
    for group in groups:
        words = (group[key] for key in ("kind", "requirement", "op", "now", "cause"))
        slug = re.sub(r"[^a-z0-9_]+", "-", "-".join(words).lower())[:_SLUG].strip("-")
        seen[slug] += 1
        # two underscores: no slug of another group can end like this by itself
        named.append({"slug": slug if seen[slug] == 1 else f"{slug}__{seen[slug]}", **group})
    return named


def scripts(comparison: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield file name and source of each script of a comparison."""
    for group in comparison["groups"]:
        if group["script"] is not None:
            yield f"{group['slug']}.py", group["script"]

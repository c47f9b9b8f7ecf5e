"""A comparison on a terminal: the answer, and the first groups of each kind."""

from __future__ import annotations

from collections.abc import Iterator

from reports.compare.compare import Comparison
from reports.compare.document import document
from reports.compare.forms import extent, title
from reports.text import counted, number, plain

_SHOWN = 6  # groups of a kind
_WIDTH = 118


def summary(comparison: Comparison) -> str:
    """Return some lines on what changed."""
    return "\n".join(plain(line, _WIDTH) if line else "" for line in _lines(comparison))


def _lines(comparison: Comparison) -> Iterator[str]:
    found = document(comparison)
    yield f"{comparison.old.name} -> {comparison.new.name}"
    yield f"answer: {found['answer']['sentence']}"
    yield from (f"mind that {reason}" for reason in found["answer"]["unhealthy"])
    yield (
        f"{number(comparison.compared)} places of cases compared, "
        f"{counted(comparison.left_out, 'cell')} left out (they show sometimes)"
    )
    for kind in found["kinds"]:
        groups = [group for group in found["groups"] if group["kind"] == kind["kind"]]
        if not groups:
            continue
        worse = " (worse)" if kind["worse"] else ""
        yield f"{kind['title']}{worse}: {counted(len(groups), 'group')}"
        for group in groups[:_SHOWN]:
            yield f"- {group['op']}, {title(group)}: {extent(group)}"
        if len(groups) > _SHOWN:
            yield f"- and {counted(len(groups) - _SHOWN, 'more group')}"
    for remark in comparison.remarks[:_SHOWN]:
        yield f"- {remark.of} {remark.name}: {remark.was} -> {remark.now}"

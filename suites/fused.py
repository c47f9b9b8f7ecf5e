"""Judges cells whose neighbours compute what the operation meets: other numbers than the case's.

A compiler may keep an intermediate in a wider format than it is stored in, so that what is tied in
the one is not in the other. A gradient conforms if it does for the intermediate as it is stored, or
for the exact one; a difference between the two is a finding of consistency (oracle/THEORY.md,
Fused code).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np

from oracle.case import Tensor
from oracle.check import Verdict
from oracle.formats import format_named
from oracle.judge import judge
from suites.comparing import rows
from suites.frameworks.protocol import Bits, Reply
from suites.judgment import Judgment, Miss, Remark
from suites.plan import Cell, Group

ASTRAY = "another cotangent"
"""Why a case deviates of which the graph made a cotangent that a norm can't have."""
EXACT = "as for the exact intermediate, not for the stored one"
_OTHER = "other bits"
_RIGHT = ("smooth", "clarke")


def meets_others(reply: Reply) -> bool:
    """Return whether the operation met other numbers than its cases'."""
    return reply.met_input is not None or reply.met_cotangent is not None


def judged(
    cell: Cell,
    reply: Reply,
    reference: Judgment | None,
    stored: Callable[[Cell], Judgment],
) -> Judgment:
    """Return the judgment on a reply that ran.

    Args:
        cell: What was run.
        reply: What came back.
        reference: The judgment on the same cases alone; None if there is none.
        stored: Judges the reply as if the numbers that were met were the case's: those of the cell
            that it is given.
    """
    group = cell.group
    met = group.meeting(*(_rows(bits, cell) for bits in (reply.met_input, reply.met_cotangent)))
    found = stored(replace(cell, group=met))
    exact = _exact(found, group) if reply.met_input is not None else {}
    misses = {
        requirement: {i: miss for i, miss in missed.items() if (requirement, i) not in exact}
        for requirement, missed in found.misses.items()
    }
    fitting = {i: verdict for (_, i), verdict in exact.items()}
    for i in _astray(found, group, met):
        part = "special" if found.verdicts[i].special else "gradient"
        miss = Miss(word="deviates", cause=ASTRAY, part="gradient")
        misses.setdefault(part, {}).setdefault(i, miss)
    return replace(
        found,
        cell=cell,
        reply=reply,
        met=met,
        misses={requirement: missed for requirement, missed in misses.items() if missed},
        verdicts=[fitting.get(i, verdict) for i, verdict in enumerate(found.verdicts)],
        remarks=_consistency(found, group, met, reference, frozenset(fitting)),
    )


def _rows(bits: Bits | None, cell: Cell) -> Bits | None:
    return None if bits is None else rows(bits, cell.cases, format_named(cell.group.stack.format))


def _exact(found: Judgment, group: Group) -> Mapping[tuple[str, int], Verdict]:
    """Return the gradients that are right for the exact intermediate: of the case's own numbers.

    The operation selects, and the neighbour is increasing: their kinks are the same.
    """
    verdicts = {}
    for i in found.misses.get("gradient", {}):
        gradient = Tensor(group.stack.geometry.input_shape, found.gradient[i].tolist())
        verdict = judge(group.case(i, gradient=gradient))
        if verdict.verdict in _RIGHT:
            verdicts["gradient", i] = verdict
    return verdicts


def _astray(found: Judgment, group: Group, met: Group) -> Iterator[int]:
    """Yield the cases whose cotangents are not those of the norm behind the operation.

    Its derivative with respect to `y` is `g` times the sign of `g y + 0.3`: `g` itself where `g y`
    is not negative, however it is rounded, and elsewhere `g`, `-g` or 0. What is judged by wrong
    cotangents would prove nothing. Where `y` is not finite nothing is asked.
    """
    fmt = format_named(group.stack.format)
    units, endless = fmt.units_of, {None, fmt.infinity, -fmt.infinity}
    for i in range(len(group.stack)):
        numbers = zip(
            *(
                (units[bits] for bits in array[i].ravel().tolist())
                for array in (group.stack.cotangents, met.stack.cotangents, found.output)
            ),
            strict=True,
        )
        if not all(back == g or _may_turn(g, back, y, endless) for g, back, y in numbers):
            yield i


def _may_turn(g: int | None, back: int | None, y: int | None, endless: Collection[object]) -> bool:
    if g is None or y is None or g in endless or y in endless:
        return True
    return g * y < 0 and back in (-g, 0)


def _consistency(
    found: Judgment,
    group: Group,
    met: Group,
    reference: Judgment | None,
    exact: frozenset[int],
) -> Mapping[str, Remark]:
    """Return which gradients are not those of the operation alone, where it met the same numbers.

    It is not asked of the others, but of those that are right for an exact intermediate only.
    """
    same = frozenset() if reference is None else _unchanged(group, met)
    differs = {
        i: _OTHER
        for i in same
        if reference is not None and not np.array_equal(found.gradient[i], reference.gradient[i])
    }
    differs |= dict.fromkeys(exact, EXACT)
    asked = same | exact
    return {"consistency-mode": Remark(asked=asked, differs=differs)} if asked else {}


def _unchanged(group: Group, met: Group) -> frozenset[int]:
    pairs = (
        (group.stack.inputs, met.stack.inputs),
        (group.stack.cotangents, met.stack.cotangents),
    )
    return frozenset(
        i
        for i in range(len(group.stack))
        if all(np.array_equal(before[i], after[i]) for before, after in pairs)
    )

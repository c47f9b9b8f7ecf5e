"""What the filter leaves open of a program's layer, put to the exact core: equal parts once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.check import ProgramProblem
from oracle.judge import answer
from oracle.programs import signature
from oracle.scale.giving import UNPROVEN
from oracle.scale.program_layer import Part, Places, ProgramLayer
from oracle.scale.sayings import Sayings, conforms, count_free

Locate: TypeAlias = Callable[[str, Places], Places]
"""(an operand's name, or `condition`, and outputs) -> the entries that these depend on."""

WHOLE = 4096
"""Inputs and outputs of what goes to the core as one case, at most."""
_TOGETHER = 128  # entries that the core judges as one case


def in_place(name: str, at: Places) -> Places:
    """Return where the entries of an operand lie that has the output's shape."""
    del name  # the same for all
    return at


def ask_entries(
    sayings: Sayings, at: Places, *, counted: bool = False, locate: Locate = in_place
) -> None:
    """Ask about outputs each of which depends on entries of its own.

    Args:
        sayings: Where the answers go.
        at: Which outputs.
        counted: Whether the filter has counted them.
        locate: Where their entries lie; those of differentiated operands are theirs alone.
    """
    layer = sayings.layer
    columns = [tensor[locate(name, at)] for name, tensor in layer.operands.items()]
    columns += [gradient[locate(name, at)] for name, gradient in layer.gradients.items()]
    columns += [layer.cotangent[at]]
    columns += [layer.output[at]] if layer.output.size else []
    condition = layer.shapes.params.get("condition")
    if condition is not None:
        flags = np.array(condition["data"], columns[0].dtype)
        columns.append(flags[locate("condition", at)])
    first, counts = different(np.stack(columns, axis=1))
    allowed = layer.budget.entries
    for start in range(0, min(first.size, allowed), _TOGETHER):
        part = slice(start, min(start + _TOGETHER, allowed))
        _together(sayings, at[first[part]], counts[part].tolist(), locate, counted=counted)
    leave(sayings, int(counts[allowed:].sum()) * len(layer.gradients), counted=counted)


def different(table: NDArray[Any]) -> tuple[Places, Places]:
    """Return the first of all rows that are alike, and how many these are."""
    _, first, counts = np.unique(table, axis=0, return_index=True, return_counts=True)
    order = np.argsort(first)
    return first[order], counts[order]


def leave(sayings: Sayings, coordinates: int, *, counted: bool) -> None:
    """Say of coordinates that they are beyond the budget."""
    sayings.words["undecided"] += coordinates
    sayings.counts[UNPROVEN] += 0 if counted else coordinates


def _together(
    sayings: Sayings, at: Places, counts: Sequence[int], locate: Locate, *, counted: bool
) -> None:
    """Ask about some entries as one case; about each by itself where that does not conform.

    Once there are enough findings, those that are not tied need not be asked about one by one.
    """
    asked = entries_of(sayings.layer, at, locate)
    case, problem = sayings.posed(asked)
    verdict = answer(problem)
    special = verdict.special or verdict.overflow or count_free(case, verdict)
    if len(at) == 1 or (conforms(verdict) and not verdict.ties["tied"] and not special):
        size = len(sayings.layer.gradients)
        sayings.say(asked, case, verdict, count=sum(counts), size=size, counted=counted)
        return
    settled: Set[int] = frozenset()
    if not special and len(sayings.findings) == sayings.layer.budget.findings:
        right = verdict.verdict == "smooth"  # so that outputs are not
        settled = frozenset(range(len(at))) if right else _refused(problem, len(at))
        word = "smooth" if right else "outside"
        sayings.settle(word, problem, settled, counts, counted=counted)
        sayings.ratio = max(sayings.ratio, verdict.worst_ratio or 0.0)
    left = [k for k in range(len(at)) if k not in settled]
    middle = 0 if settled else len(at) // 2
    for part in filter(None, (left[:middle], left[middle:])):
        _together(sayings, at[part], [counts[k] for k in part], locate, counted=counted)


def _refused(problem: ProgramProblem, size: int) -> Set[int]:
    """Return which of some entries are outside, of those that are not tied.

    The set of one that is not tied is a point, which every rule has.
    """
    misfits = {i % size for i in (*problem.rule_misfits("first-index"), *problem.wild)}
    return {k for k in misfits if len(problem.tied[k]) == 1}


def entries_of(
    layer: ProgramLayer, at: Places, locate: Locate = in_place, *, single: Sequence[str] = ()
) -> Part:
    """Return some outputs of an operation that works entry by entry.

    Args:
        layer: The layer.
        at: Which outputs.
        locate: Where their entries lie.
        single: Operands of which all of them have the same entry.
    """
    shapes, params = layer.shapes, dict(layer.shapes.params)
    if "condition" in params:
        data = params["condition"]["data"]
        chosen = [data[i] for i in locate("condition", at).tolist()]
        params["condition"] = {"shape": [len(at)], "data": chosen}
    places = {
        name: locate(name, at[:1] if name in single else at)
        for name in (operand.name for operand in shapes.operands)
    }
    sizes = {name: one.shape for name, one in places.items()}
    return Part(signature(shapes.op, params, sizes, shapes.constants), places, at)


def ask_parts(sayings: Sayings, parts: Sequence[Part], *, counted: bool = False) -> None:
    """Ask about parts that share no coordinate and no kink.

    Args:
        sayings: Where the answers go.
        parts: The parts.
        counted: Whether the filter has counted them.
    """
    alike: dict[object, tuple[Part, int]] = {}
    for part in parts:
        key = content_of(sayings.layer, part)
        alike[key] = (part, alike[key][1] + 1 if key in alike else 1)
    ask_alike(sayings, alike.values(), counted=counted)


def ask_alike(sayings: Sayings, parts: Iterable[tuple[Part, int]], *, counted: bool) -> None:
    """Ask about different parts, each with the number of those that are like it.

    Beyond the budget goes what is too large, and what comes behind the most components, unless all
    of them so far are no more than one that goes to the core as a whole.
    """
    layer, numbers = sayings.layer, 0
    for place, (part, count) in enumerate(parts):
        size, own = layer.coordinates(part), layer.numbers(part)
        numbers += own
        if own > WHOLE or (place >= layer.budget.components and numbers > WHOLE):
            leave(sayings, size * count, counted=counted)
            continue
        case, verdict = sayings.shown(part)
        if verdict is None:
            leave(sayings, size * count, counted=counted)
        else:
            sayings.say(part, case, verdict, count=count, size=size, counted=counted)


def content_of(layer: ProgramLayer, part: Part) -> object:
    """Return what makes a part: its operation and its numbers."""
    tensors = [layer.operands[name][places] for name, places in part.places.items()]
    tensors += [layer.gradients[name][part.places[name]] for name in layer.gradients]
    tensors += [layer.cotangent[part.outputs]]
    tensors += [layer.output[part.outputs]] if layer.output.size else []
    numbers = tuple(tensor.tobytes() for tensor in tensors)
    return (repr(part.shapes.params), part.shapes.operands, numbers)

"""What the filter leaves open of a program's layer, put to the exact core: equal parts once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.programs import signature
from oracle.scale.giving import UNPROVEN
from oracle.scale.program_layer import Part, Places, ProgramLayer
from oracle.scale.sayings import Sayings, conforms, count_free

WHOLE = 4096
"""Inputs and outputs of what goes to the core as one case, at most."""
_TOGETHER = 128  # entries that the core judges as one case


def ask_entries(sayings: Sayings, at: Places, *, counted: bool = False) -> None:
    """Ask about entries of operands that all have the output's shape.

    Args:
        sayings: Where the answers go.
        at: Which entries.
        counted: Whether the filter has counted them.
    """
    layer = sayings.layer
    columns = [tensor[at] for tensor in layer.operands.values()]
    columns += [layer.cotangent[at], *(gradient[at] for gradient in layer.gradients.values())]
    columns += [layer.output[at]] if layer.output.size else []
    condition = layer.shapes.params.get("condition")
    if condition is not None:
        columns.append(np.array(condition["data"], columns[0].dtype)[at])
    first, counts = _different(np.stack(columns, axis=1))
    allowed = layer.budget.entries
    for start in range(0, min(first.size, allowed), _TOGETHER):
        part = slice(start, min(start + _TOGETHER, allowed))
        _together(sayings, at[first[part]], counts[part].tolist(), counted=counted)
    _leave(sayings, int(counts[allowed:].sum()) * len(layer.gradients), counted=counted)


def _different(table: NDArray[Any]) -> tuple[Places, Places]:
    """Return the first of all rows that are alike, and how many these are."""
    _, first, counts = np.unique(table, axis=0, return_index=True, return_counts=True)
    order = np.argsort(first)
    return first[order], counts[order]


def _leave(sayings: Sayings, coordinates: int, *, counted: bool) -> None:
    """Say of coordinates that they are beyond the budget."""
    sayings.words["undecided"] += coordinates
    sayings.counts[UNPROVEN] += 0 if counted else coordinates


def _together(sayings: Sayings, at: Places, counts: Sequence[int], *, counted: bool) -> None:
    """Ask about some entries as one case; about each by itself where that does not conform."""
    part = entries_of(sayings.layer, at)
    case, verdict = sayings.judged(part)
    special = verdict.special or verdict.overflow or count_free(case, verdict)
    if len(at) > 1 and (not conforms(verdict) or verdict.ties["tied"] or special):
        middle = len(at) // 2
        for half in (slice(None, middle), slice(middle, None)):
            _together(sayings, at[half], counts[half], counted=counted)
        return
    size = len(sayings.layer.gradients)
    sayings.say(part, case, verdict, count=sum(counts), size=size, counted=counted)


def entries_of(layer: ProgramLayer, at: Places) -> Part:
    """Return some entries, of operands that all have the output's shape."""
    shapes, params = layer.shapes, dict(layer.shapes.params)
    if "condition" in params:
        data = [params["condition"]["data"][i] for i in at.tolist()]
        params["condition"] = {"shape": [len(at)], "data": data}
    sizes = {operand.name: (len(at),) for operand in shapes.operands}
    small = signature(shapes.op, params, sizes, shapes.constants)
    return Part(small, dict.fromkeys(sizes, at), at)


def ask_parts(sayings: Sayings, parts: Sequence[Part], *, counted: bool = False) -> None:
    """Ask about parts that share no coordinate and no kink.

    Args:
        sayings: Where the answers go.
        parts: The parts.
        counted: Whether the filter has counted them.
    """
    layer = sayings.layer
    alike: dict[object, tuple[Part, int]] = {}
    for part in parts:
        key = _content(layer, part)
        alike[key] = (part, alike[key][1] + 1 if key in alike else 1)
    for number, (part, count) in enumerate(alike.values()):
        size = layer.coordinates(part)
        if number >= layer.budget.components or layer.numbers(part) > WHOLE:
            _leave(sayings, size * count, counted=counted)
            continue
        case, verdict = sayings.judged(part)
        sayings.say(part, case, verdict, count=count, size=size, counted=counted)


def _content(layer: ProgramLayer, part: Part) -> object:
    """Return what makes a part: its operation and its numbers."""
    tensors = [layer.operands[name][places] for name, places in part.places.items()]
    tensors += [layer.gradients[name][part.places[name]] for name in layer.gradients]
    tensors += [layer.cotangent[part.outputs]]
    tensors += [layer.output[part.outputs]] if layer.output.size else []
    numbers = tuple(tensor.tobytes() for tensor in tensors)
    return (repr(part.shapes.params), part.shapes.operands, numbers)

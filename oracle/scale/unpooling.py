"""A layer of unpooling, which is linear: each input goes to a place of its own, 0 to all others.

So the gradient of an input is the cotangent at its place, bit for bit but for the sign of a zero.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from oracle.programs import signature
from oracle.scale.asking import ask_parts, leave
from oracle.scale.bits import Keys
from oracle.scale.giving import (
    FREED,
    GRADE,
    INFINITE,
    NANS,
    UNPROVEN,
    WILD_COTANGENTS,
    WILD_GRADIENTS,
)
from oracle.scale.program_layer import Part, Places, ProgramLayer
from oracle.scale.sayings import Sayings


def is_unpooling(op: str) -> bool:
    """Return whether an operation is unpooling."""
    return op.startswith("max_unpool")


def check_unpooling(layer: ProgramLayer) -> Sayings:
    """Return what is proved of a layer of unpooling."""
    sayings = Sayings(layer=layer, sees_outputs=True)
    x, v, to = layer.operands["input"], layer.gradients["input"], _goals(layer)
    g, mask, infinity = layer.cotangent[to], np.iinfo(x.dtype).max, layer.format.infinity_bits
    free = (g & mask) >= infinity
    open_ = (v != g) & (((v | g) & mask) != 0) & ~free
    counts = sayings.counts
    counts[NANS] = np.count_nonzero((x & mask) > infinity)
    counts[INFINITE] = np.count_nonzero((x & mask) == infinity)
    counts[WILD_COTANGENTS] = np.count_nonzero((layer.cotangent & mask) >= infinity)
    counts[WILD_GRADIENTS] = np.count_nonzero((v & mask) >= infinity)
    counts[FREED], counts[UNPROVEN] = np.count_nonzero(free), np.count_nonzero(open_)
    counts[GRADE] = x.size - counts[FREED] - counts[UNPROVEN]
    if layer.output.size:
        sayings.wrong = _count_wrong(layer, to)
    wrong = np.flatnonzero(open_)
    asked = wrong[: layer.budget.entries]
    ask_parts(sayings, [_part(layer, to, i) for i in asked.tolist()], counted=True)
    leave(sayings, wrong.size - asked.size, counted=True)
    return sayings


def _goals(layer: ProgramLayer) -> Places:
    """Return the output that each input goes to."""
    params = layer.shapes.params
    indices = np.array(params["indices"]["data"], np.int64)
    room = math.prod(params["output_size"])
    size = max(indices.size * room // max(layer.windows, 1), 1)
    goals: Places = indices + np.arange(indices.size) // size * room
    return goals


def _count_wrong(layer: ProgramLayer, to: Places) -> int:
    """Return how many outputs are neither their input, bit for bit, nor +0 where there is none."""
    mask, infinity = np.iinfo(layer.output.dtype).max, layer.format.infinity_bits
    expected: Keys = np.zeros_like(layer.output)
    expected[to] = layer.operands["input"]
    nans: NDArray[np.bool_] = ((expected & mask) > infinity) & ((layer.output & mask) > infinity)
    return int(np.count_nonzero((layer.output != expected) & ~nans))


def _part(layer: ProgramLayer, to: Places, i: int) -> Part:
    """Return an input and its output as an operation of its own."""
    params = layer.shapes.params
    one = (1,) * len(params["output_size"])
    params = {**params, "indices": {"shape": [*one, 1], "data": [0]}, "output_size": list(one)}
    shapes = signature(layer.shapes.op, params, {"input": (1, *one)})
    return Part(shapes, {"input": np.array([i])}, to[i : i + 1])

"""Operations along a dimension, whose rows are components: a pass where there is one, the core."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.programs import Signature, signature
from oracle.scale.asking import ask_alike, different
from oracle.scale.bits import Keys, numbers_of, values_of
from oracle.scale.giving import WRONG
from oracle.scale.passing import Layer
from oracle.scale.program_layer import Part, Places, ProgramLayer
from oracle.scale.ranking import (
    IN_ORDER,
    MEDIAN,
    NUMBERS,
    RANK,
    Held,
    Ranks,
    desk_of,
    pass_ranks,
)
from oracle.scale.reducing import along_rows
from oracle.scale.running import pass_running, track_of
from oracle.scale.sayings import Sayings

_ONE = ("kthvalue", "median", "nanmedian", "mode")
"""One output for each row."""
_STACKED = ("aminmax", "quantile", "nanquantile")
"""Several outputs for each row, one behind the other."""
_REPLACED = ("sort", "msort", "topk", "cummax", "cummin")
"""A row of outputs in the place of each row."""


class Rows(NamedTuple):
    """A layer's rows: tables, or where their entries lie."""

    input: NDArray[np.int64] | Keys
    gradient: NDArray[np.int64] | Keys
    cotangent: NDArray[np.int64] | Keys
    output: NDArray[np.int64] | Keys


def is_rowwise(layer: ProgramLayer) -> bool:
    """Return whether each row is a component."""
    known = layer.shapes.op in (*_ONE, *_STACKED, *_REPLACED)
    return known and bool(layer.elements and layer.windows)


def _dims(shapes: Signature) -> tuple[int, ...]:
    dim = 0 if shapes.op == "msort" else shapes.params["dim"]
    return (dim,) if dim is not None else tuple(range(len(shapes.operands[0].shape)))


def _inputs(layer: ProgramLayer, tensor: NDArray[np.int64] | Keys) -> NDArray[np.int64] | Keys:
    return along_rows(tensor, layer.shapes.operands[0].shape, _dims(layer.shapes))


def _outputs(layer: ProgramLayer, tensor: NDArray[np.int64] | Keys) -> NDArray[np.int64] | Keys:
    shapes = layer.shapes
    if shapes.op in _REPLACED:
        return along_rows(tensor, shapes.output_shape, _dims(shapes))
    size = math.prod(shapes.operands[0].shape[d] for d in _dims(shapes))
    rows = layer.elements // size
    return np.ascontiguousarray(tensor.reshape(-1, rows).T)


def check_rows(layer: ProgramLayer) -> Sayings:
    """Return what is proved of a layer whose rows are components."""
    x, v = (_inputs(layer, tensors["input"]) for tensors in (layer.operands, layer.gradients))
    g = _outputs(layer, layer.cotangent)
    y = _outputs(layer, layer.output) if layer.output.size else layer.output
    tables = Rows(x, v, g, y)
    sayings = Sayings(layer=layer)
    open_ = _passed(sayings, tables)
    _ask(sayings, tables, np.flatnonzero(open_), counted=sayings.sees_outputs)
    return sayings


def _passed(sayings: Sayings, tables: Rows) -> NDArray[np.bool_]:
    """Return which rows are open behind the pass; all of them where there is none."""
    layer = sayings.layer
    rows, n = tables.input.shape
    held = Held(sayings.counts, np.zeros(1), np.zeros(rows, bool), np.full(1, 7, np.int64))
    tensors = Layer(
        *(
            table.reshape(-1)
            for table in (tables.input, tables.cotangent, tables.gradient, tables.output)
        )
    )
    numbers, values = numbers_of(layer.format, flushes=layer.flushes), values_of(layer.format)
    ranks = _ranks(layer.shapes)
    if ranks is not None:
        pass_ranks(tensors, ranks, desk_of(n, tensors.input), numbers, values, held)
    elif layer.shapes.op in ("cummax", "cummin"):
        smallest = int(layer.shapes.op == "cummin")
        pass_running(tensors, smallest, track_of(n), numbers, values, held)
    else:
        return np.ones(rows, bool)
    sayings.sees_outputs = True
    sayings.wrong = int(sayings.counts[WRONG])
    sayings.ratio = float(held.ratio[0])
    sayings.follow_bits(int(held.rules[0]))
    return held.open


def _ranks(shapes: Signature) -> Ranks | None:
    """Return the ranks that are an operation's outputs."""
    params = shapes.params
    descending = int(bool(params.get("descending", params.get("largest", False))))
    found: Mapping[str, Ranks] = {
        "sort": Ranks(IN_ORDER, 0, descending),
        "msort": Ranks(IN_ORDER, 0, 0),
        "topk": Ranks(IN_ORDER, 0, descending),
        "kthvalue": Ranks(RANK, params.get("k", 1) - 1, 0),
        "median": Ranks(MEDIAN, 0, 0),
        "nanmedian": Ranks(NUMBERS, 0, 0),
    }
    return found.get(shapes.op)


def _ask(sayings: Sayings, tables: Rows, rows: Places, *, counted: bool) -> None:
    """Ask the core about rows, equal ones once."""
    if not rows.size:
        return
    layer = sayings.layer
    contents = [table[rows] for table in tables if table.size]
    first, counts = different(np.concatenate(contents, axis=1))
    inputs = _inputs(layer, np.arange(layer.elements))
    outputs = _outputs(layer, np.arange(layer.windows))
    params = dict(layer.shapes.params)
    params |= {"dim": 0} if "dim" in params else {}
    params |= {"keepdim": False} if "keepdim" in params else {}
    shapes = signature(layer.shapes.op, params, {"input": (inputs.shape[1],)})
    parts = (
        (Part(shapes, {"input": inputs[row]}, outputs[row]), int(count))
        for row, count in zip(rows[first].tolist(), counts, strict=True)
    )
    ask_alike(sayings, parts, counted=counted)

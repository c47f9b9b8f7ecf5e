"""Layers of programs: what the filter knows, and the exact core for the others, bit by bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oracle.programs.activations import ACTIVATIONS
from oracle.programs.elementwise import ELEMENTWISE
from oracle.programs.jumps import JUMPS
from oracle.scale.asking import ask_entries, ask_parts
from oracle.scale.averages import AverageCheck, dims_of_average
from oracle.scale.bags import BagCheck
from oracle.scale.bits import numbers_of, values_of
from oracle.scale.collected import CollectCheck
from oracle.scale.giving import TIED, UNPROVEN
from oracle.scale.leaks import LeakCheck
from oracle.scale.lining import pass_line
from oracle.scale.lists import listed_of
from oracle.scale.passing import Layer
from oracle.scale.picks import PickCheck
from oracle.scale.pieces import Pieces, pieces_of, tables_of_pieces
from oracle.scale.pooling import PoolCheck
from oracle.scale.program_layer import ProgramLayer
from oracle.scale.reducing import along_rows, geometry_of_rows, rows_of_layer
from oracle.scale.result import LayerResult
from oracle.scale.rowwise import check_rows, is_rowwise
from oracle.scale.sayings import Sayings
from oracle.scale.slots import named_of
from oracle.scale.unpooling import check_unpooling, is_unpooling


def check_layer(layer: ProgramLayer) -> LayerResult:
    """Return what is proved about a layer of a program."""
    op, names = layer.shapes.op, [operand.name for operand in layer.shapes.operands]
    pieces = pieces_of(op, layer.shapes.params, names)
    if pieces is not None and not layer.flushes:
        return _lines(layer, pieces).result()
    rows = rows_of_layer(layer.shapes)
    if rows is not None:
        along, smallest = rows
        return _by_rows(layer, along, smallest=smallest)
    return (_passed(layer) or _taken_apart(layer)).result()


def _passed(layer: ProgramLayer) -> Sayings | None:
    """Return what is proved of a layer with a pass of its own; None of others."""
    if not layer.windows:
        return None
    named, listed = named_of(layer), listed_of(layer.shapes)
    if named is not None:
        return PickCheck(layer, named).run()
    if listed is not None:
        return (BagCheck if listed.shared else CollectCheck)(layer, listed).run()
    return _passed_by_name(layer)


def _passed_by_name(layer: ProgramLayer) -> Sayings | None:
    op, dims = layer.shapes.op, dims_of_average(layer.shapes.op)
    if op == "prelu":
        return LeakCheck(layer).run()
    if is_unpooling(op):
        return check_unpooling(layer)
    if dims and layer.elements:
        return AverageCheck(layer, dims).run()
    return check_rows(layer) if is_rowwise(layer) else None


def _taken_apart(layer: ProgramLayer) -> Sayings:
    """Return what the core says of a layer, entry by entry where these are components."""
    sayings = Sayings(layer=layer)
    if _is_entrywise(layer):
        ask_entries(sayings, np.arange(layer.windows))
    else:
        ask_parts(sayings, [layer.whole])
    return sayings


def _by_rows(layer: ProgramLayer, dims: tuple[int, ...], *, smallest: bool) -> LayerResult:
    """Return what the check of pooling says of a reduction: each row is a window.

    The smallest number is the largest of the negatives, which are other signs and nothing else.
    """
    shape = layer.shapes.operands[0].shape
    x, v = (
        along_rows(tensor["input"], shape, dims) for tensor in (layer.operands, layer.gradients)
    )
    tensors = [x.reshape(-1), layer.cotangent, v.reshape(-1), layer.output]
    if smallest:
        sign = np.iinfo(x.dtype).min
        tensors[0], tensors[3] = tensors[0] ^ sign, tensors[3] ^ sign
    windows = geometry_of_rows(*x.shape)
    pooled = PoolCheck(
        windows, layer.format, Layer(*tensors), flushes=layer.flushes, budget=layer.budget
    ).run()
    findings = []
    for finding in pooled.findings:
        places = along_rows(np.arange(x.size), shape, dims).reshape(-1)
        inputs = tuple(places[list(finding.inputs)].tolist())
        findings.append(replace(finding, inputs=inputs))
    found = tuple(findings)
    return replace(pooled, op=layer.shapes.op, params=layer.shapes.params, findings=found)


def _is_entrywise(layer: ProgramLayer) -> bool:
    """Return whether each output depends on one entry of its own of each operand."""
    known = layer.shapes.op in {**ELEMENTWISE, **ACTIVATIONS, **JUMPS}
    shapes = {operand.shape for operand in layer.shapes.operands}
    return known and shapes == {layer.shapes.output_shape}


def _lines(layer: ProgramLayer, pieces: Pieces) -> Sayings:
    """Return what the filter says, and the core of the entries that it leaves open."""
    sayings = Sayings(layer=layer)
    x, v = layer.operands["input"], layer.gradients["input"]
    tensors = Layer(x, layer.cotangent, v, layer.output)
    open_, ratio = np.zeros(layer.budget.entries, np.int64), np.zeros(1)
    rules = pass_line(
        tensors,
        tables_of_pieces(pieces, layer.format),
        numbers_of(layer.format, flushes=False),
        values_of(layer.format),
        sayings.counts,
        ratio,
        open_,
    )
    sayings.ratio = float(ratio[0])
    if sayings.counts[TIED]:
        sayings.rule = {1: "first-index", 3: "first-index", 2: "last-index"}.get(rules, "other")
    left = int(sayings.counts[UNPROVEN])
    ask_entries(sayings, open_[: min(left, open_.size)], counted=True)
    sayings.words["undecided"] += max(left - open_.size, 0)
    return sayings

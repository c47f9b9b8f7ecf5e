"""How large a sample input is, in scalar operations."""

from __future__ import annotations

import math

from oracle.catalogue import CATALOGUE
from oracle.programs import Signature
from oracle.windows import Geometry

MOST_OPERATIONS = 10_000
"""Of a sample: its inputs, or all reads of its outputs."""


def scalar_operations(shapes: Geometry | Signature) -> int:
    """Return the larger of the numbers of inputs, and of reads over all outputs, at the most."""
    inputs, outputs = math.prod(shapes.input_shape), math.prod(shapes.output_shape)
    if inputs > MOST_OPERATIONS:
        return inputs
    if isinstance(shapes, Geometry):
        return max(inputs, sum(map(len, shapes.windows)))
    return max(inputs, outputs * _read_by_one(shapes))


def _read_by_one(shapes: Signature) -> int:
    """Return how many numbers an output reads at the most."""
    params, operands = shapes.params, shapes.operands
    shape = operands[0].shape
    entrywise = CATALOGUE[shapes.op].family == "elementwise" or len(operands) > 1
    if "index" not in params and (entrywise or "indices" in params):
        return _of_a_position(shapes) if shapes.op == "grid_sample" else len(operands)
    if "dim" in params:
        dim = params["dim"]
        named = (dim,) if isinstance(dim, int) else dim or range(len(shape))
        return math.prod(shape[d] for d in named) + ("index" in params)
    if "output_size" in params:
        along = zip(shape[-len(params["output_size"]) :], params["output_size"], strict=True)
        return math.prod(-(-n // size) + 1 for n, size in along)
    return math.prod(params.get("kernel_size", shape[: _LEADING.get(shapes.op, len(shape))]))


def _of_a_position(shapes: Signature) -> int:
    """Return the number of pixels around a position, and of its coordinates."""
    dims = shapes.operands[1].shape[-1]
    return (1 << dims) + dims


_LEADING = {"msort": 1, "segment_reduce": 1, "embedding_bag": 1}
"""Operation -> leading dimensions that an output reads along; any other reads all."""

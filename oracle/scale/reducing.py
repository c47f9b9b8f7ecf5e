"""Largest and smallest ones along dimensions, as windows: each row of a table is one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.programs import Signature
from oracle.windows import Geometry, geometry

_SMALLEST = {"amax": False, "max": False, "amin": True, "min": True}


def rows_of_layer(shapes: Signature) -> tuple[tuple[int, ...], bool] | None:
    """Return the dimensions that are reduced, and whether the smallest is taken.

    None for other operations than these.
    """
    if shapes.op not in _SMALLEST or len(shapes.operands) > 1:
        return None
    shape, dim = shapes.operands[0].shape, shapes.params["dim"]
    if not math.prod(shape):
        return None
    dims = (dim,) if isinstance(dim, int) else tuple(dim or range(len(shape)))
    return dims, _SMALLEST[shapes.op]


def along_rows(tensor: NDArray[Any], shape: tuple[int, ...], dims: tuple[int, ...]) -> NDArray[Any]:
    """Return a flat tensor as a table: a row for each place of the other dimensions."""
    kept = [d for d in range(len(shape)) if d not in dims]
    rows = math.prod(shape[d] for d in kept)
    moved = tensor.reshape(shape).transpose(*kept, *dims)
    return np.ascontiguousarray(moved).reshape(rows, -1)


def geometry_of_rows(rows: int, size: int) -> Geometry:
    """Return the geometry whose windows are the rows of a table."""
    params = {
        "kernel_size": (1, size),
        "stride": (1, size),
        "padding": (0, 0),
        "dilation": (1, 1),
        "ceil_mode": False,
    }
    return geometry("max_pool2d", params, (1, rows, size))

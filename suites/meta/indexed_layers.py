"""Operations whose outputs are given by index, and divisions, for the tests of whole layers."""

from __future__ import annotations

import math
from dataclasses import replace

import torch

from suites.meta.whole_layers import Operation

F = torch.nn.functional
_DRAWN = torch.Generator().manual_seed(11)


def _index(below: int, *shape: int) -> torch.Tensor:
    return torch.randint(0, below, shape, generator=_DRAWN)


def _tensor(index: torch.Tensor) -> dict[str, object]:
    return {"shape": list(index.shape), "data": index.flatten().tolist()}


def scattered(places: int, sources: int) -> Operation:
    """Scatter so many sources to so many places, each with its own number."""
    index = _index(places, sources)
    return Operation(
        op="scatter_reduce",
        function=lambda x, y: x.scatter_reduce(0, index, y, "amax"),
        shapes=((places,), (sources,)),
        names=("input", "src"),
        params={"dim": 0, "index": _tensor(index), "reduce": "amax", "include_self": True},
    )


def _crossed() -> Operation:
    """Scatter along the second dimension; some of the source is not read."""
    index = _index(40, 90, 100)
    return Operation(
        op="scatter_reduce",
        # the framework's backward pass wants a source of the index's shape
        function=lambda x, y: x.scatter_reduce(1, index, y[:90, :100], "amin"),
        shapes=((100, 40), (100, 120)),
        names=("input", "src"),
        params={"dim": 1, "index": _tensor(index), "reduce": "amin", "include_self": True},
    )


def _reduced() -> Operation:
    """Reduce slices by index; what the framework names so warns that it may change."""
    index = _index(30, 200)
    to = index.reshape(1, -1, 1).expand(10, 200, 7)
    return Operation(
        op="index_reduce",
        function=lambda x, y: x.scatter_reduce(1, to, y, "amax"),
        shapes=((10, 30, 7), (10, 200, 7)),
        names=("input", "source"),
        params={"dim": 1, "index": index.tolist(), "reduce": "amax", "include_self": True},
    )


def segmented(segments: int, rows: int) -> Operation:
    """Segments of about so many rows; they share a cotangent evenly, as the framework's do not."""
    lengths = _index(2 * rows + 1, segments)
    owner = torch.repeat_interleave(torch.arange(segments), lengths)

    def function(x: torch.Tensor) -> torch.Tensor:
        nothing = torch.full((segments,), -math.inf, dtype=x.dtype)
        return nothing.scatter_reduce(0, owner, x, "amax")

    return Operation(
        op="segment_reduce",
        function=function,
        shapes=((int(lengths.sum()),),),
        names=("data",),
        params={"reduce": "max", "lengths": lengths.tolist(), "initial": None},
    )


def unpooled(*shape: int) -> Operation:
    """Unpooling of windows of four."""
    pooled = torch.rand(*shape[:-2], 2 * shape[-2], 2 * shape[-1], generator=_DRAWN)
    _, index = F.max_pool2d(pooled, 2, return_indices=True)
    return Operation(
        op="max_unpool2d",
        function=lambda x: F.max_unpool2d(x, index, 2),
        shapes=(shape,),
        params={
            "indices": _tensor(index),
            "kernel_size": [2, 2],
            "stride": [2, 2],
            "padding": [0, 0],
            "output_size": list(pooled.shape[-2:]),
        },
    )


def divided(op: str, *shapes: tuple[int, ...]) -> Operation:
    """An operation of two numbers, of which none is near a jump."""
    return Operation(
        op=op,
        function=getattr(torch, op),
        shapes=shapes,
        names=("input", "other"),
        drawn=torch.randn,
    )


def bagged(bags: int, rows: int, width: int) -> Operation:
    """Bags of four ascending rows each, which they share."""
    index = torch.rand(bags, rows, generator=_DRAWN).argsort(1)[:, :4].sort(1)[0]
    return Operation(
        op="embedding_bag",
        function=lambda x: F.embedding_bag(index, x, mode="max"),
        shapes=((rows, width),),
        names=("weight",),
        params={
            "input": index.flatten().tolist(),
            "offsets": list(range(0, 4 * bags, 4)),
            "mode": "max",
        },
    )


LISTED = (
    scattered(1000, 8000),
    _crossed(),
    _reduced(),
    segmented(2000, 5),
    bagged(600, 200, 30),
)
CONSTANT = replace(LISTED[2], constants=("input",))
UNPOOLED = (unpooled(2, 3, 20, 30),)
_ROW, _COLUMN, _WHOLE = (200,), (100, 1), (100, 200)
DIVIDED = (
    divided("fmod", _WHOLE, _WHOLE),
    divided("fmod", _WHOLE, _ROW),
    divided("remainder", _COLUMN, _WHOLE),
    divided("copysign", _ROW, _WHOLE),
)

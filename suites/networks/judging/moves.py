"""Operations that move numbers and compute nothing: views, slices, concatenations, repetitions.

What was moved to one place has its cotangent for a gradient, to the bit; what was repeated has the
sum, and what was left out 0. Where numpy has a view for it, the cotangent is written through the
view; else where an input went is found by moving its index.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from suites.networks.judging.comparing import compare, identical
from suites.networks.judging.evidence import Judged, NotJudgedError, Tally
from suites.networks.judging.layer import Layer
from suites.networks.judging.numbers import Numbers, bits, format_of, numbers
from suites.networks.judging.sums import plain_sum
from suites.networks.judging.work import few, wide

Places: TypeAlias = NDArray[Any]
"""Indices, or bits, that are moved."""

Move: TypeAlias = Callable[[Places, dict[str, Any]], Places]
"""Moves an array as the operator does, given its arguments; -1 is a number put in."""


def viewed(move: Move) -> Callable[[Layer], Judged]:
    """Return the judge of an operation that shows some numbers of `self`, each at most once."""

    def judge(layer: Layer) -> Judged:
        tally = Tally()
        for name, gradient in layer.gradients(("self",)):
            raw: Any = bits(layer.cotangent)
            expected = np.zeros(layer.shape("self"), raw.dtype)
            seen = move(expected, layer.call.arguments)
            assert np.may_share_memory(seen, expected)  # numpy's own view
            if seen.shape != raw.shape:
                msg = f"{layer.call.op} was not understood: {seen.shape} is not {raw.shape}"
                raise NotJudgedError(msg)
            seen[...] = raw
            tally.add(identical(gradient, expected, name))
        return tally.total()

    return judge


def moved(move: Move) -> Callable[[Layer], Judged]:
    """Return the judge of an operation that moves its operand `self`."""

    def judge(layer: Layer) -> Judged:
        shape = layer.shape("self")
        size = int(np.prod(shape, dtype=object))
        at = move(np.arange(size).reshape(shape), layer.call.arguments)
        return _judged(layer, at.reshape(-1), size, shape)

    return judge


def _judged(layer: Layer, at: Places, size: int, shape: tuple[int, ...]) -> Judged:
    if at.size != layer.cotangent.numel():
        msg = f"{layer.call.op} was not understood: it moves {at.size} numbers, "
        msg += f"and {layer.cotangent.numel()} came back"
        raise NotJudgedError(msg)
    count = int(np.bincount(at[at >= 0], minlength=1).max(initial=0))
    tally = Tally()
    for name, gradient in layer.gradients(("self",)):
        if count <= 1:
            tally.add(identical(gradient, _put(bits(layer.cotangent), at, shape), name))
        else:
            g = numbers(layer.cotangent).reshape(-1)

            def gathered(values: Numbers) -> Numbers:
                kept = at >= 0
                sums: Any = np.bincount(at[kept], weights=values[kept], minlength=size)
                return np.asarray(sums, np.float64).reshape(shape)

            tally.add(compare(gradient, plain_sum(gathered, g, count, layer.format), name))
    return tally.total()


def _put(raw: Any, at: Places, shape: tuple[int, ...]) -> Any:
    flat = np.zeros(int(np.prod(shape, dtype=object)), raw.dtype)
    kept = at >= 0
    flat[at[kept]] = raw.reshape(-1)[kept]
    return flat.reshape(shape)


def unmoved(layer: Layer) -> Judged:
    """Judge a view of the same numbers in the same order."""
    tally = Tally()
    for name, gradient in layer.gradients(("self",)):
        shaped = bits(layer.cotangent).reshape(layer.shape("self"))
        tally.add(identical(gradient, shaped, name))
    return tally.total()


def converted(layer: Layer) -> Judged:
    """Judge a conversion: its gradient is the cotangent, rounded once where the format is less."""
    tally = Tally()
    for name, gradient in layer.gradients(("self",)):
        fmt = format_of(gradient.dtype)
        g = wide(numbers(layer.cotangent), fmt)
        is_rounded = fmt.precision < format_of(layer.cotangent.dtype).precision
        tally.add(compare(gradient, few(g, np.abs(g), fmt, int(is_rounded)), name))
    return tally.total()


def concatenation(layer: Layer) -> Judged:
    """Judge a concatenation: each operand has its part of the cotangent."""
    operands = layer.parameter("tensors")
    dim = layer.parameter("dim") % layer.cotangent.ndim
    raw = bits(layer.cotangent)
    tally = Tally()
    start = 0
    returned = layer.step.gradients
    if len(returned) != len(operands):
        msg = f"it has {len(returned)} inputs, and {len(operands)} are put together"
        raise NotJudgedError(msg)
    for place, (operand, gradient) in enumerate(zip(operands, returned, strict=True)):
        length = operand.shape[dim] if len(operand.shape) == raw.ndim else 0
        part = np.take(raw, np.arange(start, start + length), axis=dim)
        start += length
        if gradient is not None:
            tally.add(identical(gradient, part.reshape(operand.shape), f"tensors[{place}]"))
    return tally.total()


def permute(x: Places, of: dict[str, Any]) -> Places:
    """Move as `permute` does."""
    return x.transpose([d % x.ndim for d in of["dims"]])


def transpose(x: Places, of: dict[str, Any]) -> Places:
    """Move as `transpose` does."""
    return x.swapaxes(of["dim0"], of["dim1"])


def turn(x: Places, of: dict[str, Any]) -> Places:
    """Move as `t` does."""
    del of
    return x.T


def cut(x: Places, of: dict[str, Any]) -> Places:
    """Move as `slice` does."""
    dim = of["dim"] % x.ndim
    step = slice(of.get("start"), of.get("end"), of.get("step", 1))
    moved_there: Places = x[(*(slice(None) for _ in range(dim)), step)]
    return moved_there


def select(x: Places, of: dict[str, Any]) -> Places:
    """Move as `select` does."""
    taken: Places = np.moveaxis(x, of["dim"], 0)[of["index"]]
    return taken


def expand(x: Places, of: dict[str, Any]) -> Places:
    """Move as `expand` does: -1 keeps a size."""
    sizes = list(of["size"])
    kept = [1] * (len(sizes) - x.ndim) + list(x.shape)
    return np.broadcast_to(x, [k if n == -1 else n for n, k in zip(sizes, kept, strict=True)])


def repeat(x: Places, of: dict[str, Any]) -> Places:
    """Move as `repeat` does."""
    return np.tile(x, of["repeats"])


def frame(x: Places, of: dict[str, Any]) -> Places:
    """Move as `constant_pad_nd` does: pairs from the last dimension on; negative ones cut."""
    pad = of["pad"]
    pairs = [(0, 0)] * (x.ndim - len(pad) // 2)
    pairs += [(pad[i], pad[i + 1]) for i in range(len(pad) - 2, -1, -2)]
    inner = tuple(
        slice(-min(a, 0), n + min(b, 0)) for (a, b), n in zip(pairs, x.shape, strict=True)
    )
    widths = [(max(a, 0), max(b, 0)) for a, b in pairs]
    return np.pad(x[inner], widths, constant_values=-1)


def fill(x: Places, of: dict[str, Any]) -> Places:
    """Move as `masked_fill` does: another number is put in where the mask is set."""
    return np.where(of["mask"].cpu().numpy(), -1, x)

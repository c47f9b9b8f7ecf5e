"""Statements that lay a tensor out in memory as a cell's layout does."""

from __future__ import annotations

from collections.abc import Sequence

from reports.record import Numbers
from reports.text import plain

_PLAIN = ("contiguous", "dense", "repeat")
_LAYOUTS = ("channels-last", "transposed", "expanded", "sliced", "channels-last-sliced")
_EDGES = ("1:", "1:-1", "1:-2")  # first, last but one and last stored axis of a slice
_ADDED = (1, 2, 3)  # what these edges leave out


class UnknownLayoutError(ValueError):
    """A layout of another kind."""


def statements(name: str, layout: str, tensor: Numbers) -> list[str]:
    """Return the statements that turn the contiguous variable `name` into one of `layout`.

    A layout that makes no difference for a tensor of this shape takes none.

    Raises:
        UnknownLayoutError: There is no such layout.
    """
    shape = tensor["shape"]
    if layout in _PLAIN or (layout in _LAYOUTS and not shape):
        return []
    if layout == "channels-last":
        return _channels_last(name, shape)
    if layout == "transposed":
        return _transposed(name, shape)
    if layout == "expanded":
        axes = _constant_axes(tensor)
        kept = ", ".join(":1" if axis in axes else ":" for axis in range(len(shape)))
        clone = f"{name}[{kept}].clone(memory_format=torch.contiguous_format)"
        return [f"{name} = {clone}.expand({tuple(shape)})"]
    if layout == "sliced":
        return _sliced(name, shape, list(range(len(shape))))
    if layout == "channels-last-sliced":
        return _sliced(name, shape, [0, *range(2, len(shape)), *range(1, min(len(shape), 2))])
    msg = f"its layout is {plain(layout, 60)}, expected a layout of the suites"
    raise UnknownLayoutError(msg)


def _channels_last(name: str, shape: Sequence[int]) -> list[str]:
    suffix = {4: "", 5: "_3d"}.get(len(shape))
    if suffix is None:
        return []
    return [f"{name} = {name}.clone(memory_format=torch.channels_last{suffix})"]


def _transposed(name: str, shape: Sequence[int]) -> list[str]:
    """Swap the two innermost axes longer than 1 in memory."""
    long = [axis for axis, size in enumerate(shape) if size > 1]
    if len(long) < 2:
        return []
    swap = f"transpose({long[-2]}, {long[-1]})"
    return [f"{name} = {name}.{swap}.contiguous().{swap}"]


def _sliced(name: str, shape: Sequence[int], order: list[int]) -> list[str]:
    """Make it a window of a larger tensor, stored in the order of axes `order`.

    What lies around the window is not-a-number, so that a kernel which reads there shows it.
    """
    slices = dict.fromkeys(order, ":")
    sizes = dict(enumerate(shape))
    # in this order: where two of the three are one axis, the inner one's edge holds
    axes = (order[0], order[-2] if len(order) > 1 else order[-1], order[-1])
    for axis, edge, added in zip(axes, _EDGES, _ADDED, strict=True):
        slices[axis] = edge
        sizes[axis] = shape[axis] + added
    stored = tuple(sizes[axis] for axis in order)
    back = tuple(order.index(axis) for axis in range(len(shape)))
    permuted = "" if order == sorted(order) else f".permute{back}"
    window = f"[{', '.join(slices[axis] for axis in range(len(shape)))}]"
    return [
        f'room = {name}.new_full({stored}, float("nan")){permuted}',
        f"room{window} = {name}",
        f"{name} = room{window}",
    ]


def _constant_axes(tensor: Numbers) -> set[int]:
    """Return the axes of several entries along which nothing changes."""
    found = set()
    texts, inner = tensor["data"], len(tensor["data"])
    for axis, size in enumerate(tensor["shape"]):
        block, inner = inner, inner // size if size else 0
        if size > 1 and _repeats(texts, block, inner):
            found.add(axis)
    return found


def _repeats(texts: Sequence[str], block: int, inner: int) -> bool:
    """Whether each block of `texts` repeats its first `inner` entries."""
    return all(texts[k] == texts[k - inner] for k in range(len(texts)) if k % block >= inner)

"""Operations whose windows are given by index: which entries each output reads.

Each output reads a list of entries of one operand, the source: those that an index sends to it, a
segment, a bag. Perhaps it reads the entry in its own place of another operand before them, or a
number. Lists are of *rows*: outputs that lie side by side, or one behind the other, read the same
rows of different columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from oracle.formats import Format
from oracle.programs import Signature
from oracle.scale.compiling import compiled
from oracle.scale.program_layer import Places, ProgramLayer
from oracle.scale.slots import parameter

NOTHING = -(1 << 63)
"""In the place of a number: there is none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Listed:
    """Which entries the outputs of a layer read.

    Attributes:
        source: The operand that has the lists' entries.
        own: The operand whose entry in an output's own place comes before them; "" for none.
        start: List -> where its rows begin in `rows`; behind the last, where that ends.
        rows: The rows of all lists, one list behind the other, each in the order of the definition.
        outer: Blocks of the source that have the same lists.
        inner: Entries of a row side by side.
        length: Rows of a block.
        included: Whether the own entry, or the number, takes part where a list has rows, too.
        initial: A number in an own entry's place, as parameters spell it, or an infinity.
        smallest: Whether the smallest is chosen.
        unread: Entries of the source that are in no list, where lists share none.
        shared: Whether lists may share entries; then each is ascending.
        ascending: Whether they are so in the definition's order, too.
    """

    source: str
    own: str = ""
    start: Places
    rows: Places
    outer: int = 1
    inner: int = 1
    length: int
    included: bool = True
    initial: str | None = None
    smallest: bool
    unread: Places
    shared: bool = False
    ascending: bool = True

    def place(self, output: int) -> tuple[int, int, int]:
        """Return block, list and column of an output."""
        block, rest = divmod(output, (self.start.size - 1) * self.inner)
        return (block, *divmod(rest, self.inner))

    def entries(self, output: int) -> Places:
        """Return the entries of the source that an output reads."""
        block, number, column = self.place(output)
        rows = self.rows[self.start[number] : self.start[number + 1]]
        return (block * self.length + rows) * self.inner + column


class Lists(NamedTuple):
    """The same for compiled code, which has the own entries and the source's as one array.

    Attributes:
        start: As above.
        rows: As above.
        outer: As above.
        inner: As above.
        length: As above.
        owns: The number of own entries, which come first.
        included: As above, 0 or 1.
        moving: The first entry that is differentiated, and the one behind the last.
        smallest: 0 or 1.
        shift: Keys are multiplied by a power of two, so that a number has a place between them.
        fixed: The place of the number among the shifted keys; `NOTHING` if there is none.
        ends: The number's bits, rounded down and up.
    """

    start: Places
    rows: Places
    outer: int
    inner: int
    length: int
    owns: int
    included: int
    moving: tuple[int, int]
    smallest: int
    shift: int
    fixed: int
    ends: tuple[int, int]


def lists_of(layer: ProgramLayer, listed: Listed) -> Lists:
    """Return a layer's lists for compiled code."""
    fmt, shift = layer.format, int(layer.format.width < 64)
    owns = layer.operands[listed.own].size if listed.own else 0
    stop = owns + layer.operands[listed.source].size
    moving = (
        0 if listed.own in layer.gradients else owns,
        stop if listed.source in layer.gradients else owns,
    )
    fixed, lower, upper = NOTHING, 0, 0
    if listed.initial is not None:
        place, lower, upper = _number(listed.initial, fmt, shift)
        fixed = -place if listed.smallest else place
    return Lists(
        start=listed.start,
        rows=listed.rows,
        outer=listed.outer,
        inner=listed.inner,
        length=listed.length,
        owns=owns,
        included=int(listed.included),
        moving=moving,
        smallest=int(listed.smallest),
        shift=shift,
        fixed=fixed,
        ends=(lower, upper),
    )


def _number(text: str, fmt: Format, shift: int) -> tuple[int, int, int]:
    """Return the place of a number, or of an infinity, and its bits, rounded down and up."""
    if "inf" not in text:
        return parameter(text, fmt, shift)
    key, sign = fmt.infinity_bits, int("-" in text)
    bits = key - sign * fmt.sign_bit
    return (-key if sign else key) << shift, bits, bits


def listed_of(shapes: Signature) -> Listed | None:
    """Return which entries the outputs of an operation read; None of others than these."""
    maker = _MAKERS.get(shapes.op)
    return None if maker is None else maker(shapes)


def _scattered(shapes: Signature) -> Listed:
    params, (target, source) = shapes.params, (one.shape for one in shapes.operands)
    index, dim = params["index"], params["dim"]
    data = np.array(index["data"], np.int64).reshape(index["shape"])
    to, read = (
        _flat(shape, index["shape"], data if d else None, dim)
        for d, shape in ((1, target), (0, source))
    )
    start, rows = _in_lists(to, math.prod(target), read)
    unread = np.ones(math.prod(source), bool)
    unread[read] = False
    return Listed(
        source="src",
        own="input",
        start=start,
        rows=rows,
        length=unread.size,
        included=params["include_self"],
        smallest=params["reduce"] == "amin",
        unread=np.flatnonzero(unread),
    )


def _flat(shape: Sequence[int], sizes: Sequence[int], index: Places | None, dim: int) -> Places:
    """Return the numbers of the first places of a shape; those along `dim` may be given."""
    found = np.zeros(sizes, np.int64)
    for d, size in enumerate(sizes):
        along = np.arange(size).reshape(-1, *(1,) * (len(sizes) - d - 1))
        found += (along if index is None or d != dim else index) * math.prod(shape[d + 1 :])
    return found.reshape(-1)


def _indexed(shapes: Signature) -> Listed:
    params, (target, source) = shapes.params, (one.shape for one in shapes.operands)
    index, dim = np.array(params["index"], np.int64), params["dim"]
    start, rows = _in_lists(index, target[dim], np.arange(index.size))
    return Listed(
        source="source",
        own="input",
        start=start,
        rows=rows,
        outer=math.prod(target[:dim]),
        inner=math.prod(target[dim + 1 :]),
        length=source[dim],
        included=params["include_self"],
        smallest=params["reduce"] == "amin",
        unread=np.zeros(0, np.int64),
    )


def _in_lists(to: Places, lists: int, rows: Places) -> tuple[Places, Places]:
    """Return where lists begin and their rows, of rows that go to these lists."""
    start = np.zeros(lists + 1, np.int64)
    np.cumsum(np.bincount(to, minlength=lists), out=start[1:])
    found = np.zeros(rows.size, np.int64)
    put_in_lists(to, rows, start[:-1].copy(), found)
    return start, found


@compiled
def put_in_lists(to: Places, rows: Places, free: Places, found: Places) -> None:
    """Write each row to the next free place of its list."""
    for k in range(to.size):
        place = free[to[k]]
        found[place] = rows[k]
        free[to[k]] = place + 1


def _segmented(shapes: Signature) -> Listed:
    params, (data,) = shapes.params, (one.shape for one in shapes.operands)
    smallest, initial = params["reduce"] == "min", params["initial"]
    lengths = np.array(params["lengths"], np.int64)
    return Listed(
        source="data",
        start=np.concatenate([[0], np.cumsum(lengths)]),
        rows=np.arange(data[0]),
        inner=math.prod(data[1:]),
        length=data[0],
        included=initial is not None,
        initial=("inf" if smallest else "-inf") if initial is None else initial,
        smallest=smallest,
        unread=np.zeros(0, np.int64),
    )


def _bagged(shapes: Signature) -> Listed:
    """Return the rows of each bag, each once; an empty one gives 0."""
    params, (weight,) = shapes.params, (one.shape for one in shapes.operands)
    rows, offsets = (np.array(params[key], np.int64) for key in ("input", "offsets"))
    lengths = np.diff(offsets, append=rows.size)
    places = np.repeat(np.arange(offsets.size), lengths) * weight[0] + rows
    found = np.unique(places)
    bags, kept = np.divmod(found, max(weight[0], 1))
    return Listed(
        source="weight",
        start=np.searchsorted(bags, np.arange(offsets.size + 1)),
        rows=kept,
        inner=weight[1],
        length=weight[0],
        included=False,
        initial="0x0.0p+0",
        smallest=False,
        unread=found[:0],
        shared=True,
        ascending=bool((np.diff(places) >= 0).all()),
    )


_MAKERS: Mapping[str, Callable[[Signature], Listed]] = {
    "scatter_reduce": _scattered,
    "index_reduce": _indexed,
    "segment_reduce": _segmented,
    "embedding_bag": _bagged,
}

"""One pass over windows that are lists and may share entries: bags.

Lists are ascending, so that the rules first-index and last-index follow one order of all entries:
each is a point of the Clarke set, and so are equal shares. What a rule gives to the entries is
summed and held against the theory's bound (`picking.hold_sums`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Numbers, value_of
from oracle.scale.collecting import entry_of, is_right, is_tied, look
from oracle.scale.compiling import compiled, inlined
from oracle.scale.giving import EVEN, FIRST, INFINITE, TIED, WILD_COTANGENTS, WRONG
from oracle.scale.lists import Lists
from oracle.scale.passing import Layer
from oracle.scale.picking import Sums, share
from oracle.scale.rows import FREE, SHARES, split

SILENT, SEVERAL, WILD = -1, -2, -3
"""In the place of the entry that a window chooses: it takes no part; it has several; its cotangent
is NaN or infinite."""


@inlined
def give_tied(
    layer: Layer,
    lists: Lists,
    at: tuple[int, int, int],
    w: int,
    seen: tuple[int, int, int],
    wild: bool,
    g: float,
    sums: Sums,
    infinity: int,
    rule: int,
) -> None:
    """Give a window's cotangent to its equal entries by a rule; if it is wild, free these.

    Args:
        layer: The tensors.
        lists: The lists.
        at: Block, list and column of the output.
        w: The output.
        seen: The place of its value; how many entries have it; the one that the rule chooses.
        wild: Whether the cotangent is NaN or infinite.
        g: The cotangent.
        sums: Where it goes.
        infinity: The key of infinity.
        rule: The rule.
    """
    top, moving, chosen = seen
    n = lists.start[at[1] + 1] - lists.start[at[1]]
    for k in range(n):
        i = entry_of(lists, at, w, k)
        if not is_tied(layer, lists, i, k, n, top, infinity):
            continue
        if wild:
            sums.tally[i, FREE] = 1
        elif rule == EVEN and moving > 1:
            sums.tally[i, SHARES] += 1
            split(sums.terms, sums.sums, sums.tally, i, g, moving)
        else:
            share(sums, i, g if i == chosen else 0.0, 0.0, g, int(moving > 1))


@compiled
def pass_bags(
    layer: Layer,
    lists: Lists,
    sums: Sums,
    chosen: NDArray[np.int64],
    numbers: Numbers,
    values: NDArray[np.float64],
    rule: int,
    counts: NDArray[np.int64],
) -> None:
    """Sum what all windows give to their entries by a rule; note what each chooses."""
    lanes = (lists.start.size - 1) * lists.inner
    for w in range(lists.outer * lanes):
        at = (w // lanes, w % lanes // lists.inner, w % lists.inner)
        top, moving, _, first, last = look(layer, lists, at, w, numbers.infinity)
        size = layer.cotangent[w] & numbers.mask
        wild = size >= numbers.infinity
        counts[WILD_COTANGENTS] += wild
        counts[TIED] += moving > 1
        counts[INFINITE] += moving > 0 and abs(top) == numbers.infinity << lists.shift
        if layer.output.size:
            counts[WRONG] += not is_right(layer, lists, at, w, top, numbers)
        chosen[w] = SILENT
        if size and moving:
            chosen[w] = WILD if wild else SEVERAL if moving > 1 else first
            seen = (top, moving, first if rule == FIRST else last)
            g = value_of(layer.cotangent[w], values)
            give_tied(layer, lists, at, w, seen, wild, g, sums, numbers.infinity, rule)

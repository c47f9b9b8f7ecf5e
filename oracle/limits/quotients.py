"""Which input each output follows near a stored input, by difference quotients in high precision.

Every number here is exact. Stored inputs are multiples of `2^low`, so two that differ are at least
`2^low` apart; the steps are `2^-64` and `2^-128` of that, and the precision holds all their sums.
Pooling is piecewise linear: a quotient whose steps cross no tie is the derivative itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mpmath import MPContext

from oracle.formats import Format
from oracle.limits.pooling import Cells, window_cells

_MOST_TIED = 5  # 5! = 120 total orders of a component's tied inputs
_EXTRA_BITS = 200
_ORDER_STEP = -64  # exponents, relative to the smallest gap
_QUOTIENT_STEP = -128


class LimitsError(ValueError):
    """A case that difference quotients over total orders cannot decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """A pooling operation on one finite input.

    Attributes:
        op: Name of the operation.
        params: The parameters as sorted pairs.
        shape: The input's shape.
        format: The format of the input.
        arithmetic: How windows that depend on rounding are computed.
        units: The input, row-major, in multiples of any positive number.
    """

    op: str
    params: tuple[tuple[str, Any], ...]
    shape: tuple[int, ...]
    format: Format
    arithmetic: str
    units: tuple[int, ...]

    @property
    def windows(self) -> tuple[Cells, ...]:
        """What each window reads."""
        return window_cells(self.op, self.params, self.shape, self.format, self.arithmetic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Windows connected by tied inputs that they share, in one or more steps.

    Attributes:
        windows: Ascending.
        inputs: The inputs tied in at least one of them, ascending.
        followed: For each total order of the inputs, from all ascending to all descending and the
            most preferred first, the one input that each window's output follows.
    """

    windows: tuple[int, ...]
    inputs: tuple[int, ...]
    followed: tuple[tuple[int, ...], ...]


class _Site:
    """The input as numbers of high precision that can be moved."""

    def __init__(self, units: Iterable[int]) -> None:
        sizes = [abs(n) for n in units if n]
        low = min(((n & -n).bit_length() - 1 for n in sizes), default=0)
        high = max((n.bit_length() for n in sizes), default=0)
        context = MPContext()  # its own: mpmath.mp is global, and anybody may change its precision
        context.prec = high - low + _EXTRA_BITS
        self.x = [context.mpf(n) for n in units]
        self.order_step = context.ldexp(1, low + _ORDER_STEP)
        self.quotient_step = context.ldexp(1, low + _QUOTIENT_STEP)

    def slopes(self, windows: Sequence[Cells], moved: int, *, down: bool) -> list[Any]:
        """Return the outputs' quotients as one input moves up by the step and, if asked, down."""
        start = self.x[moved]
        self.x[moved] = start + self.quotient_step
        above = self._outputs(windows)
        self.x[moved] = start - self.quotient_step if down else start
        below = self._outputs(windows)
        self.x[moved] = start
        width = self.quotient_step * (1 + down)
        return [(high - low) / width for high, low in zip(above, below, strict=True)]

    def _outputs(self, windows: Iterable[Cells]) -> list[Any]:
        return [max([self.x[cell] for cell in cells]) for cells in windows]


@lru_cache(256)
def tied_inputs(pooling: Pooling) -> tuple[Cells, ...]:
    """Return for each window its tied inputs: those whose rise the output follows."""
    site = _Site(pooling.units)
    return tuple(
        tuple(i for i in window if site.slopes([window], i, down=False) == [1])
        for window in pooling.windows
    )


@lru_cache(256)
def components(pooling: Pooling, live: frozenset[int]) -> tuple[Component, ...]:
    """Return the components of the windows in `live`, each with its limits over all total orders.

    Raises:
        LimitsError: A component has more than five tied inputs.
    """
    tied, windows = tied_inputs(pooling), pooling.windows
    site = _Site(pooling.units)
    return tuple(
        Component(
            windows=tuple(connected),
            inputs=tuple(inputs),
            followed=_followed(site, {w: windows[w] for w in connected}, inputs),
        )
        for connected, inputs in _connected({w: tied[w] for w in sorted(live) if tied[w]})
    )


def _connected(tied: Mapping[int, Cells]) -> list[tuple[list[int], list[int]]]:
    """Return the windows and the tied inputs of each component, by walking from either to other."""
    readers: dict[int, list[int]] = {}
    for window, inputs in tied.items():
        for i in inputs:
            readers.setdefault(i, []).append(window)
    found = []
    left = set(tied)
    while left:
        waiting = [min(left)]
        windows: set[int] = set()
        while waiting:
            window = waiting.pop()
            if window not in windows:
                windows.add(window)
                waiting += [near for i in tied[window] for near in readers[i]]
        left -= windows
        found.append((sorted(windows), sorted({i for w in windows for i in tied[w]})))
    return found


def _followed(
    site: _Site, windows: Mapping[int, Cells], inputs: Sequence[int]
) -> tuple[tuple[int, ...], ...]:
    if len(inputs) > _MOST_TIED:
        msg = (
            f"{len(inputs)} tied inputs are connected (input {inputs[0]} and others), expected at "
            f"most {_MOST_TIED} as all their total orders are tried; judge without --by limits"
        )
        raise LimitsError(msg)
    return tuple(_follow(site, windows, order) for order in itertools.permutations(inputs))


def _follow(site: _Site, windows: Mapping[int, Cells], order: Sequence[int]) -> tuple[int, ...]:
    """Return the input that each window follows once the inputs have moved apart as in `order`.

    A component's inputs are equal. Distinct multiples of the order's step leave no tie among them,
    and being smaller than any gap they make none with another input.
    """
    stored = list(site.x)
    for rank, i in enumerate(reversed(order)):
        site.x[i] += rank * site.order_step
    followed: dict[int, int] = {}
    for i in order:
        readers = [w for w, cells in windows.items() if i in cells]
        slopes = site.slopes([windows[w] for w in readers], i, down=True)
        followed |= {w: i for w, slope in zip(readers, slopes, strict=True) if slope == 1}
    site.x = stored
    return tuple(followed[w] for w in windows)

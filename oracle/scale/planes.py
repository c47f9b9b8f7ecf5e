"""The windows of planes that are taken as they are, and what is asked of such."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from oracle.scale.bits import Numbers
from oracle.scale.mixing import join_rows, name_roots
from oracle.scale.passing import Layer, Seen, pass_plane, pass_planes
from oracle.scale.rows import Rows
from oracle.scale.tables import Tables

NOTHING = np.zeros(0, np.uint8)
"""Where it is not wanted which inputs were proved."""


class Stored(NamedTuple):
    """The tensors, and what compiled code needs of their format.

    Attributes:
        layer: The tensors.
        numbers: The format.
        values: Its values.
    """

    layer: Layer
    numbers: Numbers
    values: NDArray[np.float64]


class Made(NamedTuple):
    """What a pass writes of planes.

    Attributes:
        counts: Place among them -> counts, as `giving` names them.
        ratios: The largest ratio of each.
    """

    counts: NDArray[np.int64]
    ratios: NDArray[np.float64]


class Windows(Protocol):
    """The windows of some planes that are alike."""

    def hold(self, stored: Stored, planes: NDArray[np.int64], rule: int, made: Made) -> None:
        """Hold the gradients of planes against a rule's point."""

    def hold_plane(self, stored: Stored, plane: int, rule: int, seen: Seen) -> None:
        """Hold the gradient of one plane against a rule's point."""

    def join(
        self, stored: Stored, plane: int, parent: NDArray[np.int32], owner: NDArray[np.int32]
    ) -> None:
        """Find the components of a plane, as `mixing.join_rows` has them, all by their roots."""


class Whole(NamedTuple):
    """Planes whose rows are kept whole.

    Attributes:
        tables: Their windows.
        rows: Buffers.
    """

    tables: Tables
    rows: Rows

    def hold(self, stored: Stored, planes: NDArray[np.int64], rule: int, made: Made) -> None:
        """Hold the gradients of planes against a rule's point."""
        pass_planes(
            stored.layer, self.tables, self.rows, stored.numbers, stored.values, planes, rule,
            made.counts, made.ratios, NOTHING,
        )  # fmt: skip

    def hold_plane(self, stored: Stored, plane: int, rule: int, seen: Seen) -> None:
        """Hold the gradient of one plane against a rule's point."""
        pass_plane(
            stored.layer, self.tables, self.rows, stored.numbers, stored.values, plane, rule, seen
        )

    def join(
        self, stored: Stored, plane: int, parent: NDArray[np.int32], owner: NDArray[np.int32]
    ) -> None:
        """Find the components of a plane."""
        layer, start = stored.layer, plane * owner.size
        join_rows(
            layer.input, layer.cotangent[start : start + owner.size], self.tables, self.rows,
            stored.numbers, plane, plane * parent.size, parent, owner,
        )  # fmt: skip
        name_roots(parent, owner)

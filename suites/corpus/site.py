"""Where cases are made: one geometry under its stack's name, and codes for the numbers there."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.formats import BINARY64
from oracle.programs import Signature
from oracle.windows import Geometry, Window
from suites.corpus.draws import Draws

Codes: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Coding:
    """Numbers as positions in a palette.

    Attributes:
        palette: The palette's name.
        codes: Positions within a row, `(n, *shape)`.
        rows: For each case the palette's row; None where it has only one.
    """

    palette: str
    codes: Codes
    rows: Codes | None = None


@dataclass(frozen=True, eq=False)
class Site:
    """A geometry of one case, and the name of the stack that its cases make."""

    name: str
    geometry: Geometry | Signature

    @property
    def shape(self) -> tuple[int, ...]:
        """The input's shape."""
        return self.geometry.input_shape

    @property
    def outputs(self) -> tuple[int, ...]:
        """The output's shape."""
        return self.geometry.output_shape

    @property
    def cells(self) -> int:
        """The number of inputs."""
        return math.prod(self.shape)

    @functools.cached_property
    def windows(self) -> Sequence[Window]:
        """The inputs that each output reads; of a program those that it can choose from at 0."""
        if isinstance(self.geometry, Geometry):
            return self.geometry.windows
        outputs = self.geometry.outputs([0] * self.cells, BINARY64)
        return [
            tuple(sorted({i for branch in output.branches for i in branch.row}))
            for output in outputs
        ]

    @property
    def reach(self) -> int:
        """The number of inputs that the widest window reads."""
        return max(map(len, self.windows), default=0)

    @functools.cached_property
    def busiest(self) -> Codes:
        """The flat inputs, those that most windows read first."""
        read = np.fromiter(itertools.chain.from_iterable(self.windows), int)
        return np.argsort(-np.bincount(read, minlength=self.cells), kind="stable")

    def draws(self, *purpose: str) -> Draws:
        """Return the stream of this place for one purpose."""
        return Draws(self.geometry.op, self.name, *purpose)


Maker: TypeAlias = Callable[[Site, Draws, int], Coding]
"""Makes the inputs, or the cotangents, of as many cases as it is asked for."""

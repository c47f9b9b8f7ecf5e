"""LU factorization with partial pivoting: rational, with a jump where candidates are tied.

The pivot is the entry of largest absolute value in its column, the first of several. Where two are
tied the next moment may exchange rows: no row from there on has a Clarke set, and none is asked for
a gradient. (An entry may still be continuous there, as the pivot is if the signs are the same.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from oracle.formats import Format
from oracle.programs.definition import Definition, Grids, Params, Shapes
from oracle.programs.derived import wider
from oracle.programs.errors import ProgramError
from oracle.programs.operands import Shape
from oracle.programs.quotients import quotient
from oracle.programs.scalar import Scalar
from oracle.programs.thresholds import jumping

_LARGEST = 3
"""Rows, at most: bounds grow with each row that is substituted, and with each pivot's own."""


@dataclass(slots=True, kw_only=True)
class _Elimination:
    """A matrix on the way to its factors.

    Attributes:
        entries: The compact factors so far, rows exchanged.
        exact: Which of the entries are the computed ones, too, whatever the order.
        order: For each row its number in the matrix.
        format: The format.
        tied: From which row on the factors jump.
    """

    entries: list[list[Scalar]]
    exact: list[list[bool]]
    order: list[int]
    format: Format
    tied: int

    def run(self) -> None:
        """Eliminate column after column.

        Raises:
            ProgramError: The matrix is singular, or rounding may choose another pivot.
        """
        for k in range(len(self.entries)):
            self._exchange(k)
            for i in range(k + 1, len(self.entries)):
                self._divide(i, k)

    def _exchange(self, k: int) -> None:
        rows = range(k, len(self.entries))
        sizes = {i: self._size(i, k) for i in rows}
        top = max(rows, key=lambda i: (sizes[i], -i))
        if not sizes[top]:
            msg = f"no pivot is left in column {k}, expected a matrix that is not singular"
            raise ProgramError(msg)
        for i in rows:
            if i != top:
                self._compare(k, top, i, sizes[top] - sizes[i])
        self._swap(k, top)

    def _swap(self, k: int, top: int) -> None:
        self.entries[k], self.entries[top] = self.entries[top], self.entries[k]
        self.exact[k], self.exact[top] = self.exact[top], self.exact[k]
        self.order[k], self.order[top] = self.order[top], self.order[k]

    def _size(self, i: int, k: int) -> Fraction:
        value = self.entries[i][k].value
        if isinstance(value, float):
            msg = f"a candidate for the pivot is {value}, expected finite numbers"
            raise ProgramError(msg)
        return abs(Fraction(value))

    def _compare(self, k: int, top: int, i: int, gap: Fraction) -> None:
        """Note a tie; refuse a comparison that rounding may turn round."""
        if not gap:
            self.tied = min(self.tied, k)
        if gap <= self._error(top, k) + self._error(i, k) and not (
            self.exact[top][k] and self.exact[i][k]
        ):
            msg = (
                f"candidates for the pivot in column {k} are within rounding of each other, "
                f"expected numbers that {self.format.name} compares exactly"
            )
            raise ProgramError(msg)

    def _error(self, i: int, k: int) -> Fraction:
        entry = self.entries[i][k]
        assert not isinstance(entry.magnitude, float)
        steps = entry.roundings * self.format.unit_roundoff
        return steps / (1 - steps) * entry.magnitude

    def _divide(self, i: int, k: int) -> None:
        """Take the pivot's row from another one."""
        row, pivots = self.entries[i], self.entries[k]
        row[k] = quotient(row[k], pivots[k])
        inverse = 1 / self._size(k, k)
        known = self.exact[i][k] and self.exact[k][k] and self._is_stored(inverse)
        self.exact[i][k] = known and self._is_stored(row[k].value)
        for j in range(k + 1, len(row)):
            product = row[k] * pivots[j]
            row[j] = row[j] - product
            known = self.exact[i][k] and self.exact[k][j] and self.exact[i][j]
            self.exact[i][j] = known and all(map(self._is_stored, (product.value, row[j].value)))

    def _is_stored(self, number: object) -> bool:
        assert isinstance(number, int | Fraction)
        units = Fraction(number) / self.format.eta
        return self.format.round(units) == units and abs(units) < self.format.infinity


def _lu_factor(params: Params, grids: Grids) -> Sequence[Scalar]:
    """Return the factors of each matrix in the place of one: of `L` what is below the diagonal."""
    del params  # pivoting is the only one there is
    grid = grids["A"]
    n = grid.shape[-1]
    if n == 0:
        return []
    starts = range(0, len(grid.entries), n * n)
    return [y for at in starts for y in _factored(grid.entries[at : at + n * n], n, grid.format)]


def _factored(entries: Sequence[Scalar], n: int, fmt: Format) -> list[Scalar]:
    made = _Elimination(
        entries=[list(entries[i * n : i * n + n]) for i in range(n)],
        exact=[[True] * n for _ in range(n)],
        order=list(range(n)),
        format=fmt,
        tied=n,
    )
    made.run()
    inputs = [entries[i * n : i * n + n] for i in made.order]
    factors = wider(made.entries, inputs) if made.tied else made.entries
    return [
        jumping(_value(y), *entries) if i >= made.tied else y
        for i, row in enumerate(factors)
        for y in row
    ]


def _value(y: Scalar) -> Scalar:
    """Return an entry by its value alone: how it depends on its inputs is not asked for."""
    return replace(y, branches=y.fixed().branches, ends=(0, -1))


def _output_shape(params: Params, shapes: Shapes) -> Shape:
    del params  # pivoting is the only one there is
    shape = shapes["A"]
    if len(shape) < 2 or shape[-1] != shape[-2] or shape[-1] > _LARGEST:
        msg = f"A.shape is {list(shape)}, expected square matrices of {_LARGEST} rows at most"
        raise ProgramError(msg)
    return shape


FACTORING: dict[str, Definition] = {
    "lu_factor": Definition(
        operands=("A",),
        checks={},
        output_shape=_output_shape,
        outputs=_lu_factor,
    )
}
"""Name -> definition."""

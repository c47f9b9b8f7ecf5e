"""What a case with a Jacobian asks: is it, as a whole matrix, a member of a set of matrices?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from oracle.case import matrix_shape
from oracle.check.programs import ProgramProblem
from oracle.programs import Branch, Scalar, Signature
from oracle.programs.extended import INFINITY
from oracle.programs.kinks import maximum
from oracle.programs.signature import variables


class JacobianProblem(ProgramProblem):
    """A case with a Jacobian: a point whose coordinates are its entries, row by row.

    A selection makes a matrix, whose rows are its branches' gradients. The Clarke Jacobian is the
    hull of the realizable selections' matrices, the weights shared by all rows; in the conservative
    set each row has its own. Each entry is of one output, with a cotangent of 1: an entry that is 0
    or 1 whatever is chosen has the bound 0. The case's own cotangent plays no part.
    """

    def _stored(self) -> tuple[list[Any], list[Any]]:
        case, units = self.case, self.format.units_of
        assert case.jacobian is not None
        rows, self._width = matrix_shape(case.geometry)
        one = self.format.eta.denominator
        return [one] * rows, [units[bits] for bits in case.jacobian.bits]

    def _outputs(self) -> Sequence[Scalar]:
        shapes = self.case.geometry
        if isinstance(shapes, Signature):
            return super()._outputs()
        inputs = variables(self.case.input.bits, self.format)
        return [
            maximum(*(inputs[i] for i in window)) if window else Scalar.constant(-INFINITY)
            for window in shapes.windows
        ]

    @property
    def _selects(self) -> bool:
        return super()._selects or not isinstance(self.case.geometry, Signature)

    def _rows(self, w: int, y: Scalar) -> Sequence[Branch]:
        first = w * self._width
        return [
            branch._replace(row={first + i: term for i, term in branch.row.items()})
            for branch in y.branches
        ]

    def _unasked(self, w: int, touched: Iterable[int]) -> Iterable[int]:
        """Return the output's whole row: forward mode multiplies a NaN by every tangent."""
        del touched  # they are in the row
        return range(w * self._width, (w + 1) * self._width)

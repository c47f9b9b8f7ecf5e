"""The outputs of a program at a case's inputs, and the branches to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from oracle.case import CaseError
from oracle.check.question import Question
from oracle.check.realizing import Conditions
from oracle.check.ties import components
from oracle.check.verdict import RefusedError
from oracle.programs import Branch, Scalar, Signature
from oracle.programs.errors import ProgramError
from oracle.programs.extended import is_finite, is_nan
from oracle.windows import Window


class Choosing(Question):
    """A case of a program. A **choice** is a branch of an output; choices are numbered on.

    Attributes:
        outputs: The outputs at the case's inputs.
        branches: Choice -> branch.
        jumps: Outputs that jump here: without a Clarke set, nothing is asked of their inputs.
    """

    outputs: Sequence[Scalar]

    def _prepared(self) -> list[Window]:
        try:
            self.outputs = self._outputs()
        except ProgramError as error:
            raise CaseError(str(error)) from error
        self.branches: list[Branch] = []
        self.jumps: list[int] = []
        return [self._window(w, y) for w, y in enumerate(self.outputs)]

    def _outputs(self) -> Sequence[Scalar]:
        shapes = self.case.geometry
        assert isinstance(shapes, Signature)
        return shapes.outputs(self.case.input.bits, self.format)

    @property
    def _selects(self) -> bool:
        """Whether every output is one of the inputs, also where that is NaN."""
        return isinstance(self.case.geometry, Signature) and self.case.geometry.selects

    def _rows(self, w: int, y: Scalar) -> Sequence[Branch]:
        """Return the branches of an output, their gradients by coordinate."""
        del w  # a coordinate is an input
        return y.branches

    def _window(self, w: int, y: Scalar) -> Window:
        """Return the choices of an output; sort it among the active ones, or free its inputs."""
        branches, g = self._rows(w, y), self.cotangent[w]
        touched = {i for branch in branches for i in branch.row}
        finite = self._is_finite(y)
        judged = finite and not y.jump
        self.special |= bool(touched) and not is_finite(y.value)
        if y.jump:
            self.jumps.append(w)
        if g is None or abs(g) == self.format.infinity:
            self.special = True
            self.free.update(touched)
        elif (g and not judged) or not finite:
            # where the output is a NaN or its slope is infinite, even 0 times it may be NaN
            self.free.update(self._unasked(w, touched))
        elif g and touched:
            return self._activated(w, branches)
        return self._counted(branches) if judged else ()

    def _unasked(self, w: int, touched: Iterable[int]) -> Iterable[int]:
        """Return the coordinates of which an output without a Clarke set leaves nothing to ask."""
        del w  # a gradient has other coordinates for other inputs
        return touched

    def _activated(self, w: int, branches: Sequence[Branch]) -> Window:
        choices = self.active[w] = self._counted(branches)
        return choices

    def _counted(self, branches: Sequence[Branch]) -> Window:
        first = len(self.branches)
        self.branches += branches
        return tuple(range(first, len(self.branches)))

    def _is_finite(self, y: Scalar) -> bool:
        """Return whether an output's branches are finite, and its value where that matters."""
        if is_nan(y.value) and not self._selects:
            return False
        return not any(
            isinstance(term.coefficient, float) or isinstance(term.magnitude, float)
            for branch in y.branches
            for term in branch.row.values()
        )

    @cached_property
    def ties(self) -> dict[str, int]:
        """The numbers of outputs, of those with several branches, and of those that jump."""
        tied = sum(len(choices) > 1 for choices in self.tied)
        return {"windows": len(self.tied), "tied": tied, "jumps": len(self.jumps)}

    @property
    def multiplies(self) -> bool:
        """Whether a coefficient other than 1 and -1 takes part, whose product is rounded."""
        branches = (self.branches[c] for choices in self.active.values() for c in choices)
        return any(term.roundings for branch in branches for term in branch.row.values())

    @cached_property
    def components(self) -> list[list[int]]:
        """The active outputs, grouped by what they add to or are decided by together."""
        # inputs that decide are apart from coordinates that are added to: -1 - i is input i
        return components(
            {w: (*self.inputs_of([w]), *(~i for i in self.contested(w))) for w in self.active}
        )

    @cached_property
    def _around(self) -> dict[int, list[int]]:
        around: dict[int, list[int]] = {}
        for w in self.active:
            for i in self.inputs_of([w]):
                around.setdefault(i, []).append(w)
        return around

    def inputs_of(self, windows: Iterable[int]) -> set[int]:
        """Return the coordinates that some branch of active outputs adds to."""
        return {i for w in windows for c in self.active[w] for i in self.branches[c].row}

    def contested(self, w: int) -> set[int]:
        """Return the inputs whose moves decide between an output's branches."""
        return {i for c in self.active[w] for condition in self.asked(c) for i in condition.inputs}

    def asked(self, choice: int) -> Conditions:
        """Return what a choice asks of a direction."""
        return self.branches[choice].conditions

    def choice(self, w: int, number: int) -> int:
        """Return the choice that certificates call `number`: an output's branches count from 0.

        Raises:
            RefusedError: The output has no such branch.
        """
        choices = self.active[w]
        if type(number) is not int or not 0 <= number < len(choices):
            msg = f"{number!r} is no branch of window {w}, which has {len(choices)}"
            raise RefusedError(msg)
        return choices[number]

    def number(self, w: int, choice: int) -> int:
        """Return what certificates call a choice of an output."""
        return choice - self.active[w][0]

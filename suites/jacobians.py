"""Judges whole Jacobians: each is a member as a matrix, and is it the selection of reverse mode?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from oracle.case import Case, Tensor
from oracle.check import Verdict, problem_of
from oracle.formats import format_named
from oracle.judge import judge
from suites.comparing import rows
from suites.frameworks.protocol import Bits, Reply
from suites.judgment import Judgment, Miss, Remark
from suites.plan import Cell, Group

_UNLIKE = "another selection"
_WORDS = {"outside": "deviates", "conservative": "conservative", "undecided": "undecided"}


class JacobianJudge:
    """Judges the Jacobians of the cases of a group.

    Args:
        group: The cases.
        reference: The judgment on their reverse pass; None if there is none.
    """

    def __init__(self, group: Group, reference: Judgment | None) -> None:
        self._group = group
        self._format = format_named(group.stack.format)
        self._reference = reference

    def judge(self, cell: Cell, reply: Reply, output: Bits) -> Judgment:
        """Return the judgment on a reply that ran."""
        if reply.jacobian is None:
            msg = f"the reply of {cell.id} ran but lacks a Jacobian"
            raise ValueError(msg)
        matrices = rows(reply.jacobian, cell.cases, self._format)
        verdicts = [self._verdict(i, output[i], matrices[i]) for i in range(cell.cases)]
        misses = list(self._misses(cell, verdicts))
        unlike = self._unlike(matrices, verdicts)
        everything = frozenset(range(cell.cases))
        return Judgment(
            cell=cell,
            reply=reply,
            output=output,
            gradient=matrices,
            verdicts=verdicts,
            misses=by_requirement(misses),
            reference=None,
            different=frozenset(),
            judged=everything,
            fresh=everything,
            windows={},
            remarks={"adjoint": unlike} if unlike.asked else {},
        )

    def case(self, i: int, matrix: Bits, output: Bits | None = None) -> Case:
        """Return a case with a Jacobian."""
        shapes = self._group.geometry
        case = self._group.case(i)
        shape = (len(case.cotangent.bits), len(case.input.bits))
        returned = None if output is None else Tensor(shapes.output_shape, output.tolist())
        return replace(case, jacobian=Tensor(shape, matrix.tolist()), output=returned)

    def _verdict(self, i: int, output: Bits, matrix: Bits) -> Verdict:
        return judge(self.case(i, matrix, output))

    def _misses(self, cell: Cell, verdicts: Sequence[Verdict]) -> Iterator[tuple[int, str, Miss]]:
        requirement = cell.derivative
        for i, verdict in enumerate(verdicts):
            if not verdict.output_exact:
                miss = Miss(word="deviates", cause="not the value", part="output")
                yield i, "special" if verdict.special else "output", miss
            if verdict.verdict in _WORDS:
                cause = verdict.certificate["kind"] if verdict.certificate else "beyond the budget"
                miss = Miss(word=_WORDS[verdict.verdict], cause=cause, part=requirement)
                yield i, "special" if verdict.special else requirement, miss

    def _unlike(self, matrices: Bits, verdicts: Sequence[Verdict]) -> Remark:
        """Return of which cases the Jacobian, times the cotangent, is not the gradient."""
        if self._reference is None:
            return Remark(asked=frozenset(), differs={})
        gradients = self._reference.gradient
        asked = frozenset(i for i, verdict in enumerate(verdicts) if not verdict.special)
        unlike = [i for i in sorted(asked) if not self._agrees(i, matrices[i], gradients[i])]
        return Remark(asked=asked, differs=dict.fromkeys(unlike, _UNLIKE))

    def _agrees(self, i: int, matrix: Bits, gradient: Bits) -> bool:
        """Return whether the exact product of cotangent and matrix is the gradient.

        Each side may be off by the bound's first form; an entry of the matrix also by half a
        subnormal number, which the cotangent multiplies.
        """
        case = self._group.case(i)
        shape = case.input.shape
        problem = problem_of(replace(case, gradient=Tensor(shape, gradient.tolist())))
        if problem.free or problem.wild:
            return True
        units, eta = self._format.units_of, self._format.eta
        entries = np.array([units[bits] for bits in matrix.tolist()], dtype=object)
        entries = entries.reshape(len(problem.cotangent), -1)
        if any(entry is None for entry in entries.ravel()):
            return False
        slack = sum(map(abs, problem.cotangent)) * eta / 2
        for k, v in enumerate(problem.gradient):
            column = zip(problem.cotangent, entries[:, k], strict=True)
            product = sum(g * entry for g, entry in column) * eta
            if v != product and abs(v - product) > 2 * problem.rounding.absolute(k) + slack:
                return False
        return True


def by_requirement(
    misses: Sequence[tuple[int, str, Miss]],
) -> dict[str, dict[int, Miss]]:
    """Return requirement -> case -> what is not met; of several the first stays."""
    found: dict[str, dict[int, Miss]] = {}
    for i, requirement, miss in misses:
        found.setdefault(requirement, {}).setdefault(i, miss)
    return found

"""What a case asks, whichever kind of operation it is of."""

from __future__ import annotations

from oracle.case import Case
from oracle.check.jacobian import JacobianProblem
from oracle.check.problem import Problem
from oracle.check.programs import ProgramProblem
from oracle.check.question import Question
from oracle.programs import Signature


def problem_of(case: Case) -> Question:
    """Return what a case asks.

    Raises:
        CaseError: It has neither gradient nor Jacobian, or an output that no bound is known for.
    """
    if case.jacobian is not None and case.gradient is None:
        return JacobianProblem(case)
    return ProgramProblem(case) if isinstance(case.geometry, Signature) else Problem(case)

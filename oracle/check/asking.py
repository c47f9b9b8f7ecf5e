"""What a case asks, whichever kind of operation it is of."""

from __future__ import annotations

from oracle.case import Case
from oracle.check.problem import Problem
from oracle.check.programs import ProgramProblem
from oracle.check.question import Question
from oracle.programs import Signature


def problem_of(case: Case) -> Question:
    """Return what a case asks.

    Raises:
        CaseError: It has no gradient, or an output that no bound is known for.
    """
    return ProgramProblem(case) if isinstance(case.geometry, Signature) else Problem(case)

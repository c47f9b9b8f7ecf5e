"""The judge: the search proposes, the checker disposes."""

from __future__ import annotations

from oracle.case import Case
from oracle.check import Question, Verdict, certify, problem_of
from oracle.search import propose


def judge(case: Case) -> Verdict:
    """Return the verdict on a case's gradient, or Jacobian; the checker accepts its certificate.

    Raises:
        CaseError: The case has neither, or an output that no bound is known for.
    """
    return answer(problem_of(case))


def answer(problem: Question) -> Verdict:
    """Return the verdict on a case that is prepared."""
    proposal = propose(problem)
    return certify(problem, proposal.certificate, proposal.ways)

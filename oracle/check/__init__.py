"""The trusted kernel: what a certificate proves about a gradient, by exact arithmetic alone.

It computes tied sets, the rounding bound, and the point or the separation that a certificate speaks
of, and derives the verdict from them. How the certificate was found does not matter. Sets, bounds
and words are the theory's (oracle/THEORY.md). Of ours it imports nothing but the case and what
gives it a meaning: formats, windows and programs.
"""

from oracle.check.asking import problem_of as problem_of
from oracle.check.certificate import certify as certify, check as check
from oracle.check.entries import rational as rational
from oracle.check.problem import Problem as Problem
from oracle.check.programs import ProgramProblem as ProgramProblem
from oracle.check.question import (
    BUDGET as BUDGET,
    RULES as RULES,
    Question as Question,
    Share as Share,
)
from oracle.check.ties import tied_set as tied_set
from oracle.check.verdict import (
    SCHEMA as SCHEMA,
    WAYS as WAYS,
    RefusedError as RefusedError,
    Verdict as Verdict,
)

"""Two backward passes on one graph: may their gradients differ as they do?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from oracle.case import Case, Tensor
from oracle.check import ProgramProblem, Question, problem_of


def same_gradient(case: Case, second: Sequence[int]) -> bool:
    """Return whether the second pass gives the gradient of the first.

    Where every number that a pass may form is representable, the values must be equal. Elsewhere
    each pass may be off by the bound's first form, so two passes by twice that. Nothing is asked
    where a cotangent is NaN or infinite, nor of an infinity or a NaN that overflow explains.

    Args:
        case: The case, with the gradient of the first pass.
        second: The bits of the second pass's gradient.
    """
    first_pass = problem_of(case)
    again = problem_of(replace(case, gradient=Tensor(case.geometry.input_shape, list(second))))
    unasked = first_pass.free.union(first_pass.overflow, again.overflow)
    exact = _is_exact(first_pass)
    pairs = enumerate(zip(first_pass.gradient, again.gradient, strict=True))
    for i, (v, w) in pairs:
        if v == w or i in unasked:
            continue
        if exact or v is None or w is None or abs(v - w) > 2 * first_pass.rounding.absolute(i):
            return False
    return True


def _is_exact(problem: Question) -> bool:
    """Return whether cotangents are integers of small sums, and shares powers of two.

    A product with another coefficient than 1 or -1 is rounded.
    """
    if isinstance(problem, ProgramProblem) and problem.multiplies:
        return False
    one = problem.format.eta.denominator
    seen = map(problem.rounding.size, range(problem.inputs))
    return (
        all(problem.cotangent[w] % one == 0 for w in problem.active)
        and all(count & (count - 1) == 0 for count in _shares(problem))
        and all(total <= one << problem.format.precision for total in seen)
    )


def _shares(problem: Question) -> Iterator[int]:
    return (len(tied) for tied in problem.active.values())

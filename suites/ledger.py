"""What is said of a gradient beside right and wrong: its norm at a kink, its side at a jump.

Asked of the first cases of each stack, in the base cell: they show which convention is followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oracle.case import Case, Tensor
from oracle.check import ProgramProblem, Verdict, problem_of, rational
from oracle.minimum_norm import first_box, follows_minimum_norm
from oracle.programs.extended import is_finite
from suites.frameworks.protocol import Bits
from suites.judgment import Remark
from suites.plan import Group

_ASKED = 64
"""Cases of a stack."""
_LARGEST = 256
"""Inputs of a case."""


def remarks(group: Group, gradients: Bits, verdicts: Sequence[Verdict]) -> Mapping[str, Remark]:
    """Return what is said of the first cases of a stack."""
    ordinary = [
        i
        for i, verdict in enumerate(verdicts[:_ASKED])
        if not verdict.special and verdict.verdict != "outside"
    ]
    if group.stack.inputs[0].size > _LARGEST:
        ordinary = []
    cases = {i: _case(group, i, gradients[i]) for i in ordinary}
    found = {
        "minimum-norm": _said(dict(_norms(cases, verdicts)), "another subgradient"),
        "jump": _said(dict(_sides(cases, verdicts)), "the derivative of neither side"),
    }
    return {requirement: remark for requirement, remark in found.items() if remark.asked}


def allowed(requirement: str, case: Case) -> dict[str, object] | None:
    """Return what would be the answer yes to one of these questions, of a case whose is no."""
    if requirement == "jump":
        sides = _sides_allowed(case)
        return {"sides": sides} if sides else None
    box = first_box(case) if requirement == "minimum-norm" else None
    if box is None:
        return None
    return {"box": {"index": box[0], "low": rational(box[1]), "high": rational(box[2])}}


def _case(group: Group, i: int, gradient: Bits) -> Case:
    shapes = group.geometry
    return group.case(i, gradient=Tensor(shapes.input_shape, gradient.tolist()))


def _said(answers: Mapping[int, bool], cause: str) -> Remark:
    return Remark(
        asked=frozenset(answers),
        differs={i: cause for i, agrees in answers.items() if not agrees},
    )


def _norms(cases: Mapping[int, Case], verdicts: Sequence[Verdict]) -> Iterator[tuple[int, bool]]:
    """Yield the cases with kinks that have a gradient of minimum norm, and whether it is theirs."""
    for i, case in cases.items():
        if verdicts[i].ties["tied"]:
            followed = follows_minimum_norm(case)
            if followed.minimum_norm or followed.other:
                yield i, not followed.other


def _sides(cases: Mapping[int, Case], verdicts: Sequence[Verdict]) -> Iterator[tuple[int, bool]]:
    """Yield the cases with jumps, and whether each has the derivative of one of its sides."""
    for i, case in cases.items():
        if verdicts[i].ties.get("jumps"):
            problem = problem_of(case)
            assert isinstance(problem, ProgramProblem)
            asked = _asked(problem)
            if asked:
                yield i, all(_is_one_sided(problem, w) for w in asked)


def _asked(problem: ProgramProblem) -> list[int]:
    return [w for w in problem.jumps if _is_alone(problem, w)]


def _is_alone(problem: ProgramProblem, w: int) -> bool:
    """Return whether no other output depends on the inputs in which an output jumps."""
    own = _touched(problem, w)
    others = (_touched(problem, v) for v in range(len(problem.outputs)) if v != w)
    return bool(problem.cotangent[w]) and bool(own) and all(own.isdisjoint(o) for o in others)


def _touched(problem: ProgramProblem, w: int) -> set[int]:
    return {i for branch in problem.outputs[w].branches for i in branch.row}


def _is_one_sided(problem: ProgramProblem, w: int) -> bool:
    """Return whether the gradient is the cotangent times the derivative of one branch."""
    return any(
        all(problem.gradient[i] == value for i, value in side.items())
        for side in _sides_of(problem, w)
    )


def _sides_of(problem: ProgramProblem, w: int) -> Iterator[dict[int, Any]]:
    """Yield what each branch of an output makes of the inputs that it touches, in units."""
    own = sorted(_touched(problem, w))
    for branch in problem.outputs[w].branches:
        yield {
            i: problem.cotangent[w] * (branch.row[i].coefficient if i in branch.row else 0)
            for i in own
        }


def _sides_allowed(case: Case) -> list[dict[str, str]]:
    """Return what the sides of the first jump that has neither allow: coordinate -> number.

    None where a side has no finite derivative.
    """
    problem = problem_of(case)
    assert isinstance(problem, ProgramProblem)
    w = next(w for w in _asked(problem) if not _is_one_sided(problem, w))
    eta = case.format.eta
    found = list(_sides_of(problem, w))
    if not all(is_finite(value) for side in found for value in side.values()):
        return []
    sides = [{str(i): rational(v * eta) for i, v in side.items()} for side in found]
    return [side for k, side in enumerate(sides) if side not in sides[:k]]

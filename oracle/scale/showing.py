"""Is a gradient outside? What shows it in no more time than it takes to read a case.

Two things are looked at. A coordinate may be out of the interval that holds it at all conservative
points. And the gradients of a component may not come to what its outputs pass on: along the
direction in which all coordinates are added up every choice of a selection is worth its cotangent,
so that no point of the set is further along than their sum, and the rounding bounds.
"""

from __future__ import annotations

from fractions import Fraction

from oracle.check import Question, Verdict, certify, rational

_WAYS = {"rule": 0, "order": 0, "hull": 0, "undecided": 0}


def shown_outside(problem: Question) -> Verdict | None:
    """Return the verdict `outside` where one coordinate shows it, or the sum of a component's."""
    for i in range(len(problem.gradient)):
        verdict = out_of_box(problem, i)
        if verdict is not None:
            return verdict
    for windows in problem.components:
        for sign in (1, -1):
            verdict = _out_of_balance(problem, windows, Fraction(sign))
            if verdict is not None:
                return verdict
    return None


def out_of_box(problem: Question, i: int) -> Verdict | None:
    """Return the verdict `outside` if coordinate `i` is out of its box."""
    box = None if i in problem.free else problem.missed_box(i)
    if box is None:
        return None
    certificate = {"kind": "box", "index": i, "low": rational(box[0]), "high": rational(box[1])}
    return certify(problem, certificate, dict(_WAYS))


def _out_of_balance(problem: Question, windows: list[int], sign: Fraction) -> Verdict | None:
    """Return the verdict `outside` if the coordinates of a component come to too much."""
    coordinates = problem.inputs_of(windows)
    if not coordinates.isdisjoint(problem.free) or not coordinates.isdisjoint(problem.wild):
        return None
    direction = dict.fromkeys(sorted(coordinates), sign)
    gap = problem.gap(direction, {}, clarke=False)
    if gap <= 0:
        return None
    separation = {
        "kind": "separation",
        "of": "conservative",
        "windows": windows,
        "direction": {str(i): rational(sign) for i in direction},
        "gap": rational(gap),
    }
    return certify(problem, separation, dict(_WAYS))

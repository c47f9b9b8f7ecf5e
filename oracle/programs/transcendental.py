"""Functions that are rational at the places where they are asked for; elsewhere no bound is known.

A rounding bound for them is work of its own: until then an operation that uses one is judged where
its argument is 0 and on the side of its kink that does not use it.
"""

from __future__ import annotations

from oracle.programs.curvature import AFFINE, CONVEX, NEITHER
from oracle.programs.errors import ProgramError
from oracle.programs.extended import is_nan
from oracle.programs.scalar import Scalar


def expm1(x: Scalar) -> Scalar:
    """Return `exp(x) - 1` for a scalar whose value is 0: it is `x` to first order.

    Raises:
        ProgramError: The value is another number.
    """
    if is_nan(x.value):
        return x
    if x.value != 0:
        msg = (
            f"exp({x.value}) has no rounding bound here, expected arguments of 0 or above the kink"
        )
        raise ProgramError(msg)
    rows = tuple(
        branch._replace(
            row={i: term._replace(roundings=term.roundings + 2) for i, term in branch.row.items()}
        )
        for branch in x.branches
    )
    return Scalar(
        value=0,
        branches=rows,
        key=("expm1", x.key),
        affine=False,
        curvature=CONVEX if x.curvature in (AFFINE, CONVEX) else NEITHER,
        roundings=1,
    )

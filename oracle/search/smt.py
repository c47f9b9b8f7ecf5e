"""z3, spoken to in SMT-LIB 2.6: text is read far faster than expressions are built one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import z3

from oracle.check.bound import Exact


def numeral(number: Exact) -> str:
    """Return an exact number as an SMT-LIB term."""
    magnitude = str(abs(number.numerator))
    if number.denominator != 1:
        magnitude = f"(/ {magnitude} {number.denominator})"
    return f"(- {magnitude})" if number < 0 else magnitude


def total(terms: Iterable[str]) -> str:
    """Return the sum of terms; 0 for none."""
    return f"(+ 0 0 {' '.join(terms)})"


def linear(coefficients: Mapping[str, Exact]) -> str:
    """Return the sum of coefficients times variables."""
    return total(f"(* {numeral(value)} {name})" for name, value in coefficients.items() if value)


class OutOfResourcesError(Exception):
    """z3 has spent its resources without an answer."""


def solve(logic: str, script: Iterable[str], *, resources: int = 0) -> z3.ModelRef | None:
    """Return a model of the commands, or None if there is none.

    Every call has a context of its own: a shared one keeps state that changes later answers.

    Args:
        logic: The SMT-LIB logic.
        script: Declarations and assertions.
        resources: z3's `rlimit`, a count of steps, so that the answer is the same on every machine;
            0 for no limit.

    Raises:
        OutOfResourcesError: The resources were too few.
    """
    solver = z3.SolverFor(logic, ctx=z3.Context())
    if resources:
        solver.set("rlimit", resources)
    solver.from_string("".join(script))
    answer = solver.check()
    if answer == z3.unknown:
        raise OutOfResourcesError(solver.reason_unknown())
    return solver.model() if answer == z3.sat else None


def rationals(model: z3.ModelRef) -> dict[str, Fraction]:
    """Return the values of a model's real variables."""
    found = {}
    for entry in model.decls():
        numerator, _, denominator = model[entry].as_string().partition("/")
        found[entry.name()] = Fraction(int(numerator), int(denominator or 1))
    return found


def truths(model: z3.ModelRef) -> set[str]:
    """Return the names of a model's true Booleans."""
    return {entry.name() for entry in model.decls() if z3.is_true(model[entry])}

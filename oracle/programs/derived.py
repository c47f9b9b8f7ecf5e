"""How kernels differentiate LU factors, for the rounding that this costs.

With `A = L U` (rows exchanged), `G` the cotangents of both, `tril` without the diagonal:

    reverse    L^-T (tril(L^T G) + triu(G U^T)) U^-T
    forward    M = L^-1 dA U^-1,    dL = L tril(M),    dU = triu(M) U

Each entry is a sum of products, and each product is off by a factor `1 + d` for every operation on
its way: so the magnitudes and roundings of these very formulas bound what is computed by them, in
any order of their sums, by substitution row by row [Higham 2002, 3.1, 8.1]. An entry may cancel
altogether: that its derivative is 0 is no reason that nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeAlias

from oracle.programs.branches import NOTHING, Branch, Term
from oracle.programs.extended import larger
from oracle.programs.quotients import reciprocal
from oracle.programs.scalar import Scalar

Rows: TypeAlias = Sequence[Sequence[Term]]

_ONE = Term(1, 1, 1, 1)
"""What stands for a cotangent, or for a tangent: a product with it is rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """Computed factors as numbers, with what their computation cost.

    Attributes:
        entries: The compact factors.
        inverses: The reciprocals of the pivots.
    """

    entries: Rows
    inverses: Sequence[Term]

    @staticmethod
    def of(entries: Sequence[Sequence[Scalar]]) -> Factors:
        """Return the factors whose entries these expressions are."""
        pivots = [row[k] for k, row in enumerate(entries)]
        return Factors(
            entries=[[_computed(y) for y in row] for row in entries],
            inverses=[_computed(reciprocal(y)) for y in pivots],
        )

    def reverse(self, p: int, q: int) -> Rows:
        """Return what the cotangent 1 of the entry `p`, `q` makes of those of the matrix."""
        n, x = range(len(self.entries)), self.entries
        inner = [[NOTHING for _ in n] for _ in n]
        if p > q:
            for i in range(q + 1, p + 1):
                inner[i][q] = _ONE if i == p else _times(x[p][i], _ONE)
        else:
            for j in range(p, q + 1):
                inner[p][j] = _times(_ONE, x[j][q])
        for i in n:
            for j in reversed(n):
                rest = [_times(inner[i][k], x[j][k]) for k in range(j + 1, len(n))]
                inner[i][j] = _times(_less(inner[i][j], rest), self.inverses[j])
        for i in reversed(n):
            for j in n:
                rest = [_times(x[k][i], inner[k][j]) for k in range(i + 1, len(n))]
                inner[i][j] = _less(inner[i][j], rest)
        return inner

    def forward(self, i: int, j: int) -> Rows:
        """Return what the tangent 1 of the entry `i`, `j` of the matrix makes of those of both."""
        n, x = range(len(self.entries)), self.entries
        inner = [[_ONE if (r, c) == (i, j) else NOTHING for c in n] for r in n]
        for r in n:
            for c in n:
                inner[r][c] = _less(inner[r][c], [_times(x[r][k], inner[k][c]) for k in range(r)])
        for r in n:
            for c in n:
                rest = [_times(inner[r][k], x[k][c]) for k in range(c)]
                inner[r][c] = _times(_less(inner[r][c], rest), self.inverses[c])
        return [[self._moved(inner, p, q) for q in n] for p in n]

    def _moved(self, inner: Rows, p: int, q: int) -> Term:
        """Return an entry of `L tril(M)`, or of `triu(M) U`."""
        x = self.entries
        if p > q:
            return _sum([inner[p][q], *(_times(x[p][k], inner[k][q]) for k in range(q + 1, p))])
        return _sum([_times(inner[p][k], x[k][q]) for k in range(p, q + 1)])


def _computed(y: Scalar) -> Term:
    """Return the value of an expression as a number that is no more exact than it."""
    return Term(y.value, y.magnitude, y.roundings, larger(1, y.reach))


def _times(x: Term, y: Term) -> Term:
    return Term(
        x.coefficient * y.coefficient,
        x.magnitude * y.magnitude,
        x.roundings + y.roundings + 1,
        x.reach * y.reach,
    )


def _plus(x: Term, y: Term) -> Term:
    return Term(
        x.coefficient + y.coefficient,
        x.magnitude + y.magnitude,
        max(x.roundings, y.roundings) + 1,
        x.reach + y.reach,
    )


def _less(x: Term, rest: Iterable[Term]) -> Term:
    return _sum([x, *(y._replace(coefficient=-y.coefficient) for y in rest)])


def _sum(terms: Sequence[Term]) -> Term:
    return reduce(_plus, terms)


def wider(
    entries: Sequence[Sequence[Scalar]], inputs: Sequence[Sequence[Scalar]]
) -> list[list[Scalar]]:
    """Return factors whose derivatives allow for what either formula costs.

    Args:
        entries: The compact factors, expressions of the inputs.
        inputs: The matrix, its rows exchanged as theirs are.
    """
    factors, n = Factors.of(entries), range(len(entries))
    forward = {(i, j): factors.forward(i, j) for i in n for j in n}
    made: list[list[Scalar]] = []
    for p, row in enumerate(entries):
        made.append([])
        for q, y in enumerate(row):
            backward = factors.reverse(p, q)
            ways = [(inputs[i][j], (backward[i][j], forward[i, j][p][q])) for i in n for j in n]
            made[p].append(_widened(y, ways))
    return made


def _widened(y: Scalar, ways: Iterable[tuple[Scalar, Iterable[Term]]]) -> Scalar:
    (branch,) = y.branches
    row = dict(branch.row)
    for variable, made in ways:
        for i in variable.branches[0].row:
            term = reduce(_wider, made, row.get(i, NOTHING))
            if term.magnitude:
                row[i] = term
    return replace(y, branches=(Branch(row, branch.conditions, branch.choices),))


def _wider(term: Term, made: Term) -> Term:
    """Return the term with the larger allowance; what is no part of a sum costs nothing."""
    if not made.magnitude:
        return term
    return term._replace(
        magnitude=larger(term.magnitude, made.magnitude),
        roundings=max(term.roundings, made.roundings),
        reach=larger(term.reach, made.reach),
    )

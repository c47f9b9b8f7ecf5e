"""Is a point within rounding of a convex combination? A linear program in exact rationals.

Unknown are convex weights in each of several **blocks**; a block's columns are what its choices add
to the gradient. Hull membership has one block (a column for each selection), membership of the
conservative set has one for each bundle of windows (a column for each tied input). z3's simplex
decides both the program and its dual exactly, so exactly one of them has a solution (Farkas).
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from oracle.check import Question
from oracle.check.bound import Exact
from oracle.search import smt

Column: TypeAlias = Mapping[int, tuple[Exact, Exact]]
"""Input -> what the choice adds to the coordinate, and to its magnitude (units)."""
Row: TypeAlias = tuple[int, int]
"""An input and one of the four inequalities on its coordinate."""


class Within(enum.Enum):
    """How near to the gradient the weights are to bring the sum."""

    NOTHING = enum.auto()
    """The gradient itself: small numbers, and weights that can be checked by hand."""
    FIRST_FORM = enum.auto()
    """Within the first form of the bound: necessary, and quick to refuse."""
    ROUNDING = enum.auto()
    """Within both forms: what counts."""


class Program:
    """The inequalities `|v_i - z_i| <= B_i` on the judged coordinates of a component.

    Rows (i, 0) and (i, 1) bound `z_i` from above and below by the first form of the bound, rows
    (i, 2) and (i, 3) by the second, where it applies.
    """

    def __init__(self, problem: Question, inputs: Sequence[int]) -> None:
        blind = problem.free.union(problem.wild)
        self.gradient = {i: problem.gradient[i] for i in inputs if i not in blind}
        self._rounding = problem.rounding

    @cached_property
    def gamma(self) -> dict[int, Fraction | None]:
        """Input -> the factor of the bound's second form, where it applies."""
        return {i: self._rounding.gamma(i) for i in self.gradient}

    @cached_property
    def limits(self) -> dict[Within, dict[Row, Exact]]:
        """The right sides of the inequalities."""
        exact: dict[Row, Exact] = {}
        first: dict[Row, Exact] = {}
        second: dict[Row, Exact] = {}
        for i, gamma in self.gamma.items():
            v, absolute = self.gradient[i], self._rounding.absolute(i)
            exact |= {(i, 0): v, (i, 1): -v}
            first |= {(i, 0): v + absolute, (i, 1): absolute - v}
            if gamma is not None:
                slack = self._rounding.slack(i)
                second |= {(i, 2): v + slack, (i, 3): slack - v}
        return {
            Within.NOTHING: exact,
            Within.FIRST_FORM: first,
            Within.ROUNDING: first | second,
        }

    def coefficients(self, column: Column) -> dict[Row, Exact]:
        """Return what a column adds to the left side of each row."""
        entries: dict[Row, Exact] = {}
        for i, (value, magnitude) in column.items():
            if i in self.gamma:
                entries |= {(i, 0): value, (i, 1): -value}
                gamma = self.gamma[i]
                if gamma is not None:
                    spread = gamma * magnitude
                    entries |= {(i, 2): value - spread, (i, 3): -value - spread}
        return entries

    def weights(
        self, blocks: Sequence[Sequence[Column]], within: Within, *, resources: int = 0
    ) -> list[list[Fraction]] | None:
        """Return convex weights for each block that give the gradient; None if none do.

        Args:
            blocks: The columns of each block.
            within: How near the sum must be.
            resources: What z3 may spend; 0 for no limit.

        Raises:
            OutOfResourcesError: z3 has spent it.
        """
        rows = self._rows(blocks, within)
        script = []
        for b, block in enumerate(blocks):
            names = [f"w{b}_{c}" for c in range(len(block))]
            script += [f"(declare-const {name} Real)(assert (>= {name} 0))" for name in names]
            script.append(f"(assert (= {smt.total(names)} 1))")
        for row in rows.values():
            terms = {f"w{b}_{c}": value for (b, c), value in row.entries.items()}
            script.append(f"(assert (<= {smt.linear(terms)} {smt.numeral(row.limit)}))")
        model = smt.solve("QF_LRA", script, resources=resources)
        if model is None:
            return None
        values = smt.rationals(model)
        return [
            [values.get(f"w{b}_{c}", Fraction(0)) for c in range(len(block))]
            for b, block in enumerate(blocks)
        ]

    def separation(
        self, blocks: Sequence[Sequence[Column]], within: Within, *, resources: int = 0
    ) -> tuple[dict[int, Fraction], dict[int, Fraction]]:
        """Return a direction, and its parts in the bound's second form, for blocks without weights.

        Row multipliers `y >= 0` and block values `m_b` with `y.column >= m_b` for every column and
        `sum m_b - y.limits >= 1` exist if and only if there are no weights (Farkas' lemma).

        Raises:
            OutOfResourcesError: z3 has spent the resources.
        """
        rows = self._rows(blocks, within)
        names = {key: f"y{key[0]}_{key[1]}" for key in rows}
        script = [f"(declare-const {y} Real)(assert (>= {y} 0))" for y in names.values()]
        least = [f"m{b}" for b in range(len(blocks))]
        script += [f"(declare-const {m} Real)" for m in least]
        columns: dict[tuple[int, int], dict[str, Exact]] = {
            (b, c): {} for b, block in enumerate(blocks) for c in range(len(block))
        }
        for key, row in rows.items():
            for place, value in row.entries.items():
                columns[place][names[key]] = value
        script += [
            f"(assert (>= {smt.linear(terms)} {least[b]}))" for (b, _), terms in columns.items()
        ]
        cost = smt.linear({names[key]: row.limit for key, row in rows.items()})
        script.append(f"(assert (>= (- {smt.total(least)} {cost}) 1))")
        model = smt.solve("QF_LRA", script, resources=resources)
        if model is None:
            msg = "neither a linear program nor its dual has a solution"
            raise AssertionError(msg)
        values = smt.rationals(model)
        return self._direction(
            {key: values.get(y, Fraction(0)) * rows[key].scale for key, y in names.items()}
        )

    def _rows(self, blocks: Sequence[Sequence[Column]], within: Within) -> dict[Row, _Row]:
        """Return the inequalities in the smallest integers: z3 is slow on large rationals."""
        entries: dict[Row, dict[tuple[int, int], Exact]] = {key: {} for key in self.limits[within]}
        for b, block in enumerate(blocks):
            for c, column in enumerate(block):
                for key, value in self.coefficients(column).items():
                    if key in entries and value:
                        entries[key][b, c] = value
        return {key: _Row.scaled(entries[key], limit) for key, limit in self.limits[within].items()}

    def _direction(
        self, multiplier: Mapping[Row, Fraction]
    ) -> tuple[dict[int, Fraction], dict[int, Fraction]]:
        """Fold the four multipliers of each input; opposite ones cancel, which widens the gap.

        The largest entry of the direction is 1 or -1.
        """
        direction: dict[int, Fraction] = {}
        relative: dict[int, Fraction] = {}
        for i in self.gamma:
            above, below, above2, below2 = (multiplier.get((i, k), Fraction(0)) for k in range(4))
            up, down = below + below2, above + above2
            if up != down:
                direction[i] = up - down
                # of the multipliers that remain, the part that stands for the second form
                part = below2 / up if up > down else above2 / down
                if part:
                    relative[i] = part
        largest = max(map(abs, direction.values()))
        return {i: d / largest for i, d in direction.items()}, relative


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """An inequality `entries . weights <= limit`, multiplied by `scale` to small integers."""

    entries: Mapping[tuple[int, int], int]
    limit: int
    scale: Fraction

    @classmethod
    def scaled(cls, entries: Mapping[tuple[int, int], Exact], limit: Exact) -> _Row:
        values = [*entries.values(), limit]
        denominator = math.lcm(*(value.denominator for value in values))
        whole = (value.numerator * (denominator // value.denominator) for value in values)
        divisor = math.gcd(*whole) or 1

        def small(value: Exact) -> int:
            return value.numerator * (denominator // value.denominator) // divisor

        return cls(
            entries={place: small(value) for place, value in entries.items()},
            limit=small(limit),
            scale=Fraction(denominator, divisor),
        )

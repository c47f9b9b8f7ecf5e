"""Strict homogeneous linear inequalities, by eliminating one variable after the other.

Fourier's method [Schrijver, Theory of Linear and Integer Programming, 1986, 12.2]: a variable that
is bounded from below and from above can be chosen if and only if every lower bound is less than
every upper one, which is an inequality for each pair without the variable.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

Direction: TypeAlias = dict[int, Fraction]
Row: TypeAlias = Mapping[int, Fraction | int]
"""Variable -> coefficient, not 0, of what is to be positive."""
_Integers: TypeAlias = dict[int, int]

MOST_ROWS = 4096
"""Inequalities that an elimination may come to."""


class BudgetError(Exception):
    """More work than the budget allows; the question stays open."""


def eliminated(rows: Iterable[Row]) -> Direction | None:
    """Return a direction `d` with `row . d > 0` for every row; None if there is none.

    Raises:
        BudgetError: There would be too many inequalities.
    """
    levels: list[tuple[int, list[_Integers]]] = []
    left = _distinct(rows)
    while left:
        if not all(left):
            return None
        variable = _cheapest(left)
        bounds = [row for row in left if variable in row]
        levels.append((variable, bounds))
        rest = [row for row in left if variable not in row]
        left = _distinct([*rest, *_combined(bounds, variable, MOST_ROWS - len(rest))])
    found: Direction = {}
    for variable, bounds in reversed(levels):
        found[variable] = _between(variable, bounds, found)
    return found


def _distinct(rows: Iterable[Row]) -> list[_Integers]:
    """Return the rows in the smallest integers, without repetitions."""
    kept: dict[tuple[tuple[int, int], ...], _Integers] = {}
    for row in rows:
        common = math.lcm(*(c.denominator for c in row.values()))
        whole = {i: int(c * common) for i, c in sorted(row.items())}
        divisor = math.gcd(*whole.values())
        smallest = {i: c // divisor for i, c in whole.items()}
        kept[tuple(smallest.items())] = smallest
    return list(kept.values())


def _cheapest(rows: Sequence[_Integers]) -> int:
    """Return the variable whose elimination leaves the fewest rows; of equals the smallest."""
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    for row in rows:
        for i, c in row.items():
            side = above if c > 0 else below
            side[i] = side.get(i, 0) + 1

    def pairs(i: int) -> int:
        return above.get(i, 0) * below.get(i, 0)

    return min(above.keys() | below.keys(), key=lambda i: (pairs(i), i))


def _combined(rows: Sequence[_Integers], variable: int, room: int) -> list[_Integers]:
    above = [row for row in rows if row[variable] > 0]
    below = [row for row in rows if row[variable] < 0]
    if len(above) * len(below) > room:
        raise BudgetError
    found = []
    for up, down in itertools.product(above, below):
        a, b = up[variable], -down[variable]
        row = {i: b * c for i, c in up.items()}
        for i, c in down.items():
            row[i] = row.get(i, 0) + a * c
        found.append({i: c for i, c in row.items() if c})
    return found


def _between(variable: int, bounds: Sequence[_Integers], found: Mapping[int, Fraction]) -> Fraction:
    """Return a value of the variable that all its rows allow, the others being given."""
    lows: list[Fraction] = []
    highs: list[Fraction] = []
    for row in bounds:
        rest = sum(
            (c * found.get(i, Fraction(0)) for i, c in row.items() if i != variable), Fraction(0)
        )
        limit = Fraction(-rest, row[variable])
        (lows if row[variable] > 0 else highs).append(limit)
    if lows and highs:
        return (max(lows) + min(highs)) / 2
    if lows:
        return max(lows) + 1
    return min(highs) - 1 if highs else Fraction(0)

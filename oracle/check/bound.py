"""The rounding bound of each input, and the accuracy grades (oracle/THEORY.md, "Rounding").

All numbers are in units of the format's smallest subnormal; only `box` gives real numbers.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from oracle.formats import BINARY32, Format
from oracle.windows import Window

Exact: TypeAlias = int | Fraction
GRADES = ("exact", "faithful", "wide", "narrow", "vacuous")


def growth(roundings: int, fmt: Format) -> Fraction:
    """Return what `k` roundings may add to a product or a sum, relative to its magnitude.

    `gamma_k = k u / (1 - k u)` bounds a product of `k` factors `1 + d`, `|d| <= u`, or of their
    inverses, less 1 [Higham 2002, 3.1]; where `k u >= 1` the largest such product itself does.
    """
    rest = (1 << fmt.precision) - roundings
    if rest > 0:
        return Fraction(roundings, rest)
    return (1 + Fraction(1, (1 << fmt.precision) - 1)) ** roundings - 1


def unscaled(number: int, scale: int) -> Exact:
    """Return `number / scale`, as an integer where it is one."""
    if scale == 1:
        return number
    whole, rest = divmod(number, scale)
    return Fraction(number, scale) if rest else whole


class Tally:
    """What the rounding bound of one input depends on, over the windows that may choose it.

    Attributes:
        terms: Number of windows (`n_i`).
        shared: Number of those with several tied inputs (`t_i`).
        up: Sum of the positive cotangents (`P_i`), units; `up_alone`: of the untied windows.
        down: Sum of the negative ones, absolute (`N_i`); `down_alone`: of the untied windows.
        fine: What subnormal shares `1/k` add to the second form of the bound, units.
    """

    __slots__ = ("down", "down_alone", "fine", "shared", "terms", "up", "up_alone")

    def __init__(self) -> None:
        self.terms = self.shared = 0
        self.up: Exact = 0
        self.down: Exact = 0
        self.up_alone: Exact = 0
        self.down_alone: Exact = 0
        self.fine: Exact = 0


class Rounding(abc.ABC):
    """The bound on the rounding errors of a gradient, coordinate by coordinate."""

    def __init__(self, fmt: Format, inputs: int, *, flushes: bool) -> None:
        self.format = fmt
        self.inputs = inputs
        self._absolute: dict[int, Fraction] = {}
        # each of an input's terms may be lost if it is subnormal
        self.flushed = fmt.smallest_normal if flushes else 0
        # 1/k is subnormal for more tied inputs than the reciprocal of the smallest normal number
        self.normal_shares = 1 << (1 - fmt.eta_exponent - fmt.precision)

    @property
    @abc.abstractmethod
    def tally(self) -> Mapping[int, Tally] | Sequence[Tally]:
        """Coordinate -> what its bound depends on."""

    def roundings(self, i: int) -> int:
        """`a_i`: additions, and one for a share."""
        seen = self.tally[i]
        return max(seen.terms - 1, 0) + (seen.shared > 0)

    def size(self, i: int) -> Exact:
        """`S_i`: what all windows bring at most, in absolute value, units."""
        return self.tally[i].up + self.tally[i].down

    def absolute(self, i: int) -> Fraction:
        """The bound's first form, `a_i u S_i + t_i eta / 2`, units [Jeannerod & Rump 2013]."""
        if i not in self._absolute:
            magnitude = self.roundings(i) * self.size(i)
            rounded = Fraction(magnitude, 1 << self.format.precision)
            self._absolute[i] = rounded + self._constant(self.tally[i])
        return self._absolute[i]

    def gamma(self, i: int) -> Fraction | None:
        """`gamma_b = b u / (1 - b u)` for `b_i` roundings [Higham 2002, 3.1]; None for b u >= 1."""
        b = self.roundings(i) + (2 if self.tally[i].shared else 0)
        rest = (1 << self.format.precision) - b
        return Fraction(b, rest) if rest > 0 else None

    def slack(self, i: int) -> Exact:
        """The part of the bound's second form that does not depend on the point, units."""
        return self._constant(self.tally[i]) + self.tally[i].fine

    def _constant(self, seen: Tally) -> Exact:
        """What subnormal shares, and flushing where it is declared, add to both forms."""
        lost = seen.terms * self.flushed
        return Fraction(2 * lost + seen.shared, 2) if seen.shared else lost

    def bound(self, i: int, magnitude: Exact) -> Fraction:
        """`B_i` at a point whose coordinate `i` has this magnitude `S_i(z)`, units."""
        gamma, first = self.gamma(i), self.absolute(i)
        return first if gamma is None else min(first, gamma * magnitude + self.slack(i))

    def may_overflow(self, i: int) -> tuple[bool, bool]:
        """Return whether +infinity, and whether -infinity, may come of overflow on the way."""
        seen, bound, largest = self.tally[i], self.absolute(i), self.format.largest
        return seen.up + bound > largest, seen.down + bound > largest

    def vacuous(self) -> int:
        """Return the number of inputs with `a_i u >= 1/2`, where no digit need be correct."""
        half = 1 << (self.format.precision - 1)
        return sum(self.roundings(i) >= half for i in range(self.inputs))

    def grade(self, i: int, v: int, z: Fraction) -> str:
        """Return the accuracy of a coordinate `v` that is not exactly `z`."""
        fmt = self.format
        if v in (fmt.floor(z), fmt.ceil(z)):
            return "faithful"
        seen, a = self.tally[i], self.roundings(i)
        wide_u, wide_eta = fmt.unit_roundoff**2, Fraction(0)
        if fmt.width == 16:
            wide_u, wide_eta = BINARY32.unit_roundoff, BINARY32.eta / fmt.eta
        error = a * wide_u * self.size(i) + seen.shared * wide_eta / 2
        if fmt.round(z - error) <= v <= fmt.round(z + error):
            return "wide"
        return "vacuous" if 2 * a * fmt.unit_roundoff >= 1 else "narrow"

    def reach(self, i: int) -> tuple[Exact, Exact]:
        """Return the ends of what the windows alone may bring to coordinate `i`, units.

        They are in its box, which rounding only widens: with `gamma <= 1` both forms take something
        away from `P - N` at its least, and with `gamma > 1` the second comes to `-2 N` at most.
        """
        seen = self.tally[i]
        return seen.up_alone - seen.down, seen.up - seen.down_alone

    def box(self, i: int) -> tuple[Fraction, Fraction]:
        """Return an interval that holds coordinate `i` of every conservative point, and rounding.

        Ends are real numbers. With `P` and `N` what the positive and the negative cotangents bring,
        `P - N - B` is least under each form of the bound at an end of the range of `P` and of `N`;
        the larger of the two minima holds. The upper end is the mirror image.
        """
        seen = self.tally[i]
        ups, downs = (seen.up_alone, seen.up), (seen.down_alone, seen.down)
        low, high = self._lowest(i, ups, downs), -self._lowest(i, downs, ups)
        return low * self.format.eta, high * self.format.eta

    def _lowest(self, i: int, ups: tuple[Exact, Exact], downs: tuple[Exact, Exact]) -> Fraction:
        low = ups[0] - downs[1] - self.absolute(i)
        gamma = self.gamma(i)
        if gamma is None:
            return low
        up = ups[0] if gamma <= 1 else ups[1]
        return max(low, up - downs[1] - gamma * (up + downs[1]) - self.slack(i))


class WindowRounding(Rounding):
    """The bound where windows choose inputs.

    Args:
        fmt: The format.
        active: Window -> its tied set.
        cotangent: All cotangents, units.
        inputs: Number of inputs.
        flushes: Whether subnormal numbers may be flushed to zero.
    """

    def __init__(
        self,
        fmt: Format,
        active: Mapping[int, Window],
        cotangent: Sequence[int],
        inputs: int,
        *,
        flushes: bool,
    ) -> None:
        super().__init__(fmt, inputs, flushes=flushes)
        self._tallies = [Tally() for _ in range(inputs)]
        for w, tied in active.items():
            self._count(tied, cotangent[w])

    @property
    def tally(self) -> Sequence[Tally]:
        """Input -> what its bound depends on."""
        return self._tallies

    def _count(self, tied: Window, g: int) -> None:
        """Add what a window brings to each input."""
        up, down, alone = max(g, 0), max(-g, 0), len(tied) == 1
        for i in tied:
            seen = self._tallies[i]
            seen.terms += 1
            seen.shared += not alone
            seen.up += up
            seen.down += down
            if alone:
                seen.up_alone += up
                seen.down_alone += down
            elif len(tied) > self.normal_shares:
                seen.fine += abs(g) * self.format.eta / 2

"""How far a gradient may be from an exact point (oracle/THEORY.md, "Rounding" and "Overflow").

Where all derivatives are 0, 1 or -1 the bound is the theory's for sums and shares. A contribution
with another coefficient may besides be off by `gamma_r |g| m`, `r` roundings and a magnitude `m`
that each operation states for itself (`oracle.limits.outputs.Summand`), and by what products lose
below the format's range: half of the smallest number for each rounding, times the cotangent if that
is larger than 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from oracle.formats import Format

_UNITS = frozenset((0, 1, -1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What brings an input a part of a nonzero cotangent.

    Attributes:
        cotangent: The cotangent.
        coefficients: The derivatives that it may come with.
        shared: Whether they differ.
        roundings: How many a coefficient other than 0, 1 and -1 costs.
        magnitude: What they are relative to, if it is larger than the coefficient.
    """

    cotangent: Fraction
    coefficients: Sequence[Fraction]
    shared: bool
    roundings: int = 0
    magnitude: Fraction = Fraction(0)

    @property
    def size(self) -> Fraction:
        """The largest contribution, absolute."""
        return abs(self.cotangent) * max(abs(c) for c in self.coefficients)

    @property
    def products(self) -> int:
        """The roundings on the way to a contribution; none where all coefficients are exact."""
        return 0 if _UNITS.issuperset(self.coefficients) else self.roundings

    def error(self, fmt: Format) -> Fraction:
        """Return how far off the contribution itself may be."""
        if not self.products:
            return Fraction(0)
        steps = self.products * fmt.unit_roundoff
        relative = max(self.magnitude * abs(self.cotangent), self.size)
        lost = self.products * fmt.eta / 2 * max(Fraction(1), abs(self.cotangent))
        return steps / (1 - steps) * relative + lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinate:
    """One coordinate of the gradient under test, and the rounding allowed around a point.

    Attributes:
        value: What was returned (`v_i`); an infinity or NaN as a number beyond all bounds.
        bounds: Pairs of a constant and the factor of the point's own `S_i(z)`: the error must not
            exceed any of their sums.
        overflowed: The value is an infinity or NaN that overflow explains; nothing is asked.
        free: Nothing is asked of the input: an output that depends on it jumps.
        vacuous: `a_i u >= 1/2`: the result may have no correct digit.
    """

    value: Fraction
    bounds: tuple[tuple[Fraction, Fraction], ...]
    overflowed: bool
    free: bool = False
    vacuous: bool

    @property
    def judged(self) -> bool:
        """Whether the coordinate is held against a point at all."""
        return not (self.overflowed or self.free)

    def admits(self, z: Fraction, magnitude: Fraction) -> bool:
        """Return whether the value is within rounding of `z`, whose own magnitude is given."""
        error = abs(self.value - z)
        return not self.judged or all(
            error <= constant + factor * magnitude for constant, factor in self.bounds
        )


def coordinate(
    fmt: Format, bits: int, routes: Sequence[Route], *, flushes: bool, free: bool
) -> Coordinate:
    """Return the coordinate stored as `bits`, to which `routes` may bring cotangents.

    The letters are the theory's. Its extra term for subnormal shares `1/k` has no place here: `k`
    would be over 16,384.
    """
    u, eta = fmt.unit_roundoff, fmt.eta
    t = sum(route.shared for route in routes)
    a = max(len(routes) - 1, 0) + (1 if t > 0 else 0)
    b = a + (2 if t > 0 else 0)
    lost = sum(1 + route.products for route in routes) * fmt.smallest_normal * eta
    constant = t * eta / 2 + (lost if flushes else 0)
    off = sum((route.error(fmt) for route in routes), Fraction(0))
    first = constant + off + a * u * (sum(route.size for route in routes) + off)
    gamma = b * u / (1 - b * u) if b * u < 1 else None
    second = [(constant + off * (1 + gamma), gamma)] if gamma is not None else []
    units = fmt.units_of[bits]
    special = units is None or abs(units) == fmt.infinity
    reach = _reach(routes)
    sides = [side for side in reach if units is None or side * units > 0]
    overflowed = special and any(reach[side] + first > fmt.largest * eta for side in sides)
    return Coordinate(
        # a NaN that overflow doesn't explain is refused as the infinity would be
        value=(fmt.infinity if units is None else units) * eta,
        bounds=((first, Fraction(0)), *second),
        overflowed=overflowed and not free,
        free=free,
        vacuous=a * u >= Fraction(1, 2),
    )


def _reach(routes: Iterable[Route]) -> dict[int, Fraction]:
    """Return by sign `P_i` and `N_i`: the most that may come of that sign, absolute."""
    reach = {1: Fraction(0), -1: Fraction(0)}
    for route in routes:
        for side in reach:
            brought = (side * route.cotangent * c for c in route.coefficients)
            reach[side] += max(Fraction(0), *brought)
    return reach

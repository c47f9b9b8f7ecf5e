"""How far a gradient may be from an exact point (oracle/THEORY.md, "Rounding" and "Overflow")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from oracle.formats import Format


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A window's nonzero cotangent, seen from one of the window's tied inputs."""

    cotangent: Fraction
    shared: bool
    """The window has other tied inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinate:
    """One coordinate of the gradient under test, and the rounding allowed around a point.

    Attributes:
        value: What was returned (`v_i`); an infinity or NaN as a number beyond all bounds.
        bounds: Pairs of a constant and the factor of the point's own `S_i(z)`: the error must not
            exceed any of their sums.
        overflowed: The value is an infinity or NaN that overflow explains; nothing is asked.
        vacuous: `a_i u >= 1/2`: the result may have no correct digit.
    """

    value: Fraction
    bounds: tuple[tuple[Fraction, Fraction], ...]
    overflowed: bool
    vacuous: bool

    def admits(self, z: Fraction, magnitude: Fraction) -> bool:
        """Return whether the value is within rounding of `z`, whose own magnitude is given."""
        error = abs(self.value - z)
        return self.overflowed or all(
            error <= constant + factor * magnitude for constant, factor in self.bounds
        )


def coordinate(fmt: Format, bits: int, routes: Sequence[Route], *, flushes: bool) -> Coordinate:
    """Return the coordinate stored as `bits`, to which `routes` may bring cotangents.

    The letters are the theory's. Its extra term for subnormal shares `1/k` has no place here: `k`
    would be over 16,384.
    """
    u, eta = fmt.unit_roundoff, fmt.eta
    t = sum(route.shared for route in routes)
    a = max(len(routes) - 1, 0) + (1 if t > 0 else 0)
    b = a + (2 if t > 0 else 0)
    constant = t * eta / 2 + (len(routes) * fmt.smallest_normal * eta if flushes else 0)
    first = a * u * sum(abs(route.cotangent) for route in routes) + constant
    second = [(constant, b * u / (1 - b * u))] if b * u < 1 else []
    units = fmt.units_of[bits]
    special = units is None or abs(units) == fmt.infinity
    reach = _reach(routes)
    sides = [side for side in reach if units is None or side * units > 0]
    return Coordinate(
        # a NaN that overflow doesn't explain is refused as the infinity would be
        value=(fmt.infinity if units is None else units) * eta,
        bounds=((first, Fraction(0)), *second),
        overflowed=special and any(reach[side] + first > fmt.largest * eta for side in sides),
        vacuous=a * u >= Fraction(1, 2),
    )


def _reach(routes: Iterable[Route]) -> dict[int, Fraction]:
    """Return by sign `P_i` and `N_i`, the sums of the cotangents of that sign, absolute."""
    reach = {1: Fraction(0), -1: Fraction(0)}
    for route in routes:
        reach[1 if route.cotangent > 0 else -1] += abs(route.cotangent)
    return reach

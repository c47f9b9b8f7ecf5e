"""The rounding bound where branches have coefficients (oracle/THEORY.md, "Rounding")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from oracle.check.bound import Exact, Rounding, Tally, growth
from oracle.formats import Format
from oracle.programs.branches import NOTHING, Row, Term
from oracle.programs.extended import Extended


class ProgramTally(Tally):
    """The tally of a coordinate with coefficients.

    Attributes:
        size: `S_i`: sum of `|g_w|` times the largest magnitude of its terms, units.
        products: Most roundings that one contribution has beside the additions (`r_i`).
        underflow: What products may lose below the format's range, units.
        peak: The largest number that a product may come to on the way, a real number.
    """

    __slots__ = ("peak", "products", "size", "underflow")

    def __init__(self) -> None:
        super().__init__()
        self.size: Exact = 0
        self.products = 0
        self.underflow: Exact = 0
        self.peak: Exact = 0


class _Tallies(dict[int, ProgramTally]):
    """The tallies of the coordinates that are asked for."""

    def __init__(self, bound: ProgramRounding) -> None:
        super().__init__()
        self._bound = bound

    def __missing__(self, i: int) -> ProgramTally:
        tally = self[i] = self._bound.counted(i)
        return tally


class ProgramRounding(Rounding):
    """The bound for a program: the roundings of coefficients and products come to the others.

    A term `g c` of a coordinate is a product of `g` with the factors of `c`: stored numbers,
    parameters, sums of such. With `r` roundings on the way, in whatever order, it is off by at
    most `gamma_r |g| m` and by what underflows, where `m` is `c` with every number and difference
    made positive [Higham 2002, 3.1, 3.5]. So `r_i`, the most of any term, is added to `a_i`.

    Underflow: a product that is subnormal is off by `eta / 2` at most, and is then multiplied by
    the factors that it does not hold, whose product is no larger than `max(1, |g|)` times the
    term's reach. There are `r` such at most.

    Args:
        fmt: The format.
        rows: Output that takes part -> the gradients of its branches, by coordinate.
        cotangent: All cotangents, units.
        around: Coordinate -> the outputs that take part and may add to it.
        inputs: Number of coordinates.
        flushes: Whether subnormal numbers may be flushed to zero.
    """

    def __init__(
        self,
        fmt: Format,
        rows: Mapping[int, Sequence[Row]],
        cotangent: Sequence[Exact],
        around: Mapping[int, Sequence[int]],
        inputs: int,
        *,
        flushes: bool,
    ) -> None:
        super().__init__(fmt, inputs, flushes=flushes)
        self._rows, self._cotangent, self._around = rows, cotangent, around
        self._lost: Exact = fmt.smallest_normal if flushes else Fraction(1, 2)
        self._tallies = _Tallies(self)

    @property
    def tally(self) -> Mapping[int, ProgramTally]:
        """Coordinate -> what its bound depends on."""
        return self._tallies

    def counted(self, i: int) -> ProgramTally:
        """Return what the outputs bring to a coordinate."""
        seen = ProgramTally()
        for w in self._around.get(i, ()):
            terms = [row.get(i, NOTHING) for row in self._rows[w]]
            if any(term.magnitude for term in terms):
                self._add(seen, self._cotangent[w], terms)
        return seen

    def _add(self, seen: ProgramTally, g: Exact, terms: Sequence[Term]) -> None:
        """Count what one output brings to a coordinate, by any of its branches."""
        size = max(g, -g)
        reached = [size * finite(term.magnitude) for term in terms]
        seen.terms += 1
        seen.size += max(reached)
        if len(terms) > 1:
            seen.shared += 1
            if len(terms) > self.normal_shares:
                seen.fine += max(reached) * self.format.eta / 2
        self._add_signed(seen, [g * finite(term.coefficient) for term in terms], reached)
        computed = [term for term in terms if term.roundings]
        if computed:
            self._add_products(seen, size * self.format.eta, computed)

    def _add_signed(
        self, seen: ProgramTally, brought: Sequence[Exact], reached: Sequence[Exact]
    ) -> None:
        """Count positive and negative contributions; where a term cancels, it may be either."""
        listed = [
            (value, size, size > max(value, -value))
            for value, size in zip(brought, reached, strict=True)
        ]
        seen.up += max((size for value, size, open_ in listed if value > 0 or open_), default=0)
        seen.down += max((size for value, size, open_ in listed if value < 0 or open_), default=0)
        seen.up_alone += max(min(brought), 0)
        seen.down_alone += max(-max(brought), 0)

    def _add_products(self, seen: ProgramTally, g: Exact, terms: Iterable[Term]) -> None:
        """Count the roundings of products with a cotangent of magnitude `g`, a real number."""
        for term in terms:
            reach = finite(term.reach) * max(1, g)
            seen.products = max(seen.products, term.roundings)
            seen.peak = max(seen.peak, reach)
        lost = max(term.roundings * finite(term.reach) for term in terms)
        seen.underflow += lost * max(1, g) * self._lost

    def roundings(self, i: int) -> int:
        """`a_i`: additions, one for a share, and those of coefficient and product."""
        return super().roundings(i) + self.tally[i].products

    def size(self, i: int) -> Exact:
        """`S_i`, units."""
        return self.tally[i].size

    def absolute(self, i: int) -> Fraction:
        """The bound's first form; with products `gamma_a` takes the place of `a u`.

        The latter is proved for sums alone.
        """
        seen = self.tally[i]
        if not seen.products:
            return super().absolute(i)
        if i not in self._absolute:
            grown = growth(self.roundings(i), self.format) * seen.size
            self._absolute[i] = grown + self._constant(seen)
        return self._absolute[i]

    def may_overflow(self, i: int) -> tuple[bool, bool]:
        """Return whether +infinity, and whether -infinity, may come of overflow on the way."""
        if self.tally[i].peak > self.format.largest * self.format.eta:
            return self.tally[i].up > 0, self.tally[i].down > 0
        return super().may_overflow(i)

    def _constant(self, seen: Tally) -> Exact:
        assert isinstance(seen, ProgramTally)
        return super()._constant(seen) + seen.underflow


def finite(number: Extended) -> Exact:
    """Return a coefficient as exact arithmetic has it; outputs with others are not judged."""
    assert not isinstance(number, float)
    return number

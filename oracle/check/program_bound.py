"""The rounding bound where branches have coefficients (oracle/THEORY.md, "Rounding")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from oracle.check.bound import Exact, Rounding, Tally
from oracle.formats import Format
from oracle.programs.extended import Extended
from oracle.programs.scalar import Branch, Term
from oracle.windows import Window


class ProgramTally(Tally):
    """The tally of an input with coefficients.

    Attributes:
        size: `S_i`: sum of `|g_w|` times the largest magnitude of the input in its branches, units.
        products: Most roundings that one contribution has beside the additions.
        underflow: What products may lose below the format's range, units.
    """

    __slots__ = ("products", "size", "underflow")

    def __init__(self) -> None:
        super().__init__()
        self.size: Exact = 0
        self.products = 0
        self.underflow: Exact = 0


class ProgramRounding(Rounding):
    """The bound for a program: `r` roundings of a coefficient and its product come to the others.

    Args:
        fmt: The format.
        active: Window -> its choices.
        cotangent: All cotangents, units.
        inputs: Number of inputs.
        branches: Choice -> branch.
        flushes: Whether subnormal numbers may be flushed to zero.
    """

    tally: Sequence[ProgramTally]  # type: ignore[assignment]  # each entry has all that a tally has

    def __init__(
        self,
        fmt: Format,
        active: Mapping[int, Window],
        cotangent: Sequence[int],
        inputs: int,
        branches: Sequence[Branch],
        *,
        flushes: bool,
    ) -> None:
        self._branches = branches
        super().__init__(fmt, active, cotangent, inputs, flushes=flushes)

    def _count(self, active: Mapping[int, Window], cotangent: Sequence[int]) -> None:
        self.tally = [ProgramTally() for _ in self.tally]
        for w, choices in active.items():
            rows = [self._branches[choice].row for choice in choices]
            for i in {i for row in rows for i, term in row.items() if term.magnitude}:
                terms = [row.get(i, _NOTHING) for row in rows]
                self._add(self.tally[i], cotangent[w], terms)

    def _add(self, seen: ProgramTally, g: int, terms: Sequence[Term]) -> None:
        """Count what one window brings to an input, by any of its branches."""
        seen.terms += 1
        seen.shared += len(terms) > 1
        brought = [g * finite(term.coefficient) for term in terms]
        reached = [abs(g) * finite(term.magnitude) for term in terms]
        seen.size += max(reached)
        seen.products = max(seen.products, *(term.roundings for term in terms))
        seen.underflow += max(_lost(term, g, self.format) for term in terms)
        signed = [
            (value, size, size > max(value, -value))
            for value, size in zip(brought, reached, strict=True)
        ]
        seen.up += max((size for value, size, both in signed if value > 0 or both), default=0)
        seen.down += max((size for value, size, both in signed if value < 0 or both), default=0)
        seen.up_alone += max(min(brought), 0)
        seen.down_alone += max(-max(brought), 0)

    def roundings(self, i: int) -> int:
        """`a_i`: additions, one for a share, and those of coefficient and product."""
        return super().roundings(i) + self.tally[i].products

    def size(self, i: int) -> Exact:
        """`S_i`, units."""
        return self.tally[i].size

    def absolute(self, i: int) -> Fraction:
        """The bound's first form; with products `gamma_a` takes the place of `a u`.

        The latter is proved for sums. Where `a u >= 1`, `(1 + u)^a - 1` bounds a product of `a`
        factors `1 + d`, `|d| <= u`, and of the inverse of none.
        """
        if not self.tally[i].products:
            return super().absolute(i)
        a, p = self.roundings(i), self.format.precision
        rest = (1 << p) - a
        grown = Fraction(a, rest) if rest > 0 else (1 + Fraction(1, 1 << p)) ** a - 1
        return self._constant(self.tally[i]) + grown * self.size(i)

    def _constant(self, seen: Tally) -> Fraction:
        assert isinstance(seen, ProgramTally)
        return super()._constant(seen) + seen.underflow


def finite(number: Extended) -> Exact:
    """Return a coefficient as exact arithmetic has it; windows with others are not judged."""
    assert not isinstance(number, float)
    return number


def _lost(term: Term, g: int, fmt: Format) -> Exact:
    """Return what underflow may take from a product, units: `eta / 2` a rounding.

    One on the way to the coefficient is multiplied by the cotangent, and each by what is left of
    the coefficient, which is no larger than its magnitude or 1.
    """
    if not term.roundings:
        return 0
    reach = max(1, finite(term.magnitude))
    return term.roundings * reach * (1 + abs(g) * fmt.eta) / 2


_NOTHING = Term(0, 0, 0)

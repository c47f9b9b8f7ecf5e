"""The limits of gradients near a case's input, in exact numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from oracle.case import Case, Tensor
from oracle.formats import Format
from oracle.limits.membership import Point
from oracle.limits.pooling import Cells, sorted_pairs
from oracle.limits.quotients import Component, LimitsError, Pooling, components, tied_inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The exact numbers of a case and what quotients show of it.

    Attributes:
        cotangent: Of each window.
        tied: The tied inputs of each window.
        components: Of the windows whose cotangent is not zero.
    """

    cotangent: tuple[Fraction, ...]
    tied: tuple[Cells, ...]
    components: tuple[Component, ...]

    def limits(self, component: Component) -> list[Point]:
        """Return the limit of gradients for each total order of the component's inputs."""
        points = {f: self.point(component, f) for f in set(component.followed)}
        return [points[f] for f in component.followed]

    def point(self, component: Component, followed: Sequence[int | None]) -> Point:
        """Return what the inputs get if each window passes all on to the input that it follows."""
        passed = [(i, self.cotangent[w]) for w, i in zip(component.windows, followed, strict=True)]
        return tuple(
            (
                sum((g for i, g in passed if i == target), Fraction(0)),
                sum((abs(g) for i, g in passed if i == target), Fraction(0)),
            )
            for target in component.inputs
        )

    def single_limits(self, component: Component) -> Iterator[list[Point]]:
        """Yield for each window the limits of what it passes on by itself, without the others."""
        for place, followed in enumerate(zip(*component.followed, strict=True)):
            alone: list[list[int | None]] = [
                [i if other == place else None for other in range(len(component.windows))]
                for i in sorted(set(followed))
            ]
            yield [self.point(component, chosen) for chosen in alone]


def problem_of(case: Case) -> Problem:
    """Return what the case's input and cotangent pose; its gradient plays no part.

    Raises:
        LimitsError: The case is not finite, or ties too many inputs.
    """
    cotangent = _finite_units(case.format, case.cotangent, "cotangent")
    pooling = Pooling(
        op=case.geometry.op,
        params=sorted_pairs(case.geometry.params),
        shape=case.input.shape,
        format=case.format,
        arithmetic=case.geometry.arithmetic,
        units=_finite_units(case.format, case.input, "input"),
    )
    return Problem(
        cotangent=tuple(g * case.format.eta for g in cotangent),
        tied=tied_inputs(pooling),
        components=components(pooling, frozenset(w for w, g in enumerate(cotangent) if g)),
    )


def _finite_units(fmt: Format, tensor: Tensor, key: str) -> tuple[int, ...]:
    found = []
    for position, bits in enumerate(tensor.bits):
        units = fmt.units_of[bits]
        if units is None or abs(units) == fmt.infinity:
            msg = (
                f"{key}.data[{position}] is {fmt.text_of[bits]}, expected a finite number: there "
                "is no difference quotient at an infinity or NaN; judge without --by limits"
            )
            raise LimitsError(msg)
        found.append(units)
    return tuple(found)

"""The limits of gradients near a case's input, in exact numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from oracle.case import Case, Tensor
from oracle.formats import Format
from oracle.limits.components import Component, Site, components, summands
from oracle.limits.membership import Point
from oracle.limits.nearby import Nearby, Row
from oracle.limits.pooling import sorted_pairs
from oracle.limits.quotients import LimitsError
from oracle.limits.values import Operation

_ZERO = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """The exact numbers of a case and what quotients show of it.

    Attributes:
        site: The operation at its inputs.
        cotangent: Of each output.
        summands: What outputs consist of, near the inputs.
        components: Of those whose cotangent is not zero.
    """

    site: Site
    cotangent: tuple[Fraction, ...]
    summands: tuple[Nearby, ...]
    components: tuple[Component, ...]

    @property
    def live(self) -> list[Nearby]:
        """The summands that a cotangent reaches, and that do not jump."""
        return [near for near in self.summands if self.cotangent[near.output] and not near.jumps]

    @cached_property
    def free(self) -> frozenset[int]:
        """The inputs of outputs that jump: they have no limit of gradients there."""
        return frozenset(
            i
            for near in self.summands
            if near.jumps and self.cotangent[near.output]
            for i in near.summand.reads
        )

    @cached_property
    def tied(self) -> list[list[Nearby]]:
        """For each output its summands that have a kink there."""
        found: list[list[Nearby]] = [[] for _ in self.cotangent]
        for near in self.summands:
            if near.varying:
                found[near.output].append(near)
        return found

    def brought(self, near: Nearby) -> Fraction:
        """Return the cotangent of a summand."""
        return self.cotangent[near.output] * near.summand.weight

    @cached_property
    def fixed(self) -> Mapping[int, tuple[Fraction, Fraction]]:
        """What inputs get from derivatives that do not vary: the sum, and that of magnitudes."""
        return self._sums((near, near.fixed) for near in self.live)

    def limits(self, component: Component) -> list[Point]:
        """Return the limit of gradients for each total order of the component's inputs."""
        points = {rows: self.point(component, rows) for rows in set(component.limits)}
        return [points[rows] for rows in component.limits]

    def point(self, component: Component, rows: Sequence[Row]) -> Point:
        """Return what the inputs get if each member has one of its limits, and all else."""
        return self._point(component, zip(component.members, rows, strict=True), self.fixed)

    def single_limits(self, component: Component) -> Iterator[list[Point]]:
        """Yield sets whose sums the chain rule may give: what is fixed, then each member's."""
        yield [self._point(component, (), self.fixed)]
        for place, near in enumerate(component.members):
            yield [self._point(component, [(near, row)], {}) for row in component.own_rows(place)]

    def _point(
        self,
        component: Component,
        rows: Iterable[tuple[Nearby, Row]],
        others: Mapping[int, tuple[Fraction, Fraction]],
    ) -> Point:
        sums = self._sums(rows)
        nothing = (_ZERO, _ZERO)
        pairs = [(sums.get(i, nothing), others.get(i, nothing)) for i in component.inputs]
        return tuple((z + w, s + t) for (z, s), (w, t) in pairs)

    def _sums(self, rows: Iterable[tuple[Nearby, Row]]) -> Mapping[int, tuple[Fraction, Fraction]]:
        found: dict[int, tuple[Fraction, Fraction]] = {}
        for near, row in rows:
            g = self.brought(near)
            for i, c in row:
                z, magnitude = found.get(i, (_ZERO, _ZERO))
                found[i] = (z + g * c, magnitude + abs(g * c))
        return found


def problem_of(case: Case) -> Problem:
    """Return what the case's input and cotangent pose; its gradient plays no part.

    Raises:
        LimitsError: The case is not finite, or ties too many inputs.
    """
    cotangent = _finite(case.format, case.cotangent, "cotangent")
    site = Site(
        operation=_operation(case),
        inputs=_finite(case.format, case.input, "input"),
        constants=_constants(case),
    )
    return Problem(
        site=site,
        cotangent=cotangent,
        summands=summands(site),
        components=components(site, frozenset(w for w, g in enumerate(cotangent) if g)),
    )


def _operation(case: Case) -> Operation:
    """Return the operation; of its geometry or signature nothing but parameters and shapes."""
    shapes: Any = case.geometry  # one kind names its operands, the other has a single one
    operands = getattr(shapes, "operands", None) or [("input", shapes.input_shape)]
    return Operation(
        op=shapes.op,
        params=sorted_pairs(shapes.params),
        operands=tuple((name, tuple(shape)) for name, shape in operands),
        format=case.format,
        arithmetic=getattr(shapes, "arithmetic", ""),
        count=len(case.cotangent.bits),
    )


def _constants(case: Case) -> frozenset[int]:
    """Return the numbers of the entries of operands that are constants.

    Raises:
        LimitsError: One is -0 and gives its sign to an output: a number here has no such sign.
    """
    shapes: Any = case.geometry
    found: list[int] = []
    first = 0
    for name, shape in getattr(shapes, "operands", ()):
        count = math.prod(shape)
        found += range(first, first + count) if name in shapes.constants else ()
        first += count
    if shapes.op == "copysign" and case.format.sign_bit in [case.input.bits[i] for i in found]:
        msg = "a constant is -0, expected another number for copysign; judge without --by limits"
        raise LimitsError(msg)
    return frozenset(found)


def _finite(fmt: Format, tensor: Tensor, key: str) -> tuple[Fraction, ...]:
    found = []
    for position, bits in enumerate(tensor.bits):
        units = fmt.units_of[bits]
        if units is None or abs(units) == fmt.infinity:
            msg = (
                f"{key}.data[{position}] is {fmt.text_of[bits]}, expected a finite number: there "
                "is no difference quotient at an infinity or NaN; judge without --by limits"
            )
            raise LimitsError(msg)
        found.append(units * fmt.eta)
    return tuple(found)

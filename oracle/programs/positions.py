"""Where a plane is read: positions in pixels along a dimension, as a grid spells them.

A position is computed in the format, `((x + 1) n - 1) / 2` of `n` pixels or, where the corners are
aligned, `(x + 1) (n - 1) / 2`. Where all that a kernel forms on the way to it is a number of the
format, in whichever order it is formed, the position is exact and costs no rounding. Elsewhere the
weights are off by as much as it; next to a kink it may then be rounded across, to another piece,
and such a case is refused: no bound holds there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache

from oracle.formats import Format
from oracle.programs.definition import Params
from oracle.programs.errors import ProgramError
from oracle.programs.extended import is_finite, is_nan
from oracle.programs.scalar import Scalar
from oracle.programs.thresholds import reaching

HALF = Fraction(1, 2)
_STEPS = 8
"""Roundings on the way to a position and its weight, reflection included, at most."""
_FAR = 8
"""A number of the grid that lies beyond every plane by more than a pixel."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A dimension of a plane, and where it is read.

    Attributes:
        size: The number of its pixels.
        padding: What lies beyond them: `zeros`, `border` or `reflection`.
        aligned: Whether -1 and 1 are the centres of the outermost pixels, not their far edges.
        position: Where it is read, in pixels from the centre of the first.
        error: How far off a computed position may be, in roundings of the format; 0 if it is exact.
    """

    size: int
    padding: str
    aligned: bool
    position: Scalar
    error: int

    @property
    def value(self) -> Fraction:
        """The position, exact."""
        assert is_finite(self.position.value)
        return Fraction(self.position.value)

    def pixel(self, k: int) -> int | None:
        """Return the pixel that stands at a place; None if there is a zero."""
        if self.padding == "zeros":
            return k if 0 <= k < self.size else None
        if self.padding == "border":
            return min(max(k, 0), self.size - 1)
        return _reflected(k, self.size, aligned=self.aligned)

    @property
    def weightless(self) -> set[int | None]:
        """The pixels beside the position that a kernel may read, although they weigh nothing."""
        left = math.floor(self.value)
        if self.value == left:
            return {self.pixel(left - 1), self.pixel(left + 1)} - {self.pixel(left)}
        if self.padding == "zeros" or self.pixel(left) != self.pixel(left + 1):
            return set()
        inner = (1, self.size - 2) if self.padding == "border" else (left - 1, left + 2)
        return {self.pixel(k) for k in inner} - {self.pixel(left)}

    @cached_property
    def weights(self) -> Mapping[int, tuple[Scalar, Scalar]]:
        """For each place at or before the position, the weights of what stands there and behind."""
        left = math.floor(self.value)
        pairs = {k: (k + 1 - self.position, self.position - k) for k in (left - 1, left)}
        return {
            k: (self._weight(here), self._weight(behind)) for k, (here, behind) in pairs.items()
        }

    def _weight(self, distance: Scalar) -> Scalar:
        return replace(distance, magnitude=1, reach=1, roundings=self.error)


def _reflected(k: int, size: int, *, aligned: bool) -> int:
    """Return the pixel at a place of a plane that goes on as in a mirror.

    The mirror is at the centres of the outermost pixels if they are aligned, else at their edges.
    """
    if size == 1:
        return 0
    period = 2 * (size - aligned)
    k %= period
    return k if k < size else period - (not aligned) - k


def axis(x: Scalar, size: int, params: Params, fmt: Format) -> Axis:
    """Return a dimension with the position that a number of the grid spells; NaN stands for -1.

    A computed position may be off by `error u`, and so may the weights, which are 1 at most.

    Raises:
        ProgramError: It may be rounded across a kink, or there is none for an infinity.
    """
    aligned, padding = params["align_corners"], params["padding_mode"]
    scale = Fraction(size - aligned, 2)
    if not is_finite(x.value):
        x = reaching(Scalar.constant(_stands_for(x, padding, scale)), x)
    number = Fraction(x.value)
    factor = Scalar.constant(scale, roundings=0 if _is_stored(scale, fmt) else 1)
    exact = _is_exact(number, size, aligned, padding == "reflection", fmt)
    made = Axis(
        size=size,
        padding=padding,
        aligned=aligned,
        position=(x + 1) * factor - (0 if aligned else HALF),
        error=0 if exact else math.ceil(_STEPS * ((abs(number) + 1) * scale + size + 1)),
    )
    if not exact:
        _refuse_near_kinks(made, params["mode"], fmt)
    return made


def _stands_for(x: Scalar, padding: str, scale: Fraction) -> int:
    """Return what NaN or an infinity stands for."""
    if is_nan(x.value):
        return -1
    if padding == "reflection" or not scale:
        msg = f"grid holds {x.value}, which stands for no position here, expected a number"
        raise ProgramError(msg)
    return _FAR if x.value > 0 else -_FAR


@lru_cache(1 << 12)
def _is_exact(x: Fraction, size: int, aligned: int, mirrored: int, fmt: Format) -> bool:
    """Return whether all that kernels form on the way to the weights are numbers of the format."""
    return all(_is_stored(part, fmt) for part in _formed(x, size, aligned, mirrored))


def _formed(x: Fraction, size: int, aligned: int, mirrored: int) -> Iterator[Fraction]:
    """Yield what kernels form on the way from a number of the grid to the weights."""
    n, shift = size - aligned, 0 if aligned else HALF
    position = (x + 1) * n / 2 - shift
    yield from (Fraction(n), x + 1, x * n, (x + 1) * n, (x + 1) * n - 2 * shift, position)
    if mirrored and n:
        folded = abs(position + shift) % (2 * n)
        inner = folded % n
        yield from (position + shift, folded, 2 * n - folded, inner, n - inner)
        position = min(folded, 2 * n - folded) - shift
        yield position
    yield from (position % 1, 1 - position % 1)


def _is_stored(number: Fraction, fmt: Format) -> bool:
    units = number / fmt.eta
    return fmt.round(units) == units and abs(units) < fmt.infinity


def _refuse_near_kinks(made: Axis, mode: str, fmt: Format) -> None:
    """Refuse a position from which a kink is no further than rounding reaches."""
    shift = HALF if mode == "nearest" else 0
    near = 2 * made.error * fmt.unit_roundoff
    kink = round(made.value - shift)
    if made.padding != "reflection":
        kink = min(max(kink, -1), made.size)
    if abs(made.value - shift - kink) <= near:
        msg = (
            f"a position of the grid is {made.value} of {made.size} pixels, which {fmt.name} "
            "may round across a kink, expected numbers that it computes exactly"
        )
        raise ProgramError(msg)

"""Operations of several operands entry by entry, as the documentation of PyTorch describes them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from oracle.limits.outputs import (
    Entries,
    Function,
    Operands,
    Output,
    Parameters,
    Summand,
    Values,
    as_is,
    places,
    real,
    selecting,
)


def _shape(operands: Sequence[Entries], *others: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that operands are stretched to: along each axis the size that is not 1."""
    shapes = [*(entries.shape for entries in operands), *others]
    rank = max(map(len, shapes))
    padded = [[1] * (rank - len(shape)) + [*shape] for shape in shapes]
    sizes = [{*axis} - {1} for axis in zip(*padded, strict=True)]
    return tuple(axis.pop() if axis else 1 for axis in sizes)


def of_two(function: Function, *, anchored: bool = False) -> Values:
    """Return the values of a function of two numbers."""

    def values(_: Parameters, operands: Operands) -> list[Output]:
        pair = [*operands.values()]
        return [
            (Summand(tuple(e.stretched(p) for e in pair), function, anchored=anchored),)
            for p in places(_shape(pair))
        ]

    return values


def _copysign(pair: Sequence[Fraction]) -> Fraction:
    return abs(pair[0]) if pair[1] >= 0 else -abs(pair[0])


def _where(params: Parameters, operands: Operands) -> list[Output]:
    flags = dict(params["condition"])
    condition = Entries(0, flags["shape"])
    shape = _shape(list(operands.values()), condition.shape)
    return [
        selecting(
            [operands["input" if chosen else "other"].stretched(place)],
            as_is,
        )
        for place in places(shape)
        for chosen in [flags["data"][condition.stretched(place)]]
    ]


def _clamping(lower: str = "", upper: str = "") -> Values:
    """Return a clamp whose bounds are the parameters or operands of these names, or missing."""

    def values(params: Parameters, operands: Operands) -> list[Output]:
        fixed = {end: real(params[end]) for end in (lower, upper) if params.get(end) is not None}
        read = [name for name in ("input", lower, upper) if name in operands]
        place_of = {name: place for place, name in enumerate((*read, *fixed))}
        function = _clamp(place_of.get(lower), place_of.get(upper))
        return [
            (
                Summand(
                    tuple(operands[name].stretched(place) for name in read),
                    function,
                    constants=tuple(fixed.values()),
                    anchored=bool(fixed),
                ),
            )
            for place in places(_shape([operands[name] for name in read]))
        ]

    return values


def _clamp(lower: int | None, upper: int | None) -> Function:
    """Return the clamp of the first number by those at the places of the bounds."""

    def function(row: Sequence[Fraction]) -> Fraction:
        x = row[0]
        if lower is not None and x < row[lower]:
            x = row[lower]
        return x if upper is None or x < row[upper] else row[upper]

    return function


def _prelu(_: Parameters, operands: Operands) -> list[Output]:
    """A weight of one entry is everybody's, else each entry of dimension 1 has its own."""
    entries, weight = operands["input"], operands["weight"]
    several = len(weight.all) > 1
    return [
        (
            Summand(
                (entries.number(place), weight.first + (place[1] if several else 0)),
                lambda pair: pair[0] if pair[0] > 0 else pair[1] * pair[0],
                anchored=True,
                roundings=1,
            ),
        )
        for place in places(entries.shape)
    ]


ELEMENTWISE: dict[str, Values] = {
    "hardtanh": _clamping("min_val", "max_val"),
    "clamp": _clamping("min", "max"),
    "clamp_min": _clamping(lower="min"),
    "clamp_max": _clamping(upper="max"),
    "maximum": of_two(max),
    "minimum": of_two(min),
    # where no number is a NaN these are the same
    "fmax": of_two(max),
    "fmin": of_two(min),
    "copysign": of_two(_copysign, anchored=True),
    "where": _where,
    "prelu": _prelu,
}

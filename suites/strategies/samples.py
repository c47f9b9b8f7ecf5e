"""The samples that shift fractional windows: simple fractions, and what lies just below them."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

from hypothesis import strategies as st

from oracle.formats import Format, format_named

SHIFTS = st.binary(min_size=11, max_size=11)
"""A byte for each sample, repeated where there are more. Shrinks to zeros, the sample 0."""

_DENOMINATORS = (2, 3, 4, 5, 7, 8, 16)


def random_samples(
    shifts: bytes, lead: tuple[int, ...], dims: int, format_name: str
) -> dict[str, object]:
    """Return the parameter: one sample for each plane and dimension, the byte 0 standing for 0."""
    planes = lead if len(lead) == 2 else (1, *lead)
    known = _known(format_name)
    repeated = itertools.islice(itertools.cycle(reversed(shifts)), math.prod(planes) * dims)
    return {
        "shape": (*planes, dims),
        "data": tuple(known[byte % len(known)] for byte in repeated),
    }


@functools.lru_cache
def _known(format_name: str) -> tuple[str, ...]:
    """Return the samples there are: simple fractions, and the numbers just below them and 1."""
    fmt = format_named(format_name)
    fractions = [Fraction(n, d) for d in _DENOMINATORS for n in range(1, d)]
    exact = dict.fromkeys(fmt.floor(fraction / fmt.eta) for fraction in [Fraction(0), *fractions])
    return tuple(
        fmt.text_of[fmt.encode(units)] for units in [*exact, *_below(fmt, [*exact, 1 / fmt.eta])]
    )


def _below(fmt: Format, numbers: list[Fraction | int]) -> Iterator[int]:
    return (fmt.floor(Fraction(number) - Fraction(1, 2)) for number in numbers if number)

"""Components of one window: which gradients the filter takes for a mixture of tied inputs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from oracle.formats import FORMATS, Format
from oracle.scale.bits import SIGNED
from oracle.scale.mixtures import Mixed, mixtures

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
NARROW = [fmt for fmt in FORMATS.values() if fmt.width < 64]


def signed(fmt: Format, bits: int) -> int:
    return bits - 2 * fmt.sign_bit if bits >= fmt.sign_bit else bits


def stored(fmt: Format, numbers: Sequence[Fraction | int]) -> list[int]:
    units = (fmt.round(Fraction(number) / fmt.eta) for number in numbers)
    return [signed(fmt, fmt.encode(n)) for n in units]


def accepted(fmt: Format, g: Fraction | int, bits: Sequence[int], *others: int) -> bool:
    """Whether a window with this cotangent, and perhaps others, may give these gradients."""
    size, windows = len(bits), 1 + len(others)
    mixed = Mixed(
        parent=np.zeros(size, np.int32),
        owner=np.zeros(windows, np.int32),
        open=np.ones(size, bool),
        free=np.zeros(size, bool),
    )
    kind = SIGNED[fmt.width]
    cotangent = np.array(stored(fmt, [g, *others]), kind)
    found, ratio = mixtures(mixed, np.array(bits, kind), cotangent, fmt)
    assert found.all() == found.any()
    assert ratio <= 1
    return bool(found.all())


@pytest.mark.parametrize("fmt", NARROW, ids=repr)
def test_mixtures_are_taken_and_nothing_else_is(fmt: Format) -> None:
    right: list[tuple[int, list[Fraction | int]]] = [
        (1, [HALF, HALF]),
        (1, [1, 0]),
        (3, [1, 1, 1]),
        (1, [THIRD, THIRD, THIRD]),
        (-1, [-THIRD, -2 * THIRD]),
    ]
    wrong: list[tuple[int, list[Fraction | int]]] = [
        (1, [2, -1]),  # beyond the simplex
        (1, [1, 1]),  # to both
        (1, [HALF, 0]),  # half is lost
        (-1, [HALF, HALF]),
        (1, [HALF, HALF + 4 * fmt.unit_roundoff]),
    ]
    for g, shares in right:
        assert accepted(fmt, g, stored(fmt, shares)), (g, shares)
    for g, shares in wrong:
        assert not accepted(fmt, g, stored(fmt, shares)), (g, shares)


@pytest.mark.parametrize("fmt", NARROW, ids=repr)
def test_what_is_no_component_of_one_window_of_several_inputs_is_left_to_the_core(
    fmt: Format,
) -> None:
    one = stored(fmt, [1])[0]
    assert not accepted(fmt, 1, [one + 1])  # of one input the bound is 0
    assert not accepted(fmt, 1, stored(fmt, [HALF, HALF]), 1)  # two windows
    assert not accepted(fmt, 2, [one, fmt.nan_bits])
    assert not accepted(fmt, 2, [one, fmt.infinity_bits])


def test_binary64_is_left_to_the_core() -> None:
    fmt = FORMATS["binary64"]
    assert not accepted(fmt, 1, stored(fmt, [HALF, HALF]))

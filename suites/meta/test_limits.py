"""The second oracle by itself, on cases that can be checked by hand; then against the first."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from oracle.case import Case, Tensor
from oracle.formats import BFLOAT16, BINARY16, BINARY32, FORMATS, Format
from oracle.judge import judge
from oracle.limits import LimitsError, judge_by_limits, limiting_gradients, limits_verdict
from oracle.limits.pooling import sorted_pairs, window_cells
from oracle.windows import Geometry, GeometryError, geometry
from suites.meta import cases

Numbers = Sequence[Fraction | int]
ULP = Fraction(1, 1 << 23)  # binary32, in [1, 2)


def sliding(*sizes: int, ceil_mode: bool = False) -> dict[str, object]:
    """Return parameters of one dimension from kernel, stride, padding and dilation."""
    keys = ("kernel_size", "stride", "padding", "dilation")
    along = dict(zip(keys, (*sizes, *(1, 1, 0, 1)[len(sizes) :]), strict=True))
    return {key: (size,) for key, size in along.items()} | {"ceil_mode": ceil_mode}


def pool1d(
    length: int, kernel: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> Geometry:
    return geometry("max_pool1d", sliding(kernel, stride, padding, dilation), (1, length))


def pool2d(rows: int, columns: int) -> Geometry:
    """Return windows of 2 x 2, one next to the other."""
    params = {"kernel_size": (2, 2), "stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)}
    return geometry("max_pool2d", {**params, "ceil_mode": False}, (1, rows, columns))


def case_of(
    shapes: Geometry, x: Numbers, g: Numbers, v: Numbers = (), fmt: Format = BINARY32
) -> Case:
    """Return a case; without `v` the gradient is 0."""
    return cases.case_of(shapes, fmt, x, g, v or None)


def with_gradient(case: Case, *bits: int) -> Case:
    return replace(case, gradient=Tensor(case.input.shape, list(bits)))


def selections(case: Case) -> Iterator[tuple[int, ...]]:
    """Yield all selections of the windows, realizable or not."""
    x = [case.format.units_of[bits] for bits in case.input.bits]
    tied = [[i for i in w if x[i] == max(x[j] for j in w)] for w in case.geometry.windows]
    return itertools.product(*tied)


def chosen(case: Case, selection: Sequence[int]) -> tuple[Fraction, ...]:
    """Return `v_c`."""
    gradient = [Fraction(0)] * len(case.input.bits)
    for bits, i in zip(case.cotangent.bits, selection, strict=True):
        gradient[i] += case.format.units_of[bits] * case.format.eta
    return tuple(gradient)


TWO_EQUAL = pool1d(2, 3, padding=1)
THREE_WINDOWS = pool1d(5, 3)


@pytest.mark.parametrize(
    ("gradient", "word"),
    [
        ((0, 0), "clarke"),
        ((1, -1), "conservative"),
        ((-1, 1), "conservative"),
        ((Fraction(1, 2), Fraction(-1, 2)), "conservative"),
        ((2, -2), "outside"),
        ((1, 1), "outside"),
        ((1, 0), "outside"),
    ],
)
def test_of_two_equal_inputs_under_two_windows_only_zero_is_clarke(
    gradient: tuple[int, int], word: str
) -> None:
    case = case_of(TWO_EQUAL, (3, 3), (1, -1), gradient)

    assert judge_by_limits(case) == word
    assert limiting_gradients(case) == [(Fraction(0), Fraction(0))]


def test_three_windows_over_five_equal_inputs_have_12_limits_of_21_vectors() -> None:
    case = case_of(THREE_WINDOWS, [7] * 5, (1, -1, 1))

    vectors = {chosen(case, selection) for selection in selections(case)}
    limits = limiting_gradients(case)

    assert (len(vectors), len(limits), len(set(limits))) == (21, 12, 12)
    assert set(limits) < vectors
    for vector in vectors:
        word = judge_by_limits(case_of(THREE_WINDOWS, [7] * 5, (1, -1, 1), vector))
        assert word == ("clarke" if vector in limits else "conservative")


def test_a_window_of_zero_cotangent_connects_nothing() -> None:
    case = case_of(pool1d(6, 3), [1] * 6, (1, 0, 0, 1), (0, 1, 0, 0, 0, 1))

    assert len(limiting_gradients(case)) == 9
    assert judge_by_limits(case) == "clarke"


@pytest.mark.parametrize(
    ("gradient", "word"),
    [((0, 2, 3), "smooth"), ((2, 0, 3), "outside"), ((0, 2, 3 + 2 * ULP), "outside")],
)
def test_without_ties_there_is_one_gradient_and_no_rounding(
    gradient: tuple[int, ...], word: str
) -> None:
    case = case_of(pool1d(3, 2), (1, 2, 3), (2, 3), gradient)

    assert judge_by_limits(case) == word
    assert limits_verdict(case)["rule"] == "none"
    assert limiting_gradients(case) == [(Fraction(0), Fraction(2), Fraction(3))]


def test_zeros_of_both_signs_are_tied_and_equal() -> None:
    fmt = BINARY32
    plus, minus = 0, fmt.sign_bit
    case = case_of(pool1d(2, 2), (0, 0), (1,), (Fraction(1, 2), Fraction(1, 2)))
    case = replace(case, input=Tensor((1, 2), [plus, minus]))

    assert limits_verdict(case)["rule"] == "even-split"
    assert judge_by_limits(with_gradient(case, fmt.bits_of["0x1.0p+0"], minus)) == "clarke"
    for zero in (plus, minus):
        assert limits_verdict(replace(case, output=Tensor((1, 1), [zero])))["output_exact"] is True
    both_plus = replace(case, input=Tensor((1, 2), [plus, plus]))
    told = limits_verdict(replace(both_plus, output=Tensor((1, 1), [minus])))
    assert told["output_exact"] is False


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_the_smallest_difference_is_no_tie_whatever_else_is_stored(fmt: Format) -> None:
    largest = fmt.largest * fmt.eta
    x = (-largest, fmt.eta, 2 * fmt.eta, largest)

    case = case_of(pool1d(4, 3), x, (1, 1), (0, 0, 1, 1), fmt)

    assert limits_verdict(case)["ties"] == {"windows": 2, "tied": 0}
    assert judge_by_limits(case) == "smooth"


@pytest.mark.parametrize(
    ("ulps", "word"),
    [(-3, "outside"), (-2, "clarke"), (0, "clarke"), (1, "clarke"), (2, "outside")],
)
def test_a_third_is_accepted_as_far_as_the_bounds_add_up(ulps: int, word: str) -> None:
    # An ulp here is 2^-25, and the nearest number to 1/3 is a third of one above it. So the sum
    # differs from 1 by 1 + 3 ulps, while the bounds sum to gamma_3 + 3 eta / 2, just over 6.
    share = BINARY32.round(Fraction(1, 3) / BINARY32.eta) * BINARY32.eta + ulps * ULP / 4

    verdict = limits_verdict(case_of(pool1d(3, 3), (5, 5, 5), (1,), [share] * 3))

    assert verdict["verdict"] == word
    assert ulps != 0 or verdict["rule"] == "even-split"


@pytest.mark.parametrize(
    ("value", "word"), [(1, "smooth"), (1 + ULP, "smooth"), (1 + 2 * ULP, "outside")]
)
def test_one_addition_may_round_once(value: Fraction, word: str) -> None:
    # two windows bring 1 and u: the sum lies midway between 1 and 1 + ulp
    case = case_of(pool1d(3, 2), (0, 1, 0), (1, ULP / 2), (0, value, 0))

    assert judge_by_limits(case) == word


@pytest.mark.parametrize(
    ("shapes", "g", "roundoffs", "word"),
    [
        # the second input's share p is at most u, as 1 - p may be rounded to 1; it may itself be
        # rounded by 3 u p and not by u, which would allow 2 u in all
        (pool1d(2, 2), (1,), (0, 1), "clarke"),
        (pool1d(2, 2), (1,), (0, Fraction(3, 2)), "outside"),
        # both orders bring 1 - 1 to one input and nothing to the other
        (TWO_EQUAL, (1, -1), (4, -4), "clarke"),
        (TWO_EQUAL, (1, -1), (5, -5), "conservative"),
    ],
)
def test_a_point_brings_its_own_magnitude(
    shapes: Geometry, g: Numbers, roundoffs: Numbers, word: str
) -> None:
    u = BINARY32.unit_roundoff
    gradient = (sum(g) + roundoffs[0] * u, roundoffs[1] * u)

    assert judge_by_limits(case_of(shapes, (1, 1), g, gradient)) == word


def test_two_dimensions() -> None:
    square = pool2d(2, 2)

    def told(*gradient: Fraction | int) -> tuple[object, object]:
        verdict = limits_verdict(case_of(square, [1] * 4, (1,), gradient))
        return verdict["verdict"], verdict["rule"]

    assert told(1, 0, 0, 0) == ("clarke", "first-index")
    assert told(0, 0, 0, 1) == ("clarke", "last-index")
    assert told(*[Fraction(1, 4)] * 4) == ("clarke", "even-split")
    assert told(0, 1, 0, 0) == ("clarke", "order")
    assert told(0, 0, Fraction(1, 2), Fraction(1, 2)) == ("clarke", "other")
    assert told(1, 1, 1, 1) == ("outside", "other")


def test_columns_that_overlap_in_a_plane() -> None:
    # rows of 2 x 3 equal two by two: windows {0, 1, 3, 4} and {1, 2, 4, 5} share inputs 1 and 4
    x, g = (0, 1, 0, 0, 1, 0), (1, -1)
    plane = pool2d(2, 3)

    assert judge_by_limits(case_of(plane, x, g, (0, 0, 0, 0, 0, 0))) == "clarke"
    assert judge_by_limits(case_of(plane, x, g, (0, 1, 0, 0, -1, 0))) == "conservative"
    assert judge_by_limits(case_of(plane, x, g, (1, 0, 0, 0, -1, 0))) == "outside"


def test_windows_in_the_padding_alone_take_no_part() -> None:
    shapes = pool1d(2, 2, padding=1, dilation=3)
    minus_infinity = BINARY32.infinity_bits | BINARY32.sign_bit
    case = replace(
        case_of(shapes, (1, 1), (1,)), output=Tensor(shapes.output_shape, [minus_infinity])
    )

    verdict = limits_verdict(case)

    assert shapes.windows == ((),)
    assert (verdict["verdict"], verdict["output_exact"]) == ("smooth", True)
    assert judge_by_limits(case_of(shapes, (1, 1), (1,), (1, 0))) == "outside"


def test_infinity_is_accepted_where_a_sum_overflows() -> None:
    fmt = BINARY16
    case = case_of(pool1d(3, 2), (0, 1, 0), (65504, 65504), fmt=fmt)
    infinity, nan = fmt.infinity_bits, fmt.nan_bits

    def told(middle: int) -> tuple[object, object]:
        verdict = limits_verdict(with_gradient(case, 0, middle, 0))
        return verdict["verdict"], verdict["overflow"]

    assert told(infinity) == told(nan) == ("smooth", 1)
    assert told(infinity | fmt.sign_bit) == ("outside", 0)
    assert judge_by_limits(with_gradient(case, infinity, infinity, 0)) == "outside"
    assert judge_by_limits(with_gradient(case, nan, infinity, 0)) == "outside"


@pytest.mark.parametrize(
    ("value", "word"), [(648, "smooth"), (652, "outside"), (-50, "smooth"), (-51, "outside")]
)
def test_the_relative_bound_ends_where_it_has_no_meaning(value: int, word: str) -> None:
    # 300 windows bring 1 to one input, and b u = 299 / 256: a u S = 350.4 alone is the bound
    shapes = geometry("adaptive_max_pool1d", {"output_size": (300,)}, (1, 1))

    verdict = limits_verdict(case_of(shapes, (2,), [1] * 300, (value,), BFLOAT16))

    assert (verdict["verdict"], verdict["vacuous"]) == (word, 1)


def test_what_cannot_be_decided_is_refused_with_the_reason() -> None:
    finite = case_of(pool1d(6, 6), [1] * 6, (1,))

    with pytest.raises(LimitsError, match=r"6 tied inputs are connected .* at most 5"):
        judge_by_limits(finite)
    with pytest.raises(LimitsError, match="gradient is missing"):
        judge_by_limits(replace(finite, cotangent=Tensor((1, 1), [0]), gradient=None))
    with pytest.raises(LimitsError, match=r"input.data\[1\] is nan, expected a finite number"):
        judge_by_limits(replace(finite, input=Tensor((1, 6), [0, BINARY32.nan_bits, *[0] * 4])))
    with pytest.raises(LimitsError, match=r"cotangent.data\[0\] is inf"):
        limiting_gradients(replace(finite, cotangent=Tensor((1, 1), [BINARY32.infinity_bits])))


def test_too_many_limits_are_not_listed() -> None:
    case = case_of(pool1d(40, 2, stride=2), [1] * 40, [1] * 20)

    with pytest.raises(LimitsError, match="more than 100000 limiting gradients"):
        limiting_gradients(case)
    assert judge_by_limits(case) == "outside"


def test_the_windows_of_the_first_oracle_are_not_looked_at() -> None:
    case = case_of(THREE_WINDOWS, [7] * 5, (1, -1, 1))
    blinded = replace(THREE_WINDOWS)
    blinded.__dict__["windows"] = ()  # where the cached property would keep them
    blind = replace(case, geometry=blinded)

    assert blind.geometry.windows == ()
    assert limits_verdict(blind) == limits_verdict(case)


def test_both_oracles_read_the_same_windows() -> None:
    sizes = itertools.product(range(1, 8), range(1, 5), range(1, 4), range(3), (1, 2, 3))
    for (size, *along), ceil_mode in itertools.product(sizes, (False, True)):
        params = sliding(*along, ceil_mode=ceil_mode)
        try:
            first = geometry("max_pool1d", params, (2, size))
        except GeometryError:
            continue
        assert cells_of(first) == first.windows, params
    for size, count in itertools.product(range(1, 9), range(1, 9)):
        first = geometry("adaptive_max_pool2d", {"output_size": (count, None)}, (2, size, 3))
        assert cells_of(first) == first.windows, (size, count)


def cells_of(shapes: Geometry) -> tuple[tuple[int, ...], ...]:
    pairs = sorted_pairs(shapes.params)
    return window_cells(shapes.op, pairs, shapes.input_shape, BINARY32, shapes.arithmetic)


AGREEMENT = {
    "k2": pool1d(4, 2),
    "k3-p1": pool1d(4, 3, padding=1),
    "k2-d2": pool1d(5, 2, dilation=2),
    "k3": THREE_WINDOWS,
    "2d": pool2d(2, 3),
    "adaptive": geometry("adaptive_max_pool1d", {"output_size": (3,)}, (1, 4)),
}


@pytest.mark.parametrize("name", ["k2", "k3-p1"])
def test_both_oracles_agree_on_every_choice_in_every_signal_of_four(name: str) -> None:
    shapes = AGREEMENT[name]
    signs = [(-1) ** w for w in range(len(shapes.windows))]
    for x in itertools.product((0, 1), repeat=4):
        case = case_of(shapes, x, signs)
        for vector in sorted({chosen(case, selection) for selection in selections(case)}):
            assert_agreement(case_of(shapes, x, signs, vector))


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("shapes", AGREEMENT.values(), ids=AGREEMENT)
def test_both_oracles_agree_on_what_is_drawn(shapes: Geometry, fmt: Format) -> None:
    draw = random.Random(f"{shapes} {fmt}")
    for x, g in inputs_and_cotangents(shapes, fmt, draw):
        case = case_of(shapes, x, g, fmt=fmt)
        for bits in gradients(case, draw):
            assert_agreement(with_gradient(case, *bits))


def assert_agreement(case: Case) -> None:
    first, second = judge(case).document(), limits_verdict(case)
    shared = ("verdict", "rule", "output_exact", "special", "overflow", "vacuous", "ties")
    assert {key: first[key] for key in shared} == {key: second[key] for key in shared}, case


def inputs_and_cotangents(
    shapes: Geometry, fmt: Format, draw: random.Random
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield signals over two values that tie at most five inputs, with mixed and awkward signs."""
    size = math.prod(shapes.input_shape)
    signals = [x for x in itertools.product((0, 1), repeat=size) if x.count(1) <= 5 >= x.count(0)]
    eta, u = fmt.eta, fmt.unit_roundoff
    awkward = (eta, -3 * eta, fmt.largest * eta, 1 + 2 * u, -Fraction(1, 3), 3, 7 * u)
    for x in (signals[-1], *draw.sample(signals, 2)):
        signs = [draw.choice((-1, 1)) for _ in shapes.windows]
        yield x, signs
        yield x, [draw.choice((0, -1, 1, 2, *awkward)) for _ in signs]


def gradients(case: Case, draw: random.Random) -> Iterator[list[int]]:
    """Yield members of both sets, rounded to the format, and what lies a few ulps beside them."""
    limits = limiting_gradients(case)
    everything = [chosen(case, selection) for selection in selections(case)]
    beyond = sorted(set(everything) - set(limits)) or limits
    points = [
        everything[0],
        everything[-1],
        draw.choice(everything),
        draw.choice(beyond),
        mixed(everything, [1] * len(everything)),
        mixed(everything, [1, *(draw.randrange(5) for _ in everything[1:])]),
        mixed(limits, [1, *(draw.randrange(5) for _ in limits[1:])]),
        mixed([draw.choice(limits), draw.choice(beyond)], (draw.randrange(4), 3)),
    ]
    for point in points:
        rounded = cases.stored(case.format, point)
        yield rounded
        beside = list(rounded)
        place = draw.randrange(len(beside))
        beside[place] = max(beside[place] + draw.choice((-2, -1, 1, 2, 9)), 0)
        yield beside


def mixed(points: Sequence[Sequence[Fraction]], weights: Sequence[int]) -> list[Fraction]:
    """Return the mean of the points with these weights."""
    weighted = [[weight * z for z in point] for weight, point in zip(weights, points, strict=True)]
    return [sum(zs, Fraction(0)) / sum(weights) for zs in zip(*weighted, strict=True)]

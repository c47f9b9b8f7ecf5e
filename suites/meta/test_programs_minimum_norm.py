"""The subgradient of minimum norm: by hand, by its optimality, and as a convention that is kept."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import pytest

from oracle.formats import BINARY16, BINARY32
from oracle.minimum_norm import first_box, follows_minimum_norm, minimum_norm
from oracle.nearest import nearest_weights
from oracle.programs import Scalar
from oracle.programs.kinks import kth, maximum, minimum
from oracle.programs.thresholds import pieces
from suites.meta.cases import Number, case_of, sliding
from suites.meta.crafted import Outputs
from suites.meta.programs import HALF, Sample, of, of_two, program_case, spelled

THIRD = Fraction(1, 3)


def at(function: Outputs, *x: int) -> dict[int, Fraction] | None:
    """Return the element of minimum norm at integers."""
    entries = [Scalar.variable(i, value, negative_zero=False) for i, value in enumerate(x)]
    made = function(*entries)
    assert isinstance(made, Scalar)
    return minimum_norm(made.tidied())


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (abs, (0,), {}),
        (abs, (-3,), {0: -1}),
        (lambda x: maximum(0, x), (0,), {}),
        (lambda x: minimum(x, 6), (6,), {}),
        (maximum, (1, 1), {0: HALF, 1: HALF}),
        (minimum, (1, 1, 2), {0: HALF, 1: HALF}),
        (maximum, (1, 1, 1), {0: THIRD, 1: THIRD, 2: THIRD}),
        (lambda x: maximum(2 * x, x, -x), (0,), {}),
        (lambda x: maximum(2 * x, x), (0,), {0: 1}),
        (lambda x: maximum(3 * x, 2 * x, 5 * x), (0,), {0: 2}),
        (lambda x, y: maximum(2 * x, y), (0, 0), {0: Fraction(2, 5), 1: Fraction(4, 5)}),
        (lambda x, y: maximum(x + y, x - y), (0, 0), {0: 1}),
        (lambda x, y: abs(x) + abs(y), (0, 0), {}),
        (lambda x, y: abs(x) + 2 * y, (0, 0), {1: 2}),
        (lambda x, y: -maximum(x, y, 3), (3, 3), {}),
        (lambda x: pieces(x, [0], [lambda t: t * HALF, lambda t: t], at=[0]), (0,), {0: HALF}),
        # bent upwards by its parts: the slopes are 0 and 1
        (lambda x: maximum(x, 0) + maximum(2 * x, -1), (0,), {0: 2}),
    ],
)
def test_by_hand(function: Outputs, x: Sequence[int], expected: dict[int, Fraction]) -> None:
    assert at(function, *x) == expected


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (lambda x, y, z: kth([x, y, z], 1), (0, 0, 0)),  # the middle one bends both ways
        (lambda x: maximum(x, 0) - maximum(2 * x, 0) + maximum(0, -x), (0,)),
        (lambda x, y: x * y, (1, 1)),
        (lambda x: pieces(x, [0], [lambda _: 1, lambda t: t], at=[0]), (0,)),  # a jump
        (lambda x: abs(x) * abs(x), (0,)),
    ],
)
def test_neither_convex_nor_concave_has_none(function: Outputs, x: Sequence[int]) -> None:
    assert at(function, *x) is None


def test_a_branch_that_no_direction_makes_does_not_count() -> None:
    """max(x, 2x, 3x): 2x is never the largest; between 1 and 3 the nearest to 0 is 1."""
    assert at(lambda x: maximum(x, 2 * x, 3 * x), 0) == {0: 1}
    # without the conditions 0 x would be taken for a branch; it never is the largest
    assert at(lambda x: maximum(x, 0 * x + x * 2), 0) == {0: 1}


def test_the_nearest_point_is_optimal() -> None:
    """No vertex lies further towards the origin than the point itself: the condition is enough."""
    rng = random.Random(6)
    for _ in range(300):
        size, count = rng.randint(1, 4), rng.randint(1, 7)
        points = [{i: Fraction(rng.randint(-4, 4)) for i in range(size)} for _ in range(count)]
        weights = nearest_weights(points)
        assert sum(weights) == 1
        assert min(weights) >= 0
        point = [sum(w * p[i] for w, p in zip(weights, points, strict=True)) for i in range(size)]
        norm = sum(c * c for c in point)
        assert all(sum(c * p[i] for i, c in enumerate(point)) >= norm for p in points)


ONE_THIRD = Fraction(11_184_811, 1 << 25)


@pytest.mark.parametrize(
    ("op", "sample", "g", "v", "expected"),
    [
        ("abs", of((0, 0, 1)), (1, 1, 1), (0, 1, 1), (1, 1)),
        ("relu", of((0, 0)), (1, -2), (0, 0), (2, 0)),
        ("maximum", of_two((1, 1), (1, 1)), (1, 1), (HALF, 1, HALF, 0), (1, 1)),
        ("amax", of((2, 2, 2), dim=[0], keepdim=False), (1,), (ONE_THIRD,) * 3, (1, 0)),
        ("amax", of((2, 2, 2), dim=[0], keepdim=False), (1,), (1, 0, 0), (0, 1)),
        ("median", of((2, 2, 2), dim=0, keepdim=False), (1,), (1, 0, 0), (0, 0)),
        # both outputs read both inputs, so that the gradient does not tell them apart
        ("aminmax", of((2, 2), dim=0, keepdim=False), (1, 1), (1, 1), (0, 0)),
        ("abs", of((0,)), (0,), (0,), (0, 0)),
        ("abs", of((0,)), ("inf",), (0,), (0, 0)),
        ("leaky_relu", of((0,), negative_slope=spelled(HALF)), (2,), (1,), (1, 0)),
        ("leaky_relu", of((0,), negative_slope=spelled(HALF)), (2,), (2,), (0, 1)),
        ("elu", of((0,), alpha=spelled(HALF)), (2,), (1,), (1, 0)),
        ("elu", of((0,), alpha=spelled(2)), (2,), (2,), (0, 0)),  # bends both ways
    ],
)
def test_who_follows_it(
    op: str,
    sample: Sample,
    g: Sequence[Number],
    v: Sequence[Number],
    expected: tuple[int, int],
) -> None:
    assert follows_minimum_norm(program_case(op, sample, g, v)) == expected


def test_pooling_follows_it_where_it_splits_evenly() -> None:
    shapes = sliding((1, 4), 2, stride=2)
    both = case_of(shapes, BINARY16, (1, 1, 1, 1), (1, 1), (HALF, HALF, 1, 0))
    one = case_of(shapes, BINARY32, (1, 1, 1, 2), (1, 1), (1, 0, 0, 1))
    assert follows_minimum_norm(both) == (1, 1)
    assert follows_minimum_norm(one) == (0, 1)


def test_what_is_not_of_it_is_named_with_what_would_be() -> None:
    three = of((2, 2, 2), dim=[0], keepdim=False)
    assert first_box(program_case("amax", three, (1,), (ONE_THIRD,) * 3)) is None
    neither = of((2, 2, 2), dim=0, keepdim=False)
    assert first_box(program_case("median", neither, (1,), (1, 0, 0))) is None
    # the first input of abs is not tied
    found = first_box(program_case("abs", of((1, 0)), (1, 1), (1, 1)))
    assert found is not None
    assert found[0] == 1
    found = first_box(program_case("amax", three, (1,), (1, 0, 0)))
    assert found is not None
    i, low, high = found
    assert i == 0
    assert low < Fraction(1, 3) < high < Fraction(1, 2)
    assert low + high == Fraction(2, 3)

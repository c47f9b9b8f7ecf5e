"""Programs whose sets can be worked out by hand: what is realizable, possible, or neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest

from oracle.programs import Scalar
from oracle.programs.kinks import kth, maximum, minimum
from oracle.programs.thresholds import pieces
from suites.meta.cases import Number
from suites.meta.crafted import Outputs, craft, crafted_case, verdict_of, word
from suites.meta.programs import HALF, Sample, of, program_case, spelled, tensor

Vector = Sequence[Number]
Craft = Callable[..., str]


@pytest.fixture
def crafted(monkeypatch: pytest.MonkeyPatch) -> Craft:
    def make(outputs: Outputs, count: int = 1, **more: Any) -> str:
        return craft(monkeypatch, outputs, count, **more)

    return make


def verdict(op: str, sample: Sample, g: Vector, v: Vector) -> str:
    return str(verdict_of(program_case(op, sample, g, v))["verdict"])


@pytest.mark.parametrize(
    ("v", "expected"),
    [
        (1, "clarke"),  # the function is x
        (0, "conservative"),  # what a chain rule with relu'(0) = 0 returns
        (2, "conservative"),
        (HALF, "conservative"),
        (3, "outside"),
        (-1, "outside"),
    ],
)
def test_relu_of_x_less_relu_of_minus_x(crafted: Craft, v: Number, expected: str) -> None:
    """Clarke {1}, conservative [0, 2]."""
    op = crafted(lambda x: maximum(0, x) - maximum(0, -x))
    assert word(op, (0,), (1,), (v,)) == expected
    assert word(op, (1,), (1,), (1,)) == "smooth"
    assert word(op, (-1,), (1,), (0,)) == "outside"


@pytest.mark.parametrize(
    ("v", "expected"),
    [
        ((1, 1), "clarke"),
        ((2, 0), "conservative"),
        ((HALF, Fraction(3, 2)), "conservative"),
        ((3, -1), "outside"),
        ((1, 0), "outside"),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
def test_sort_of_two_equal_numbers(v: Vector, expected: str, descending: bool) -> None:
    """One sign does not make the sets equal: Clarke {(1, 1)}, conservative (t, 2 - t)."""
    sample = of((5, 5), dim=0, descending=descending, stable=False)
    assert verdict("sort", sample, (1, 1), v) == expected


@pytest.mark.parametrize(
    ("v", "expected"),
    [
        (-1, "clarke"),
        (0, "clarke"),
        (HALF, "clarke"),
        (1, "clarke"),
        (1 + Fraction(1, 1 << 20), "outside"),
        (-2, "outside"),
    ],
)
def test_abs_at_zero(v: Number, expected: str) -> None:
    assert verdict("abs", of((0,)), (1,), (v,)) == expected


@pytest.mark.parametrize(
    ("bounds", "x", "v", "expected"),
    [
        ((0, 0), 0, 0, "clarke"),  # constant, whatever the inner kink does
        ((0, 0), 0, 1, "conservative"),
        ((0, 0), 0, 2, "outside"),
        ((1, 0), 0, 0, "smooth"),  # crossed: the upper bound wins
        ((1, 0), 0, 1, "outside"),
        ((1, 0), 1, 1, "outside"),
        ((-1, 1), -1, HALF, "clarke"),
        ((-1, 1), 1, 2, "outside"),
        ((-1, 1), 0, 1, "smooth"),
    ],
)
def test_clamp_between_equal_and_crossed_bounds(
    bounds: tuple[int, int], x: int, v: Number, expected: str
) -> None:
    low, high = map(spelled, bounds)
    assert verdict("clamp", of((x,), min=low, max=high), (1,), (v,)) == expected


@pytest.mark.parametrize(
    ("v", "expected"),
    [
        ((0, 0, 1), "clarke"),
        ((0, 1, 0), "clarke"),
        ((1, 0, 0), "clarke"),  # where it lies between the bounds
        ((HALF, HALF, 0), "clarke"),
        ((0, 0, 2), "outside"),
    ],
)
def test_clamp_where_input_and_bounds_are_equal(v: Vector, expected: str) -> None:
    """Each of the three can be the middle one."""
    three = dict.fromkeys(("input", "min", "max"), ((1,), (3,)))
    sample = Sample({"min": None, "max": None}, three)
    assert verdict("clamp", sample, (1,), v) == expected


@pytest.mark.parametrize(
    ("g", "v", "expected"),
    [
        ((1, 1), (1, 1), "clarke"),  # min + max = the sum of both
        ((1, 1), (2, 0), "conservative"),
        ((1, 1), (1, 2), "outside"),
        ((-1, 1), (1, -1), "clarke"),  # max - min, convex
        ((-1, 1), (-1, 1), "clarke"),
        ((-1, 1), (0, 0), "clarke"),
        ((-1, 1), (2, -2), "outside"),
    ],
)
def test_aminmax_of_two_equal_numbers(g: Vector, v: Vector, expected: str) -> None:
    assert verdict("aminmax", of((4, 4), dim=None, keepdim=False), g, v) == expected


@pytest.mark.parametrize(
    ("v", "expected"),
    [((HALF, HALF), "clarke"), ((1, 0), "conservative"), ((1, 1), "outside")],
)
def test_the_median_between_two_equal_numbers(v: Vector, expected: str) -> None:
    """Half of both, smooth or not."""
    sample = of((2, 2), q=spelled(HALF), dim=0, keepdim=False, interpolation="linear")
    assert verdict("quantile", sample, (1,), v) == expected


@pytest.mark.parametrize(
    ("v", "expected"),
    [
        ((2, 0, 0), "clarke"),
        ((1, 0, 0), "clarke"),  # x itself
        ((Fraction(3, 2), 0, 0), "clarke"),
        ((3, 0, 0), "outside"),
        ((1, 0, 1), "outside"),  # at 0 the weight does not count
    ],
)
def test_prelu_at_zero(v: Vector, expected: str) -> None:
    """x is 0 and -3, the weight 2: the second input has 2, and the weight -3."""
    sample = Sample({}, {"input": ((1, 1, 2), (0, -3)), "weight": ((1,), (2,))})
    v = (v[0], 2 * 5, v[2] + -3 * 5)
    assert verdict("prelu", sample, (1, 5), v) == expected


def test_many_inputs_share_the_weight_of_prelu() -> None:
    """Every side can be chosen by itself, so that 2^20 selections need no listing."""
    sample = Sample({}, {"input": ((20,), (0,) * 20), "weight": ((1,), (HALF,))})
    mixed = [Fraction(k % 3 + 2, 4) for k in range(20)]  # in [1/2, 1]
    assert verdict("prelu", sample, (1,) * 20, (*mixed, 0)) == "clarke"
    assert verdict("prelu", sample, (1,) * 20, (*mixed[1:], 2, 0)) == "outside"


@pytest.mark.parametrize(
    ("g", "v", "expected"),
    [
        ((0, 1, -1), (0, 0, 0), "clarke"),
        ((0, 1, -1), (0, 1, -1), "clarke"),
        ((0, 1, -1), (1, -1, 0), "conservative"),  # 0 above 1, and 1 above 0
        ((0, 1, -1), (1, -2, 1), "outside"),
        ((0, 1, 1), (1, 1, 0), "clarke"),  # one sign: every choice goes
    ],
)
def test_cummax_of_three_equal_numbers(g: Vector, v: Vector, expected: str) -> None:
    assert verdict("cummax", of((1, 1, 1), dim=0), g, v) == expected


@pytest.mark.parametrize(
    ("include_self", "v", "expected"),
    [
        (True, (1, 0, 0), "clarke"),
        (True, (Fraction(1, 3),) * 3, "clarke"),
        (False, (1, 0, 0), "outside"),
        (False, (0, HALF, HALF), "clarke"),
    ],
)
def test_scatter_reduce_onto_an_equal_number(include_self: bool, v: Vector, expected: str) -> None:
    sample = Sample(
        {"dim": 0, "index": tensor((0, 0)), "reduce": "amax", "include_self": include_self},
        {"input": ((1,), (2,)), "src": ((2,), (2, 2))},
    )
    assert verdict("scatter_reduce", sample, (1,), v) == expected


@pytest.mark.parametrize("op", ["median", "nanmedian", "kthvalue"])
@pytest.mark.parametrize(
    ("v", "expected"),
    [
        ((0, 0, 1, 0, 0), "clarke"),
        ((0, 0, 0, 0, 1), "clarke"),
        ((0, 0, HALF, 0, HALF), "clarke"),
        ((1, 0, 0, 0, 0), "outside"),
        ((0, 0, 1, 0, 1), "outside"),
    ],
)
def test_the_middle_one_of_five(op: str, v: Vector, expected: str) -> None:
    """2 is the third of (1, 3, 2, 0, 2) from below, and the fourth."""
    more = {"k": 3} if op == "kthvalue" else {}
    assert verdict(op, of((1, 3, 2, 0, 2), dim=0, keepdim=False, **more), (1,), v) == expected


def test_one_kink_that_is_met_twice_is_one_kink(crafted: Craft) -> None:
    op = crafted(lambda x, y: maximum(x, y) - maximum(x, y))
    assert word(op, (1, 1), (1,), (0, 0)) == "smooth"
    assert word(op, (1, 1), (1,), (1, -1)) == "outside"


def test_two_outputs_are_two_kinks(crafted: Craft) -> None:
    op = crafted(lambda x, y: (maximum(x, y), maximum(x, y)), 2)
    assert word(op, (1, 1), (1, -1), (0, 0)) == "clarke"
    assert word(op, (1, 1), (1, -1), (1, -1)) == "conservative"
    assert word(op, (1, 1), (1, -1), (2, -2)) == "outside"


@pytest.mark.parametrize(
    ("v", "expected"),
    [
        ((1, 0, 0), "clarke"),
        ((0, 0, 1), "clarke"),
        ((HALF, 0, HALF), "clarke"),
        ((0, 1, 0), "clarke"),
        ((1, 1, -1), "outside"),
    ],
)
def test_nested_kinks(crafted: Craft, v: Vector, expected: str) -> None:
    """The middle one of three by largest and smallest: the inner kinks decide the outer ones."""
    op = crafted(lambda x, y, z: maximum(minimum(x, y), minimum(maximum(x, y), z)))
    assert word(op, (2, 2, 2), (1,), v) == expected


def test_largest_less_largest_of_a_part(crafted: Craft) -> None:
    """max(x, y, z) - max(x, y): where z is largest the second choice is free, else both agree."""
    op = crafted(lambda x, y, z: maximum(maximum(x, y), z) - maximum(x, y))
    assert word(op, (0, 0, 0), (1,), (-1, 0, 1)) == "clarke"
    assert word(op, (0, 0, 0), (1,), (0, 0, 0)) == "clarke"
    # the inner kink is one and the same, so that no selection gives x in one place and y in another
    assert word(op, (0, 0, 0), (1,), (1, -1, 0)) == "outside"


def bent(x: Scalar, y: Scalar) -> tuple[Scalar, Scalar]:
    return maximum(x + y * y, 0), maximum(y * y - x, 0)


@pytest.mark.parametrize(
    ("g", "v", "expected"),
    [
        ((1, -1), (1, 0), "clarke"),  # one side is active, or the other
        ((1, -1), (0, 0), "undecided"),  # neither
        ((1, -1), (2, 0), "undecided"),  # both are near (0, y), and first order does not see it
        ((1, -1), (Fraction(5, 2), 0), "outside"),
        ((1, 1), (0, 0), "clarke"),  # the mean of both sides
    ],
)
def test_what_first_order_does_not_decide_stays_possible(
    crafted: Craft, g: Vector, v: Vector, expected: str
) -> None:
    assert word(crafted(bent, 2), (0, 0), g, v) == expected


def test_affine_expressions_leave_nothing_open(crafted: Craft) -> None:
    op = crafted(lambda x, y: (maximum(x + y, 0), maximum(-x - y, 0)), 2)
    assert word(op, (0, 0), (1, -1), (1, 1)) == "clarke"
    assert word(op, (0, 0), (1, -1), (0, 0)) == "conservative"


def test_one_variable_has_two_sides(crafted: Craft) -> None:
    """x^2 + x and x^2 - x bend, but no number is on both sides of 0."""
    op = crafted(lambda x: (maximum(x * x + x, 0), maximum(x * x - x, 0)), 2)
    assert word(op, (0,), (1, -1), (1,)) == "clarke"
    assert word(op, (0,), (1, -1), (0,)) == "conservative"


def test_conditions_on_one_input_of_bent_expressions_of_two_stay_open(crafted: Craft) -> None:
    """To first order both speak of x alone; y lets both be met."""
    case = crafted_case(crafted(bent, 2), (0, 0), (1, -1), (2, 0))
    assert verdict_of(case)["verdict"] == "undecided"


def test_the_same_comparison_the_other_way_round(crafted: Craft) -> None:
    """max(e, 0) and max(0, e) choose alike, however `e` bends."""

    def outputs(x: Scalar, y: Scalar) -> tuple[Scalar, Scalar]:
        e = x + y * y
        return maximum(e, 0), maximum(0, e)

    assert word(crafted(outputs, 2), (0, 0), (1, -1), (0, 0)) == "clarke"
    assert word(crafted(outputs, 2), (0, 0), (1, -1), (1, 0)) == "conservative"


def test_a_contradiction_of_affine_comparisons_stands_whatever_else_bends(crafted: Craft) -> None:
    """The third output bends, the first two contradict each other all the same."""

    def outputs(x: Scalar, y: Scalar) -> tuple[Scalar, ...]:
        return maximum(x, 0), maximum(-x, 0), maximum(y + x * x, 0)

    op = crafted(outputs, 3)
    assert word(op, (0, 0), (1, -1, 0), (0, 0)) == "conservative"
    assert word(op, (0, 0), (1, -1, 1), (0, 1)) == "conservative"


def test_equal_gradients_put_no_condition(crafted: Craft) -> None:
    """x + y^2 and x tie at y = 0 with one gradient, so that nothing is chosen."""
    op = crafted(lambda x, y: maximum(x + y * y, x))
    assert word(op, (3, 0), (1,), (1, 0)) == "smooth"
    op = crafted(lambda x, y: kth([x + y * y, x, 2 * x], 1))
    assert word(op, (0, 0), (1,), (1, 0)) == "clarke"
    assert word(op, (0, 0), (1,), (3, 0)) == "outside"


def test_the_middle_of_expressions(crafted: Craft) -> None:
    """The middle one of x, 2x and 3x is 2x on both sides."""
    op = crafted(lambda x: kth([x, 2 * x, 3 * x], 1))
    assert word(op, (0,), (1,), (2,)) == "clarke"
    assert word(op, (0,), (1,), (1,)) == "conservative"


def test_products_of_kinks(crafted: Craft) -> None:
    """|x| |y| is smooth at 0; at (0, 1) it is |x|."""
    op = crafted(lambda x, y: abs(x) * abs(y))
    assert word(op, (0, 0), (1,), (0, 0)) == "smooth"
    assert word(op, (0, 1), (1,), (HALF, 0)) == "clarke"
    assert word(op, (0, 1), (1,), (HALF, 1)) == "outside"


def test_a_jump_has_no_clarke_set(crafted: Craft) -> None:
    """Nothing is asked of its input, and the verdict says how many there are."""
    op = crafted(lambda x, y: (pieces(x, [0], [lambda _: 1, lambda t: t], at=[0]), abs(y)), 2)
    found = verdict_of(crafted_case(op, (0, 0), (1, 1), (7, HALF)))
    assert (found["verdict"], found["ties"]) == ("clarke", {"windows": 2, "tied": 1, "jumps": 1})
    assert word(op, (0, 0), (1, 1), (7, 2)) == "outside"
    assert word(op, (0, 0), (0, 1), (7, 1)) == "outside"  # 0 times a jump is 0


@pytest.mark.parametrize(
    ("constants", "v", "expected"),
    [
        (("other",), (0, 0, 0), "clarke"),  # the input moves up, or down
        (("other",), (1, 0, 0), "conservative"),
        (("other",), (2, 0, 0), "outside"),
        ((), (1, 0, -1), "clarke"),  # one of the others moves down, one up
        ((), (1, 0, 0), "outside"),
    ],
)
def test_constants_do_not_move(constants: tuple[str, ...], v: Vector, expected: str) -> None:
    """max(x, c) - max(x, d), all equal: zero near x if c and d are constants."""
    operands = {"input": ((1,), (1,)), "other": ((2,), (1, 1))}
    sample = Sample({}, operands, constants)
    assert verdict("maximum", sample, (1, -1), v) == expected

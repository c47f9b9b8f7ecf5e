"""The search over whole lattices: what it must find, and that it says when it does not know."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest

from oracle.case import Case, write_case
from oracle.check import BUDGET, Verdict, check
from oracle.check.ties import realizable_selections
from oracle.formats import BFLOAT16, BINARY16, BINARY32, BINARY64, FORMATS
from oracle.judge import judge
from oracle.search import order
from suites.meta.cases import (
    case_of,
    confined,
    point_of_choices,
    point_of_orders,
    sliding,
    through_json,
    with_gradient,
)

SIGNALS = sliding((1, 5), 3, padding=1)  # five windows over five inputs
PLANES = sliding((1, 3, 3), 2, dims=2)  # four windows over nine inputs
QUARTERS = (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4))


def lattice(repeats: int, seed: int) -> Iterator[tuple[Case, random.Random]]:
    """Yield every signal over three values and every plane over two, with mixed cotangents."""
    rng = random.Random(seed)
    signals = ((SIGNALS, x) for x in itertools.product((0, 1, 2), repeat=5))
    planes = ((PLANES, x) for x in itertools.product((0, 1), repeat=9))
    for shapes, x in [*signals, *planes] * repeats:
        g = [rng.choice((-3, -1, 1, 2, 4)) for _ in shapes.windows]
        yield case_of(shapes, rng.choice(list(FORMATS.values())), x, g), rng


def accepted(case: Case) -> Verdict:
    """Return the verdict, which the checker has accepted as another program reads it."""
    verdict = judge(case)
    check(case, through_json(verdict.document()))
    return verdict


def decide(
    point: Callable[[Case, random.Random], list[Fraction]], *, repeats: int, seed: int
) -> tuple[Counter[str], Counter[str]]:
    """Return how often each word was said of the points, and each way decided a case."""
    words: Counter[str] = Counter()
    ways: Counter[str] = Counter()
    for case, rng in lattice(repeats, seed):
        verdict = accepted(with_gradient(case, point(case, rng)))
        words[verdict.verdict] += 1
        ways.update(way for way, count in verdict.components.items() if count)
    return words, ways


def test_every_total_order_is_in_the_clarke_set() -> None:
    words, ways = decide(lambda case, rng: point_of_orders(case, [1], rng), repeats=3, seed=1)
    assert set(words) == {"smooth", "clarke"}
    assert ways["rule"] >= 1_000
    assert ways["order"] >= 1_000
    assert ways["undecided"] == 0


def test_every_combination_of_orders_is_in_the_clarke_set() -> None:
    words, ways = decide(lambda case, rng: point_of_orders(case, QUARTERS, rng), repeats=2, seed=2)
    assert set(words) == {"smooth", "clarke"}
    assert ways["hull"] >= 1_000
    assert ways["undecided"] == 0


def test_no_choice_per_window_is_outside() -> None:
    words, ways = decide(point_of_choices, repeats=2, seed=3)
    assert set(words) <= {"smooth", "clarke", "conservative", "undecided"}
    assert words["conservative"] >= 50
    assert words["undecided"] * 100 < words.total()
    assert ways["order"] >= 200


def test_no_shares_per_window_are_outside() -> None:
    """Any probability vector in each window, its products rounded once and summed exactly."""
    for case, rng in itertools.islice(lattice(1, 4), 0, None, 4):
        points = [point_of_choices(case, rng) for _ in range(3)]
        shared = [
            sum(weight * z for weight, z in zip(QUARTERS, column, strict=True))
            for column in zip(*points, strict=True)
        ]
        assert accepted(with_gradient(case, shared)).verdict != "outside"


def mixed_plane(side: int, seed: int, fmt_index: int = 2) -> tuple[Case, random.Random]:
    """Return a constant plane under overlapping windows, cotangents of both signs."""
    rng = random.Random(seed)
    shapes = sliding((1, side, side), 3, dims=2)
    fmt = (BINARY16, BFLOAT16, BINARY32, BINARY64)[fmt_index]
    g = [rng.choice((-3, -2, -1, 1, 2, 5)) for _ in shapes.windows]
    return case_of(shapes, fmt, [1] * side * side, g), rng


def test_a_component_of_64_windows_has_its_order_found() -> None:
    case, rng = mixed_plane(10, 5)
    assert len(case.geometry.windows) == 64
    verdict = accepted(with_gradient(case, point_of_orders(case, [1], rng)))
    assert (verdict.verdict, verdict.rule) == ("clarke", "order")
    assert verdict.components == {"rule": 0, "order": 1, "hull": 0, "undecided": 0}


def test_beyond_the_budget_the_answer_is_undecided() -> None:
    """A choice per window in a component of too many selections: conservative for sure, no more."""
    case, rng = mixed_plane(6, 6)
    assert realizable_selections(list(dict.fromkeys(case.geometry.windows)), BUDGET) is None
    verdict = accepted(with_gradient(case, point_of_choices(case, rng)))
    assert verdict.verdict == "undecided"
    assert verdict.components["undecided"] == 1
    assert (verdict.certificate, verdict.worst_ratio, verdict.grades) == (None, None, None)


def test_outside_is_decided_beyond_the_budget() -> None:
    case, rng = mixed_plane(6, 7)
    v = point_of_choices(case, rng)
    v[14] += 1  # the total is no longer that of the cotangents
    assert accepted(with_gradient(case, v)).verdict == "outside"


def test_the_same_case_gets_the_same_verdict_twice() -> None:
    for case, rng in itertools.islice(lattice(1, 8), 0, None, 16):
        judged = with_gradient(case, point_of_orders(case, QUARTERS, rng))
        assert judge(judged).document() == judge(judged).document()


@pytest.mark.parametrize("seed", range(3))
def test_cotangents_of_full_precision_are_decided_in_time(seed: int) -> None:
    """Nine inputs, seven windows, 53-bit cotangents within five binades."""
    rng, shapes = random.Random(seed), sliding((1, 9), 3)
    g = [
        rng.choice((-1, 1)) * Fraction(rng.getrandbits(53) | 1, 1 << 53 + rng.randint(-5, 5))
        for _ in shapes.windows
    ]
    case = case_of(shapes, BINARY64, [1] * 9, g)
    judged = with_gradient(case, point_of_orders(case, QUARTERS, rng))
    result = confined("-m", "oracle", "judge", "-", text=json.dumps(write_case(judged)))
    assert json.loads(result.stdout)["verdict"] == "clarke"


def test_a_search_for_an_order_that_gives_up_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hull may then find the order's one selection."""
    monkeypatch.setattr(order, "_RESOURCES", 1)
    for case, rng in itertools.islice(lattice(1, 1), 243):
        verdict = accepted(with_gradient(case, point_of_orders(case, [1], rng)))
        assert verdict.verdict in ("smooth", "clarke")


def test_components_are_decided_one_by_one() -> None:
    """An order in the first plane, a hull in the second, a rule in the third."""
    shapes = sliding((1, 3, 5), 3)
    case = case_of(shapes, BINARY32, [1] * 15, [1, -1, 1] * 3)
    v: list[Fraction | int | str] = [0, 0, 1, 0, 0]  # 1 - 1 + 1, all three windows on input 2
    v += [Fraction(1, 2), 0, 0, 0, Fraction(1, 2)]  # {0}, none and {4}; half of it elsewhere
    v += [1, -1, 1, 0, 0]
    verdict = accepted(with_gradient(case, v))
    assert verdict.verdict == "clarke"
    assert verdict.components == {"rule": 1, "order": 1, "hull": 1, "undecided": 0}

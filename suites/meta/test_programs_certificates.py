"""Certificates of programs: each kind is accepted, and what does not follow is refused."""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import pytest

from oracle.case import Case, read_case, write_case
from oracle.check import ProgramProblem, RefusedError, check, problem_of, programs
from oracle.check.realizing import Realizing
from oracle.formats import BINARY16, BINARY32, FORMATS
from oracle.judge import judge
from oracle.programs import Scalar
from oracle.programs.kinks import maximum
from suites.meta.cases import Document, Number, through_json, with_gradient
from suites.meta.crafted import craft, crafted_case, verdict_of
from suites.meta.programs import HALF, Sample, of, program_case, spelled

Verdicts = Sequence[tuple[Case, Document]]
THIRD = Fraction(1, 3)
KINDS = {"rule", "order", "direction", "hull", "conservative", "separation", "box"}

SORT = of((2, 2, 2), dim=0, descending=False, stable=True)
CUMMAX = of((1, 1, 1), dim=0)
AMAX = of((4, 4, 4, 1), dim=[0], keepdim=False)
PAIR = of((4, 4), dim=None, keepdim=False)
WEIGHTED = Sample({}, {"input": ((3,), (0, 0, -1)), "weight": ((1,), (HALF,))})
TOPK = of((3, 3, 3, 3), dim=0, k=2, largest=True, sorted=True)
SLOPE = of((0, 1), negative_slope=spelled(Fraction(1, 4)))
HAND: Sequence[tuple[str, Sample, Sequence[Number], Sequence[Number]]] = [
    ("sort", SORT, (1, 2, 3), (2, 3, 1)),  # an order
    ("sort", SORT, (1, 2, 3), (2, 2, 2)),  # the even split
    ("sort", SORT, (1, 2, 3), (Fraction(5, 4), Fraction(9, 4), Fraction(5, 2))),  # a hull
    ("sort", SORT, (1, 2, 4), (7, 0, 0)),  # conservative
    ("sort", SORT, (1, 2, 3), (7, 0, -1)),  # outside
    ("cummax", CUMMAX, (0, 1, -1), (1, -1, 0)),
    ("cummax", CUMMAX, (1, 1, 1), (1, 2, 0)),
    ("topk", TOPK, (1, 1), (HALF,) * 4),
    ("topk", TOPK, (1, 2), (0, 2, 0, 1)),
    ("topk", TOPK, (1, 2), (3, 0, 0, 0)),
    ("amax", AMAX, (3,), (2, 1, 0, 0)),
    ("amax", AMAX, (3,), (0, 0, 0, 3)),  # a box
    ("amax", AMAX, (3,), (2, 2, 0, 0)),  # a separation
    ("aminmax", PAIR, (1, 1), (2, 0)),
    ("aminmax", PAIR, (1, -1), (1, -1)),
    ("prelu", WEIGHTED, (1, 2, 3), (1, 1, Fraction(3, 2), -3)),  # a direction
    ("prelu", WEIGHTED, (1, 2, 3), (Fraction(3, 4), 1, Fraction(3, 2), -3)),
    ("prelu", WEIGHTED, (1, 2, 3), (1, 3, Fraction(3, 2), -3)),
    ("leaky_relu", SLOPE, (1, 1), (HALF, 1)),
    ("leaky_relu", SLOPE, (1, 1), (2, 1)),
    ("abs", of((0, 0)), (1, 1), (1, -1)),
    ("abs", of((0, 0)), (1, 1), (THIRD, 2 * THIRD)),
]


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    """Each case by hand in two formats, with the verdict as another program reads it."""
    found = []
    for (op, sample, g, v), fmt in itertools.product(HAND, (BINARY16, BINARY32)):
        case = program_case(op, sample, g, v, fmt)
        found.append((case, verdict_of(case)))
    return found


def test_every_kind_of_certificate_is_accepted(verdicts: Verdicts) -> None:
    """`check` has accepted each of them."""
    kinds = {verdict["certificate"]["kind"] for _, verdict in verdicts}
    words = {verdict["verdict"] for _, verdict in verdicts}
    assert kinds == KINDS
    assert words == {"clarke", "conservative", "outside"}


def test_cases_of_programs_come_back_from_json(verdicts: Verdicts) -> None:
    for case, _ in verdicts:
        assert read_case(through_json(write_case(case))) == case


def changed_numbers(entry: Any) -> Iterator[Any]:
    """Yield copies of JSON in each of which one number, rational or integer, is another."""
    if isinstance(entry, dict):
        for key, value in entry.items():
            for changed in changed_numbers(value):
                yield entry | {key: changed}
    elif isinstance(entry, list):
        for place, value in enumerate(entry):
            for changed in changed_numbers(value):
                yield [*entry[:place], changed, *entry[place + 1 :]]
    elif isinstance(entry, str) and "/" in entry:
        number = Fraction(entry)
        for other in {number + 1, -number - 1, number * 2 + 1} - {number}:
            yield f"{other.numerator}/{other.denominator}"
        yield from ("1", "1/0", "x", "", None, 1.0)
    elif type(entry) is int:
        yield from (entry + 1, -1, 999, True, str(entry), None)


def point_of(case: Case, certificate: Document) -> object:
    """Return what a certificate says of the gradient: its point, if it follows a direction."""
    problem = problem_of(case)
    if certificate["kind"] == "order":
        shares = problem.order_shares(certificate["order"])
    else:
        moves = {int(i): Fraction(d) for i, d in certificate["direction"].items()}
        shares = problem.direction_shares(moves)
    return sorted(shares)


def says_the_same(case: Case, one: Document, other: Document) -> bool:
    """Return whether two certificates follow directions to the same selection."""
    if one["kind"] not in ("order", "direction") or one["kind"] != other["kind"]:
        return False
    try:
        return point_of(case, one) == point_of(case, other)
    except (RefusedError, AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError):
        return False


def false_certificates(case: Case, certificate: Document) -> Iterator[Document]:
    """Yield certificates that are not true of the case, or malformed."""
    for changed in changed_numbers(certificate):
        if not says_the_same(case, certificate, changed):
            yield changed
    for key in certificate:
        yield {k: v for k, v in certificate.items() if k != key}
        yield certificate | {key: None}
    yield certificate | {"more": 1}
    for rule in ("none", "first-index", "last-index", "even-split", "order"):
        if certificate != {"kind": "rule", "rule": rule}:
            yield {"kind": "rule", "rule": rule}
    for of_set in ("clarke", "conservative"):
        if certificate.get("of", of_set) != of_set:
            yield certificate | {"of": of_set}
    if "separation" in certificate:
        yield certificate["separation"]
        for separation in false_certificates(case, certificate["separation"]):
            yield certificate | {"separation": separation}


def test_what_does_not_follow_is_refused(verdicts: Verdicts) -> None:
    refused = 0
    for case, verdict in verdicts:
        for lie in false_certificates(case, verdict["certificate"]):
            with pytest.raises(RefusedError):
                check(case, through_json(verdict | {"certificate": lie}))
            refused += 1
    assert refused >= 1_500


def test_another_word_for_a_certificate_is_refused(verdicts: Verdicts) -> None:
    lies: dict[str, list[Any]] = {
        "verdict": ["smooth", "clarke", "conservative", "outside", "undecided"],
        "rule": ["none", "first-index", "last-index", "even-split", "order", "other"],
        "worst_ratio": [1e-300, 0.5, None],
        "overflow": [1],
        "special": [True],
        "ties": [{"windows": 1, "tied": 1}, None],
    }
    for case, verdict in verdicts:
        for key, values in lies.items():
            for value in values:
                if value != verdict[key]:
                    with pytest.raises(RefusedError, match=key):
                        check(case, verdict | {key: value})


def test_another_cases_certificate_is_refused(verdicts: Verdicts) -> None:
    refused = 0
    for (case, verdict), (_, other) in itertools.permutations(verdicts, 2):
        certificate = other["certificate"]
        if certificate["kind"] in ("conservative", "separation", "box") and (
            certificate != verdict["certificate"]
        ):
            with pytest.raises(RefusedError):
                check(case, verdict | {"certificate": certificate})
            refused += 1
    assert refused >= 300


def hull(windows: Sequence[int], *weights: tuple[str, Sequence[int]]) -> Document:
    parts = [{"windows": list(windows), "weights": [[w, list(s)] for w, s in weights]}]
    return {"kind": "hull", "components": parts}


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (hull((0, 1, 2), ("1/2", (0, 1, 2)), ("1/3", (1, 2, 0))), "sum to 5/6"),
        (hull((0, 1, 2), ("3/2", (0, 1, 2)), ("-1/2", (1, 2, 0))), "not positive"),
        (hull((0, 1, 2), ("1/2", (0, 0, 2)), ("1/2", (1, 2, 0))), "not realizable"),
        (hull((0, 1, 2), ("1/2", (0, 1, 3)), ("1/2", (1, 2, 0))), "no branch"),
        (hull((0, 1, 2), ("1/2", (0, 1)), ("1/2", (1, 2, 0))), "does not choose once"),
        (hull((0, 1, 2), ("1/2", (0, 1, 2)), ("1/2", (0, 1, 2))), "twice"),
        (hull((0, 1), ("1/2", (0, 1)), ("1/2", (1, 2))), "stands in no component"),
    ],
)
def test_a_hull_is_of_realizable_selections(certificate: Document, reason: str) -> None:
    """Three ranks of three equal numbers: a selection is a permutation."""
    case = program_case("sort", SORT, (1, 2, 3), (Fraction(5, 4), Fraction(9, 4), Fraction(5, 2)))
    verdict = verdict_of(case)
    assert verdict["certificate"]["kind"] == "hull"
    with pytest.raises(RefusedError, match=reason):
        check(case, verdict | {"certificate": certificate})


def test_parts_of_a_hull_may_not_share_what_they_are_decided_by() -> None:
    """Ranks 0 and 1 apart: each part is realizable, both together need one input twice."""
    case = program_case("sort", of((2, 2), dim=0, descending=False, stable=True), (1, 1), (2, 0))
    verdict = verdict_of(case)
    parts = [{"windows": [w], "weights": [["1/2", [0]], ["1/2", [1]]]} for w in (0, 1)]
    lie = verdict | {"verdict": "clarke", "certificate": {"kind": "hull", "components": parts}}
    with pytest.raises(RefusedError, match="tied in two parts"):
        check(case, lie)


def test_a_direction_must_decide_every_kink() -> None:
    """Of the two zeros of the first operand, one does not move."""
    case = program_case("prelu", WEIGHTED, (1, 2, 3), (1, 1, Fraction(3, 2), -3))
    verdict = verdict_of(case)
    assert verdict["certificate"]["kind"] == "direction"
    for moves in ({"0": "1/1"}, {"0": "1/1", "1": "0/1"}, {"0": "-1/1", "1": "1/1"}, {}):
        with pytest.raises(RefusedError):
            check(case, verdict | {"certificate": {"kind": "direction", "direction": moves}})
    other = {"kind": "direction", "direction": {"0": "7/3", "1": "-1/9", "2": "5/1"}}
    check(case, verdict | {"certificate": other})


def test_beyond_the_budget_is_undecided_and_never_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The listing is cut short, so that no separation from the Clarke set can be shown."""
    case = program_case("cummax", CUMMAX, (0, 1, -1), (1, -1, 0))
    proved = verdict_of(case)
    assert proved["verdict"] == "conservative"
    monkeypatch.setattr(programs, "Realizing", lambda _: Realizing(2))
    verdict = through_json(judge(case).document())
    assert (verdict["verdict"], verdict["certificate"]) == ("undecided", None)
    assert verdict["components"]["undecided"] == 1
    check(case, verdict)
    for word in ("smooth", "clarke", "conservative"):
        with pytest.raises(RefusedError, match="verdict"):
            check(case, verdict | {"verdict": word})
    with pytest.raises(RefusedError, match="realizable selections"):
        check(case, proved)


def test_possible_selections_must_be_separated_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """A separation from the realizable ones alone does not hold."""

    def outputs(x: Scalar, y: Scalar) -> tuple[Scalar, Scalar]:
        return maximum(x + y * y, 0), maximum(y * y - x, 0)

    case = crafted_case(craft(monkeypatch, outputs, 2), (0, 0), (1, -1), (0, 0))
    verdict = verdict_of(case)
    separation = {"kind": "separation", "of": "clarke", "windows": [0, 1]}
    separation |= {"direction": {"0": "-1/1"}, "gap": "1/1"}
    shares = [[["1/1", 0]], [["1/1", 0]]]
    lie = {"kind": "conservative", "shares": shares, "separation": separation}
    with pytest.raises(RefusedError, match="the gap is 1/1"):
        check(case, verdict | {"verdict": "conservative", "certificate": lie})


def some_point(case: Case, rng: random.Random) -> list[Fraction]:
    """Return what random branches add up to, all outputs by themselves; now and then a bit more."""
    problem = problem_of(case)
    assert isinstance(problem, ProgramProblem)
    point = [Fraction(0)] * len(problem.gradient)
    for w, choices in problem.active.items():
        for choice in rng.choices(choices, k=2):
            for i, term in problem.branches[choice].row.items():
                part = Fraction(problem.cotangent[w] * term.coefficient, 2)
                point[i] += part * case.format.eta
    point[rng.randrange(len(point))] += rng.random() < 0.2
    return point


def test_random_cases_are_judged_and_checked() -> None:
    """Every verdict on random gradients of random ties is accepted; all words occur."""
    rng, words = random.Random(4), dict[str, int]()
    makers: Sequence[Callable[[], tuple[str, Sample, int]]] = [
        lambda: ("sort", of(rng.choices((0, 1), k=4), dim=0, descending=True, stable=False), 4),
        lambda: ("cummin", of(rng.choices((0, 1), k=5), dim=0), 5),
        lambda: ("aminmax", of(rng.choices((0, 1), k=4), dim=0, keepdim=False), 2),
        lambda: ("prelu", Sample({}, {"input": ((3,), rng.choices((-1, 0, 1), k=3)),
                                      "weight": ((1,), (2,))}), 3),
        lambda: ("maximum", Sample({}, {"input": ((1, 3), rng.choices((0, 1), k=3)),
                                        "other": ((2, 1), rng.choices((0, 1), k=2))}), 6),
    ]  # fmt: skip
    for _ in range(250):
        op, sample, count = rng.choice(makers)()
        size = sum(len(entries) for _, entries in sample.operands.values())
        g = rng.choices((-2, -1, 1, 1, 3), k=count)
        fmt = rng.choice(list(FORMATS.values()))
        case = program_case(op, sample, g, [0] * size, fmt)
        verdict = verdict_of(with_gradient(case, some_point(case, rng)))
        words[verdict["verdict"]] = words.get(verdict["verdict"], 0) + 1
    assert words.keys() >= {"clarke", "conservative", "outside"}


@pytest.mark.parametrize("op", ["cummax", "cummin", "sort"])
def test_an_order_of_many_equal_numbers_is_found(op: str) -> None:
    """48 ties, cotangents of both signs: there are more selections than can be listed."""
    rng, n = random.Random(op), 48
    sample = of([1] * n, dim=0)
    if op == "sort":
        sample = of([1] * n, dim=0, descending=False, stable=False)
    case = program_case(op, sample, rng.choices((-2, -1, 1, 3), k=n))
    problem, order = problem_of(case), rng.sample(range(n), n)
    assert isinstance(problem, ProgramProblem)
    point = [Fraction(0)] * n
    for w, choice, _ in problem.order_shares(order):
        for i in problem.branches[choice].row:
            point[i] += problem.cotangent[w] * case.format.eta
    verdict = verdict_of(with_gradient(case, point))
    assert (verdict["verdict"], verdict["rule"]) == ("clarke", "order")


def test_a_broken_verdict_is_refused_and_nothing_else(verdicts: Verdicts) -> None:
    rng = random.Random(12)
    garbage = [None, True, -1, 1.5, "", "1/2", [], {}, [[]], [{}]]

    def broken(entry: Any) -> Any:
        if isinstance(entry, dict | list) and entry and rng.random() < 0.8:
            copied = copy.deepcopy(entry)
            key = rng.choice(list(entry) if isinstance(entry, dict) else range(len(entry)))
            copied[key] = broken(copied[key])
            return copied
        return rng.choice(garbage)

    for case, verdict in verdicts:
        for _ in range(40):
            try:
                check(case, through_json(verdict | {"certificate": broken(verdict["certificate"])}))
            except RefusedError as error:
                assert str(error)

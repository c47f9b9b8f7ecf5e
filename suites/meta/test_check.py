"""The checker on cases that can be worked by hand, and on verdicts that are not true."""

from __future__ import annotations

import copy
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import pytest

from oracle.case import Case, CaseError
from oracle.check import Problem, RefusedError, check
from oracle.check.bound import WindowRounding
from oracle.formats import BFLOAT16, BINARY16, BINARY32, BINARY64, FORMATS, Format
from oracle.judge import judge
from oracle.windows import geometry
from suites.meta.cases import (
    Document,
    Number,
    case_of,
    point_of_choices,
    point_of_orders,
    sliding,
    stored,
    through_json,
    with_gradient,
    with_output,
)

U = BINARY32.unit_roundoff
PAIR = sliding((1, 2), 3, padding=1)  # two windows, each of both inputs
CHAIN = sliding((1, 5), 3)  # {0,1,2}, {1,2,3}, {2,3,4}
ONE = sliding((1, 2), 2)  # a window of both inputs
LINKED = sliding((1, 3), 2)  # {0,1}, {1,2}


def verdict_of(case: Case) -> Document:
    """Return the verdict as another program reads it, accepted by the checker."""
    document = through_json(judge(case).document())
    check(case, document)
    return document


def word(case: Case, v: Sequence[Number]) -> str:
    return str(verdict_of(with_gradient(case, v))["verdict"])


HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("v", "expected"),
    [
        ((0, 0), "clarke"),  # the only point of the Clarke set
        ((1, -1), "conservative"),
        ((HALF, -HALF), "conservative"),
        ((-1, 1), "conservative"),
        ((2, -2), "outside"),  # t = 2
        ((1, 1), "outside"),
        ((1, 0), "outside"),  # coordinates sum to 1, the cotangents to 0
    ],
)
@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_two_windows_of_two_equal_inputs(fmt: Format, v: Sequence[Number], expected: str) -> None:
    """The zero function: Clarke {0}, conservative t (1, -1) with |t| <= 1."""
    assert word(case_of(PAIR, fmt, (3, 3), (1, -1)), v) == expected


def test_of_21_vectors_of_a_chain_twelve_are_clarke() -> None:
    case = case_of(CHAIN, BINARY32, [1] * 5, (1, -1, 1))
    vectors = set()
    for chosen in itertools.product(*CHAIN.windows):
        vector = [0] * 5
        for g, i in zip((1, -1, 1), chosen, strict=True):
            vector[i] += g
        vectors.add(tuple(vector))
    words = [word(case, vector) for vector in sorted(vectors)]
    assert (words.count("clarke"), words.count("conservative")) == (12, 9)


def test_one_sign_makes_the_sets_equal() -> None:
    case = case_of(CHAIN, BINARY32, [1] * 5, (1, 2, 4))
    for chosen in itertools.product(*CHAIN.windows):
        vector = [0] * 5
        for g, i in zip((1, 2, 4), chosen, strict=True):
            vector[i] += g
        assert word(case, vector) == "clarke"


@pytest.mark.parametrize(
    ("v", "expected"),
    [
        ((4, 0, 0), "first-index"),
        ((0, 0, 4), "last-index"),
        ((Fraction(4, 3),) * 3, "even-split"),
        ((0, 4, 0), "order"),
        ((2, 2, 0), "other"),
    ],
)
def test_the_rule_is_the_first_that_fits(v: Sequence[Number], expected: str) -> None:
    verdict = verdict_of(case_of(sliding((1, 3), 3), BINARY32, (7, 7, 7), (4,), v))
    assert (verdict["verdict"], verdict["rule"]) == ("clarke", expected)


def test_beta_beyond_its_range_is_outside() -> None:
    """beta even + (1 - beta) first, k = 3: a probability vector for 0 <= beta <= 3/2."""
    case = case_of(sliding((1, 3), 3), BINARY32, (7, 7, 7), (3,))
    for beta, expected in (
        (0, "clarke"),
        (1, "clarke"),
        (Fraction(3, 2), "clarke"),
        (2, "outside"),
    ):
        assert word(case, (3 - 2 * beta, beta, beta)) == expected


def test_a_case_without_ties_is_smooth() -> None:
    verdict = verdict_of(case_of(LINKED, BINARY32, (1, 3, 2), (2, -5), (0, -3, 0)))
    assert (verdict["verdict"], verdict["rule"]) == ("smooth", "none")
    assert verdict["components"] == {"rule": 1, "order": 0, "hull": 0, "undecided": 0}
    assert verdict["ties"] == {"windows": 2, "tied": 0}


def test_a_lone_route_changes_nothing_but_the_sign_of_a_zero() -> None:
    """a_i = 0, so B_i = 0."""
    alone = case_of(ONE, BINARY32, (2, 1), (1,))
    assert word(alone, (1, "-0x0p+0")) == "smooth"
    assert word(alone, (1 + 2 * U, 0)) == "outside"
    assert word(alone, (1, BINARY32.eta)) == "outside"


def test_the_second_form_refuses_what_the_first_lets_pass() -> None:
    """One tie of two with g = 1: z = (1 - s, s), first form u for each, second gamma_3 z_i.

    For v = (1, 2u) the first form holds at s = u; the second needs s >= 2u / (1 + gamma_3) > u.
    """
    tie = case_of(ONE, BINARY32, (2, 2), (1,))
    assert word(tie, (1, U)) == "clarke"
    refused = verdict_of(with_gradient(tie, (1, 2 * U)))
    assert refused["verdict"] == "outside"
    assert refused["certificate"]["kind"] == "separation"


def test_shares_of_more_than_16384_inputs_are_subnormal_in_binary16() -> None:
    """Only then does |g| eta / 2 come on top of t eta / 2 in the second form (units of eta)."""
    g = BINARY16.smallest_normal << 15  # a real 2
    for fmt, k, extra in (
        (BINARY16, 16_384, 0),
        (BINARY16, 16_385, g * BINARY16.eta / 2),
        (BFLOAT16, 16_385, 0),
        (BINARY32, 16_385, 0),
    ):
        rounding = WindowRounding(fmt, {0: tuple(range(k))}, [g], k, flushes=False)
        assert rounding.slack(0) == HALF + extra, (fmt, k)


def test_even_split_among_subnormal_shares_conforms() -> None:
    k = 16_385
    share = BINARY16.round(1 / (k * BINARY16.eta)) * BINARY16.eta
    verdict = verdict_of(case_of(sliding((1, k), k), BINARY16, [0] * k, [1], [share] * k))
    assert (verdict["verdict"], verdict["rule"]) == ("clarke", "even-split")


def test_bound_of_a_third_and_its_ratio() -> None:
    """fl(1/3) = 11184811/2^25 is off by 1/(3 2^25); B = min(u, gamma_3/3) + eta/2, u the less."""
    third = Fraction(11_184_811, 1 << 25)
    verdict = verdict_of(case_of(sliding((1, 3), 3), BINARY32, (1, 1, 1), (1,), [third] * 3))
    ratio = Fraction(1, 3 << 25) / (U + BINARY32.eta / 2)
    assert verdict["rule"] == "even-split"
    assert verdict["grades"] == {"exact": 0, "faithful": 3, "wide": 0, "narrow": 0, "vacuous": 0}
    assert Fraction(math.nextafter(verdict["worst_ratio"], 0)) < ratio
    assert ratio <= Fraction(verdict["worst_ratio"])


CENTRE = sliding((1, 5), 3)
PEAK = (0, 0, 1, 0, 0)  # three windows, all of them on input 2


@pytest.mark.parametrize(
    ("v", "grade"),
    [
        (Fraction(2) ** -30, "exact"),
        # E = a u^2 S = 2 * 2^-48 * (2 + 2^-30), some 2^-46
        (Fraction(2) ** -30 + Fraction(2) ** -50, "wide"),
        (0, "narrow"),  # lost in 1 + 2^-30; a u S = 2^-22
    ],
)
def test_grades_of_a_cancelling_sum(v: Number, grade: str) -> None:
    case = case_of(CENTRE, BINARY32, PEAK, (1, Fraction(2) ** -30, -1), (0, 0, v, 0, 0))
    verdict = verdict_of(case)
    assert verdict["grades"][grade] == (5 if grade == "exact" else 1)
    assert verdict["verdict"] == "smooth"


def test_a_sum_of_129_terms_is_vacuous_in_bfloat16() -> None:
    """a u = 128 / 256; 100 is within a u S = 64.5 of 129, and not within 2^-24 of that."""
    for terms, grade, vacuous in ((129, "vacuous", 1), (128, "narrow", 0)):
        shapes = sliding((1, 2 * terms - 1), terms)
        peak = [int(i == terms - 1) for i in range(2 * terms - 1)]
        verdict = verdict_of(case_of(shapes, BFLOAT16, peak, [1] * terms, [100 * i for i in peak]))
        assert verdict["verdict"] == "smooth"
        assert verdict["grades"][grade] == 1
        assert verdict["vacuous"] == vacuous


@pytest.mark.parametrize(
    ("g", "v", "expected", "overflow"),
    [
        # the largest finite number is 65504; a = 1, so B = S / 2048
        ((65_504, 65_504), "inf", "smooth", 1),  # P = 131008
        ((65_504, 1), "inf", "smooth", 1),  # P + B = 65505 + 32
        ((60_000, 32), "inf", "outside", 0),  # P + B = 60032 + 29.3
        ((60_000, 32), "nan", "outside", 0),
        ((65_504, 65_504), "nan", "smooth", 1),
        ((65_504, 65_504), "-inf", "outside", 0),
        ((-65_504, -65_504), "-inf", "smooth", 1),
        ((65_504, -65_504), "inf", "smooth", 1),  # P + B = 65504 + 64: it may overflow on the way
        ((65_504, 65_504), 65_504, "outside", 0),  # finite values are judged as ever
    ],
)
def test_infinities_are_accepted_where_a_sum_may_overflow(
    g: tuple[int, int], v: Number, expected: str, overflow: int
) -> None:
    verdict = verdict_of(case_of(LINKED, BINARY16, (0, 1, 0), g, (0, v, 0)))
    assert (verdict["verdict"], verdict["overflow"]) == (expected, overflow)
    assert verdict["special"] is False
    if expected == "outside":
        assert verdict["certificate"]["kind"] == "box"


def test_nan_at_an_untied_input_is_outside_its_box() -> None:
    verdict = verdict_of(case_of(LINKED, BINARY32, (0, 1, 0), (1, 1), (0, "nan", 0)))
    assert (verdict["verdict"], verdict["certificate"]["kind"]) == ("outside", "box")


@pytest.mark.parametrize(
    ("x", "special", "tied"),
    [
        (("nan", 1, "nan"), True, 1),
        (("nan", 1, 9), True, 0),
        (("inf", 1, "inf"), True, 1),
        (("-inf", "-inf", "-inf"), True, 1),
        (("-inf", 1, 0), False, 0),
        (("0x0p+0", "-0x0p+0", -1), False, 1),
    ],
)
def test_special_tied_sets(x: Sequence[Number], special: bool, tied: int) -> None:
    case = case_of(sliding((1, 3), 3), BINARY32, x, (2,))
    sets = Problem(case).tied[0]
    for i in range(3):
        verdict = verdict_of(with_gradient(case, [2 * (i == j) for j in range(3)]))
        right = "clarke" if tied else "smooth"
        assert verdict["verdict"] == (right if i in sets else "outside")
        assert (verdict["special"], verdict["ties"]["tied"]) == (special, tied)


@pytest.mark.parametrize("upstream", ["nan", "inf", "-inf"])
def test_coordinates_beneath_a_wild_cotangent_are_free(upstream: str) -> None:
    """{0, 1} tied with a wild cotangent, {1} untied with 2: only input 2 is judged."""
    case = case_of(LINKED, BINARY32, (1, 1, 0), (upstream, 2))
    for v in (("nan", "nan", 0), ("inf", 7, 0), (0, 0, "-0x0p+0")):
        verdict = verdict_of(with_gradient(case, v))
        assert (verdict["verdict"], verdict["special"]) == ("clarke", True)
        assert sum(verdict["grades"].values()) == 1
    assert word(case, (0, 2, 1)) == "outside"


def test_other_coordinates_are_judged_with_the_wild_window_left_out() -> None:
    case = case_of(LINKED, BINARY32, (3, 1, 2), ("nan", 2))
    assert word(case, ("nan", 0, 2)) == "smooth"
    assert word(case, (5, 0, 1)) == "outside"
    assert word(case, (5, 1, 2)) == "outside"
    assert word(case, (5, "nan", 2)) == "outside"


def test_windows_without_a_cotangent_take_no_part() -> None:
    case = case_of(LINKED, BINARY32, (1, 1, 1), (0, 0))
    verdict = verdict_of(with_gradient(case, (0, 0, 0)))
    assert (verdict["verdict"], verdict["ties"]["tied"]) == ("clarke", 2)
    assert sum(verdict["components"].values()) == 0
    assert word(case, (1, -1, 0)) == "outside"


def test_a_window_that_reads_nothing_takes_no_part() -> None:
    case = case_of(sliding((1, 1), 2, padding=1, dilation=2), BINARY32, (1,), (1,))
    assert word(case, (0,)) == "smooth"
    assert word(case, (1,)) == "outside"
    assert verdict_of(with_output(case, ("-inf",)))["output_exact"] is True
    assert verdict_of(with_output(case, (0,)))["output_exact"] is False


def test_an_empty_batch_is_smooth() -> None:
    verdict = verdict_of(case_of(geometry(ONE.op, ONE.params, (0, 1, 2)), BINARY32, (), ()))
    assert (verdict["verdict"], verdict["ties"]) == ("smooth", {"windows": 0, "tied": 0})


@pytest.mark.parametrize(
    ("x", "y", "exact"),
    [
        (("0x0p+0", "-0x0p+0"), "-0x0p+0", True),
        (("0x0p+0", "-0x0p+0"), "0x0p+0", True),
        (("-0x0p+0", "-0x0p+0"), "0x0p+0", False),
        (("0x0p+0", -1), "-0x0p+0", False),
        (("nan", 1), "nan", True),
        (("nan", 1), 1, False),
        ((2, 1), "nan", False),
        ((2, 1), 2 + 4 * U, False),
        (("inf", 1), "inf", True),
    ],
)
def test_the_output_is_a_tied_input_bit_for_bit(
    x: Sequence[Number],
    y: Number,
    exact: bool,
) -> None:
    case = case_of(ONE, BINARY32, x, (0,))
    assert verdict_of(with_output(case, (y,)))["output_exact"] is exact
    assert verdict_of(case)["output_exact"] is None


def test_a_case_without_a_gradient_has_no_verdict() -> None:
    case = case_of(ONE, BINARY32, (1, 1), (1,))
    with pytest.raises(CaseError, match="gradient is missing"):
        judge(type(case)(geometry=ONE, format=BINARY32, input=case.input, cotangent=case.cotangent))


def lattice_cases() -> Iterator[Case]:
    """Yield cases whose verdicts are of every kind; integers, so that two points are far apart."""
    rng = random.Random(11)
    shapes = [CHAIN, sliding((1, 6), 3, padding=1), sliding((1, 3, 3), 2, dims=2), PAIR]
    for number in range(120):
        fmt = rng.choice([BINARY16, BFLOAT16, BINARY32, BINARY64])
        shape = rng.choice(shapes)
        x = [rng.choice((1, 1, 1, 0)) for _ in range(math.prod(shape.input_shape))]
        g = [rng.choice((-12, -4, 4, 8, 16)) for _ in shape.windows]
        case = case_of(shape, fmt, x, g)
        kind = number % 4
        if kind == 0:
            v = point_of_orders(case, [1], rng)
        elif kind == 1:
            v = point_of_orders(case, [HALF, HALF / 2, HALF / 2], rng)
        else:
            v = point_of_choices(case, rng)
        if kind == 3:
            v[rng.randrange(len(v))] += rng.choice((-64, 1, 4))
        yield with_gradient(case, v)


@pytest.fixture(scope="module")
def verdicts() -> list[tuple[Case, Document]]:
    return [(case, verdict_of(case)) for case in lattice_cases()]


def point_of(case: Case, certificate: Document) -> list[Fraction] | None:
    """Return the point that a certificate speaks of, by the definitions; None where it has none."""
    problem = Problem(case)
    point = [Fraction(0)] * len(problem.gradient)
    shares: dict[int, list[tuple[Fraction, int]]] = {
        w: [(Fraction(1), tied[0])] for w, tied in problem.active.items() if len(tied) == 1
    }
    if certificate["kind"] == "order":
        order = certificate["order"]
        shares |= {
            w: [(Fraction(1), min(t, key=order.index))]
            for w, t in problem.active.items()
            if len(t) > 1
        }
    elif certificate["kind"] == "hull":
        for part in certificate["components"]:
            for place, w in enumerate(part["windows"]):
                shares[w] = [(Fraction(weight), c[place]) for weight, c in part["weights"]]
    else:
        return None
    for w, pairs in shares.items():
        for share, i in pairs:
            point[i] += share * problem.cotangent[w]
    return point


def altered_rational(text: str) -> list[str]:
    number = Fraction(text)
    others = [number + 1, -number, number / 2, number + Fraction(1, 10**6)]
    return [f"{other.numerator}/{other.denominator}" for other in others if other != number]


def changes_of_a_number(holder: Any, key: Any) -> Iterator[None]:
    """Put other rationals in the place of one, one after the other, and the first one back."""
    kept = holder[key]
    for other in [*altered_rational(kept), kept.split("/")[0], "x/y", "1/0", 1, None, True]:
        holder[key] = other
        yield
    holder[key] = kept


def false_certificates(case: Case, certificate: Document) -> Iterator[Document]:
    """Yield certificates of which none proves what the given one does."""
    mutant = copy.deepcopy(certificate)
    for key in certificate:
        yield {k: v for k, v in certificate.items() if k != key}
    yield certificate | {"comment": ""}
    for kind in (
        "rule",
        "order",
        "hull",
        "conservative",
        "separation",
        "box",
        "proof",
        None,
        1,
        [],
    ):
        if kind != certificate["kind"]:
            yield certificate | {"kind": kind}
    match certificate["kind"]:
        case "rule":
            for rule in ("none", "first-index", "last-index", "even-split", "order", "", None):
                if rule != certificate["rule"]:
                    yield certificate | {"rule": rule}
        case "order":
            for a, b in itertools.combinations(range(len(certificate["order"])), 2):
                order = list(certificate["order"])
                order[a], order[b] = order[b], order[a]
                swapped = certificate | {"order": order}
                if point_of(case, swapped) != point_of(case, certificate):
                    yield swapped
            for broken in (certificate["order"] * 2, [-1], [999], ["0"], [True], [0.0], None, {}):
                yield certificate | {"order": broken}
        case "hull":
            for part in mutant["components"]:
                for pair in part["weights"]:
                    for _ in changes_of_a_number(pair, 0):
                        yield copy.deepcopy(mutant)
                    for place, w in enumerate(part["windows"]):
                        kept = pair[1][place]
                        for other in {*Problem(case).active[w], 999, -1} - {kept}:
                            pair[1][place] = other
                            yield copy.deepcopy(mutant)
                        pair[1][place] = kept
                windows = part["windows"]
                for broken in (windows[1:], windows + windows[:1], [], None, [999]):
                    part["windows"] = broken
                    yield copy.deepcopy(mutant)
                part["windows"] = windows
            yield certificate | {"components": certificate["components"] * 2}
            yield certificate | {"components": []}
        case "box":
            yield certificate | {"index": certificate["index"] + 1}
            for index in (-1, 999, None, "0", True, 0.0):
                yield certificate | {"index": index}
            for end in ("low", "high"):
                for _ in changes_of_a_number(mutant, end):
                    yield copy.deepcopy(mutant)
        case "separation":
            yield from false_separations(certificate)
        case "conservative":
            for separation in false_separations(certificate["separation"]):
                yield certificate | {"separation": separation}
            for w in Problem(case).active:
                for pair in mutant["shares"][w]:
                    for _ in changes_of_a_number(pair, 0):
                        yield copy.deepcopy(mutant)
                    kept = pair[1]
                    for other in {*range(len(case.input.bits)), 999} - {kept}:
                        pair[1] = other
                        yield copy.deepcopy(mutant)
                    pair[1] = kept
            yield certificate | {"shares": certificate["shares"][1:]}


def false_separations(separation: Document) -> Iterator[Document]:
    mutant = copy.deepcopy(separation)
    for of in ("clarke", "conservative", "", None):
        if of != separation["of"]:
            yield separation | {"of": of}
    for _ in changes_of_a_number(mutant, "gap"):
        yield copy.deepcopy(mutant)
    yield separation | {
        "direction": {i: altered_rational(d)[1] for i, d in separation["direction"].items()}
    }
    for broken in ({}, {"999": "1/1"}, {"-1": "1/1"}, {"x": "1/1"}, [], None, "1/1", {"0": 1}):
        yield separation | {"direction": broken}
    for windows in ([], None, separation["windows"] + [999]):
        yield separation | {"windows": windows}


def false_verdicts(case: Case, verdict: Document) -> Iterator[Document]:
    """Yield verdicts each of which says one thing that does not follow."""
    lies: dict[str, list[Any]] = {
        "schema": ["verdict/2", None],
        "name": ["another", 1],
        "verdict": ["smooth", "clarke", "conservative", "outside", "undecided", "", None],
        "rule": ["none", "first-index", "last-index", "even-split", "order", "other", None],
        "output_exact": [True, False, 0],
        "special": [True, 0, None],
        "worst_ratio": [1e-300, 1, 0.5, None, -1.0, 0.0],
        "overflow": [verdict["overflow"] + 1, None, False],
        "vacuous": [verdict["vacuous"] + 1, None, False],
        "ties": [{key: n + 1 for key, n in verdict["ties"].items()}, {}, None, []],
        "components": [verdict["components"] | {way: 99} for way in verdict["components"]]
        + [verdict["components"] | {way: -1} for way in verdict["components"]]
        + [{}, None, [], verdict["components"] | {"luck": 0}],
        "grades": [dict.fromkeys(("exact", "faithful", "wide", "narrow", "vacuous"), 2), None, {}],
    }
    for key, values in lies.items():
        for value in values:
            if repr(value) != repr(verdict[key]):
                yield verdict | {key: value}
    for certificate in false_certificates(case, verdict["certificate"]):
        yield verdict | {"certificate": certificate}


def test_what_does_not_follow_is_refused(verdicts: list[tuple[Case, Document]]) -> None:
    kinds = {verdict["certificate"]["kind"] for _, verdict in verdicts}
    assert kinds == {"rule", "order", "hull", "conservative", "separation", "box"}
    refused = 0
    for case, verdict in verdicts:
        for lie in false_verdicts(case, verdict):
            with pytest.raises(RefusedError):
                check(case, through_json(lie))
            refused += 1
    assert refused >= 5_000


def test_another_cases_certificate_is_refused(verdicts: list[tuple[Case, Document]]) -> None:
    """Points of other certificates are left out where they happen to be the gradient."""
    refused = 0
    for (case, verdict), (_, other) in itertools.permutations(verdicts[:60], 2):
        certificate = other["certificate"]
        if certificate["kind"] not in ("conservative", "separation", "box"):
            continue
        if certificate == verdict["certificate"]:
            continue
        with pytest.raises(RefusedError):
            check(case, verdict | {"certificate": certificate})
        refused += 1
    assert refused >= 500


GARBAGE = [None, True, False, 0, -1, 1.5, "", "1/2", "x", [], {}, [[]], [None], {"": None}, [{}]]


def with_garbage(entry: Any, rng: random.Random) -> Any:
    """Return a copy of JSON with garbage somewhere inside."""
    if isinstance(entry, dict | list) and entry and rng.random() < 0.8:
        copied = copy.deepcopy(entry)
        key = rng.choice(list(entry) if isinstance(entry, dict) else range(len(entry)))
        copied[key] = with_garbage(copied[key], rng)
        return copied
    return rng.choice(GARBAGE)


def test_malformed_verdicts_are_refused_and_nothing_else(
    verdicts: list[tuple[Case, Document]],
) -> None:
    rng = random.Random(12)
    for case, verdict in verdicts:
        for _ in range(40):
            key = rng.choice(["certificate"] * 8 + ["components", "ties", "grades"])
            broken = verdict | {key: with_garbage(verdict[key], rng)}
            try:
                check(case, through_json(broken))
            except RefusedError as error:
                assert str(error)


def test_an_incomplete_verdict_is_refused(verdicts: list[tuple[Case, Document]]) -> None:
    case, verdict = verdicts[0]
    for key in verdict:
        with pytest.raises(RefusedError, match=key):
            check(case, {k: v for k, v in verdict.items() if k != key})


def test_the_order_of_json_keys_means_nothing(verdicts: list[tuple[Case, Document]]) -> None:
    for case, verdict in verdicts[:20]:
        sorted_keys = {
            key: dict(sorted(value.items())) if isinstance(value, dict) else value
            for key, value in verdict.items()
        }
        check(case, sorted_keys)


TIE = case_of(sliding((1, 3), 3), BINARY32, (7, 7, 7), (4,), (0, 4, 0))
SPLIT = ["1/2", "1/2"]


def hull(*weights: tuple[str, list[Any]]) -> Document:
    return {"kind": "hull", "components": [{"windows": [0], "weights": [list(w) for w in weights]}]}


@pytest.mark.parametrize(
    "certificate",
    [
        hull(("1/2", [1]), ("1/2", [1])),
        hull(("2/1", [1]), ("-1/1", [0])),
        {"kind": "hull", "components": [
            {"windows": [0], "weights": [["1/1", [1]]]},
            {"windows": [], "weights": [["1/2", []], ["1/2", []]]},
        ]},
    ],
)  # fmt: skip
def test_an_order_in_disguise_is_no_hull(certificate: Document) -> None:
    """Each has one selection, so the rule is `order`, whatever the weights pretend."""
    verdict = verdict_of(TIE) | {"certificate": certificate, "rule": "other"}
    verdict["components"] = {"rule": 0, "order": 0, "hull": 1, "undecided": 0}
    with pytest.raises(RefusedError):
        check(TIE, verdict)


@pytest.mark.parametrize("disguise", [True, 1.0])
def test_booleans_and_floats_are_no_inputs(disguise: object) -> None:
    case = with_gradient(TIE, (2, 2, 0))
    verdict = verdict_of(case) | {"certificate": hull(("1/2", [0]), ("1/2", [disguise]))}
    with pytest.raises(RefusedError):
        check(case, verdict)


@pytest.mark.parametrize(
    "text", ["1_0/20", " 1/2", "1/2\n", "\u0661/\u0662", "+1/2", "1/2/1", "0x1/2"]
)
def test_rationals_have_one_spelling(text: str) -> None:
    case = with_gradient(TIE, (2, 2, 0))
    verdict = verdict_of(case) | {"certificate": hull((text, [0]), ("1/2", [1]))}
    with pytest.raises(RefusedError):
        check(case, verdict)


def test_a_cyclic_selection_is_refused() -> None:
    """Both windows read both inputs: one may not prefer 0 where the other prefers 1."""
    case = case_of(PAIR, BINARY32, (1, 1), (1, -1), (1, -1))
    verdict = verdict_of(case)
    cyclic = {"windows": [0, 1], "weights": [["1/2", [0, 1]], ["1/2", [0, 1]]]}
    for parts in ([cyclic], [{"windows": [w], "weights": [["1/1", [w]]]} for w in (0, 1)]):
        lie = verdict | {"verdict": "clarke", "certificate": {"kind": "hull", "components": parts}}
        with pytest.raises(RefusedError):
            check(case, lie)


def test_undecided_is_refused_where_a_rule_fits() -> None:
    case = with_gradient(TIE, (4, 0, 0))
    lie = verdict_of(case) | {"verdict": "undecided", "rule": "other", "certificate": None}
    lie |= {"grades": None, "worst_ratio": None}
    lie["components"] = {"rule": 0, "order": 0, "hull": 0, "undecided": 1}
    with pytest.raises(RefusedError):
        check(case, lie)


def test_stored_numbers_are_the_formats() -> None:
    """The builders round as the formats do."""
    assert stored(BINARY16, (1, HALF, "nan")) == [0x3C00, 0x3800, 0x7E00]

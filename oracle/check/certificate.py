"""From a certificate to the verdict that it proves, or a refusal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from oracle.case import Case
from oracle.check.problem import RULES, Fit, Problem, Share
from oracle.check.verdict import WAYS, RefusedError, Verdict
from oracle.windows import total_order

Certificate = Mapping[str, Any]


class Proof(NamedTuple):
    """What a certificate proves: the verdict's word, the rule, and the fit to its point."""

    verdict: str
    rule: str
    fit: Fit | None


def certify(problem: Problem, certificate: Certificate | None, ways: Mapping[str, int]) -> Verdict:
    """Return the verdict that `certificate` proves; without one it is `undecided`.

    Args:
        problem: The case.
        certificate: A certificate of verdict/1.
        ways: How many components were decided by each way.

    Raises:
        RefusedError: The certificate proves nothing about this case.
    """
    proof = Proof("undecided", "other", None)
    if certificate is not None:
        try:
            proof = _READERS[certificate["kind"]](problem, certificate)
        except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError) as error:
            if isinstance(error, RefusedError):
                raise
            msg = f"the certificate is malformed: {type(error).__name__}: {error}"
            raise RefusedError(msg) from error
    _check_ways(problem, ways, proof, certificate)
    return Verdict(
        name=problem.case.name,
        verdict=proof.verdict,
        rule=proof.rule if problem.ties["tied"] else "none",
        output_exact=_output_exact(problem),
        special=problem.special,
        worst_ratio=_rounded_up(proof.fit.ratio) if proof.fit else None,
        grades=proof.fit.grades if proof.fit else None,
        overflow=len(problem.overflow),
        vacuous=problem.vacuous,
        ties=problem.ties,
        components=dict(ways),
        certificate=dict(certificate) if certificate is not None else None,
    )


def check(case: Case, document: Mapping[str, Any]) -> None:
    """Accept a verdict, or raise.

    Args:
        case: The case that the verdict speaks of, with its gradient.
        document: A verdict/1 object.

    Raises:
        RefusedError: The verdict does not follow from the case and the certificate; the message
            names the key.
    """
    derived = certify(Problem(case), document["certificate"], document["components"]).document()
    for key, value in derived.items():
        # repr tells 1 from 1.0 and True
        if repr(document[key]) != repr(value):
            msg = f"{key} is {document[key]!r}, but {value!r} follows from the case and certificate"
            raise RefusedError(msg)


def _read_rule(problem: Problem, certificate: Certificate) -> Proof:
    _expect_keys(certificate, "kind", "rule")
    rule = certificate["rule"]
    if rule not in (RULES if problem.ties["tied"] else ("none",)):
        msg = f"the certificate's rule is {rule!r}, which does not apply to these ties"
        raise RefusedError(msg)
    _refuse_earlier_rules(problem, RULES[: RULES.index(rule)] if rule in RULES else ())
    fit = _fitted(problem, problem.rule_shares(rule))
    return Proof("clarke" if problem.ties["tied"] else "smooth", rule, fit)


def _read_order(problem: Problem, certificate: Certificate) -> Proof:
    _expect_keys(certificate, "kind", "order")
    order = certificate["order"]
    for i in order:
        _input(problem, i)
    _refuse_earlier_rules(problem, RULES)
    return Proof("clarke", "order", _fitted(problem, problem.order_shares(order)))


def _read_hull(problem: Problem, certificate: Certificate) -> Proof:
    """A convex combination of realizable selections in every component."""
    _expect_keys(certificate, "kind", "components")
    _refuse_earlier_rules(problem, RULES)
    shares: dict[tuple[int, int], Fraction] = {}
    owner: dict[int, int] = {}
    for number, part in enumerate(certificate["components"]):
        _expect_keys(part, "windows", "weights")
        for w in part["windows"]:
            for i in problem.active[w]:
                if owner.setdefault(i, number) != number and len(problem.active[w]) > 1:
                    msg = f"input {i} is tied in two of the certificate's components"
                    raise RefusedError(msg)
        _add_combination(problem, part, shares)
    listed = {w for w, _ in shares}
    for w, tied in problem.active.items():
        if w in listed:
            continue
        if len(tied) > 1:
            msg = f"window {w} has several tied inputs and stands in no component"
            raise RefusedError(msg)
        shares[w, tied[0]] = Fraction(1)
    if all(len(part["weights"]) == 1 for part in certificate["components"]):
        msg = "every component has one selection, so this is an order, not a hull"
        raise RefusedError(msg)
    fit = _fitted(problem, [(w, i, share) for (w, i), share in shares.items()])
    return Proof("clarke", "other", fit)


def _add_combination(
    problem: Problem, part: Certificate, shares: dict[tuple[int, int], Fraction]
) -> None:
    windows = part["windows"]
    if len(set(windows)) != len(windows) or any((w, i) in shares for w in windows for i in problem.active[w]):
        msg = f"the windows {windows} stand in the certificate twice"
        raise RefusedError(msg)
    total = Fraction(0)
    for text, chosen in part["weights"]:
        weight = _positive(text)
        total += weight
        choices = list(zip(chosen, (problem.active[w] for w in windows), strict=True))
        if any(i not in tied for i, tied in choices):
            msg = f"the selection {chosen} chooses an input that is not tied"
            raise RefusedError(msg)
        if total_order(choices) is None:
            msg = f"the selection {chosen} follows no order, it is not realizable"
            raise RefusedError(msg)
        for w, i in zip(windows, chosen, strict=True):
            shares[w, i] = shares.get((w, i), Fraction(0)) + weight
    _expect_one(total)


def _read_conservative(problem: Problem, certificate: Certificate) -> Proof:
    """A point of the conservative set, and a separation from the Clarke set."""
    _expect_keys(certificate, "kind", "shares", "separation")
    shares: list[Share] = []
    for w, (tied, entries) in enumerate(
        zip(problem.tied, certificate["shares"], strict=True)
    ):
        if w not in problem.active:
            continue
        window = [(w, i, _positive(text)) for text, i in entries]
        if len({i for _, i, _ in window}) < len(window) or any(i not in tied for _, i, _ in window):
            msg = f"the shares of window {w} are not of distinct tied inputs"
            raise RefusedError(msg)
        _expect_one(sum(share for *_, share in window))
        shares += window
    if certificate["separation"]["of"] != "clarke":
        msg = "the separation is not from the Clarke set"
        raise RefusedError(msg)
    _check_separation(problem, certificate["separation"])
    return Proof("conservative", "other", _fitted(problem, shares))


def _read_separation(problem: Problem, certificate: Certificate) -> Proof:
    if certificate["of"] != "conservative":
        msg = "a separation from the Clarke set alone leaves open whether the gradient is outside"
        raise RefusedError(msg)
    _check_separation(problem, certificate)
    return Proof("outside", "other", None)


def _check_separation(problem: Problem, certificate: Certificate) -> None:
    keys = ("kind", "of", "windows", "direction", "gap")
    _expect_keys(certificate, *keys, *(["relative"] if "relative" in certificate else []))
    if certificate["kind"] != "separation":
        msg = f"the separation is of kind {certificate['kind']!r}"
        raise RefusedError(msg)
    direction = _numbered(problem, certificate["direction"])
    relative = _numbered(problem, certificate.get("relative", {}))
    blind = problem.free.union(problem.wild)
    if blind & direction.keys():
        msg = f"the direction uses the inputs {sorted(blind & direction.keys())}, which are not judged"
        raise RefusedError(msg)
    for i, part in relative.items():
        if not 0 <= part <= 1 or problem.rounding.gamma(i) is None:
            msg = f"the part {part} of the second form of the bound does not apply to input {i}"
            raise RefusedError(msg)
    touched = problem.touched(direction)
    if not set(touched) <= set(certificate["windows"]) <= set(problem.active):
        msg = f"the separation's windows are {certificate['windows']}, expected {touched}"
        raise RefusedError(msg)
    gap = problem.gap(direction, relative, clarke=certificate["of"] == "clarke")
    if gap <= 0 or rational(gap) != certificate["gap"]:
        msg = f"the separation's gap is {certificate['gap']!r}, but {rational(gap)} follows"
        raise RefusedError(msg)


def _read_box(problem: Problem, certificate: Certificate) -> Proof:
    _expect_keys(certificate, "kind", "index", "low", "high")
    i = _input(problem, certificate["index"])
    low, high = problem.rounding.box(i)
    if (rational(low), rational(high)) != (certificate["low"], certificate["high"]):
        msg = f"the box of input {i} is {rational(low)} to {rational(high)}, the certificate differs"
        raise RefusedError(msg)
    v = problem.gradient[i]
    if i in problem.wild:
        outside = i not in problem.overflow
    else:
        outside = i not in problem.free and not low <= v * problem.format.eta <= high
    if not outside:
        msg = f"coordinate {i} of the gradient is inside its box"
        raise RefusedError(msg)
    return Proof("outside", "other", None)


_READERS: dict[str, Callable[[Problem, Certificate], Proof]] = {
    "rule": _read_rule,
    "order": _read_order,
    "hull": _read_hull,
    "conservative": _read_conservative,
    "separation": _read_separation,
    "box": _read_box,
}


def _fitted(problem: Problem, shares: list[Share]) -> Fit:
    fit = problem.fit(shares)
    if fit is None:
        msg = "the gradient is not within rounding of the certificate's point"
        raise RefusedError(msg)
    return fit


def _refuse_earlier_rules(problem: Problem, rules: tuple[str, ...]) -> None:
    for rule in rules:
        if problem.fit(problem.rule_shares(rule)) is not None:
            msg = f"the rule {rule} fits, and it comes first"
            raise RefusedError(msg)


def _check_ways(
    problem: Problem, ways: Mapping[str, int], proof: Proof, certificate: Certificate | None
) -> None:
    """Each component is decided once, in a way that the certificate allows; one is enough to be outside."""
    kind = certificate["kind"] if certificate else None
    counts = list(ways.values())
    fits = ways.keys() == set(WAYS) and all(type(count) is int and count >= 0 for count in counts)
    if fits and proof.verdict == "outside":
        fits = sum(counts) <= len(problem.components)
    elif fits:
        idle = {"rule": ("order", "hull", "undecided"), "order": ("hull", "undecided")}
        idle |= {"hull": ("undecided",)}
        fits = sum(counts) == len(problem.components) and not any(
            ways[way] for way in idle.get(kind, ())
        )
        fits = fits and (kind is not None or ways["undecided"] > 0)
    if not fits:
        msg = f"components is {dict(ways)}, which does not fit {len(problem.components)} and {kind}"
        raise RefusedError(msg)


def _output_exact(problem: Problem) -> bool | None:
    """Whether every output is one of its tied inputs bit for bit; any NaN stands for NaN."""
    case = problem.case
    if case.output is None:
        return None
    units, infinity, bits = case.format.units_of, case.format.infinity, case.input.bits
    for tied, stored in zip(problem.tied, case.output.bits, strict=True):
        if not tied:
            right = units[stored] == -infinity
        elif units[stored] is None:
            right = units[bits[tied[0]]] is None
        else:
            right = any(bits[i] == stored for i in tied)
        if not right:
            return False
    return True


def _rounded_up(ratio: int | Fraction) -> float:
    """The one rounded number of a verdict: the smallest binary64 number `>= ratio`."""
    nearest = float(ratio)
    return nearest if Fraction(nearest) >= ratio else math.nextafter(nearest, math.inf)


def rational(number: int | Fraction) -> str:
    """Return "p/q", as certificates write real numbers."""
    return f"{number.numerator}/{number.denominator}"


def _number(text: object) -> Fraction:
    if not isinstance(text, str) or "/" not in text:
        msg = f"{text!r} is no rational number 'p/q'"
        raise RefusedError(msg)
    return Fraction(text)


def _positive(text: object) -> Fraction:
    number = _number(text)
    if number <= 0:
        msg = f"the weight {text} is not positive"
        raise RefusedError(msg)
    return number


def _expect_one(total: Fraction | int) -> None:
    if total != 1:
        msg = f"the weights sum to {total}, expected 1"
        raise RefusedError(msg)


def _expect_keys(entry: Certificate, *keys: str) -> None:
    if entry.keys() != set(keys):
        msg = f"the certificate has the keys {sorted(entry)}, expected {sorted(keys)}"
        raise RefusedError(msg)


def _input(problem: Problem, i: object) -> int:
    if type(i) is not int or not 0 <= i < len(problem.gradient):
        msg = f"{i!r} is no input of the case"
        raise RefusedError(msg)
    return i


def _numbered(problem: Problem, entries: Mapping[str, str]) -> dict[int, Fraction]:
    return {_input(problem, int(key)): _number(text) for key, text in entries.items()}

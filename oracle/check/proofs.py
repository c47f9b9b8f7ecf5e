"""What each kind of certificate proves, or why it proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from oracle.check.entries import (
    Certificate,
    active_windows,
    choices,
    coordinate,
    entry_list,
    expect_keys,
    expect_one,
    input_index,
    number,
    numbered,
    positive,
    rational,
)
from oracle.check.fit import Fit
from oracle.check.question import RULES, Question, Share
from oracle.check.verdict import RefusedError


class Proof(NamedTuple):
    """What a certificate proves.

    Attributes:
        verdict: The verdict's word.
        rule: The rule that is followed.
        fit: The fit to the certificate's point; None where it has none.
        combined: Inputs of the components for which the certificate combines selections.
    """

    verdict: str
    rule: str
    fit: Fit | None = None
    combined: frozenset[int] = frozenset()


def read_rule(problem: Question, certificate: Certificate) -> Proof:
    """The gradient is that of a rule, and of none that comes before it."""
    expect_keys(certificate, "kind", "rule")
    rule = certificate["rule"]
    if rule not in (RULES if problem.ties["tied"] else ("none",)):
        msg = f"the rule {rule!r} does not apply to these ties"
        raise RefusedError(msg)
    refuse_rules(problem, RULES[: RULES.index(rule)] if rule in RULES else ())
    fit = problem.rule_fit(rule)
    if fit is None:
        msg = f"the gradient is not that of the rule {rule}, within rounding"
        raise RefusedError(msg)
    return Proof("clarke" if problem.ties["tied"] else "smooth", rule, fit)


def read_order(problem: Question, certificate: Certificate) -> Proof:
    """The gradient is that of a total order, which is no rule's."""
    expect_keys(certificate, "kind", "order")
    order = [input_index(problem, i) for i in entry_list(certificate["order"])]
    refuse_rules(problem, RULES)
    return Proof("clarke", "order", _fitted(problem, problem.order_shares(order)))


def read_direction(problem: Question, certificate: Certificate) -> Proof:
    """The gradient is that of moving along a direction, which is no rule's."""
    expect_keys(certificate, "kind", "direction")
    direction = numbered(problem, certificate["direction"], input_index)
    refuse_rules(problem, RULES)
    return Proof("clarke", "order", _fitted(problem, problem.direction_shares(direction)))


def read_hull(problem: Question, certificate: Certificate) -> Proof:
    """The gradient is a convex combination of realizable selections in every component."""
    expect_keys(certificate, "kind", "components")
    refuse_rules(problem, RULES)
    shares: dict[tuple[int, int], Fraction] = {}
    combined: set[int] = set()
    owner: dict[int, int] = {}
    for part, entry in enumerate(entry_list(certificate["components"])):
        windows, weights = _part(problem, entry)
        _claim_inputs(problem, windows, owner, part)
        for weight, chosen in weights:
            for w, i in zip(windows, chosen, strict=True):
                shares[w, i] = shares.get((w, i), Fraction(0)) + weight
        if len(weights) > 1:
            combined.update(problem.inputs_of(windows))
    if not combined:
        msg = "every component has one selection, so this is an order and no hull"
        raise RefusedError(msg)
    _complete(problem, shares)
    fit = _fitted(problem, [(w, i, share) for (w, i), share in shares.items()])
    return Proof("clarke", "other", fit, frozenset(combined))


def _part(
    problem: Question, entry: Certificate
) -> tuple[list[int], list[tuple[Fraction, tuple[int, ...]]]]:
    """Return the windows of a part of a hull, and its weighted realizable selections."""
    expect_keys(entry, "windows", "weights")
    windows = active_windows(problem, entry["windows"])
    weights = []
    for pair in entry_list(entry["weights"]):
        text, selection = entry_list(pair)
        chosen = choices(problem, windows, selection)
        if not problem.realizable(windows, chosen):
            msg = f"the selection {selection!r:.60} follows no direction, so it is not realizable"
            raise RefusedError(msg)
        weights.append((positive(text), chosen))
    if not windows or len({chosen for _, chosen in weights}) < len(weights):
        msg = "a component of the hull has no window, or a selection twice"
        raise RefusedError(msg)
    expect_one(weight for weight, _ in weights)
    return windows, weights


def _claim_inputs(problem: Question, windows: list[int], owner: dict[int, int], part: int) -> None:
    """Refuse tied inputs that another part chooses among, too: orders must not contradict."""
    for w in windows:
        for i in problem.contested(w):
            if owner.setdefault(i, part) != part:
                msg = f"input {i} is tied in two parts of the hull"
                raise RefusedError(msg)


def _complete(problem: Question, shares: dict[tuple[int, int], Fraction]) -> None:
    """Add the windows that have no choice; refuse if another is missing."""
    listed = {w for w, _ in shares}
    for w, tied in problem.active.items():
        if w not in listed:
            if len(tied) > 1:
                msg = f"window {w} has several tied inputs and stands in no component"
                raise RefusedError(msg)
            shares[w, tied[0]] = Fraction(1)


def read_conservative(problem: Question, certificate: Certificate) -> Proof:
    """The gradient is a point of the conservative set, and separated from the Clarke set."""
    expect_keys(certificate, "kind", "shares", "separation")
    rows = entry_list(certificate["shares"])
    if len(rows) != len(problem.tied):
        msg = f"there are shares for {len(rows)} windows, expected {len(problem.tied)}"
        raise RefusedError(msg)
    shares: list[Share] = []
    for w, row in enumerate(rows):
        shares += _window_shares(problem, w, entry_list(row))
    if check_separation(problem, certificate["separation"]) != "clarke":
        msg = "the separation is not from the Clarke set"
        raise RefusedError(msg)
    return Proof("conservative", "other", _fitted(problem, shares))


def _window_shares(problem: Question, w: int, row: list[object]) -> list[Share]:
    if w not in problem.active:
        if row:
            msg = f"window {w} takes no part, so it has no shares"
            raise RefusedError(msg)
        return []
    shares = []
    for pair in row:
        text, number = entry_list(pair)
        shares.append((w, problem.choice(w, number), positive(text)))
    if len({choice for _, choice, _ in shares}) < len(shares):
        msg = f"the shares of window {w} are not of distinct choices"
        raise RefusedError(msg)
    expect_one(share for *_, share in shares)
    return list(shares)


def read_separation(problem: Question, certificate: Certificate) -> Proof:
    """The gradient is beyond the conservative set along a direction."""
    if check_separation(problem, certificate) != "conservative":
        msg = "separated from the Clarke set alone, the gradient may be conservative"
        raise RefusedError(msg)
    return Proof("outside", "other")


def check_separation(problem: Question, certificate: Certificate) -> str:
    """Return the set that a separation holds for; refuse if it does not hold."""
    relative_key = ["relative"] if "relative" in certificate else []
    expect_keys(certificate, "kind", "of", "windows", "direction", "gap", *relative_key)
    of = certificate["of"]
    if certificate["kind"] != "separation" or of not in ("clarke", "conservative"):
        msg = f"this separates from {of!r}, expected 'clarke' or 'conservative'"
        raise RefusedError(msg)
    direction = numbered(problem, certificate["direction"], coordinate)
    relative = numbered(problem, certificate.get("relative", {}), coordinate)
    blind = problem.free.union(problem.wild) & direction.keys()
    if blind:
        msg = f"the direction uses the inputs {sorted(blind)}, which are not judged"
        raise RefusedError(msg)
    for i, part in relative.items():
        if not 0 <= part <= 1 or i not in direction or problem.rounding.gamma(i) is None:
            msg = f"the part {part} of the bound's second form does not apply to input {i}"
            raise RefusedError(msg)
    touched = set(problem.touched(direction))
    if not touched <= set(active_windows(problem, certificate["windows"])):
        msg = f"the direction touches the windows {sorted(touched)}, but some are not named"
        raise RefusedError(msg)
    gap = problem.gap(direction, relative, clarke=of == "clarke")
    if gap <= 0 or number(certificate["gap"]) != gap or rational(gap) != certificate["gap"]:
        msg = f"the gap is {certificate['gap']}, but {rational(gap)} follows"
        raise RefusedError(msg)
    return str(of)


def read_box(problem: Question, certificate: Certificate) -> Proof:
    """A coordinate is out of the interval that holds it for every conservative point."""
    expect_keys(certificate, "kind", "index", "low", "high")
    i = coordinate(problem, certificate["index"])
    low, high = problem.rounding.box(i)
    if (rational(low), rational(high)) != (certificate["low"], certificate["high"]):
        msg = f"the box of input {i} is {rational(low)} to {rational(high)}, not the certificate's"
        raise RefusedError(msg)
    if i in problem.wild:
        outside = i not in problem.overflow
    else:
        v = problem.gradient[i]
        outside = i not in problem.free and not low <= v * problem.format.eta <= high
    if not outside:
        msg = f"coordinate {i} of the gradient is not out of its box"
        raise RefusedError(msg)
    return Proof("outside", "other")


def read_nothing(problem: Question) -> Proof:
    """Without a certificate the case is undecided; a rule that fits would have decided it."""
    refuse_rules(problem, RULES if problem.ties["tied"] else ("none",))
    return Proof("undecided", "other")


READERS: dict[str, Callable[[Question, Certificate], Proof]] = {
    "rule": read_rule,
    "order": read_order,
    "direction": read_direction,
    "hull": read_hull,
    "conservative": read_conservative,
    "separation": read_separation,
    "box": read_box,
}


def refuse_rules(problem: Question, rules: tuple[str, ...]) -> None:
    """Refuse if one of `rules` fits: it comes first."""
    for rule in rules:
        if problem.rule_fit(rule) is not None:
            msg = f"the rule {rule} fits, and it comes first"
            raise RefusedError(msg)


def _fitted(problem: Question, shares: list[Share]) -> Fit:
    fit = problem.fit(shares)
    if fit is None:
        msg = "the gradient is not within rounding of the certificate's point"
        raise RefusedError(msg)
    return fit

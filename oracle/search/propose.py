"""Propose a certificate: a rule, an order, the hull; or a proof that there is none."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from oracle.check import RULES, WAYS, ProgramProblem, Question, Share, rational
from oracle.check.ties import total_order
from oracle.search.component import Component, Separation
from oracle.search.following import followed, single_selection
from oracle.search.hull import Weighted, search_hull, simplex_weights
from oracle.search.linear import Within
from oracle.search.order import peel_order, solve_order
from oracle.search.programs import ProgramComponent
from oracle.windows import Window

Certificate = dict[str, Any]

_FEW_SELECTIONS = 64  # as many are tried before it is asked whether any could do


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A certificate (None: undecided), and how many components each way has decided."""

    certificate: Certificate | None
    ways: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is known of one component.

    Attributes:
        component: The component.
        way: How it was decided.
        weights: Convex weights of realizable selections: it is in the Clarke set.
        shares: A point of the conservative set, where no weights were found.
        separation: From the Clarke set, or (without shares) from the conservative set.
    """

    component: Component
    way: str
    weights: Weighted = field(default_factory=list)
    shares: Sequence[Share] = ()
    separation: Separation | None = None

    @property
    def is_outside(self) -> bool:
        """Whether not even the conservative set holds the gradient."""
        return not self.weights and not self.shares


def propose(problem: Question) -> Proposal:
    """Return a certificate for the case, as strong as the search can find."""
    rule = _fitting_rule(problem)
    if rule is not None:
        ways = _count(["rule"] * len(problem.components))
        return Proposal(certificate={"kind": "rule", "rule": rule}, ways=ways)
    box = _box(problem, frozenset.intersection(*map(problem.rule_misfits, RULES[:2])))
    if box is not None:
        return Proposal(certificate=box, ways=_count([]))
    decisions = []
    for windows in sorted(problem.components):
        decision = _decide(component_of(problem, windows))
        if decision.is_outside:
            return Proposal(certificate=_separated(decision, "conservative"), ways=_count(["hull"]))
        decisions.append(decision)
    ways = _count([decision.way for decision in decisions])
    return Proposal(certificate=_assemble(problem, decisions), ways=ways)


def _count(ways: Sequence[str]) -> dict[str, int]:
    return {way: ways.count(way) for way in WAYS}


def _fitting_rule(problem: Question) -> str | None:
    for rule in RULES if problem.ties["tied"] else ("none",):
        if problem.rule_fit(rule) is not None:
            return rule
    return None


def _box(problem: Question, suspects: Collection[int]) -> Certificate | None:
    """Return a coordinate that no point of the conservative set allows.

    Args:
        problem: The case.
        suspects: The finite coordinates that no rule explains; all others are in their box.
    """
    unexplained = [i for i in problem.wild if i not in problem.overflow]
    for i in unexplained or sorted(suspects):
        box = problem.missed_box(i)
        if box is not None:
            return {"kind": "box", "index": i, "low": rational(box[0]), "high": rational(box[1])}
    return None


def component_of(problem: Question, windows: Sequence[int]) -> Component:
    """Return a component of a case, whichever kind of operation it is of."""
    if isinstance(problem, ProgramProblem):
        return ProgramComponent(problem, windows)
    return Component(problem, windows)


def _decide(component: Component) -> Decision:
    for rule in RULES[:2]:
        chosen = component.rule_selection(rule)
        if chosen is not None:
            return Decision(component=component, way="rule", weights=[(Fraction(1), chosen)])
    if isinstance(component, ProgramComponent):
        return _decide_program(component)
    simplex = simplex_weights(component)
    if simplex is not None:
        return _in_clarke_set(component, simplex)
    ordered = peel_order(component)
    if ordered is None:
        total = _total(component)
        if total is not None:
            return Decision(component=component, way="hull", separation=total)
        ordered = solve_order(component)
    if ordered is not None:
        return _by_selection(component, ordered)
    return _decide_by_hull(component)


def _decide_program(component: ProgramComponent) -> Decision:
    made = single_selection(component)
    if made is not None:
        return _by_selection(component, made)
    total = _total(component)
    if total is not None:
        return Decision(component=component, way="hull", separation=total)
    return _decide_by_hull(component)


def _by_selection(component: Component, chosen: Window) -> Decision:
    return _in_clarke_set(component, [(Fraction(1), chosen)])


def _in_clarke_set(component: Component, weights: Weighted) -> Decision:
    """Return the decision that weights make; a single selection is an order."""
    way = "hull" if len(weights) > 1 else "order"
    return Decision(component=component, way=way, weights=weights)


def _total(component: Component) -> Separation | None:
    """Return the direction of all ones, up or down, if the component's total gives it away."""
    blind = component.problem.free.union(component.problem.wild)
    if blind & set(component.inputs):
        return None
    for sign in (1, -1):
        direction = dict.fromkeys(component.inputs, Fraction(sign))
        if component.problem.gap(direction, {}, clarke=False) > 0:
            return direction, {}
    return None


def _decide_by_hull(component: Component) -> Decision:
    shares: Sequence[Share] | Decision | None = None
    many = math.prod(map(len, component.bundles)) > _FEW_SELECTIONS
    if many and not component.sets_agree:
        # the conservative set takes a small program, and what is outside of it needs no other
        shares = _conservative(component)
        if isinstance(shares, Decision):
            return shares
    result = search_hull(component)
    if result.weights is not None:
        return _in_clarke_set(component, result.weights)
    if component.sets_agree and result.separation is not None:
        return Decision(component=component, way="hull", separation=result.separation)
    if shares is None:
        shares = _conservative(component)
    if isinstance(shares, Decision):
        return shares
    way = "hull" if result.separation is not None else "undecided"
    return Decision(component=component, way=way, shares=shares, separation=result.separation)


def _conservative(component: Component) -> Sequence[Share] | Decision:
    """Return the shares of a point of the conservative set, or that there is none."""
    blocks, members = component.blocks()
    program = component.program
    weights = program.weights(blocks, Within.NOTHING) or program.weights(blocks, Within.ROUNDING)
    if weights is None:
        separation = program.separation(blocks, Within.ROUNDING)
        return Decision(component=component, way="hull", separation=separation)
    return [
        (w, i, share)
        for (tied, windows), block in zip(members, weights, strict=True)
        for i, share in zip(tied, block, strict=True)
        if share
        for w in windows
    ]


def _assemble(problem: Question, decisions: Sequence[Decision]) -> Certificate | None:
    conservative = [d for d in decisions if not d.weights and d.separation is not None]
    if conservative:
        return {
            "kind": "conservative",
            "shares": _all_shares(problem, decisions),
            "separation": _separated(conservative[0], "clarke"),
        }
    if any(not d.weights for d in decisions):
        return None
    if all(len(d.weights) == 1 for d in decisions):
        return _followed(problem, decisions)
    return {"kind": "hull", "components": [_hull(d) for d in decisions]}


def _followed(problem: Question, decisions: Sequence[Decision]) -> Certificate:
    """Return the order, or the direction, that makes a selection in every component."""
    if isinstance(problem, ProgramProblem):
        return followed(problem, [decision.weights[0][1] for decision in decisions])
    return {"kind": "order", "order": _order(problem, decisions)}


def _order(problem: Question, decisions: Sequence[Decision]) -> list[int]:
    choices = [
        (i, problem.active[w])
        for d in decisions
        for w, i in zip(d.component.windows, d.component.selection(d.weights[0][1]), strict=True)
        if len(problem.active[w]) > 1
    ]
    order = total_order(choices)
    if order is None:
        msg = "a selection that was found along an order follows none"
        raise AssertionError(msg)
    return order


def _hull(decision: Decision) -> Certificate:
    component = decision.component
    return {
        "windows": component.windows,
        "weights": [
            [rational(weight), component.numbered(chosen)] for weight, chosen in decision.weights
        ],
    }


def _all_shares(problem: Question, decisions: Sequence[Decision]) -> list[list[list[Any]]]:
    shares: list[list[list[Any]]] = [[] for _ in problem.tied]
    for d in decisions:
        point = d.component.shares(d.weights) if d.weights else d.shares
        for w, i, share in point:
            shares[w].append([rational(Fraction(share)), problem.number(w, i)])
    return shares


def _separated(decision: Decision, of: str) -> Certificate:
    """Return the separation as a certificate, with the gap that it leaves."""
    if decision.separation is None:
        msg = "a decision without a separation has nothing to show"
        raise AssertionError(msg)
    direction, relative = decision.separation
    gap = decision.component.problem.gap(direction, relative, clarke=of == "clarke")
    certificate = {
        "kind": "separation",
        "of": of,
        "windows": decision.component.windows,
        "direction": {str(i): rational(d) for i, d in sorted(direction.items())},
        "gap": rational(gap),
    }
    if relative:
        certificate["relative"] = {str(i): rational(s) for i, s in sorted(relative.items())}
    return certificate

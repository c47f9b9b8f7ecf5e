"""From a certificate to the verdict that it proves, or a refusal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from oracle.case import Case
from oracle.check.asking import problem_of
from oracle.check.entries import Certificate
from oracle.check.proofs import READERS, Proof, read_nothing
from oracle.check.question import RULES, Question
from oracle.check.verdict import SCHEMA, WAYS, RefusedError, Verdict

_MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError, ZeroDivisionError)


def certify(
    problem: Question, certificate: Certificate | None, ways: Mapping[str, int] | None = None
) -> Verdict:
    """Return the verdict that `certificate` proves; without one it is `undecided`.

    Args:
        problem: The case.
        certificate: A certificate of verdict/1.
        ways: How many components were decided by each way, where that does not follow: for
            `conservative`, `outside` and `undecided`.

    Raises:
        RefusedError: The certificate proves nothing about this case.
    """
    try:
        proof = _proof(problem, certificate)
        decided = _ways(problem, certificate, proof, ways)
    except RefusedError:
        raise
    except _MALFORMED as error:
        msg = f"the certificate is malformed: {type(error).__name__}: {error}"
        raise RefusedError(msg) from error
    return Verdict(
        name=problem.case.name,
        verdict=proof.verdict,
        rule=proof.rule if problem.ties["tied"] else "none",
        output_exact=problem.output_exact(),
        special=problem.special,
        worst_ratio=_rounded_up(proof.fit.ratio) if proof.fit else None,
        grades=proof.fit.grades if proof.fit else None,
        overflow=len(problem.overflow),
        vacuous=problem.vacuous,
        ties=problem.ties,
        components=decided,
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
    keys = {"schema", *Verdict.__slots__}
    if document.keys() != keys:
        msg = f"a {SCHEMA} object has exactly the keys {', '.join(sorted(keys))}"
        raise RefusedError(msg)
    derived = certify(problem_of(case), document["certificate"], document["components"]).document()
    for key, value in derived.items():
        if not _same(document[key], value):
            msg = f"{key} is {document[key]!r}, but {value!r} follows from the case and certificate"
            raise RefusedError(msg)


def _proof(problem: Question, certificate: Certificate | None) -> Proof:
    if certificate is None:
        return read_nothing(problem)
    return READERS[certificate["kind"]](problem, certificate)


def _same(stated: object, derived: object) -> bool:
    """Return whether two JSON values are equal; true is not 1, but 1 is 1.0."""
    if isinstance(stated, dict) and isinstance(derived, dict):
        return stated.keys() == derived.keys() and all(
            _same(stated[key], derived[key]) for key in derived
        )
    return isinstance(stated, bool) is isinstance(derived, bool) and stated == derived


def _ways(
    problem: Question,
    certificate: Certificate | None,
    proof: Proof,
    stated: Mapping[str, int] | None,
) -> dict[str, int]:
    """Return how the components were decided.

    In the Clarke set it follows: by rule where first-index or last-index fits a component, by hull
    where the certificate combines selections, else by order. Otherwise each component is counted
    once at most, and all of them unless one was enough (`outside`).
    """
    if proof.verdict in ("smooth", "clarke"):
        kinds = [_way(problem, certificate, proof, part) for part in problem.components]
        return {way: kinds.count(way) for way in WAYS}
    ways = dict(stated or {})
    counts = list(ways.values())
    fits = ways.keys() == set(WAYS) and all(type(n) is int and n >= 0 for n in counts)
    parts = len(problem.components)
    fits = fits and (sum(counts) <= parts if proof.verdict == "outside" else sum(counts) == parts)
    if not fits or (proof.verdict == "undecided" and not ways["undecided"]):
        msg = f"components is {stated!r}, which does not fit {parts} components"
        raise RefusedError(msg)
    return ways


def _way(
    problem: Question, certificate: Certificate | None, proof: Proof, windows: Sequence[int]
) -> str:
    if certificate is not None and certificate["kind"] == "rule":
        return "rule"
    if any(problem.follows(rule, windows) for rule in RULES[:2]):
        return "rule"
    return "hull" if problem.inputs_of(windows) & proof.combined else "order"


def _rounded_up(ratio: int | Fraction) -> float:
    """The one rounded number of a verdict: the smallest binary64 number `>= ratio`."""
    nearest = float(ratio)
    return nearest if Fraction(nearest) >= ratio else math.nextafter(nearest, math.inf)

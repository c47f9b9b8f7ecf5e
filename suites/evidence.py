"""What a finding shows: what came back, what was allowed, how far apart they are; as exact text."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from oracle.case import Case, Tensor
from oracle.check import ProgramProblem, Verdict, problem_of, rational, tied_set
from oracle.check.values import value_text
from oracle.formats import Format, format_named
from oracle.windows import Geometry
from reports.record import Numbers
from suites.frameworks.protocol import JACOBIANS, Bits
from suites.jacobians import JacobianJudge
from suites.judgment import Judgment, Miss
from suites.ledger import allowed
from suites.program_indices import index_judge

Expected = dict[str, object]

_TENSORS = ("output", "gradient", "second_gradient", "indices")
_MET = ("met_input", "met_cotangent")


def numbers(shape: Sequence[int], bits: Bits, fmt: Format) -> Numbers:
    """Return a tensor as records have it."""
    return Numbers(shape=list(shape), data=spelled(bits, fmt))


def spelled(bits: Bits, fmt: Format) -> list[str]:
    """Return numbers as C99 hexadecimal, row-major."""
    return [fmt.text_of[pattern] for pattern in bits.ravel().tolist()]


def evidence(judgment: Judgment, i: int, miss: Miss) -> dict[str, Any]:
    """Return what a finding says of a miss: `got`, `expected`, and what else there is."""
    if miss.part == "indices":
        allowed = index_judge(judgment.cell.group).allowed(i)
        return {
            "got": got(judgment, i, "indices"),
            "expected": {"allowed_indices": allowed},
        }
    if miss.part == "second-backward":
        return {"got": got(judgment, i, "gradient", "second_gradient"), "expected": None}
    case, verdict = _case(judgment, i), judgment.verdicts[i]
    document = named_verdict(judgment, i)
    if miss.part == "output":
        expected: dict[str, object] = {"output": _values(case)}
        return {"got": got(judgment, i, "output"), "expected": expected, "verdict": document}
    return {
        "got": got(judgment, i, derivative(judgment)),
        "expected": _allowed_gradient(case, verdict),
        "distance_ulps": _ulps_to_box(case, verdict),
        "verdict": document,
    }


def answering(judgment: Judgment, i: int, requirement: str) -> Expected | None:
    """Return what a convention would have of a case that does not follow it."""
    return allowed(requirement, _case(judgment, i))


def named_verdict(judgment: Judgment, i: int) -> dict[str, Any]:
    """Return the verdict on a case, with the case's id for a name."""
    return judgment.verdicts[i].document() | {"name": judgment.cell.group.ids[i]}


def derivative(judgment: Judgment) -> str:
    """Return which tensor of the reply is the derivative."""
    return "jacobian" if judgment.cell.mode in JACOBIANS else "gradient"


def _case(judgment: Judgment, i: int) -> Case:
    if judgment.cell.mode in JACOBIANS:
        return JacobianJudge(judgment.cell.group, None).case(i, judgment.gradient[i])
    shape = judgment.cell.group.stack.geometry.input_shape
    return judgment.group.case(i, gradient=Tensor(shape, judgment.gradient[i].tolist()))


def got(judgment: Judgment, i: int, *tensors: str) -> dict[str, list[str] | None]:
    """Return the named tensors that came back for a case, None for the others.

    A Jacobian stands there only where it is named; what a neighbour made of the case's numbers, and
    the operation met in their place, wherever there is some.
    """
    found: dict[str, list[str] | None] = dict.fromkeys(_TENSORS)
    fmt, cases = format_named(judgment.cell.group.stack.format), judgment.cell.cases
    met = [name for name in _MET if getattr(judgment.reply, name) is not None]
    for name in (*tensors, *met):
        returned = getattr(judgment.reply, name)
        if returned is not None:
            row = returned.reshape(cases, -1)[i]
            texts = map(str, row.tolist()) if name == "indices" else spelled(row, fmt)
            found[name] = list(texts)
    return found


def of_reference(reference: Judgment, i: int) -> Expected:
    """Return what the base cell had for a case."""
    fmt = format_named(reference.cell.group.stack.format)
    return {
        "base_output": spelled(reference.output[i], fmt),
        "base_gradient": spelled(reference.gradient[i], fmt),
    }


def _values(case: Case) -> list[str]:
    """Return the right output, the nearest below where the format does not have it.

    Of zeros of both signs that are tied, the first.
    """
    problem = problem_of(case)
    if isinstance(problem, ProgramProblem):
        return [value_text(y, case.format) for y in problem.outputs]
    assert isinstance(case.geometry, Geometry)
    units = [case.format.units_of[bits] for bits in case.input.bits]
    tied = (tied_set(window, units) for window in case.geometry.windows)
    return [case.format.text_of[case.input.bits[t[0]]] if t else "-inf" for t in tied]


def _allowed_gradient(case: Case, verdict: Verdict) -> Expected | None:
    """Return what the certificate says of the right gradients: a box, or a direction's limit."""
    certificate = verdict.certificate
    if certificate is None:
        return None
    if certificate["kind"] == "box":
        return {"box": {key: certificate[key] for key in ("index", "low", "high")}}
    separation = certificate.get("separation", certificate)
    if separation["kind"] != "separation":
        return None
    direction = {int(i): Fraction(d) for i, d in separation["direction"].items()}
    gradient = problem_of(case).gradient
    reached = sum(d * gradient[i] for i, d in direction.items()) * case.format.eta
    limit = reached - Fraction(separation["gap"])
    return {"direction": dict(separation["direction"]), "limit": rational(limit)}


def _ulps_to_box(case: Case, verdict: Verdict) -> str | None:
    """Return how far a coordinate is from its box, in ulps of the nearer end; None if unbounded."""
    certificate = verdict.certificate or {}
    if certificate.get("kind") != "box":
        return None
    fmt = case.format
    value = problem_of(case).gradient[certificate["index"]]
    if value is None or abs(value) == fmt.infinity:
        return None
    low, high = Fraction(certificate["low"]), Fraction(certificate["high"])
    real = value * fmt.eta
    end = low if real < low else high
    return rational(abs(real - end) / _ulp(end, fmt))


def _ulp(number: Fraction, fmt: Format) -> Fraction:
    """Return the distance of the format's numbers around `number`."""
    units = int(abs(number) / fmt.eta)
    return fmt.eta * (1 << max(units.bit_length() - fmt.precision, 0))

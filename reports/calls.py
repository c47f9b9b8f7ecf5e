"""What the script of a finding needs whose operation is called by an expression, in any mode."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import replace

from reports import expressions, surroundings
from reports.arguments import SAMPLES, keywords, leading, name
from reports.checks import Check
from reports.differentiation import BACKWARD, REVERSE, TOGETHER, Call, Way, eager
from reports.layouts import statements
from reports.literals import tensor
from reports.record import Finding, Header, Numbers, Stacked
from reports.surroundings import MEETING_OTHERS
from reports.text import plain
from reports.ways import WAYS


class NotShownError(ValueError):
    """A question that can't be asked in a finding's mode."""


def parts(finding: Finding, header: Header, check: Check, dtype: str) -> dict[str, object]:
    """Return what the template of such a script shows, by name.

    Raises:
        NotShownError: The mode can't show what is checked.
        NotAnExpressionError, NotArgumentsError, NotNumbersError, UnknownLayoutError: Something
            in the finding is not what a script may hold.
    """
    operands = _operands(finding)
    stacked = _stacked(finding, check)
    call = replace(
        _call(finding, header, dtype, operands), cases=stacked["cases"] if stacked else 1
    )
    base, way = eager(call), WAYS[finding.mode](call)
    near = surroundings.fits(finding.variant, finding.mode)
    if near:
        shapes = {operand: numbers["shape"] for operand, numbers in operands.items()}
        way = surroundings.surrounded(way, finding.variant, call, shapes)
    _refuse(finding, check, way)
    raised = check.kind in ("errored", "crashed")
    jacobian = check.wants_jacobian or (raised and way.whole)
    return {
        "function": call.function,
        "named": finding.mode != "inplace" or check.kind in ("layout", "reverse"),
        "operands": {operand: tensor(numbers) for operand, numbers in operands.items()},
        "base": base if way.gradient else _without_gradient(base),
        "way": way,
        "passes": _two_passes(),
        "reverse": (*base.forward, *REVERSE),
        "stacked": stacked,
        "layout": [] if near else _layout(finding, operands, call.cases),
        "differentiates": bool(way.gradient) and not (check.wants_output or jacobian),
        "jacobian": jacobian,
        **_compared(finding, way),
    }


def _stacked(finding: Finding, check: Check) -> Stacked | None:
    """Return where the case lies among copies of itself, where bits are compared."""
    # what is mapped over the cases sees each of them alone
    return finding.stacked if check.kind == "layout" and finding.mode != "vmap" else None


def _compared(finding: Finding, way: Way) -> dict[str, str]:
    """Return what has the bits that are compared, as source and in words."""
    if finding.variant in MEETING_OTHERS:
        return {"compared": "*parts", "compared_words": "the gradient"}
    if way.gradient:
        return {"compared": "y, *parts", "compared_words": "the output, then the gradient"}
    return {"compared": "y", "compared_words": "the output"}


def _refuse(finding: Finding, check: Check, way: Way) -> None:
    """Refuse what the mode does not have.

    Raises:
        NotShownError: It lacks an output, a gradient or a Jacobian of its own that is asked for.
    """
    mode = plain(finding.mode, 40)
    lacking = {
        "output": check.wants_output and not way.forward,
        "gradient": check.wants_gradient and not way.gradient,
        "Jacobian": check.wants_jacobian and not way.jacobian,
    }
    for what, lacks in lacking.items():
        if lacks:
            msg = f"its mode is {mode}, in which a script has no {what}"
            raise NotShownError(msg)
    if check.kind == "indices":
        msg = "an expression returns no indices"
        raise NotShownError(msg)


def _without_gradient(base: Way) -> Way:
    return Way(forward=base.forward, grad=False)


def _two_passes() -> tuple[str, ...]:
    """Return statements for two backward passes on one graph."""
    return (
        BACKWARD.format("g", ", retain_graph=True"),
        f"first = {TOGETHER}",
        BACKWARD.format("g", ""),
        f"second = {TOGETHER}",
    )


def _operands(finding: Finding) -> dict[str, Numbers]:
    """Return the operands' numbers by name; pooling has one, without an expression."""
    if not finding.operands:
        return {"input": finding.input}
    found, start = {}, 0
    for operand in finding.operands:
        end = start + math.prod(operand["shape"])
        data = finding.input["data"][start:end]
        found[operand["name"]] = Numbers(shape=operand["shape"], data=data)
        start = end
    return found


def _call(finding: Finding, header: Header, dtype: str, operands: Mapping[str, Numbers]) -> Call:
    by_file = header.implementation is not None
    dotted = header.functions.get(finding.op)
    if dotted is None and finding.expression and not by_file:
        msg = f"{plain(finding.op, 60)}: no function of it is named in the header"
        raise NotShownError(msg)
    return Call(
        tree=(
            expressions.parsed(finding.expression, list(operands))
            if finding.expression
            else ast.parse(_of_parameters(finding), mode="eval").body  # spelled here
        ),
        function=f"module.{name(finding.op)}"
        if by_file
        else expressions.function(dotted or f"torch.nn.functional.{finding.op}"),
        names=list(operands),
        device=finding.device,
        dtype=dtype,
        threads=2 if header.environment.get("threads") == 1 else 1,
    )


def _of_parameters(finding: Finding) -> str:
    """Return the call of a pooling operation, whose parameters are keywords.

    Raises:
        NotArgumentsError: One of them is no parameter's value.
    """
    first = leading(finding.params)
    rest = keywords(finding.params, defaults=False).items()
    told = ["input", *([first] if first else []), *(f"{key}={value}" for key, value in rest)]
    if finding.variant.endswith("+indices"):
        return f"f({', '.join(told)}, return_indices=True)[0]"
    return f"f({', '.join(told)})"


def _layout(finding: Finding, operands: Mapping[str, Numbers], cases: int) -> list[str]:
    lines = []
    tall = {operand: _tall(numbers, cases) for operand, numbers in operands.items()}
    for part in finding.variant.removesuffix("+indices").split("+"):
        layout = part.removeprefix("cotangent-")
        if layout != part:
            lines += statements("g", layout, _tall(finding.cotangent, cases))
            continue
        for operand, numbers in tall.items():
            lines += statements(operand, layout, numbers)
    return lines


def _tall(numbers: Numbers, cases: int) -> Numbers:
    """Return a tensor of copies of another, one behind the other."""
    if cases == 1:
        return numbers
    first, *rest = numbers["shape"]
    return Numbers(shape=[first * cases, *rest], data=numbers["data"] * cases)


def samples_of(finding: Finding) -> dict[str, object] | None:
    """Return the samples that a fractional operation takes, as source; None where it takes none.

    Raises:
        NotNumbersError: They are no tensor.
    """
    samples = finding.params.get(SAMPLES)
    if samples is None or finding.expression:
        return None
    return tensor(samples if isinstance(samples, dict) else {})

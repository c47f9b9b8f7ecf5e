"""Asks the framework for the gradients of equal functions, and compares their bits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from oracle.formats import Format, format_named
from reports.record import Agreement, TiedExample
from suites.agreement.table import Equal, Question
from suites.comparing import differing, rows
from suites.frameworks.protocol import Bits, Call, Reply, bits_dtype
from suites.frameworks.runner import Runner


def agreement(question: Question, runner: Runner) -> Agreement:
    """Return which of the functions gave the same gradients, bit for bit but for signs of zeros."""
    equal, fmt = question.equal, format_named(question.format)
    primal, cotangent = _inputs(equal, fmt), _cotangents(equal, fmt)
    futures = {
        name: runner.submit(_call(question, name, primal, cotangent)) for name in equal.functions
    }
    replies = {name: future.result() for name, future in futures.items()}
    gradients = {
        name: _unsigned(rows(reply.gradient, len(primal), fmt), fmt)
        for name, reply in replies.items()
        if reply.outcome == "ran" and reply.gradient is not None
    }
    groups = _groups(gradients)
    return Agreement(
        name=equal.name,
        functions=list(equal.functions),
        format=question.format,
        device=question.device,
        cases=len(primal),
        groups=groups,
        example=_example(primal, cotangent, gradients, groups, fmt),
        message=_message(replies),
    )


def _call(question: Question, name: str, primal: Bits, cotangent: Bits) -> Call:
    equal = question.equal
    return Call(
        op=equal.name,
        params={},
        format=question.format,
        input=primal,
        cotangent=cotangent,
        device=question.device,
        cases=len(primal),
        operands=(("x", equal.shape),),
        output_shape=equal.output_shape,
        function="torch.abs",  # an expression of equal functions calls them by their own names
        expression=equal.functions[name],
        together=True,
    )


def _inputs(equal: Equal, fmt: Format) -> Bits:
    """Return every combination of the values."""
    bits = [fmt.encode(int(Fraction(value) / fmt.eta)) for value in equal.values]
    combinations = itertools.product(bits, repeat=math.prod(equal.shape))
    return np.array(list(combinations), dtype=bits_dtype(fmt.name))


def _cotangents(equal: Equal, fmt: Format) -> Bits:
    """Return powers of two of alternating sign: a share shows, and which output it is of."""
    outputs, one = math.prod(equal.output_shape), fmt.eta.denominator
    row = [fmt.encode((-1) ** k * one << k) for k in range(outputs)]
    cases = len(equal.values) ** math.prod(equal.shape)
    return np.tile(np.array(row, dtype=bits_dtype(fmt.name)), (cases, 1))


def _unsigned(bits: Bits, fmt: Format) -> Bits:
    """Return the numbers with every zero as +0: its sign tells no choice apart."""
    return np.where(bits == bits.dtype.type(fmt.sign_bit), bits.dtype.type(0), bits)


def _groups(gradients: Mapping[str, Bits]) -> list[list[str]]:
    found: dict[bytes, list[str]] = {}
    for name, bits in gradients.items():
        found.setdefault(bits.tobytes(), []).append(name)
    return list(found.values())


def _example(
    primal: Bits,
    cotangent: Bits,
    gradients: Mapping[str, Bits],
    groups: list[list[str]],
    fmt: Format,
) -> TiedExample | None:
    """Return the first case on which the first group differs from another."""
    if len(groups) < 2:
        return None
    first, other = (gradients[group[0]] for group in groups[:2])
    case = min(differing(first, other))

    def text(bits: Bits) -> list[str]:
        return [fmt.text_of[pattern] for pattern in bits.ravel().tolist()]

    return TiedExample(
        input=text(primal[case]),
        cotangent=text(cotangent[case]),
        gradients={name: text(bits[case]) for name, bits in gradients.items()},
    )


def _message(replies: Mapping[str, Reply]) -> str | None:
    """Return why functions did not run, if some did not."""
    failed = [
        f"{name}: {reply.message}" for name, reply in replies.items() if reply.outcome != "ran"
    ]
    return "; ".join(failed) or None

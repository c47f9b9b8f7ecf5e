"""Gradients for the tests of whole layers: rules, mixtures of them, and faults."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from oracle.case import Case, Tensor
from oracle.check import RULES, Question, problem_of
from oracle.check.bound import Exact
from oracle.formats import Format
from oracle.scale import LayerResult, check_pool, check_program
from oracle.windows import Geometry

Bits: TypeAlias = NDArray[np.unsignedinteger]

UNSIGNED: Mapping[int, type[np.unsignedinteger]] = {16: np.uint16, 32: np.uint32, 64: np.uint64}
DTYPES = {
    "binary16": (torch.float16, torch.int16),
    "bfloat16": (torch.bfloat16, torch.int16),
    "binary32": (torch.float32, torch.int32),
    "binary64": (torch.float64, torch.int64),
}


def bits_of(tensor: torch.Tensor) -> Bits:
    """The raw bits of a contiguous tensor."""
    signed = tensor.detach().view(DTYPES[name_of(tensor)][1]).numpy()
    bits: Bits = signed.view(UNSIGNED[8 * signed.itemsize])
    return bits


def name_of(tensor: torch.Tensor) -> str:
    """The name of a tensor's format."""
    return next(name for name, (dtype, _) in DTYPES.items() if dtype == tensor.dtype)


def array(tensor: Tensor, fmt: Format) -> Bits:
    """The bits of a case's tensor."""
    return np.array(tensor.bits, UNSIGNED[fmt.width]).reshape(tensor.shape)


def in_one_go(case: Case) -> LayerResult:
    """What the fast path says of a case with a gradient."""
    fmt, shapes = case.format, case.geometry
    assert case.gradient is not None
    output = None if case.output is None else array(case.output, fmt)
    if isinstance(shapes, Geometry):
        return check_pool(
            shapes.op,
            shapes.params,
            fmt.name,
            input=array(case.input, fmt),
            cotangent=array(case.cotangent, fmt),
            gradient=array(case.gradient, fmt),
            output=output,
            flushes=case.flushes,
        )
    parts = zip(shapes.operands, shapes.offsets, strict=False)
    pieces = {one.name: (slice(start, start + one.size), one.shape) for one, start in parts}
    split = {
        key: {
            name: np.array(tensor.bits[part], UNSIGNED[fmt.width]).reshape(shape)
            for name, (part, shape) in pieces.items()
        }
        for key, tensor in (("input", case.input), ("gradient", case.gradient))
    }
    return check_program(
        shapes.op,
        shapes.params,
        fmt.name,
        operands=split["input"],
        cotangent=array(case.cotangent, fmt),
        gradients={k: v for k, v in split["gradient"].items() if k not in shapes.constants},
        output=output,
        constants=shapes.constants,
        flushes=case.flushes,
    )


def with_bits(case: Case, bits: Sequence[int]) -> Case:
    """The case with another gradient."""
    return replace(case, gradient=Tensor(case.geometry.input_shape, list(bits)))


def asked(case: Case) -> Question:
    """What a case without a gradient asks, of a gradient that is zero."""
    return problem_of(with_bits(case, [0] * len(case.input.bits)))


def rounded(question: Question, point: Sequence[Exact]) -> list[int]:
    """The bits of a point, each coordinate rounded to nearest."""
    fmt = question.format
    return [fmt.encode(fmt.round(Fraction(z))) for z in point]


def gradients(case: Case) -> dict[str, Callable[[random.Random], list[int]]]:
    """What makes gradients, by name: those of rules first, then others, right and wrong."""
    question = asked(case)

    def of(rule: str) -> list[Exact]:
        return question._point(question.rule_shares(rule))  # noqa: SLF001

    def any_choice(rng: random.Random) -> list[int]:
        chosen = [(w, rng.choice(tied), 1) for w, tied in question.active.items()]
        return rounded(question, question._point(chosen))  # noqa: SLF001

    def mixed(beta: Fraction, _: random.Random) -> list[int]:
        pairs = zip(of("even-split"), of("first-index"), strict=True)
        return rounded(question, [beta * even + (1 - beta) * first for even, first in pairs])

    def faulty(fault: Fault, rng: random.Random) -> list[int]:
        bits = rounded(question, of("first-index"))
        i = rng.randrange(len(bits))
        bits[i] = fault(bits[i], case.format)
        return bits

    return {
        **{rule: lambda _, rule=rule: rounded(question, of(rule)) for rule in RULES},
        "any choice": any_choice,
        "beta 2": partial(mixed, Fraction(2)),
        "beta half": partial(mixed, Fraction(1, 2)),
        **{name: partial(faulty, fault) for name, fault in FAULTS.items()},
    }


def next_up(bits: int, fmt: Format) -> int:
    """The next number away from zero; infinity stays."""
    return bits + ((bits & (fmt.sign_bit - 1)) < fmt.infinity_bits)


Fault: TypeAlias = Callable[[int, Format], int]

FAULTS: Mapping[str, Fault] = {
    "one ulp": next_up,
    "a NaN": lambda _, fmt: fmt.nan_bits,
    "an infinity": lambda _, fmt: fmt.infinity_bits,
    "lost": lambda _, __: 0,
    "another sign": lambda bits, fmt: bits ^ fmt.sign_bit,
}

"""What is wrong in many places has the words that the core has for it, place by place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch

from oracle.formats import FORMATS
from oracle.scale import Budget, LayerResult, check_program
from oracle.scale.refusing import SHOWN
from suites.meta.scale import DTYPES, UNSIGNED, Bits, bits_of

COPIES = 40


@dataclass(frozen=True, kw_only=True)
class Function:
    """An operation that works entry by entry."""

    op: str
    names: tuple[str, ...] = ("input",)
    params: Mapping[str, Any] = field(default_factory=dict)
    constants: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "-".join((self.op, *self.names, *self.constants))


TWO = ("input", "other")
FUNCTIONS = [
    Function(op="relu"),
    Function(op="abs"),
    Function(op="relu6"),
    Function(op="leaky_relu", params={"negative_slope": (0.01).hex()}),
    Function(op="clamp", params={"min": (-1.0).hex(), "max": (0.5).hex()}),
    *(Function(op=op, names=TWO) for op in ("maximum", "fmin")),
    Function(op="maximum", names=TWO, constants=("other",)),
    Function(op="clamp", names=("input", "min", "max"), params={"min": None, "max": None}),
    Function(op="hardshrink", params={"lambd": (0.5).hex()}),
]


def drawn(name: str, count: int, rng: np.random.Generator) -> Bits:
    """Numbers that are often equal, and the odd ones of a format."""
    fmt = FORMATS[name]
    ordinary = torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 6.0, 3000.0]).to(DTYPES[name][0])
    infinity, one = fmt.infinity_bits, int(bits_of(ordinary)[4])
    odd = [fmt.sign_bit, 1, one + 1, infinity - 1, infinity, infinity | fmt.sign_bit]
    palette = np.array([*bits_of(ordinary).tolist() * 3, *odd, fmt.nan_bits], np.uint64)
    return rng.choice(palette, count).astype(UNSIGNED[fmt.width])


def checked(function: Function, name: str, rng: np.random.Generator) -> list[LayerResult]:
    """What is said of a few entries, and of many copies of them."""
    kept = [one for one in function.names if one not in function.constants]
    operands = {one: drawn(name, 24, rng) for one in function.names}
    gradients = {one: drawn(name, 24, rng) for one in kept}
    cotangent = drawn(name, 24, rng)
    return [
        check_program(
            function.op,
            function.params,
            name,
            operands={one: np.tile(bits, copies) for one, bits in operands.items()},
            cotangent=np.tile(cotangent, copies),
            gradients={one: np.tile(bits, copies) for one, bits in gradients.items()},
            constants=function.constants,
        )
        for copies in (1, COPIES)
    ]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("function", FUNCTIONS, ids=repr)
def test_copies_have_the_words_of_one(function: Function, name: str) -> None:
    rng, refused = np.random.default_rng(len(name) + len(repr(function))), 0
    for _ in range(4):
        one, many = checked(function, name, rng)
        assert many.verdict == one.verdict
        assert many.verdicts == {word: COPIES * count for word, count in one.verdicts.items()}
        for what in ("wild_gradients", "free", "wild_cotangents", "infinite_windows"):
            assert getattr(many.special, what) == COPIES * getattr(one.special, what), what
        assert (many.tied, many.overflow) == (COPIES * one.tied, COPIES * one.overflow)
        assert many.proved + many.decided == many.elements - many.special.free
        refused += many.proved - COPIES * one.proved
    if function.op != "hardshrink":  # has no pass
        assert refused > 0


@pytest.mark.parametrize("op", ["relu", "maximum"])
def test_the_core_is_asked_about_the_first_alone(op: str) -> None:
    generator = torch.Generator().manual_seed(0)
    names = TWO if op == "maximum" else ("input",)
    x = {name: torch.randn(400_000, generator=generator) for name in names}
    g = torch.randn(400_000, generator=generator)
    y = getattr(torch, op)(*x.values())
    v = {name: bits_of((x[name] == y) * (y != 0) * g * 2) for name in names}
    operands = {name: bits_of(t) for name, t in x.items()}
    result = check_program(
        op, {}, "binary32", operands=operands, cotangent=bits_of(g), gradients=v, output=bits_of(y)
    )
    wrong = 800_000 if op == "maximum" else int((y != 0).sum())
    assert result.verdicts["outside"] == wrong
    assert 4 <= result.components <= SHOWN
    assert result.undecided == 0
    assert len(result.findings) == 4
    assert result.findings[0].verdict is not None


def test_what_has_no_pass_has_the_words_of_single_entries() -> None:
    """More findings are had than there are entries, so that each is asked about by itself."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(-20, 20, (300,), generator=generator).float() / 8
    g = torch.randn(x.shape, generator=generator)
    g[150:] = g[:150]
    y = torch.nn.functional.hardshrink(x)
    v = torch.where(y != 0, 2 * g, 0.0)
    v[:8], v[8:16] = float("nan"), 1.0
    y[::7] += 1
    single, together = (
        check_program(
            "hardshrink",
            {"lambd": (0.5).hex()},
            "binary32",
            operands={"input": bits_of(x)},
            cotangent=bits_of(g),
            gradients={"input": bits_of(v)},
            output=bits_of(y),
            budget=budget,
        )
        for budget in (Budget(findings=1000), Budget())
    )
    assert together.components < single.components / 2
    for what in ("verdicts", "special", "tied", "wrong_outputs", "decided", "undecided"):
        assert getattr(together, what) == getattr(single, what), what
    assert together.findings == single.findings[:4]

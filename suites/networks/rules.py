"""Rules at ties as layers: only the backward pass differs.

The forward pass is the framework's own call on the same tensor, so that its bits are the
framework's. (In the code of Boustany 2024 the rule changes the forward pass in floating point,
which confounds its 16-bit results.) Of `k` tied inputs of a window,
`beta * even + (1 - beta) * first` gives

    g (beta / k + 1 - beta)    to the first, and    g beta / k    to each of the others.

`first-index` is `beta = 0`, `even-split` is `beta = 1`, and `last-index` gives all to the last one.
Weights are real numbers rounded once to the format, and a product is rounded once: a share `p g` is
off by `2 u |p g|`, within the two forms of a share's bound, `u |g|` and `gamma_3 |p g|` (oracle/
THEORY.md, Rounding), if `p <= 1/2`. A larger share, of the chosen input alone, is `g` less all
others: off by `u |g|` from what they leave, and by less than `3 u |p g|`. The weight of an untied
window is 1, so that its cotangent goes on unchanged. Windows that share an input are added in
binary32 for the 16-bit formats, else in the format itself.

Over the reals the blend is in the Clarke set for `beta` in [0, 1]; its shares are a probability
vector of a window of `k` tied inputs exactly for `0 <= beta <= k / (k - 1)`; else it is `outside`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_SUMS = {torch.float16: torch.float32, torch.bfloat16: torch.float32}
"""Format -> what shares of several windows are added in, where it is another."""


class RuleError(ValueError):
    """A rule that there is none of; the message is one line."""


@dataclass(frozen=True)
class Rule:
    """How a window's cotangent is shared out among its tied inputs.

    Attributes:
        name: `first-index`, `last-index`, `even-split` or `blend`.
        beta: The share of the even split.
    """

    name: str
    beta: Fraction

    @property
    def spelled(self) -> str:
        """The name as `rule_named` takes it."""
        return f"beta={self.beta}" if self.name == "blend" else self.name

    def weights(self, count: int) -> tuple[Fraction, Fraction]:
        """Return the weights of the chosen one and of each other of `count` tied inputs."""
        others = self.beta / count
        return others + 1 - self.beta, others


FIRST = Rule("first-index", Fraction(0))
LAST = Rule("last-index", Fraction(0))
EVEN = Rule("even-split", Fraction(1))


def blend(beta: float | Fraction) -> Rule:
    """Return the rule `beta * even + (1 - beta) * first`."""
    return Rule("blend", Fraction(beta))


def rule_named(text: str) -> Rule:
    """Return the rule that `first-index`, `last-index`, `even-split` or `beta=0.5` names.

    Raises:
        RuleError: It names none.
    """
    for rule in (FIRST, LAST, EVEN):
        if text == rule.name:
            return rule
    try:
        return blend(Fraction(text.removeprefix("beta=")))
    except (ValueError, ZeroDivisionError):
        names = ", ".join(rule.name for rule in (FIRST, LAST, EVEN))
        msg = f"rule is {text!r}, expected {names} or beta=NUMBER"
        raise RuleError(msg) from None


class RuledMaxPool2d(nn.Module):
    """`nn.MaxPool2d` with a rule of its own in the backward pass."""

    def __init__(self, kernel_size: int, stride: int, padding: int = 0, *, rule: Rule) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.rule = rule

    def forward(self, x: Tensor) -> Tensor:
        """Return the framework's own pooling of `x` (batch, channels, height, width)."""
        result: Tensor = _RuledPool.apply(x, self)  # type: ignore[no-untyped-call]  # torch's
        return result

    def extra_repr(self) -> str:
        """Return what is shown of the layer."""
        return f"{self.kernel_size}, {self.stride}, {self.padding}, rule={self.rule.name}"


class RuledReLU(nn.Module):
    """`nn.ReLU` whose derivative at 0 is `value`."""

    def __init__(self, value: float = 0.0) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        """Return the framework's own ReLU of `x`."""
        result: Tensor = _RuledReLU.apply(x, self.value)  # type: ignore[no-untyped-call]
        return result

    def extra_repr(self) -> str:
        """Return what is shown of the layer."""
        return f"value={self.value!r}"


class _RuledPool(torch.autograd.Function):
    """Max pooling forward, a rule backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, layer: RuledMaxPool2d) -> Tensor:
        y = functional.max_pool2d(x, layer.kernel_size, layer.stride, layer.padding)
        ctx.save_for_backward(x, y)
        ctx.layer = layer
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        x, y = ctx.saved_tensors
        layer: RuledMaxPool2d = ctx.layer
        sums = _SUMS.get(g.dtype, g.dtype)
        frame = layer.padding
        padded = functional.pad(x, [frame] * 4, value=-math.inf)
        total = torch.zeros(padded.shape, dtype=sums, device=g.device)
        is_tied = _tied(padded, y, layer) & _is_input(x, frame, layer)
        shares = _shares(is_tied, g, layer.rule)
        for place, share in zip(_places(layer, y), shares, strict=True):
            total[place] += share
        height, width = x.shape[2:]
        return total[:, :, frame : frame + height, frame : frame + width].to(g.dtype), None


class _RuledReLU(torch.autograd.Function):
    """ReLU forward, a value at 0 backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, value: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.value = value
        return torch.relu(x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        zero = torch.zeros_like(g)
        at_zero = torch.where(x == 0, g * ctx.value, zero) if ctx.value else zero
        # a NaN takes the cotangent, as the framework's own does
        return torch.where((x > 0) | x.isnan(), g, at_zero), None


def _places(layer: RuledMaxPool2d, y: Tensor) -> list[tuple[slice, ...]]:
    """Return, for each cell of a window in row-major order, what it reads in all windows."""
    along = [
        [slice(cell, cell + layer.stride * (count - 1) + 1, layer.stride) for count in y.shape[2:]]
        for cell in range(layer.kernel_size)
    ]
    every = slice(None)
    return [(every, every, row[0], column[1]) for row in along for column in along]


def _tied(padded: Tensor, y: Tensor, layer: RuledMaxPool2d) -> Tensor:
    """Return which cells are tied (cells, batch, channels, height, width): NaN with NaN alone."""
    cells = torch.stack([padded[place] for place in _places(layer, y)])
    return torch.where(y.isnan(), cells.isnan(), cells == y)


def _is_input(x: Tensor, frame: int, layer: RuledMaxPool2d) -> Tensor:
    """Return which cells are inputs, not padding."""
    inside = functional.pad(torch.ones(x.shape[2:], device=x.device), [frame] * 4) > 0
    windows = inside.unfold(0, layer.kernel_size, layer.stride)
    windows = windows.unfold(1, layer.kernel_size, layer.stride)
    return windows.permute(2, 3, 0, 1).flatten(0, 1)[:, None, None]


def _shares(is_tied: Tensor, g: Tensor, rule: Rule) -> Tensor:
    """Return what each cell gets of its window's cotangent; 0 where it is not tied."""
    count = is_tied.sum(0)
    seen = is_tied.cumsum(0)
    is_chosen = is_tied & (seen == (count if rule.name == LAST.name else 1))
    table = [(Fraction(0), Fraction(0)), *map(rule.weights, range(1, len(is_tied) + 1))]
    chosen, others = (
        torch.tensor([_rounded(w, g.dtype) for w in column], dtype=g.dtype, device=g.device)
        for column in zip(*table, strict=True)
    )
    weight, rest = chosen[count], others[count]
    zero = torch.zeros_like(g)
    # an infinite cotangent times a weight of 0 would be NaN
    other = torch.where(rest != 0, rest * g, zero)
    is_most = (weight > 0.5) & (weight < 1)
    most = torch.where(is_most, g - (count - 1) * other, weight * g)
    first = torch.where(weight != 0, most, zero)
    return torch.where(is_tied, torch.where(is_chosen, first, other), zero)


def _rounded(weight: Fraction, dtype: torch.dtype) -> float:
    """Return a number of binary64 whose conversion to the format rounds the weight but once."""
    value = float(weight)
    below, above = math.nextafter(value, -math.inf), math.nextafter(value, math.inf)
    if dtype is torch.float64 or Fraction(value) == weight:
        return value
    # rounded to odd: an inexact binary64 number with an odd last bit lies beside no midpoint
    candidates = [value, above if Fraction(value) < weight else below]
    return next(c for c in candidates if int(math.ldexp(abs(math.frexp(c)[0]), 53)) & 1)

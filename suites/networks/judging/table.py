"""Operator -> its judge, and what that needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from suites.networks.judging import (
    averages,
    choices,
    linear,
    losses,
    moves,
    normalization,
    pointwise,
    standardizing,
)
from suites.networks.judging.evidence import Judged, NotJudgedError
from suites.networks.judging.layer import Layer

Judge: TypeAlias = Callable[[Layer], Judged]


@dataclass(frozen=True)
class Entry:
    """An operator's judge.

    Attributes:
        judge: The judge.
        arguments: The arguments whose tensors it needs.
        outputs: The outputs whose tensors it needs.
        moves: Whether the operator only moves numbers: what it passes on is judged elsewhere.
        chooses: Whether the operator has kinks.
    """

    judge: Judge
    arguments: tuple[str, ...] = ()
    outputs: tuple[int, ...] = ()
    moves: bool = False
    chooses: bool = False


def _move(judge: Judge) -> Entry:
    return Entry(judge, moves=True)


def _activation(op: str, *keys: str) -> Entry:
    judge = choices.program(op, {"self": "input"}, choices.numbers_of(*keys))
    return Entry(judge, ("self",), (0,), chooses=True)


def _reduction(op: str) -> Entry:
    judge = choices.program(op, {"self": "input"}, choices.reduced)
    return Entry(judge, ("self",), (0,), chooses=True)


def _pool(judge: Judge) -> Entry:
    return Entry(judge, ("self",), (0,), chooses=True)


def _pair(op: str) -> Entry:
    judge = choices.program(op, {"self": "input", "other": "other"})
    return Entry(judge, ("self", "other"), (0,), chooses=True)


_NORM = Entry(normalization.batch_norm, ("input", "weight", "running_mean", "running_var"), (1, 2))

ENTRIES: dict[str, Entry] = {
    # layers that choose
    "max_pool2d_with_indices": _pool(choices.pool("max_pool2d", 2)),
    "max_pool3d_with_indices": _pool(choices.pool("max_pool3d", 3)),
    "adaptive_max_pool2d": _pool(choices.adaptive_pool("adaptive_max_pool2d")),
    "adaptive_max_pool3d": _pool(choices.adaptive_pool("adaptive_max_pool3d")),
    "relu": _activation("relu"),
    "abs": _activation("abs"),
    "hardswish": _activation("hardswish"),
    "hardsigmoid": _activation("hardsigmoid"),
    "leaky_relu": _activation("leaky_relu", "negative_slope"),
    "hardtanh": _activation("hardtanh", "min_val", "max_val"),
    "clamp": _activation("clamp", "min", "max"),
    "clamp_min": _activation("clamp_min", "min"),
    "clamp_max": _activation("clamp_max", "max"),
    "hardshrink": _activation("hardshrink", "lambd"),
    "softshrink": _activation("softshrink", "lambd"),
    "threshold": _activation("threshold", "threshold", "value"),
    "_prelu_kernel": Entry(
        choices.program("prelu", {"self": "input", "weight": "weight"}, shaped=choices.by_channel),
        ("self", "weight"),
        (0,),
        chooses=True,
    ),
    **{op: _pair(op) for op in ("maximum", "minimum", "fmax", "fmin")},
    **{op: _reduction(op) for op in ("amax", "amin", "max", "min")},
    # sums of products
    "convolution": Entry(linear.convolution, ("input", "weight")),
    "addmm": Entry(linear.matrices("mat1", "mat2", "self"), ("mat1", "mat2")),
    "mm": Entry(linear.matrices("self", "mat2"), ("self", "mat2")),
    "bmm": Entry(linear.matrices("self", "mat2"), ("self", "mat2")),
    "native_batch_norm": _NORM,
    "cudnn_batch_norm": _NORM,
    "native_layer_norm": Entry(standardizing.layer_norm, ("input", "weight"), (1, 2)),
    "native_group_norm": Entry(standardizing.group_norm, ("input", "weight"), (1, 2)),
    "avg_pool2d": Entry(averages.average_pool),
    "avg_pool3d": Entry(averages.average_pool),
    "_adaptive_avg_pool2d": Entry(averages.adaptive_average_pool),
    "mean": Entry(averages.mean),
    "sum": Entry(averages.total),
    # functions of each entry
    "add": Entry(pointwise.ADD),
    "sub": Entry(pointwise.SUB),
    "mul": Entry(pointwise.MUL, ("self", "other")),
    "div": Entry(pointwise.DIV, ("self", "other")),
    "neg": Entry(pointwise.NEG),
    "sigmoid": Entry(pointwise.SIGMOID, (), (0,)),
    "native_dropout": Entry(pointwise.DROPOUT, (), (1,)),
    "_softmax": Entry(losses.softmax, (), (0,)),
    "_log_softmax": Entry(losses.log_softmax, (), (0,)),
    **dict.fromkeys(
        ("nll_loss_forward", "nll_loss2d_forward"),
        Entry(losses.class_loss, ("target", "weight"), (1,)),
    ),
    # numbers that are moved
    **dict.fromkeys(
        ("view", "_unsafe_view", "reshape", "alias", "clone", "detach", "squeeze", "unsqueeze"),
        _move(moves.unmoved),
    ),
    "_to_copy": _move(moves.converted),
    "cat": _move(moves.concatenation),
    "permute": _move(moves.viewed(moves.permute)),
    "transpose": _move(moves.viewed(moves.transpose)),
    "t": _move(moves.viewed(moves.turn)),
    "slice": _move(moves.viewed(moves.cut)),
    "select": _move(moves.viewed(moves.select)),
    "expand": _move(moves.moved(moves.expand)),
    "repeat": _move(moves.moved(moves.repeat)),
    "constant_pad_nd": _move(moves.moved(moves.frame)),
    "masked_fill": Entry(moves.moved(moves.fill), ("mask",), moves=True),
}
"""Operator -> its judge. One that writes in place, `relu_`, has that of the other."""


def entry(op: str) -> Entry | None:
    """Return an operator's entry, if it has one."""
    in_place = op.endswith("_") and not op.startswith("__")
    return ENTRIES.get(op) or (ENTRIES.get(op.removesuffix("_")) if in_place else None)


def needs(op: str) -> tuple[Sequence[str], Sequence[int]]:
    """Return the arguments and the outputs whose tensors an operator's judge needs."""
    found = entry(op)
    return (found.arguments, found.outputs) if found else ((), ())


def judge(layer: Layer) -> Judged:
    """Return the verdict on a layer.

    Raises:
        NotJudgedError: Its operator has no judge, or is called in a way that has none.
    """
    found = entry(layer.call.op)
    if found is None:
        msg = f"{layer.call.op} has no judge"
        raise NotJudgedError(msg)
    if not layer.call.arguments_intact:
        msg = "a tensor that it read was overwritten since"
        raise NotJudgedError(msg)
    return found.judge(layer)

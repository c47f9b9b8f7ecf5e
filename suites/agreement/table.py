"""The functions that are equal, as expressions of an input `x`, and the inputs that tie them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from suites.selection import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Equal:
    """One function, written in several ways.

    Attributes:
        name: What it is.
        functions: What reports call a way -> the expression.
        shape: The input's shape.
        output_shape: The output's.
        values: What each entry of the input takes in turn.
        ops: The operations that it is written with.
    """

    name: str
    functions: dict[str, str]
    shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    values: tuple[float, ...]
    ops: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Equal functions in one format on one device."""

    equal: Equal
    format: str
    device: str

    @property
    def name(self) -> str:
        """The name of its item."""
        return f"agreement/{self.equal.name}/{self.format}"


_F = "torch.nn.functional."


def _pointwise(name: str, ops: str, values: tuple[float, ...], functions: dict[str, str]) -> Equal:
    return Equal(
        name=name,
        functions=functions,
        shape=(1, 2),
        output_shape=(1, 2),
        values=values,
        ops=tuple(ops.split()),
    )


def _of_row(name: str, ops: str, functions: dict[str, str]) -> Equal:
    return Equal(
        name=name,
        functions=functions,
        shape=(1, 4),
        output_shape=(1,),
        values=(-1.0, 0.0, 1.0),
        ops=tuple(ops.split()),
    )


EQUAL = (
    _pointwise(
        "relu",
        "relu clamp_min clamp maximum fmax where threshold",
        (-1.0, 0.0, 1.0),
        {
            "relu": f"{_F}relu(x)",
            "clamp_min(0)": "torch.clamp_min(x, 0)",
            "clamp(min=0)": "torch.clamp(x, min=0)",
            "maximum(x, 0)": "torch.maximum(x, torch.zeros_like(x))",
            "fmax(x, 0)": "torch.fmax(x, torch.zeros_like(x))",
            "where(x > 0)": "torch.where(x > 0, x, torch.zeros_like(x))",
            "where(x >= 0)": "torch.where(x >= 0, x, torch.zeros_like(x))",
            "threshold(0, 0)": f"{_F}threshold(x, 0, 0)",
            "leaky_relu(0)": f"{_F}leaky_relu(x, 0.0)",
            "(x + abs(x)) / 2": "(x + x.abs()) / 2",
        },
    ),
    _pointwise(
        "abs",
        "abs maximum relu where copysign leaky_relu",
        (-1.0, 0.0, 1.0),
        {
            "abs": "torch.abs(x)",
            "maximum(x, -x)": "torch.maximum(x, -x)",
            "relu(x) + relu(-x)": f"{_F}relu(x) + {_F}relu(-x)",
            "where(x < 0, -x)": "torch.where(x < 0, -x, x)",
            "copysign(x, 1)": "torch.copysign(x, torch.ones_like(x))",
            "leaky_relu(-1)": f"{_F}leaky_relu(x, -1.0)",
        },
    ),
    _pointwise(
        "clamp",
        "clamp hardtanh maximum minimum clamp_min clamp_max",
        (-1.0, 0.0, 1.0, 2.0),
        {
            "clamp(-1, 1)": "torch.clamp(x, -1, 1)",
            "clamp(Tensor bounds)": "torch.clamp(x, -torch.ones_like(x), torch.ones_like(x))",
            "hardtanh": f"{_F}hardtanh(x)",
            "minimum(maximum)": (
                "torch.minimum(torch.maximum(x, -torch.ones_like(x)), torch.ones_like(x))"
            ),
            "clamp_max(clamp_min)": "torch.clamp_max(torch.clamp_min(x, -1), 1)",
        },
    ),
    _pointwise(
        "relu6",
        "relu6 hardtanh clamp hardsigmoid",
        (-1.0, 0.0, 6.0, 7.0),
        {
            "relu6": f"{_F}relu6(x)",
            "hardtanh(0, 6)": f"{_F}hardtanh(x, 0.0, 6.0)",
            "clamp(0, 6)": "torch.clamp(x, 0, 6)",
            "6 hardsigmoid(x - 3)": f"{_F}hardsigmoid(x - 3) * 6",
        },
    ),
    _pointwise(
        "softshrink",
        "softshrink clamp hardtanh relu",
        (-2.0, -1.0, 0.0, 1.0),
        {
            "softshrink(1)": f"{_F}softshrink(x, 1.0)",
            "x - clamp(-1, 1)": "x - torch.clamp(x, -1, 1)",
            "x - hardtanh(x)": f"x - {_F}hardtanh(x)",
            "relu(x - 1) - relu(-x - 1)": f"{_F}relu(x - 1) - {_F}relu(-x - 1)",
        },
    ),
    _of_row(
        "largest",
        "amax max topk sort cummax kthvalue aminmax",
        {
            "amax": "torch.amax(x, -1)",
            "max": "torch.max(x, -1)[0]",
            "aminmax": "torch.aminmax(x, dim=-1)[1]",
            "topk(1)": "torch.topk(x, 1, -1)[0][:, 0]",
            "last of sort": "torch.sort(x, -1)[0][:, -1]",
            "first of sort, descending": "torch.sort(x, -1, descending=True)[0][:, 0]",
            "kthvalue(n)": "torch.kthvalue(x, 4, -1)[0]",
            "last of cummax": "torch.cummax(x, -1)[0][:, -1]",
            "quantile(1)": "torch.quantile(x, 1.0, dim=-1)",
            "-amin(-x)": "-torch.amin(-x, -1)",
            "max_pool1d(n)": f"{_F}max_pool1d(x, 4)[:, 0]",
            "adaptive_max_pool1d(1)": f"{_F}adaptive_max_pool1d(x, 1)[:, 0]",
        },
    ),
    _of_row(
        "median",
        "median kthvalue sort nanmedian quantile",
        {
            "median": "torch.median(x, -1)[0]",
            "nanmedian": "torch.nanmedian(x, -1)[0]",
            "kthvalue(2)": "torch.kthvalue(x, 2, -1)[0]",
            "second of sort": "torch.sort(x, -1)[0][:, 1]",
            "quantile(0.5, lower)": "torch.quantile(x, 0.5, dim=-1, interpolation='lower')",
        },
    ),
    Equal(
        name="max_pool1d",
        functions={
            "max_pool1d(2, 1)": f"{_F}max_pool1d(x, 2, 1)",
            "amax of unfold": "x.unfold(-1, 2, 1).amax(-1)",
            "max of unfold": "x.unfold(-1, 2, 1).max(-1)[0]",
            "maximum of slices": "torch.maximum(x[:, :-1], x[:, 1:])",
        },
        shape=(1, 4),
        output_shape=(1, 3),
        values=(-1.0, 0.0, 1.0),
        ops=("max_pool1d", "amax", "max", "maximum"),
    ),
    Equal(
        name="running maximum",
        functions={
            "cummax": "torch.cummax(x, -1)[0]",
            "amax of prefixes": "torch.stack([x[:, :k].amax(-1) for k in (1, 2, 3, 4)], -1)",
            "max of prefixes": "torch.stack([x[:, :k].max(-1)[0] for k in (1, 2, 3, 4)], -1)",
        },
        shape=(1, 4),
        output_shape=(1, 4),
        values=(-1.0, 0.0, 1.0),
        ops=("cummax", "amax", "max"),
    ),
)
"""What is asked; each way is an expression that the framework computes eagerly."""


def questions(selection: Selection) -> Iterator[Question]:
    """Yield what is asked in a selection: beside the operations that the functions are made of."""
    if selection.profile == "smoke" or selection.case or "eager" not in selection.modes:
        return
    for equal in EQUAL:
        if not set(equal.ops).isdisjoint(selection.ops):
            for format_name in selection.formats:
                yield Question(equal=equal, format=format_name, device=selection.device)

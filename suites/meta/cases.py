"""Small cases, their gradients and their verdicts, for the tests of the oracle."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from oracle.case import Case, Tensor
from oracle.check import Problem
from oracle.formats import Format
from oracle.windows import Geometry, Window, geometry

Number: TypeAlias = Fraction | int | str
"""A real number, rounded to the format, or the text of one."""
Document: TypeAlias = dict[str, Any]


def sliding(
    shape: Sequence[int],
    kernel: int,
    *,
    dims: int = 1,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Geometry:
    """Return the geometry of a max pool that is alike along all of its dimensions."""
    params: dict[str, object] = {
        "kernel_size": (kernel,) * dims,
        "stride": (stride,) * dims,
        "padding": (padding,) * dims,
        "dilation": (dilation,) * dims,
        "ceil_mode": False,
    }
    return geometry(f"max_pool{dims}d", params, tuple(shape))


def stored(fmt: Format, numbers: Iterable[Number]) -> list[int]:
    """Return bit patterns: texts as they stand, numbers rounded to nearest."""
    return [
        fmt.bits_of[number]
        if isinstance(number, str)
        else fmt.encode(fmt.round(Fraction(number) / fmt.eta))
        for number in numbers
    ]


def case_of(
    shapes: Geometry,
    fmt: Format,
    x: Sequence[Number],
    g: Sequence[Number],
    v: Sequence[Number] | None = None,
) -> Case:
    """Return a case; without `v` its gradient is zero."""
    return Case(
        geometry=shapes,
        format=fmt,
        input=Tensor(shapes.input_shape, stored(fmt, x)),
        cotangent=Tensor(shapes.output_shape, stored(fmt, g)),
        gradient=Tensor(shapes.input_shape, stored(fmt, [0] * len(x) if v is None else v)),
    )


def with_gradient(case: Case, v: Sequence[Number]) -> Case:
    """Return the case with another gradient."""
    gradient = Tensor(case.geometry.input_shape, stored(case.format, v))
    return replace(case, gradient=gradient)


def with_output(case: Case, y: Sequence[Number]) -> Case:
    """Return the case with an output."""
    return replace(case, output=Tensor(case.geometry.output_shape, stored(case.format, y)))


def active_windows(case: Case) -> list[tuple[Fraction, Window]]:
    """Return the cotangent (a real number) and the tied set of every window that counts."""
    problem = Problem(case)
    eta = case.format.eta
    return [(problem.cotangent[w] * eta, tied) for w, tied in problem.active.items()]


def point_of_orders(
    case: Case, weights: Sequence[Fraction | int], rng: random.Random
) -> list[Fraction]:
    """Return a convex combination of random total orders: a Clarke point, real numbers."""
    point = [Fraction(0)] * len(case.input.bits)
    for weight in weights:
        place = list(range(len(point)))
        rng.shuffle(place)
        for g, tied in active_windows(case):
            point[min(tied, key=place.__getitem__)] += g * weight
    return point


def point_of_choices(case: Case, rng: random.Random) -> list[Fraction]:
    """Return what a random choice in every window gives: a conservative point, real numbers."""
    point = [Fraction(0)] * len(case.input.bits)
    for g, tied in active_windows(case):
        point[rng.choice(tied)] += g
    return point


def through_json(document: Mapping[str, Any]) -> Document:
    """Return the document as another program reads it."""
    read: Document = json.loads(json.dumps(document, allow_nan=False))
    return read


def confined(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python with 2 GiB of memory and 20 s of a processor, which a runaway must not outlive."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))

    return subprocess.run(
        [sys.executable, *arguments],
        input=text,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=240,  # also of one that waits, on a machine with much to do
        preexec_fn=limited,
        check=False,
    )

"""A layer of average pooling: the pass, and the exact core for what it leaves open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oracle.case import FLUSH_FLAG, Case, Tensor
from oracle.check.values import is_value
from oracle.formats import Format
from oracle.judge import judge
from oracle.programs import Operand, Scalar, Signature
from oracle.programs.pools import adapted, averaged, divisor, sliding
from oracle.programs.signature import variables
from oracle.scale.asking import leave
from oracle.scale.averaging import Along, Averages, Open, pass_averages
from oracle.scale.bits import numbers_of, values_of
from oracle.scale.cutting import Plane
from oracle.scale.passing import Layer
from oracle.scale.program_layer import Part, ProgramLayer
from oracle.scale.sayings import Sayings
from oracle.windows import Geometry, Window
from oracle.windows.geometry import WINDOW_RULES
from oracle.windows.rule import Layout

_NAME = re.compile(r"(adaptive_)?avg_pool([123])d")
_REST = "rest"


@dataclass(frozen=True, kw_only=True)
class CutAverages(Signature):
    """Some windows of a layer of average pooling, over inputs that are numbered anew.

    The first operand is what is asked about; the others are constants, as the gradient of one
    input does not depend on those of others.

    Attributes:
        listed: Window -> the inputs that it reads.
        divisors: Window -> what its sum is divided by.
    """

    listed: tuple[Window, ...] = ()
    divisors: tuple[int, ...] = ()

    def outputs(self, bits: Sequence[int], fmt: Format) -> Sequence[Scalar]:
        """Return the windows' means."""
        entries = variables(bits, fmt)
        entries[1:] = [entry.fixed() for entry in entries[1:]]
        return [
            averaged([entries[i] for i in window], d).tidied()
            for window, d in zip(self.listed, self.divisors, strict=True)
        ]


def dims_of_average(op: str) -> int:
    """Return the number of dimensions of an average pooling; 0 for other operations."""
    found = _NAME.fullmatch(op)
    return int(found[2]) if found else 0


class AverageCheck:
    """The check of a layer of average pooling.

    Args:
        layer: The layer.
        dims: Its number of dimensions.
    """

    def __init__(self, layer: ProgramLayer, dims: int) -> None:
        self._layer, self._dims = layer, dims
        shapes = layer.shapes
        shape = shapes.operands[0].shape
        adaptive = shapes.op.startswith("adaptive")
        self._shapes: Geometry = (adapted if adaptive else sliding)(dims, shapes.params, shape)
        self._sizes = shape[-dims:]
        layout = Layout(
            params=self._shapes.params,
            sizes=self._sizes,
            counts=self._shapes.output_shape[-dims:],
            planes=1,
            format=self._shapes.format,
            arithmetic=self._shapes.arithmetic,
        )
        self._spans = next(iter(WINDOW_RULES[self._shapes.op].spans(layout)))
        self._plane = Plane(shapes=self._shapes, spans=self._spans, sizes=self._sizes, number=0)
        self._averages = self._tables()

    def _tables(self) -> Averages:
        one = Along(*(np.array([n]) for n in (0, 1, 1, 0, 1)))
        along = [one] * (3 - self._dims)
        along += [self._along(d) for d in range(self._dims)]
        factor = self._layer.shapes.params.get("divisor_override") or 1
        return Averages(along[0], along[1], along[2], factor)

    def _along(self, d: int) -> Along:
        spans = self._spans[d]
        start = np.array([span.start for span in spans], np.int64)
        stop = np.array([span.stop for span in spans], np.int64)
        part = np.array([self._part(d, w) for w in range(len(spans))], np.int64)
        places = np.arange(self._sizes[d])
        low = np.searchsorted(stop, places, "right")
        return Along(start, stop, part, low, np.searchsorted(start, places, "right"))

    def _part(self, d: int, w: int) -> int:
        """Return what a window's size along a dimension brings to the divisor."""
        params = self._layer.shapes.params
        if params.get("divisor_override"):
            return 1
        counted = 0
        if "kernel_size" in params:
            keys = ("kernel_size", "stride", "padding")
            one = {key: params[key][d : d + 1] for key in keys}
            one["count_include_pad"] = params["count_include_pad"]
            counted = divisor(one, self._sizes[d : d + 1], (w,))
        return counted or len(self._spans[d][w])

    def run(self) -> Sayings:
        """Return what is proved."""
        layer = self._layer
        sayings, budget = Sayings(layer=layer, sees_outputs=True), layer.budget
        places = np.zeros((2, budget.components), np.int64)
        open_, ratio = Open(places[0], places[1], np.zeros(2, np.int64)), np.zeros(1)
        pass_averages(
            Layer(layer.operands["input"], layer.cotangent, layer.gradients["input"], layer.output),
            self._averages,
            numbers_of(layer.format, flushes=layer.flushes),
            values_of(layer.format),
            np.zeros(self._plane.windows, np.uint8),
            sayings.counts,
            ratio,
            open_,
        )
        sayings.ratio = float(ratio[0])
        inputs, outputs = (min(n, budget.components) for n in open_.left.tolist())
        for place in open_.inputs[:inputs].tolist():
            self._ask(sayings, place)
        leave(sayings, int(open_.left[0]) - inputs, counted=True)
        wrong = sum(not self._is_mean(w) for w in open_.outputs[:outputs].tolist())
        sayings.wrong = wrong + int(open_.left[1]) - outputs
        return sayings

    def _ask(self, sayings: Sayings, place: int) -> None:
        """Ask the core about an input."""
        plane, i = divmod(place, self._plane.inputs)
        windows = self._around(i)
        cells = [self._plane.cells(w) for w in windows]
        if sum(map(len, cells)) > self._layer.budget.cells:
            leave(sayings, 1, counted=True)
            return
        part, case = self._cut(plane, i, windows, cells)
        sayings.say(part, case, judge(case), size=1, counted=True)

    def _around(self, i: int) -> list[int]:
        """Return the windows that read an input."""
        at = np.unravel_index(i, (1,) * (3 - self._dims) + tuple(self._sizes))
        tables = (self._averages.a, self._averages.b, self._averages.c)
        ranges = [np.arange(one.low[k], one.high[k]) for one, k in zip(tables, at, strict=True)]
        counts = [one.start.size for one in tables]
        grid = np.meshgrid(*ranges, indexing="ij")
        found = np.ravel_multi_index([part.reshape(-1) for part in grid], counts)
        return [int(w) for w in found]

    def _divisor(self, window: int) -> int:
        tables = (self._averages.a, self._averages.b, self._averages.c)
        at = np.unravel_index(window, [one.start.size for one in tables])
        parts = (int(one.part[k]) for one, k in zip(tables, at, strict=True))
        first, second, third = parts
        return self._averages.factor * first * second * third

    def _cut(
        self, plane: int, i: int, windows: Sequence[int], cells: Sequence[Window]
    ) -> tuple[Part, Case]:
        """Return the windows that read an input as a case that asks about it."""
        layer, fmt = self._layer, self._layer.format
        read = [i, *sorted(set().union(*cells) - {i})]
        number = {k: n for n, k in enumerate(read)}
        shapes = CutAverages(
            op=layer.shapes.op,
            params=layer.shapes.params,
            operands=(Operand("input", (1,)), Operand(_REST, (len(read) - 1,))),
            output_shape=(len(windows),),
            constants=(_REST,),
            listed=tuple(tuple(number[k] for k in listed) for listed in cells),
            divisors=tuple(self._divisor(w) for w in windows),
        )
        places = np.array(read) + plane * self._plane.inputs
        outputs = np.array(windows, np.int64) + plane * self._plane.windows
        modulus = 1 << fmt.width
        x, g, v = (
            [int(bits) % modulus for bits in tensor.tolist()]
            for tensor in (
                layer.operands["input"][places],
                layer.cotangent[outputs],
                layer.gradients["input"][places[:1]],
            )
        )
        case = Case(
            geometry=shapes,
            format=fmt,
            input=Tensor(shapes.input_shape, x),
            cotangent=Tensor(shapes.output_shape, g),
            gradient=Tensor(shapes.input_shape, v + [0] * (len(read) - 1)),
            metadata={"flags": [FLUSH_FLAG]} if layer.flushes else None,
        )
        return Part(layer.shapes, {"input": places[:1]}, outputs), case

    def _is_mean(self, output: int) -> bool:
        """Return whether an output is right."""
        plane, window = divmod(output, self._plane.windows)
        cells = np.array(self._plane.cells(window), np.int64) + plane * self._plane.inputs
        layer, modulus = self._layer, 1 << self._layer.format.width
        bits = [int(number) % modulus for number in layer.operands["input"][cells].tolist()]
        mean = averaged(variables(bits, layer.format), self._divisor(window))
        stored = int(layer.output[output]) % modulus
        return is_value(mean, stored, layer.format, flushes=layer.flushes)

"""A layer of a program, whole, and parts of it as cases for the exact core."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from oracle.case import FLUSH_FLAG, Case, Tensor
from oracle.formats import Format
from oracle.programs import Signature
from oracle.scale.bits import Keys
from oracle.scale.result import Budget

Places: TypeAlias = NDArray[np.int64]
"""Flat numbers of entries of a tensor."""
Tensors: TypeAlias = Mapping[str, Keys]


class Part(NamedTuple):
    """Some outputs of a layer with all that they depend on, as an operation of its own.

    Attributes:
        shapes: The signature of that operation.
        places: Operand -> where its entries lie in the layer's operand.
        outputs: Where the outputs lie in the layer's.
    """

    shapes: Signature
    places: Mapping[str, Places]
    outputs: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramLayer:
    """A layer of a program.

    Attributes:
        shapes: Its signature.
        format: The format.
        operands: Operand -> its numbers, flat, as signed bit patterns.
        cotangent: The cotangents.
        gradients: Operand -> its gradient, of those that are no constants.
        output: The outputs; empty if there are none.
        flushes: Whether subnormal numbers may be flushed to zero.
        budget: What the exact core may be asked.
    """

    shapes: Signature
    format: Format
    operands: Tensors
    cotangent: Keys
    gradients: Tensors
    output: Keys
    flushes: bool
    budget: Budget

    @property
    def elements(self) -> int:
        """The number of coordinates of all gradients."""
        return sum(gradient.size for gradient in self.gradients.values())

    @property
    def windows(self) -> int:
        """The number of outputs."""
        return math.prod(self.shapes.output_shape)

    @property
    def whole(self) -> Part:
        """All of it."""
        places = {one.name: np.arange(one.size) for one in self.shapes.operands}
        return Part(self.shapes, places, np.arange(self.windows))

    def coordinates(self, part: Part) -> int:
        """Return how many coordinates of gradients a part has."""
        return sum(part.places[name].size for name in self.gradients)

    def numbers(self, part: Part) -> int:
        """Return how many inputs and outputs a part has."""
        return part.outputs.size + sum(places.size for places in part.places.values())

    def case(self, part: Part) -> Case:
        """Return a part as a case."""
        modulus = 1 << self.format.width

        def chosen(numbers: Keys, places: Places) -> list[int]:
            return [int(bits) % modulus for bits in numbers[places].tolist()]

        x: list[int] = []
        v: list[int] = []
        for operand in part.shapes.operands:
            places = part.places[operand.name]
            x += chosen(self.operands[operand.name], places)
            gradient = self.gradients.get(operand.name)
            v += [0] * operand.size if gradient is None else chosen(gradient, places)
        shapes, output = part.shapes, None
        if self.output.size:
            output = Tensor(shapes.output_shape, chosen(self.output, part.outputs))
        return Case(
            geometry=shapes,
            format=self.format,
            input=Tensor(shapes.input_shape, x),
            cotangent=Tensor(shapes.output_shape, chosen(self.cotangent, part.outputs)),
            gradient=Tensor(shapes.input_shape, v),
            output=output,
            metadata={"flags": [FLUSH_FLAG]} if self.flushes else None,
        )

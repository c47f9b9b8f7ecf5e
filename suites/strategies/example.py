"""One example: a drawn case, and the variant in which it is to be run."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from oracle.catalogue import CATALOGUE
from oracle.formats import format_named
from oracle.windows import Geometry
from suites.corpus import Stack
from suites.corpus.palettes import DTYPES
from suites.variants import Variant

NAME = "search"
"""The stack of an example, and the family of a case that the corpus has no other word for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """A drawn case.

    Attributes:
        stack: The case alone.
        variant: How it is laid out, and whether indices are asked for.
    """

    stack: Stack
    variant: Variant


def families(stack: Stack) -> tuple[str, ...]:
    """Return the families of the corpus that a case fits in, the most telling one first."""
    fmt, shapes = format_named(stack.format), stack.geometry
    assert isinstance(shapes, Geometry)
    dims = CATALOGUE[stack.op].dims
    numbers = np.concatenate([stack.inputs.ravel(), stack.cotangents.ravel()])
    magnitudes = numbers & DTYPES[fmt.width](fmt.sign_bit - 1)
    fits = {
        "padding-only": not all(shapes.windows),
        "empty-output": not math.prod(shapes.output_shape[-dims:]),
        "empty": not numbers.size,
        "infinity": bool((magnitudes == fmt.infinity_bits).any()),
        "nan": bool((magnitudes > fmt.infinity_bits).any()),
        "unbatched": len(stack.case_shape) == dims + 1,
    }
    return tuple(family for family, is_one in fits.items() if is_one) or (NAME,)

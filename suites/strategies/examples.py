"""Whole examples: a geometry, the variant in which it is run, and its numbers, drawn together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from oracle.catalogue import CATALOGUE
from oracle.formats import format_named
from oracle.windows import Geometry, geometry
from suites.corpus import Stack
from suites.strategies.example import NAME, Example
from suites.strategies.planes import Plane, odd_planes, ordinary_planes, vast_planes
from suites.strategies.samples import SHIFTS, random_samples
from suites.strategies.scales import COTANGENTS, INPUTS, Numbers
from suites.variants import REPEAT, VARIANTS, Variant, applies

_BATCHES = (1, 1, 1, 2, 3, None)
"""Samples; none is an input without that dimension."""

_CHANNELS = (1, 1, 2, 3, 2, 5, 17, 33)
_FEW_BATCHES, _FEW_CHANNELS = (1, 1, 2, None), (1, 1, 2, 3)
_ROOM = 128  # inputs, and outputs, that channels and samples keep below where a plane has fewer

_SEVERAL_CHANNELS = ("channels-last", "transposed", "expanded")
"""Layouts that make no difference for some cases of one channel."""

_INPUT_SCALES, _COTANGENT_SCALES = st.sampled_from(INPUTS), st.sampled_from(COTANGENTS)

# So many numbers are drawn, whatever the shape, and repeated where it has more; odd, so that a
# repetition seldom falls on the same place of a row, a channel or a sample.
_INPUTS = st.binary(min_size=31, max_size=31)
_COTANGENTS = st.binary(min_size=17, max_size=17)

Examples = st.SearchStrategy[Example]


def small(op: str, format_name: str, variants: Sequence[Variant]) -> Examples:
    """Return examples that are small before they shrink, which is then soon done.

    Shrinks as `ordinary` does.
    """
    planes = ordinary_planes(op, small=True)
    return _examples(_Recipe.of(op, format_name, variants, planes, _FEW_BATCHES, _FEW_CHANNELS))


def ordinary(op: str, format_name: str, variants: Sequence[Variant]) -> Examples:
    """Return examples all of whose windows read something.

    Shrinks towards the first of `variants`, one sample, one channel, one input, 0 and 1 for
    inputs and 1 for cotangents.
    """
    return _examples(_Recipe.of(op, format_name, variants, ordinary_planes(op), _BATCHES))


def borders(op: str, format_name: str, variants: Sequence[Variant]) -> Examples:
    """Return examples on the border of what is accepted: nothing to read, or nothing to write.

    Windows that lie in the padding altogether, no output, no sample. Shrinks as `ordinary` does.
    """
    return st.one_of(
        _examples(_Recipe.of(op, format_name, variants, odd_planes(op), (1, 2, None))),
        _examples(_Recipe.of(op, format_name, variants, ordinary_planes(op), (0,))),
    )


def vast(op: str, format_name: str, variants: Sequence[Variant]) -> Examples:
    """Return examples of more than 65,536 inputs a plane; what is drawn stands at its end.

    Shrinks towards 65,537 inputs, one sample, one channel.
    """
    return _examples(_Recipe.of(op, format_name, variants, vast_planes(op), (1, None)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    """What examples are drawn from: strategies, made once, since making costs as much as a draw."""

    op: str
    format: str
    variants: st.SearchStrategy[Variant]
    planes: st.SearchStrategy[Plane]
    batches: st.SearchStrategy[int | None]
    channels: st.SearchStrategy[int]
    takes_samples: bool

    @classmethod
    def of(
        cls,
        op: str,
        format_name: str,
        variants: Sequence[Variant],
        planes: st.SearchStrategy[Plane],
        batches: Sequence[int | None],
        channels: Sequence[int] = _CHANNELS,
    ) -> _Recipe:
        return cls(
            op=op,
            format=format_name,
            variants=st.sampled_from(variants),
            planes=planes,
            batches=st.sampled_from(batches),
            channels=st.sampled_from(channels),
            takes_samples=CATALOGUE[op].windows == "fractional",
        )


@st.composite
def _examples(draw: st.DrawFn, recipe: _Recipe) -> Example:
    variant = draw(recipe.variants)
    plane = draw(recipe.planes)
    lead = _lead(recipe, plane, variant, draw(recipe.batches), draw(recipe.channels))
    shapes = _geometry(recipe, plane, lead, draw(SHIFTS) if recipe.takes_samples else b"")
    primal = draw(_INPUT_SCALES).numbers(draw(_INPUTS), recipe.format)
    upstream = draw(_COTANGENT_SCALES).numbers(draw(_COTANGENTS), recipe.format)
    stack = Stack(
        op=recipe.op,
        params=shapes.params,
        format=recipe.format,
        case_shape=shapes.input_shape,
        inputs=_inputs(primal, shapes, variant)[None],
        cotangents=_cotangents(upstream, shapes, variant)[None],
        families=(NAME,),
        name=NAME,
    )
    return Example(stack=stack, variant=_applicable(variant, stack))


def _lead(
    recipe: _Recipe, plane: Plane, variant: Variant, batch: int | None, channels: int
) -> tuple[int, ...]:
    """Return the sizes before the plane's: as drawn, less where the plane is large already."""
    outputs = _geometry(recipe, plane, (1, 1)).output_shape
    largest = max(math.prod(plane.sizes), math.prod(outputs))
    fewest = 2 if variant.layout in _SEVERAL_CHANNELS else 1
    channels = max(fewest, min(channels, _ROOM // largest))
    if batch is None:
        return (channels,)
    return (min(batch, max(1, _ROOM // (largest * channels))), channels)


def _geometry(
    recipe: _Recipe, plane: Plane, lead: tuple[int, ...], shifts: bytes = bytes(1)
) -> Geometry:
    """Return the geometry of a plane for all its samples and channels."""
    params = dict(plane.params)
    if recipe.takes_samples:
        params["_random_samples"] = random_samples(shifts, lead, len(plane.sizes), recipe.format)
    shape = (*lead, *plane.sizes)
    return geometry(recipe.op, params, shape, format_named(recipe.format))


def _inputs(numbers: Numbers, shapes: Geometry, variant: Variant) -> Numbers:
    """Return the inputs of a case: the same in all channels where an expanded input is wanted."""
    shape = shapes.input_shape
    if variant.input_layout != "expanded":
        return _filled(numbers, shape)
    channel = len(shape) - CATALOGUE[shapes.op].dims - 1
    one = _filled(numbers, (*shape[:channel], 1, *shape[channel + 1 :]))
    return np.broadcast_to(one, shape)


def _cotangents(numbers: Numbers, shapes: Geometry, variant: Variant) -> Numbers:
    if variant.cotangent_layout == "expanded":
        numbers = numbers[:1]
    return np.resize(numbers, shapes.output_shape)


def _filled(numbers: Numbers, shape: tuple[int, ...]) -> Numbers:
    """Return the numbers over and over; of a vast shape the first one, but the next at its end."""
    size = math.prod(shape)
    if size <= _VAST:
        return np.resize(numbers, shape)
    end = numbers[1:4]
    return np.concatenate([np.resize(numbers[:1], size - len(end)), end]).reshape(shape)


def _applicable(variant: Variant, stack: Stack) -> Variant:
    """Return the variant, or the contiguous one where it makes no difference."""
    if applies(variant, stack):
        return variant
    return _CONTIGUOUS[variant.indices]


_VAST = 4096
_CONTIGUOUS = {
    variant.indices: variant
    for variant in VARIANTS
    if (variant.input_layout, variant.cotangent_layout) == ("contiguous", "dense")
    and variant is not REPEAT
}

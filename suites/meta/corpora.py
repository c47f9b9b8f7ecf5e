"""The corpus for its own tests, made once, and its ties by their definition."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from oracle.case import Case, Tensor
from oracle.formats import format_named
from suites.corpus import OPS, Stack, stacks


@functools.cache
def corpus(profile: str, format_name: str) -> tuple[Stack, ...]:
    """All stacks of a profile and format."""
    return tuple(stack for op in OPS for stack in stacks(profile, op, format_name))


def cases(stack: Stack) -> Iterator[Case]:
    """The cases of a stack, as the oracle takes them."""
    shapes = stack.geometry
    for primal, upstream in zip(stack.inputs, stack.cotangents, strict=True):
        yield Case(
            geometry=shapes,
            format=format_named(stack.format),
            input=Tensor(shapes.input_shape, primal.ravel().tolist()),
            cotangent=Tensor(shapes.output_shape, upstream.ravel().tolist()),
        )


def tied_sets(case: Case) -> list[tuple[int, ...]]:
    """The definition in theory.md, one window at a time."""
    units = [case.format.units_of[bits] for bits in case.input.bits]
    sets = []
    for window in case.geometry.windows:
        lost = tuple(i for i in window if units[i] is None)
        top = max((units[i] for i in window if units[i] is not None), default=None)
        sets.append(lost or tuple(i for i in window if units[i] == top))
    return sets

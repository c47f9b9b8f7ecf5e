"""The corpus for its own tests, made once, and its ties by their definition."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from oracle.case import Case, Tensor
from oracle.formats import format_named
from oracle.programs import PROGRAMS, Signature
from oracle.windows import Geometry
from suites.corpus import POOLING, Stack, stacks
from suites.corpus.programs.statistics import ProgramStatistics, program_statistics


@functools.cache
def corpus(profile: str, format_name: str) -> tuple[Stack, ...]:
    """All stacks of pooling of a profile and format."""
    return tuple(stack for op in POOLING for stack in stacks(profile, op, format_name))


@functools.cache
def program_corpus(profile: str, format_name: str) -> tuple[Stack, ...]:
    """All stacks of the programs of a profile and format."""
    return tuple(stack for op in PROGRAMS for stack in stacks(profile, op, format_name))


@functools.cache
def program_counts(profile: str, format_name: str) -> ProgramStatistics:
    """What the programs' part of the corpus is worth."""
    return program_statistics(program_corpus(profile, format_name))


def pooling(shapes: Geometry | Signature) -> Geometry:
    """A geometry that is known to be of pooling."""
    assert isinstance(shapes, Geometry)
    return shapes


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
    for window in pooling(case.geometry).windows:
        lost = tuple(i for i in window if units[i] is None)
        top = max((units[i] for i in window if units[i] is not None), default=None)
        sets.append(lost or tuple(i for i in window if units[i] == top))
    return sets
